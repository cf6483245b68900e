//! The due index holds what is due, and nothing else.

use crate::support::*;
use arrears_domain::decide::Due;
use arrears_domain::{Delinquency, DelinquencyKind};
use arrears_storage::{
    CommitOutcome, DUE_SHARDS, DueClass, DueKey, DueSubject, Record, RecordWrite, Replace, Store,
};
use std::collections::BTreeSet;

#[tokio::test]
async fn contacts_that_are_stored_are_found() {
    let fixture = fixture().await;
    put(&fixture.store, 0..120).await;
    let found = fixture.store.contacts(&(0..130).map(contact_id).collect()).await.unwrap();
    assert_eq!(found, (0..120).map(|number| (contact_id(number), contact(number))).collect());
}

async fn put_due(store: &Store, record: Delinquency, due: Due) {
    let record = Record::Delinquency(Box::new(record), due);
    store.put_records(&[record], Replace::Stored).await.unwrap();
}

#[tokio::test]
async fn what_is_due_is_found_by_class_and_date() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put_due(store, delinquency(1), Due::On(date("2026-01-15"))).await;
    put_due(store, delinquency(2), Due::EveryRun).await;
    put_due(store, delinquency(3), Due::Never).await;
    let bill = Delinquency {
        kind: DelinquencyKind::BillType,
        bill_type: Some("WATER".to_owned()),
        ..delinquency(4)
    };
    put_due(store, bill, Due::On(date("2026-01-15"))).await;
    for (class, as_of, expected) in [
        (DueClass::Collections, "2026-01-14", vec!["D-2"]),
        (DueClass::Collections, "2026-01-15", vec!["D-1", "D-2"]),
        (DueClass::Delinquency, "2026-01-14", vec![]),
        (DueClass::Delinquency, "2026-01-15", vec!["D-4"]),
    ] {
        let found = due(store, class, as_of).await;
        let ids: BTreeSet<_> =
            found.iter().map(|key| key.delinquency().unwrap().to_string()).collect();
        assert_eq!(ids, expected.iter().map(ToString::to_string).collect(), "{class:?} {as_of}");
        let mut count = 0;
        for shard in 0..DUE_SHARDS {
            count += store.due_count(class, shard, date(as_of)).await.unwrap();
        }
        assert_eq!(count, expected.len() as u64);
    }
}

#[tokio::test]
async fn a_transition_moves_the_record_in_the_index() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let before = delinquency(1);
    let record = RecordWrite {
        before: Some(&before),
        after: &advanced(&before),
        due: Due::On(date("2026-02-15")),
        transition: &transition(&before, vec![]),
    };
    assert_eq!(store.commit(&write(record)).await.unwrap(), CommitOutcome::Committed);
    assert_eq!(due(store, DueClass::Collections, "2026-02-14").await, []);
    assert_eq!(due(store, DueClass::Collections, "2026-02-15").await.len(), 1);
}

#[tokio::test]
async fn the_index_follows_a_changed_setup_and_nothing_else_changes() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, 1..=60).await;
    let other = store.for_agency("other".parse().unwrap());
    put(&other, 1..=5).await;
    let later = |record: &Delinquency| match record.id.to_string().as_str() {
        "D-1" => Due::Never,
        "D-2" => Due::EveryRun,
        "D-3" => Due::On(date("2026-01-15")),
        _ => Due::On(date("2026-03-01")),
    };
    // A document is no delinquency, whatever its key in its set looks like.
    let identity = "delinquency#-#2026-02-16";
    store.create_document("run-identity", identity, &"delinquency-000001").await.unwrap();
    assert_eq!(store.rewrite_due_index(later).await.unwrap(), 59);
    assert_eq!(store.rewrite_due_index(later).await.unwrap(), 0, "a repetition moves nothing");
    assert_eq!(due(store, DueClass::Collections, "2026-02-28").await.len(), 2);
    assert_eq!(due(store, DueClass::Collections, "2026-03-01").await.len(), 59);
    assert_eq!(due(&other, DueClass::Collections, "2026-02-28").await.len(), 5);
    let page = store.account_page(&account_id(7)).await.unwrap().unwrap();
    assert_eq!(page.delinquencies, [delinquency(7)]);
    // A record that has changed since it was read is left alone.
    let stale = Delinquency { version: 9, ..delinquency(7) };
    assert_eq!(store.rewrite_due(&stale, Due::Never).await.unwrap(), CommitOutcome::Conflict);
}

#[tokio::test]
async fn gathering_is_complete_ordered_and_reads_once() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, 0..150).await;
    // A second process of the first account, and one whose record is gone.
    let lien = Delinquency {
        id: "L-0".parse().unwrap(),
        kind: DelinquencyKind::AddressLien,
        ..delinquency(0)
    };
    put_due(store, lien.clone(), Due::EveryRun).await;
    let key = |record: &Delinquency| DueKey {
        eligible_on: None,
        account: record.account.clone(),
        subject: DueSubject::Record(record.id.clone()),
    };
    let mut keys: Vec<_> = (0..150).map(|number| key(&delinquency(number))).collect();
    keys.extend([key(&lien), key(&delinquency(999))]);
    let metered = store.metered();
    let gathered = metered.gather(&keys).await.unwrap();
    assert!(gathered.iter().map(|it| &it.key).eq(&keys));
    for (number, it) in gathered.iter().take(150).enumerate() {
        assert_eq!(it.delinquency, Some(delinquency(number)));
        assert_eq!(it.account, Some(account(number)));
        assert_eq!(it.contact, Some(contact(number)));
    }
    assert_eq!(gathered[150].delinquency, Some(lien));
    assert_eq!(gathered[150].account, Some(account(0)));
    assert_eq!((&gathered[151].delinquency, &gathered[151].account), (&None, &None));
    // 152 records and 151 accounts in batches of 100, 150 contacts in two more.
    assert_eq!(metered.capacity().requests, 4 + 2);
    assert_eq!(metered.capacity().read_units(), 152 + 151 + 150);
    assert_eq!(store.gather(&[]).await.unwrap(), []);
}
