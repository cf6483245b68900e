//! What collection agencies were told is put once, and never changes.

use crate::support::*;
use arrears_domain::{PlacementAction, PlacementEntry};
use arrears_storage::document::{Line, PlacementLine};
use arrears_storage::{Record, Replace, StorageError, Store};
use futures::TryStreamExt;

/// Entry `sequence` of the record of the number.
fn entry(number: usize, collection_agency: &str, sequence: u32) -> PlacementEntry {
    let record = delinquency(number);
    PlacementEntry {
        account: record.account,
        delinquency: record.id,
        collection_agency: collection_agency.to_owned(),
        sequence,
        action: if sequence == 1 { PlacementAction::New } else { PlacementAction::Update },
        scheme: record.scheme,
        milestone: record.milestone,
        balance: record.balance,
        on: date("2026-02-01"),
        run: "export-000001".parse().unwrap(),
        told: "sha256:00".to_owned(),
    }
}

fn later(entry: &PlacementEntry) -> PlacementEntry {
    PlacementEntry {
        action: PlacementAction::Recall,
        run: "export-000002".parse().unwrap(),
        told: "sha256:01".to_owned(),
        ..entry.clone()
    }
}

async fn page(store: &Store) -> Vec<PlacementEntry> {
    store.account_page(&account_id(1)).await.unwrap().unwrap().placements
}

async fn scanned(store: &Store) -> Vec<PlacementLine> {
    let pages: Vec<Vec<Line>> = store.scan().try_collect().await.unwrap();
    let placements = pages.into_iter().flatten().filter_map(|line| match line {
        Line::Placement(line) => Some(line),
        _ => None,
    });
    placements.collect()
}

#[tokio::test]
async fn entries_are_read_back_by_delinquency_agency_and_sequence() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let of = |id: &str, agency, sequence| PlacementEntry {
        delinquency: id.parse().unwrap(),
        ..entry(1, agency, sequence)
    };
    let sorted = [
        of("D-1", "NORTHSTAR", 1),
        of("D-1", "NORTHSTAR", 2),
        of("D-1", "NORTHSTAR", 10),
        of("D-1", "SOUTHERN", 1),
        of("D-1-C1", "NORTHSTAR", 1),
        of("D-10", "NORTHSTAR", 1),
    ];
    let mut mixed = sorted.clone();
    mixed.reverse();
    store.put_placements(&mixed).await.unwrap();
    assert_eq!(page(store).await, sorted);
    let mut lines: Vec<Line> = scanned(store).await.into_iter().map(Line::Placement).collect();
    lines.sort_by_key(Line::sort_key);
    assert_eq!(lines, sorted.map(|entry| Line::Placement((&entry).into())));
    // They are no part of the book that rules see.
    assert_eq!(store.account_book(&account_id(1)).await.unwrap().unwrap().events, []);
    store.put_placements(&[]).await.unwrap();
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_other_words_are_refused() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let first = entry(1, "NORTHSTAR", 1);
    store.put_placements(&[first.clone(), first.clone()]).await.unwrap();
    // A resumed run: what is there, and what is new.
    let second = entry(1, "NORTHSTAR", 2);
    let resumed = [first.clone(), second.clone()];
    store.put_placements(&resumed).await.unwrap();
    assert_eq!(page(store).await, resumed);
    for other in [
        later(&first),
        PlacementEntry { told: "sha256:02".to_owned(), ..first.clone() },
        PlacementEntry { balance: usd(1), ..first.clone() },
        PlacementEntry { run: "export-000002".parse().unwrap(), ..first.clone() },
    ] {
        let error = store.put_placements(&[second.clone(), other]).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "export-000001 has already told NORTHSTAR something else of delinquency D-1 of account A-1; it stays as it is, and a new run says what there is to say now"
        );
        let StorageError::PlacementConflict { account, delinquency, .. } = error else { panic!() };
        assert_eq!((account, delinquency), (first.account.clone(), first.delinquency.clone()));
        assert_eq!(page(store).await, resumed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_once_one_tells() {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    for sequence in 1..20 {
        let entry = entry(1, "NORTHSTAR", sequence);
        let racers = [entry.clone(), later(&entry)].map(|entry| {
            let store = fixture.store.clone();
            async move { store.put_placements(std::slice::from_ref(&entry)).await.map(|()| entry) }
        });
        let ended = together(racers).await.into_iter();
        let (won, lost): (Vec<_>, Vec<_>) = ended.partition(Result::is_ok);
        let [Ok(won)] = won.as_slice() else { panic!("{won:?}") };
        assert!(
            matches!(&lost[..], [Err(StorageError::PlacementConflict { run, .. })] if *run == won.run),
            "{lost:?}"
        );
        assert_eq!(page(&fixture.store).await.last(), Some(won));
    }
}

#[tokio::test]
async fn an_entry_takes_one_write_unit() {
    let fixture = fixture().await;
    let entries: Vec<_> = (0..1_000).map(|number| entry(number, "NORTHSTAR", 1)).collect();
    let metered = fixture.store.metered();
    metered.put_placements(&entries).await.unwrap();
    let capacity = metered.capacity();
    assert_eq!(
        (capacity.requests, capacity.write_units(), capacity.read_units()),
        (1_000, 1_000, 0)
    );
    assert_eq!(scanned(&fixture.store).await.len(), 1_000);
}

#[tokio::test]
async fn an_import_leaves_stored_entries_as_they_are() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let first = entry(1, "NORTHSTAR", 1);
    store.put_placements(std::slice::from_ref(&first)).await.unwrap();
    let second = entry(1, "NORTHSTAR", 2);
    let records = [later(&first), second.clone()].map(|entry| Record::Placement(Box::new(entry)));
    store.put_records(&records, Replace::Stored).await.unwrap();
    assert_eq!(page(store).await, [first.clone(), second.clone()]);
    store.put_news(&records, &|_| unreachable!("there is no delinquency")).await.unwrap();
    assert_eq!(page(store).await, [first, second]);
}
