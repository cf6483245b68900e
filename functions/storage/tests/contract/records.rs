//! Documents, counters and setups.

use crate::support::*;
use arrears_storage::{ActiveSetup, Order, StorageError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Run {
    status: String,
    processed: u64,
    by_reason: Vec<(String, u64)>,
    finished_on: Option<String>,
}

fn run(processed: u64) -> Run {
    Run {
        status: "running".to_owned(),
        processed,
        by_reason: vec![("ON_HOLD".to_owned(), 2)],
        finished_on: None,
    }
}

#[tokio::test]
async fn a_document_is_created_once_and_replaced_by_who_read_it_last() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let first = store.create_document("run", "collections-000001", &run(0)).await.unwrap();
    let error = store.create_document("run", "collections-000001", &run(9)).await.unwrap_err();
    assert!(error.is_already_exists(), "{error}");
    let second = store.replace_document("run", "collections-000001", first, &run(1)).await.unwrap();
    let stale = store.replace_document("run", "collections-000001", first, &run(2)).await.unwrap();
    assert_eq!(stale, None);
    let absent = store.replace_document("run", "nowhere", first, &run(2)).await.unwrap();
    assert_eq!(absent, None);
    let read = store.document("run", "collections-000001").await.unwrap();
    assert_eq!(read, Some((run(1), second.unwrap())));
    assert_eq!(store.document::<Run>("run", "nowhere").await.unwrap(), None);
    let error = store.document::<Vec<u8>>("run", "collections-000001").await.unwrap_err();
    assert!(matches!(error, StorageError::Item { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_creators_of_a_document_one_wins() {
    let fixture = fixture().await;
    for round in 0..20 {
        let sort = format!("r-{round}");
        let racers = (0..8).map(|racer| {
            let (store, sort) = (fixture.store.clone(), sort.clone());
            async move { store.create_document("run", &sort, &racer).await.is_ok() }
        });
        let won = together(racers).await.into_iter().filter(|created| *created).count();
        assert_eq!(won, 1, "round {round}");
    }
}

#[tokio::test]
async fn a_document_is_deleted_by_who_read_it_last() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let first = store.create_document("dead-letter", "1", &run(0)).await.unwrap();
    let second = store.replace_document("dead-letter", "1", first, &run(1)).await.unwrap().unwrap();
    assert!(!store.delete_document("dead-letter", "1", first).await.unwrap(), "it has changed");
    assert_eq!(store.document("dead-letter", "1").await.unwrap(), Some((run(1), second)));
    assert!(!store.delete_document("dead-letter", "2", second).await.unwrap(), "another one");
    assert!(store.delete_document("dead-letter", "1", second).await.unwrap());
    assert_eq!(store.document::<Run>("dead-letter", "1").await.unwrap(), None);
    assert!(!store.delete_document("dead-letter", "1", second).await.unwrap(), "it is gone");
    store.create_document("dead-letter", "1", &run(2)).await.unwrap();
}

#[tokio::test]
async fn documents_are_listed_by_prefix_in_order() {
    let fixture = fixture().await;
    let store = &fixture.store;
    for (sort, processed) in [("b-2", 2), ("a-1", 1), ("b-10", 10), ("b-3", 3)] {
        store.create_document("chunk#r", sort, &run(processed)).await.unwrap();
    }
    for (prefix, order, limit, expected) in [
        ("", Order::Ascending, None, vec![1, 10, 2, 3]),
        ("b-", Order::Ascending, None, vec![10, 2, 3]),
        ("b-", Order::Descending, Some(1), vec![3]),
        ("", Order::Descending, Some(2), vec![3, 2]),
        ("c", Order::Ascending, None, vec![]),
    ] {
        let found: Vec<Run> = store.documents("chunk#r", prefix, order, limit).await.unwrap();
        let found: Vec<_> = found.iter().map(|it| it.processed).collect();
        assert_eq!(found, expected, "{prefix} {order:?} {limit:?}");
    }
}

#[tokio::test]
async fn a_number_is_given_out_once() {
    let fixture = fixture().await;
    let takers = (0..20).map(|_| {
        let store = fixture.store.clone();
        async move { store.next_number("run-collections").await.unwrap() }
    });
    let taken: BTreeSet<u32> = together(takers).await.into_iter().collect();
    assert_eq!(taken, (1..=20).collect());
    assert_eq!(fixture.store.next_number("run-export").await.unwrap(), 1);
}

fn sources(text: &str) -> Vec<(String, String)> {
    // Above what an item of the table may hold.
    vec![
        ("group.toml".to_owned(), text.to_owned()),
        ("schemes.toml".to_owned(), "# ".repeat(300_000)),
    ]
}

#[tokio::test]
async fn setups_are_numbered_and_stay_as_they_are() {
    let fixture = fixture().await;
    let store = &fixture.store;
    assert_eq!(store.active_setup().await.unwrap(), None);
    assert_eq!(store.put_setup(&sources("a")).await.unwrap(), 1);
    assert_eq!(store.put_setup(&sources("a")).await.unwrap(), 1, "the same is not stored again");
    assert_eq!(store.put_setup(&sources("b")).await.unwrap(), 2);
    assert_eq!(store.put_setup(&sources("a")).await.unwrap(), 3);
    assert_eq!(store.setup(2).await.unwrap(), sources("b"));
    let active = store.activate(2).await.unwrap();
    assert_eq!(active, ActiveSetup { version: 2, indexed: false, generation: 1 });
    store.note_unindexed().await.unwrap();
    assert!(!store.mark_indexed(active).await.unwrap(), "something was noted since");
    let active = store.active_setup().await.unwrap().unwrap();
    assert!(store.mark_indexed(active).await.unwrap());
    let active = store.active_setup().await.unwrap();
    assert_eq!(active, Some(ActiveSetup { version: 2, indexed: true, generation: 2 }));
    for error in [store.setup(9).await.unwrap_err(), store.activate(9).await.unwrap_err()] {
        assert!(matches!(error, StorageError::NoSetup { version: 9 }), "{error}");
    }
}

#[tokio::test]
async fn setups_that_are_stored_at_the_same_time_all_get_numbers() {
    let fixture = fixture().await;
    let loads = ["a", "b", "c", "d"].map(|text| {
        let store = fixture.store.clone();
        async move { (store.put_setup(&sources(text)).await.unwrap(), text) }
    });
    let loaded = together(loads).await;
    let numbers: BTreeSet<_> = loaded.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers.len(), 4);
    for (number, text) in loaded {
        assert_eq!(fixture.store.setup(number).await.unwrap(), sources(text));
    }
}
