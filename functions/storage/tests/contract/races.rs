//! Of two changes that were decided from one book of an account, one wins.

use crate::support::*;
use CommitOutcome::{Committed, Conflict};
use arrears_domain::decide::Due;
use arrears_domain::event::ItemChange;
use arrears_domain::{AllocationMarker, Delinquency, LineItem, Money, Transition};
use arrears_storage::document::{AccountLine, EventLine, Line};
use arrears_storage::{
    AccountBook, AccountWrite, CommitOutcome, LookWrite, Record, RecordWrite, Replace, Store,
};
use futures::TryStreamExt;

/// What events and entries change of account 1, each of them by itself: but for
/// the revision, none of them is in the way of another.
#[derive(Debug, Clone, Default)]
struct Change {
    record: Option<(Delinquency, Transition)>,
    balance_change: Option<Money>,
    items: Vec<LineItem>,
    changed_items: Vec<ItemChange>,
    event: Option<EventLine>,
    looks: bool,
}

impl Change {
    fn event(id: &str) -> Self {
        Self { event: Some(event(id, &account_id(1))), ..Self::default() }
    }

    fn payment(id: &str) -> Self {
        let (items, balance_change) = (vec![payment(id)], Some(usd(-1_200)));
        Self { items, balance_change, ..Self::event(id) }
    }

    fn reversal() -> Self {
        let paid = payment("PAY-0");
        let items = vec![LineItem { reverses: Some(paid.id.clone()), ..bill("REV-1", 1_200) }];
        let balance_change = Some(usd(1_200));
        let changed_items = vec![voided(paid)];
        Self { items, balance_change, changed_items, ..Self::event("REV-1") }
    }

    fn placement() -> Self {
        Self { record: Some(placed("D-1-C1")), ..Self::event("PLACE-1") }
    }

    fn entry() -> Self {
        Self { record: Some(placed("D-1-D1")), looks: true, ..Self::default() }
    }

    /// Commits it as decided from the book.
    async fn commit(&self, store: &Store, book: &AccountBook) -> CommitOutcome {
        let mark = book.looks["WATER"];
        let look = LookWrite { bill_type: "WATER", mark, next: None };
        let write = AccountWrite {
            revision: Some(book.revision),
            records: self.record.iter().map(new_record).collect(),
            balance_change: self.balance_change,
            items: &self.items,
            changed_items: &self.changed_items,
            event: self.event.as_ref(),
            look: self.looks.then_some(look),
            ..AccountWrite::new(&book.account.id)
        };
        store.commit(&write).await.unwrap()
    }
}

/// Account 1 with a bill and the payment `PAY-0`.
async fn billed() -> Fixture {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let items = [bill("B-1", 1_200), payment("PAY-0")];
    let records = items.map(|item| imported(&account_id(1), &item));
    fixture.store.put_records(&records, Replace::Nothing).await.unwrap();
    fixture
}

async fn of_two_one_wins(first: &Change, second: &Change, what: &str) {
    let fixture = billed().await;
    let store = &fixture.store;
    let (_, read) = stored(store).await;
    assert_eq!(first.commit(store, &read).await, Committed, "{what}");
    let before = stored(store).await;
    assert_eq!(second.commit(store, &read).await, Conflict, "{what}");
    assert_eq!(stored(store).await, before, "{what}: nothing of the second is there");
    // Nothing but the revision was in the way.
    assert_eq!(second.commit(store, &before.1).await, Committed, "{what}, read anew");
    let (_, after) = stored(store).await;
    assert_eq!((read.revision, before.1.revision, after.revision), (0, 1, 2), "{what}");
    // A later revision is not overlooked either.
    let third = Change::payment("PAY-3");
    assert_eq!(third.commit(store, &before.1).await, Conflict, "{what}, then a third");
    assert_eq!(stored(store).await.1, after, "{what}, then a third");
}

#[tokio::test]
async fn of_two_changes_from_one_book_the_second_changes_nothing() {
    let changes = [
        ("payment", Change::payment("PAY-1")),
        ("another payment", Change::payment("PAY-2")),
        ("reversal", Change::reversal()),
        ("placement", Change::placement()),
        ("entry", Change::entry()),
    ];
    for (one, first) in &changes {
        for (other, second) in changes.iter().filter(|(other, _)| other != one) {
            of_two_one_wins(first, second, &format!("{one}, then {other}")).await;
        }
    }
}

#[tokio::test]
async fn of_many_payments_at_once_one_wins() {
    let fixture = billed().await;
    let (_, read) = stored(&fixture.store).await;
    let racers = (1..9).map(|number| {
        let (store, read) = (fixture.store.clone(), read.clone());
        async move { Change::payment(&format!("PAY-{number}")).commit(&store, &read).await }
    });
    let won = together(racers).await.into_iter().filter(|it| *it == Committed).count();
    let (_, book) = stored(&fixture.store).await;
    assert_eq!((won, book.events.len(), book.revision), (1, 1, 1));
    assert_eq!(book.account.balance, usd(15_230 - 1_200));
}

#[tokio::test]
async fn a_run_that_advances_a_record_is_in_nobodys_way() {
    let fixture = billed().await;
    let store = &fixture.store;
    let (_, read) = stored(store).await;
    let before = delinquency(1);
    let (after, entry) = (advanced(&before), transition(&before, vec![charge(150)]));
    let record =
        RecordWrite { before: Some(&before), after: &after, due: Due::Never, transition: &entry };
    assert_eq!(store.commit(&write(record)).await.unwrap(), Committed);
    assert_eq!(stored(store).await.1.revision, 0);
    assert_eq!(Change::payment("PAY-1").commit(store, &read).await, Committed);
    assert_eq!(stored(store).await.1.account.balance, usd(15_230 + 150 - 1_200));
}

#[tokio::test]
async fn an_account_that_has_vanished_is_a_conflict_and_stays_away() {
    let fixture = billed().await;
    let (_, read) = stored(&fixture.store).await;
    let elsewhere = fixture.store.for_agency("other".parse().unwrap());
    for revision in [0, 7] {
        let read = AccountBook { revision, ..read.clone() };
        for change in [Change::payment("PAY-1"), Change::placement()] {
            assert_eq!(change.commit(&elsewhere, &read).await, Conflict, "{change:?}");
        }
    }
    let pages: Vec<Vec<Line>> = elsewhere.scan().try_collect().await.unwrap();
    assert_eq!(pages.concat(), []);
}

#[tokio::test]
async fn a_revision_is_no_part_of_a_book_and_an_import_begins_anew() {
    let fixture = billed().await;
    let store = &fixture.store;
    let (_, read) = stored(store).await;
    assert_eq!(Change::placement().commit(store, &read).await, Committed);
    assert_eq!(stored(store).await.1.revision, 1);
    let pages: Vec<Vec<Line>> = store.scan().try_collect().await.unwrap();
    let exported = pages.concat().into_iter().find(|line| matches!(line, Line::Account(_)));
    assert_eq!(exported, Some(Line::Account(AccountLine::from(&account(1)))));
    let due = due(store, arrears_storage::DueClass::Entry, "2026-02-01").await;
    assert_eq!(store.gather(&due).await.unwrap()[0].account, Some(account(1)));
    store.put_account(&account(1)).await.unwrap();
    assert_eq!(stored(store).await.1.revision, 0);
}

#[tokio::test]
async fn a_book_takes_nothing_back_that_events_made_of_a_line_item() {
    let fixture = billed().await;
    let store = &fixture.store;
    let (account, none) = (account_id(1), |_: &Delinquency| Due::Never);
    for change in [Change::payment("PAY-1"), Change::reversal()] {
        let (_, read) = stored(store).await;
        assert_eq!(change.commit(store, &read).await, Committed);
    }
    // The billing system knows of the same items, and of nothing else.
    let bare = |item: LineItem| LineItem {
        posted_on: date("2026-02-03"),
        spent: Vec::new(),
        lowered: Vec::new(),
        reverses: None,
        ..item
    };
    let news = [payment("PAY-0"), payment("PAY-1"), bill("REV-1", 1_200), bill("B-1", 1_300)];
    let records = news.map(|item| imported(&account, &bare(item)));
    let posted = |item| LineItem { posted_on: date("2026-02-03"), ..item };
    let expected = [
        posted(bill("B-1", 1_300)),
        posted(LineItem { marker: AllocationMarker::Correction, ..payment("PAY-0") }),
        posted(payment("PAY-1")),
        posted(LineItem { reverses: Some(payment("PAY-0").id), ..bill("REV-1", 1_200) }),
    ];
    store.put_records(&records, Replace::Stored).await.unwrap();
    assert_eq!(stored(store).await.1.items, expected, "put_records");
    store.put_news(&records, &none).await.unwrap();
    assert_eq!(stored(store).await.1.items, expected, "put_news");
    // What a book says itself stands; of two lines with one key the last stays.
    let spent = vec![("B-2".parse().unwrap(), usd(5))];
    let own = LineItem { spent: spent.clone(), ..bare(payment("PAY-1")) };
    let records: [Record; 2] = [bare(payment("PAY-1")), own].map(|it| imported(&account, &it));
    store.put_news(&records, &none).await.unwrap();
    let (_, book) = stored(store).await;
    assert_eq!(book.items[2], LineItem { spent, ..expected[2].clone() });
    // A first import does not look, and is as fast as ever.
    let metered = store.metered();
    metered.put_records(&[imported(&account, &payment("PAY-9"))], Replace::Nothing).await.unwrap();
    assert_eq!((metered.capacity().requests, metered.capacity().read_units()), (1, 0));
}
