//! Marks: a delinquency run looks where a delinquency may begin.

use crate::support::*;
use CommitOutcome::{Committed, Conflict};
use arrears_domain::decide::Due;
use arrears_domain::{AccountId, AllocationMarker, LineItem};
use arrears_storage::{
    AccountWrite, CommitOutcome, DueClass, DueSubject, LookWrite, Record, Replace, Store,
};

/// Accounts and bill types at which a run of the date has to look.
async fn looks(store: &Store, as_of: &str) -> Vec<(String, String)> {
    let keys = due(store, DueClass::Entry, as_of).await;
    let mut looks: Vec<_> = keys
        .into_iter()
        .map(|key| match key.subject {
            DueSubject::Entry(bill_type) => (key.account.to_string(), bill_type),
            DueSubject::Record(id) => panic!("{id} is no question of entry"),
        })
        .collect();
    looks.sort();
    looks
}

fn at(account: &str, bill_type: &str) -> (String, String) {
    (account.to_owned(), bill_type.to_owned())
}

async fn mark(store: &Store, account: &AccountId) -> Option<u64> {
    store.account_book(account).await.unwrap().unwrap().looks.get("WATER").copied()
}

fn water(mark: u64, next: Option<&str>) -> LookWrite<'static> {
    LookWrite { bill_type: "WATER", mark, next: next.map(date) }
}

async fn import(store: &Store, account: &AccountId, items: &[LineItem]) {
    let records: Vec<_> = items.iter().map(|item| imported(account, item)).collect();
    store.put_records(&records, Replace::Stored).await.unwrap();
}

#[tokio::test]
async fn an_import_marks_what_may_begin_once_each() {
    let power = |id: &str| LineItem { bill_type: Some("POWER".to_owned()), ..bill(id, 500) };
    let items = [
        bill("B-1", 100),
        bill("B-2", 100),
        power("B-3"),
        LineItem { bill_type: None, ..bill("B-4", 100) },
        LineItem { bill_type: Some("GAS".to_owned()), due_on: None, ..bill("B-5", 100) },
        LineItem { bill_type: Some("ICE".to_owned()), ..bill("B-6", -100) },
        LineItem {
            bill_type: Some("TAX".to_owned()),
            marker: AllocationMarker::Paid,
            ..bill("B-7", 100)
        },
    ];
    for replace in [Replace::Nothing, Replace::Stored] {
        let fixture = fixture().await;
        let store = &fixture.store;
        put(store, [1, 2]).await;
        let other = store.for_agency("other".parse().unwrap());
        let mut records: Vec<_> = items.iter().map(|it| imported(&account_id(1), it)).collect();
        records.push(imported(&account_id(2), &bill("B-1", 100)));
        store.put_records(&records, replace).await.unwrap();
        let expected = [at("A-1", "POWER"), at("A-1", "WATER"), at("A-2", "WATER")];
        assert_eq!(looks(store, "2026-01-01").await, expected, "{replace:?}");
        assert_eq!(mark(store, &account_id(1)).await, Some(1), "{replace:?}");
        assert_eq!(looks(&other, "2026-01-01").await, []);
        // News of the same items: the next run looks again.
        store.put_news(&records, &|_| Due::Never).await.unwrap();
        assert_eq!(mark(store, &account_id(1)).await, Some(2), "{replace:?}");
        let book = store.account_book(&account_id(1)).await.unwrap().unwrap();
        assert_eq!(book.items, items);
        let count = store.due_count(DueClass::Entry, 0, date("2026-01-01")).await.unwrap();
        assert!(count <= 3);
    }
}

#[tokio::test]
async fn a_look_that_comes_to_nothing_moves_the_mark() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let account = account_id(1);
    import(store, &account, &[bill("B-1", 100)]).await;
    let metered = store.metered();
    let moved = metered.move_look(&account, &water(1, Some("2026-02-10"))).await;
    assert_eq!(moved.unwrap(), Committed);
    // The item, and its old key out of the index and the new one in.
    assert_eq!(metered.capacity().write_units(), 1 + index_units(2));
    assert_eq!(looks(store, "2026-02-09").await, []);
    assert_eq!(looks(store, "2026-02-10").await, [at("A-1", "WATER")]);
    assert_eq!(store.move_look(&account, &water(1, None)).await.unwrap(), Committed);
    assert_eq!(looks(store, "2099-01-01").await, []);
    assert_eq!(mark(store, &account).await, Some(1), "it is there for the next item");
    let absent = LookWrite { bill_type: "POWER", mark: 0, next: None };
    assert_eq!(store.move_look(&account, &absent).await.unwrap(), Conflict);
}

#[tokio::test]
async fn a_mark_that_is_raised_meanwhile_wins() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let account = account_id(1);
    import(store, &account, &[bill("B-1", 100)]).await;
    let read = mark(store, &account).await.unwrap();
    import(store, &account, &[bill("B-2", 100)]).await;
    assert_eq!(store.move_look(&account, &water(read, None)).await.unwrap(), Conflict);
    let items = [bill("B-3", 1)];
    let write = AccountWrite {
        items: &items,
        look: Some(water(read, None)),
        ..AccountWrite::new(&account)
    };
    assert_eq!(store.commit(&write).await.unwrap(), Conflict);
    let book = store.account_book(&account).await.unwrap().unwrap();
    assert_eq!(book.items, [bill("B-1", 100), bill("B-2", 100)]);
    assert_eq!(looks(store, "2026-01-01").await, [at("A-1", "WATER")]);
    let write = AccountWrite { look: Some(water(read + 1, Some("2026-03-01"))), ..write };
    assert_eq!(store.commit(&write).await.unwrap(), Committed);
    assert_eq!(looks(store, "2026-02-28").await, []);
    assert_eq!(looks(store, "2026-03-01").await, [at("A-1", "WATER")]);
}

#[tokio::test]
async fn a_commit_can_ask_for_another_look() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let account = account_id(1);
    let water_again = ["WATER".to_owned()];
    let again = AccountWrite { looks_again: &water_again, ..AccountWrite::new(&account) };
    assert_eq!(store.commit(&again).await.unwrap(), Committed, "there was no mark yet");
    assert_eq!(mark(store, &account).await, Some(1));
    assert_eq!(store.move_look(&account, &water(1, None)).await.unwrap(), Committed);
    assert_eq!(store.commit(&again).await.unwrap(), Committed);
    assert_eq!(looks(store, "2026-01-01").await, [at("A-1", "WATER")]);
    // Both at once: the look must be fresh, and another one follows.
    let both = |mark| AccountWrite { look: Some(water(mark, None)), ..again.clone() };
    assert_eq!(store.commit(&both(1)).await.unwrap(), Conflict);
    assert_eq!(store.commit(&both(2)).await.unwrap(), Committed);
    assert_eq!(mark(store, &account).await, Some(3));
    assert_eq!(looks(store, "2026-01-01").await, [at("A-1", "WATER")]);
}

#[tokio::test]
async fn another_setup_looks_everywhere_again() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1, 2]).await;
    let other = store.for_agency("other".parse().unwrap());
    put(&other, [1]).await;
    for number in [1, 2] {
        import(store, &account_id(number), &[bill("B-1", 100)]).await;
    }
    import(&other, &account_id(1), &[bill("B-1", 100)]).await;
    assert_eq!(other.move_look(&account_id(1), &water(1, None)).await.unwrap(), Committed);
    assert_eq!(store.move_look(&account_id(1), &water(1, None)).await.unwrap(), Committed);
    // Records stay where they are: only the mark of account 1 has to be moved.
    let stays = |_: &_| Due::On(date("2026-01-15"));
    assert_eq!(store.rewrite_due_index(stays).await.unwrap(), 1);
    let expected = [at("A-1", "WATER"), at("A-2", "WATER")];
    assert_eq!(looks(store, "2026-01-01").await, expected);
    assert_eq!(looks(&other, "2026-01-01").await, [], "of another agency");
    // A run that read the marks before decided under the setup of before.
    for number in [1, 2] {
        let moved = store.move_look(&account_id(number), &water(1, None)).await.unwrap();
        assert_eq!(moved, Conflict, "account {number}");
    }
    assert_eq!(store.rewrite_due_index(stays).await.unwrap(), 0, "a repetition moves nothing");
}

#[tokio::test]
async fn gathering_a_question_of_entry_gives_its_account() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    import(store, &account_id(1), &[bill("B-1", 100)]).await;
    let keys = due(store, DueClass::Entry, "2026-01-01").await;
    let gathered = store.gather(&keys).await.unwrap();
    assert_eq!(gathered.len(), 1);
    assert_eq!((&gathered[0].key, &gathered[0].delinquency), (&keys[0], &None));
    assert_eq!(gathered[0].account, Some(account(1)));
    assert_eq!(gathered[0].contact, Some(contact(1)));
    assert_eq!(keys[0].delinquency(), None);
}

#[tokio::test]
async fn many_looks_are_read_page_by_page() {
    let fixture = fixture().await;
    let store = &fixture.store;
    let records: Vec<_> = (0..60)
        .flat_map(|number| {
            [Record::Account(account(number)), imported(&account_id(number), &bill("B-1", 100))]
        })
        .collect();
    store.put_records(&records, Replace::Nothing).await.unwrap();
    assert_eq!(looks(store, "2026-01-01").await.len(), 60);
    let key = due(store, DueClass::Entry, "2026-01-01").await.remove(0);
    let shard = arrears_storage::due_shard(&key.account);
    let as_of = date("2026-01-01");
    let whole = store.due_keys(DueClass::Entry, shard, as_of, None).await.unwrap();
    let after = store.due_keys(DueClass::Entry, shard, as_of, Some(key)).await.unwrap();
    assert_eq!(after.keys, whole.keys[1..], "a page begins after the key");
}
