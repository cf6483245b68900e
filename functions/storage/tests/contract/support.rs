//! A store for a test, and records to put into it.

use crate::engine::{Engine, is_unfair};
pub use crate::engine::{index_units, is_gone, is_too_large, published, transaction_units};
use arrears_domain::decide::{Due, Explanation, Step};
use arrears_domain::{
    Account, AccountId, AccountStatus, ActionOutcome, AgencyId, AllocationMarker, Contact,
    ContactId, Currency, Date, Delinquency, DelinquencyId, DelinquencyKind, DelinquencyStatus,
    Effect, HistoryEvent, Identifier, LineItem, LineItemId, MilestoneCode, Money, PerformedAction,
    SchemeCode, Terms, Transition, TransitionEvent, event::ItemChange,
};
use arrears_storage::document::{EventLine, TransactionLine};
use arrears_storage::{
    AccountBook, AccountPage, AccountWrite, DUE_SHARDS, DueClass, DueKey, Record, RecordWrite,
    Replace, Store, due_shard,
};
use futures::stream::{self, StreamExt};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;

/// A store of its own, and the folder and the engine that go with it.
pub struct Fixture {
    pub store: Store,
    pub folder: TempDir,
    _engine: Engine,
}

/// An empty store.
pub async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::on(folder.path());
    let agency = AgencyId::parse(&engine.agency()).unwrap();
    let store = Store::open(engine.location(), agency).await.unwrap();
    store.ensure_table().await.unwrap();
    Fixture { store, folder, _engine: engine }
}

/// What each of several comes to that go at the same time.
pub async fn together<F>(racers: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    if is_unfair() {
        return stream::iter(racers).then(|racer| racer).collect().await;
    }
    let racers: Vec<_> = racers.into_iter().map(tokio::spawn).collect();
    futures::future::join_all(racers).await.into_iter().map(Result::unwrap).collect()
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn usd(minor_units: i64) -> Money {
    Money::from_minor_units(minor_units, Currency::parse("USD").unwrap())
}

pub fn account_id(number: usize) -> AccountId {
    AccountId::parse(&format!("A-{number}")).unwrap()
}

pub fn contact_id(number: usize) -> ContactId {
    ContactId::parse(&format!("C-{number}")).unwrap()
}

pub fn account(number: usize) -> Account {
    Account {
        id: account_id(number),
        contact: Some(contact_id(number)),
        class: "residential".to_owned(),
        status: AccountStatus::Open,
        balance: usd(15_230),
        attributes: BTreeMap::from([("paperless".to_owned(), "no".to_owned())]),
    }
}

pub fn contact(number: usize) -> Contact {
    Contact {
        id: contact_id(number),
        name: format!("Contact {number}"),
        credit_points: 3,
        attributes: BTreeMap::new(),
    }
}

pub fn delinquency(number: usize) -> Delinquency {
    Delinquency {
        id: DelinquencyId::parse(&format!("D-{number}")).unwrap(),
        account: account_id(number),
        kind: DelinquencyKind::Collections,
        bill_type: None,
        origin: None,
        items: BTreeSet::new(),
        scheme: SchemeCode::parse("RES").unwrap(),
        milestone: MilestoneCode::parse("REMIND").unwrap(),
        status: DelinquencyStatus::Open,
        entered_on: date("2026-01-01"),
        oldest_debt_on: None,
        balance: usd(15_230),
        extension_days: 0,
        hold: None,
        attributes: BTreeMap::new(),
        sequence: 0,
        version: 0,
    }
}

/// Contact, account and delinquency of the number, due on 2026-01-15.
pub fn records(number: usize) -> [Record; 3] {
    [
        Record::Contact(contact(number)),
        Record::Account(account(number)),
        Record::Delinquency(Box::new(delinquency(number)), Due::On(date("2026-01-15"))),
    ]
}

pub async fn put(store: &Store, numbers: impl IntoIterator<Item = usize>) {
    let records: Vec<_> = numbers.into_iter().flat_map(records).collect();
    store.put_records(&records, Replace::Nothing).await.unwrap();
}

/// The record one transition on.
pub fn advanced(before: &Delinquency) -> Delinquency {
    Delinquency {
        milestone: MilestoneCode::parse("FINAL").unwrap(),
        entered_on: date("2026-01-15"),
        sequence: before.sequence + 1,
        version: before.version + 1,
        ..before.clone()
    }
}

pub fn transition(before: &Delinquency, effects: Vec<Effect>) -> Transition {
    Transition {
        delinquency: before.id.clone(),
        account: before.account.clone(),
        sequence: before.sequence + 1,
        event: HistoryEvent::Transition(TransitionEvent::EntryOrIncrement),
        scheme: before.scheme.clone(),
        from: Some(before.milestone.clone()),
        to: Some(MilestoneCode::parse("FINAL").unwrap()),
        resolution_code: None,
        balance: None,
        oldest_debt_on: None,
        hold: None,
        extension_days: 0,
        on: date("2026-01-15"),
        cause: "collections-000001".to_owned(),
        setup_version: 1,
        actions: vec![PerformedAction {
            position: 0,
            action_type: "notice".to_owned(),
            plugin_digest: "sha256:00".to_owned(),
            outcome: ActionOutcome::Applied(effects),
        }],
        explanation: Explanation {
            steps: vec![Step {
                rule: "duration".to_owned(),
                text: "eligible on 2026-01-15".to_owned(),
                inputs: vec![("account.class".to_owned(), "residential".to_owned())],
            }],
        },
    }
}

/// The commit of one record's change, as a run makes it.
pub fn write(record: RecordWrite<'_>) -> AccountWrite<'_> {
    AccountWrite { records: vec![record], ..AccountWrite::new(&record.after.account) }
}

/// A water bill of the account.
pub fn bill(id: &str, minor_units: i64) -> LineItem {
    LineItem {
        id: LineItemId::parse(id).unwrap(),
        bill_type: Some("WATER".to_owned()),
        posted_on: date("2026-01-02"),
        due_on: Some(date("2026-01-30")),
        amount: usd(minor_units),
        marker: AllocationMarker::Unallocated,
        spent: Vec::new(),
        lowered: Vec::new(),
        reverses: None,
        allocations: Vec::new(),
        terms: Terms::default(),
    }
}

/// All that is stored of account 1, so that a test can say that nothing of it
/// has changed.
pub async fn stored(store: &Store) -> (AccountPage, AccountBook) {
    let page = store.account_page(&account_id(1)).await.unwrap().unwrap();
    (page, store.account_book(&account_id(1)).await.unwrap().unwrap())
}

/// A credit that becomes void.
pub fn voided(credit: LineItem) -> ItemChange {
    let after = LineItem { marker: AllocationMarker::Correction, ..credit.clone() };
    ItemChange { before: credit, after }
}

/// A payment of 12.00, spent on the bill `B-1` and the record `D-1`.
pub fn payment(id: &str) -> LineItem {
    LineItem {
        due_on: None,
        spent: vec![("B-1".parse().unwrap(), usd(1_200))],
        lowered: vec![(delinquency(1).id, usd(1_200))],
        ..bill(id, -1_200)
    }
}

/// A record that an event adds to account 1.
pub fn placed(id: &str) -> (Delinquency, Transition) {
    let record = Delinquency { id: id.parse().unwrap(), sequence: 1, version: 1, ..delinquency(1) };
    let nothing = Delinquency { sequence: 0, ..record.clone() };
    (record, Transition { from: None, ..transition(&nothing, vec![]) })
}

pub fn new_record<'a>((record, transition): &'a (Delinquency, Transition)) -> RecordWrite<'a> {
    RecordWrite { before: None, after: record, due: Due::EveryRun, transition }
}

/// A line item as an import brings it.
pub fn imported(account: &AccountId, item: &LineItem) -> Record {
    Record::Transaction(account.clone(), Box::new(TransactionLine::from((account, item))))
}

/// An event of the account.
pub fn event(id: &str, account: &AccountId) -> EventLine {
    let data = serde_json::json!({ "zone": 7, "amount": "12.00", "parts": [1.5, null, {"a": -1}] });
    EventLine {
        id: id.to_owned(),
        account: account.to_string(),
        event: "arrears.payment.posted".to_owned(),
        source: "bank".to_owned(),
        time: Some("2026-02-02T08:00:00Z".to_owned()),
        on: "2026-02-02".to_owned(),
        data: data.as_object().unwrap().clone(),
        digest: "sha256:00".to_owned(),
        setup_version: 1,
    }
}

pub fn charge(minor_units: i64) -> Effect {
    Effect::OneOffCharge {
        line_item_type: "LATE-FEE".to_owned(),
        amount: usd(minor_units),
        memo: "Late fee".to_owned(),
    }
}

pub fn points(points: u32) -> Effect {
    Effect::CreditPoints { points, reason: "late".to_owned() }
}

/// All entries of the index that are due on the date.
pub async fn due(store: &Store, class: DueClass, as_of: &str) -> Vec<DueKey> {
    let mut keys = Vec::new();
    for shard in 0..DUE_SHARDS {
        let mut after = None;
        loop {
            let page = store.due_keys(class, shard, date(as_of), after).await.unwrap();
            assert!(page.keys.is_sorted());
            assert!(page.keys.iter().all(|key| due_shard(&key.account) == shard));
            keys.extend(page.keys);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    keys
}
