//! Files that are written part by part appear whole, once, or not at all.

use crate::support::*;
use arrears_storage::{StorageError, Store, UPLOAD_KEY_BYTES_MAX, UPLOAD_PART_BYTES, Upload};
use std::path::Path;

pub const KEY: &str = "export/collections-000001/agency.csv";

/// The least that S3 takes for a part that is not the last.
pub const LEAST: usize = 5 * 1024 * 1024;

pub fn bytes(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|it| ((it + seed) % 251) as u8).collect()
}

pub async fn upload(store: &Store, key: &str, parts: &[Vec<u8>]) -> Upload {
    let mut upload = store.begin_upload(key).await.unwrap();
    for part in parts {
        upload.part(part.clone().into()).await.unwrap();
    }
    upload
}

/// What the embedded engine keeps of uploads.
pub fn kept(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.join("objects")) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("upload") || name.contains(".tmp")).collect()
}

#[tokio::test]
async fn parts_are_unseen_until_they_are_published_and_read_back_in_their_order() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let parts = [bytes(UPLOAD_PART_BYTES, 1), bytes(LEAST + 1, 2), bytes(77_777, 3)];
    let upload = upload(store, KEY, &parts).await;
    assert_eq!(upload.key(), KEY);
    assert!(matches!(store.get_object(KEY).await, Err(StorageError::NoObject { .. })));
    assert_eq!(store.list_objects("").await.unwrap(), []);
    published(upload.publish().await).unwrap();
    assert!(store.get_object(KEY).await.unwrap() == parts.concat());
    let listed = store.list_objects("export/").await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((&*listed[0].key, listed[0].bytes), (KEY, parts.concat().len() as u64));
    assert_eq!(kept(fixture.folder.path()), [""; 0]);
}

#[tokio::test]
async fn an_upload_without_parts_is_an_empty_file() {
    let fixture = fixture().await;
    for (key, parts) in [("none", vec![]), ("empty", vec![vec![]])] {
        published(upload(&fixture.store, key, &parts).await.publish().await).unwrap();
        assert_eq!(fixture.store.get_object(key).await.unwrap(), "", "{key}");
    }
}

#[tokio::test]
async fn a_file_that_is_there_stays_as_it_was() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let late = [upload(store, "a", &[b"late".into()]).await, upload(store, "b", &[]).await];
    store.put_object_new("a", "put").await.unwrap();
    published(upload(store, "b", &[b"published".into()]).await.publish().await).unwrap();
    for (late, stored) in late.into_iter().zip(["put", "published"]) {
        let (key, id) = (late.key().to_owned(), late.id().to_owned());
        let error = late.publish().await.unwrap_err();
        assert!(error.is_already_exists(), "{error}");
        store.abort_upload(&key, &id).await.unwrap();
        assert_eq!(store.get_object(&key).await.unwrap(), stored);
        let error = store.put_object_new(&key, "again").await.unwrap_err();
        assert!(error.is_already_exists(), "{error}");
    }
    assert_eq!(kept(fixture.folder.path()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_publishers_of_one_file_one_wins() {
    let fixture = fixture().await;
    let store = &fixture.store;
    for round in 0..10 {
        let key = format!("race/{round}");
        let mut uploads = Vec::new();
        for racer in 0..8 {
            uploads.push(upload(store, &key, &[vec![racer; 100_000]]).await);
        }
        let ids: Vec<_> = uploads.iter().map(|upload| upload.id().to_owned()).collect();
        let racers = uploads.into_iter().map(|upload| upload.publish());
        let mut won = Vec::new();
        for (racer, ended) in together(racers).await.into_iter().enumerate() {
            match published(ended) {
                Ok(()) => won.push(racer as u8),
                Err(error) => assert!(error.is_already_exists(), "{error}"),
            }
        }
        let [winner] = won.as_slice() else { panic!("{won:?} won round {round}") };
        for id in ids {
            store.abort_upload(&key, &id).await.unwrap();
        }
        assert!(store.get_object(&key).await.unwrap() == vec![*winner; 100_000]);
    }
    assert_eq!(kept(fixture.folder.path()), [""; 0]);
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing_and_is_gone() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let mut one = upload(store, KEY, &[bytes(LEAST, 1), bytes(3, 2)]).await;
    let two = upload(store, KEY, &[bytes(3, 3)]).await;
    let other = upload(store, "other", &[b"stays".into()]).await;
    let id = one.id().to_owned();
    // What a later process does that knows no more than the id; twice.
    store.abort_upload(KEY, &id).await.unwrap();
    store.abort_upload(KEY, &id).await.unwrap();
    two.abort().await.unwrap();
    for unknown in ["7f3c9f6e-6d0e-4c53-9d1f-0d3c3f8a4c11", "no-upload"] {
        store.abort_upload(KEY, unknown).await.unwrap();
    }
    for error in
        [one.part(b"more".to_vec().into()).await.unwrap_err(), one.publish().await.unwrap_err()]
    {
        assert!(is_gone(&error, KEY), "{error}");
    }
    assert_eq!(store.list_objects("").await.unwrap(), []);
    published(other.publish().await).unwrap();
    assert_eq!(store.list_objects("").await.unwrap().len(), 1);
    assert_eq!(kept(fixture.folder.path()), [""; 0]);
}

#[tokio::test]
async fn keys_that_leave_the_agency_or_are_too_long_are_refused() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let own = store.agency().to_string().len() + 1;
    let long = "x".repeat(UPLOAD_KEY_BYTES_MAX - own + 1);
    for key in ["", "../x", "a/../../b", "/a", "a\\b", &long] {
        for error in [
            store.begin_upload(key).await.unwrap_err(),
            store.abort_upload(key, "id").await.unwrap_err(),
        ] {
            assert!(matches!(error, StorageError::ObjectKey { .. }), "{key:?}: {error}");
        }
    }
    let longest = &long[1..];
    published(upload(store, longest, &[b"x".into()]).await.publish().await).unwrap();
    assert_eq!(store.get_object(longest).await.unwrap(), "x");
}
