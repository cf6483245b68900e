//! Files are written once.

use crate::support::*;
use arrears_storage::{OBJECT_KEY_BYTES_MAX, StorageError};

#[tokio::test]
async fn a_file_is_written_once_and_read_back() {
    let fixture = fixture().await;
    let store = &fixture.store;
    store.put_object_new("runs/r-1/journal/000001-1.jsonl", "one\n").await.unwrap();
    let error = store.put_object_new("runs/r-1/journal/000001-1.jsonl", "two\n").await.unwrap_err();
    assert!(error.is_already_exists(), "{error}");
    let read = store.get_object("runs/r-1/journal/000001-1.jsonl").await.unwrap();
    assert_eq!(read, "one\n");
    let error = store.get_object("runs/r-1/nothing").await.unwrap_err();
    assert!(matches!(error, StorageError::NoObject { .. }), "{error}");
    store.put_object_new("empty", Vec::new()).await.unwrap();
    assert_eq!(store.get_object("empty").await.unwrap(), "");
}

#[tokio::test]
async fn of_eight_writers_of_one_file_one_wins() {
    let fixture = fixture().await;
    for round in 0..20 {
        let racers = (0..8).map(|racer| {
            let store = fixture.store.clone();
            let body = vec![racer; 10_000];
            async move { store.put_object_new(&format!("race/{round}"), body).await }
        });
        let mut won = Vec::new();
        for (racer, ended) in together(racers).await.into_iter().enumerate() {
            match ended {
                Ok(()) => won.push(racer as u8),
                Err(error) => assert!(error.is_already_exists(), "{error}"),
            }
        }
        let [winner] = won.as_slice() else { panic!("{won:?} won round {round}") };
        let read = fixture.store.get_object(&format!("race/{round}")).await.unwrap();
        assert_eq!(read, vec![*winner; 10_000]);
    }
}

#[tokio::test]
async fn a_large_file_is_streamed_from_the_disk_and_back() {
    let fixture = fixture().await;
    let path = fixture.folder.path().join("made");
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|it| (it % 251) as u8).collect();
    std::fs::write(&path, &bytes).unwrap();
    fixture.store.put_object_new("exports/large", path).await.unwrap();
    let mut chunks = fixture.store.object_chunks("exports/large").await.unwrap();
    let (mut read, mut pieces) = (Vec::new(), 0);
    while let Some(piece) = chunks.next().await.unwrap() {
        read.extend_from_slice(&piece);
        pieces += 1;
    }
    assert_eq!(read, bytes);
    assert!(pieces > 1, "it came in one piece");
}

#[tokio::test]
async fn a_listing_is_sorted_and_keeps_to_the_agency() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let other = store.for_agency("other".parse().unwrap());
    other.put_object_new("runs/r-1/a", "not ours").await.unwrap();
    for (key, text) in [("runs/r-2/b", "22"), ("runs/r-1/b", "1"), ("runs/r-1/a", "333")] {
        store.put_object_new(key, text).await.unwrap();
    }
    let listed = |entries: Vec<arrears_storage::ObjectEntry>| -> Vec<(String, u64)> {
        entries.into_iter().map(|it| (it.key, it.bytes)).collect()
    };
    let runs = listed(store.list_objects("runs/r-1/").await.unwrap());
    assert_eq!(runs, [("runs/r-1/a".to_owned(), 3), ("runs/r-1/b".to_owned(), 1)]);
    assert_eq!(listed(store.list_objects("").await.unwrap()).len(), 3);
    assert_eq!(listed(store.list_objects("nothing").await.unwrap()), []);
}

#[tokio::test]
async fn a_listing_above_a_page_is_whole() {
    let fixture = fixture().await;
    for number in 0..1_050 {
        fixture.store.put_object_new(&format!("many/{number:04}"), "x").await.unwrap();
    }
    assert_eq!(fixture.store.list_objects("many/").await.unwrap().len(), 1_050);
}

#[tokio::test]
async fn keys_that_leave_the_agency_are_refused() {
    let fixture = fixture().await;
    let long = "x".repeat(OBJECT_KEY_BYTES_MAX);
    for key in ["", "/a", "a/", "a//b", "../other/a", "a/../../b", "./a", "a\\b", "a\nb", &long] {
        for error in [
            fixture.store.put_object_new(key, "x").await.unwrap_err(),
            fixture.store.get_object(key).await.unwrap_err(),
        ] {
            assert!(matches!(error, StorageError::ObjectKey { .. }), "{key:?}: {error}");
        }
    }
    let longest = "x".repeat(OBJECT_KEY_BYTES_MAX - fixture.store.agency().to_string().len() - 1);
    fixture.store.put_object_new(&longest, "x").await.unwrap();
    assert_eq!(fixture.store.get_object(&longest).await.unwrap(), "x");
}
