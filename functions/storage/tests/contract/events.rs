//! What an event changes of an account is written whole, and once.

use crate::support::*;
use CommitOutcome::{Committed, Conflict};
use arrears_domain::decide::Due;
use arrears_domain::{AllocationMarker, Currency, Delinquency, LineItem, Money, Transition};
use arrears_storage::document::{EventLine, TransactionLine};
use arrears_storage::{
    AccountWrite, CommitOutcome, LookWrite, Record, RecordWrite, Replace, StorageError, Store,
    TRANSACTION_ITEMS_MAX,
};

/// The payment `PAY-1` with everything that can come of an event.
async fn pay(store: &Store, before: &Delinquency, line: &EventLine) -> CommitOutcome {
    let (after, entry) = (advanced(before), transition(before, vec![charge(150), points(2)]));
    let placed = placed("D-1-C1");
    let changed =
        RecordWrite { before: Some(before), after: &after, due: Due::Never, transition: &entry };
    let (account, contact) = (account_id(1), contact_id(1));
    let write = AccountWrite {
        contact: Some(&contact),
        records: vec![changed, new_record(&placed)],
        balance_change: Some(usd(-1_200)),
        items: &[payment("PAY-1")],
        event: Some(line),
        looks_again: &["WATER".to_owned(), "POWER".to_owned(), "WATER".to_owned()],
        ..AccountWrite::new(&account)
    };
    store.commit(&write).await.unwrap()
}

#[tokio::test]
async fn all_that_an_event_changes_is_read_back() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let line = event("PAY-1", &account_id(1));
    assert_eq!(pay(store, &delinquency(1), &line).await, Committed);
    let (page, book) = stored(store).await;
    assert_eq!(book.account.balance, usd(15_230 - 1_200 + 150));
    assert_eq!(book.contact.as_ref().unwrap().credit_points, 3 + 2);
    assert_eq!(book.delinquencies, [advanced(&delinquency(1)), placed("D-1-C1").0]);
    assert_eq!(book.items, [payment("PAY-1")]);
    assert_eq!(book.events, [line]);
    let looks: Vec<_> = book.looks.iter().map(|(bill_type, mark)| (&**bill_type, *mark)).collect();
    assert_eq!(looks, [("POWER", 1), ("WATER", 1)], "each mark is raised once");
    assert_eq!((page.account, page.contact), (book.account, book.contact));
    assert_eq!((page.delinquencies, page.events), (book.delinquencies, book.events));
    assert_eq!(page.transactions, [TransactionLine::from((&account_id(1), &payment("PAY-1")))]);
    assert_eq!(page.transitions.len(), 2);
}

#[tokio::test]
async fn of_two_commits_of_one_event_the_second_changes_nothing() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let line = event("PAY-1", &account_id(1));
    assert_eq!(pay(store, &delinquency(1), &line).await, Committed);
    let first = stored(store).await;
    assert_eq!(pay(store, &delinquency(1), &line).await, Conflict);
    assert_eq!(stored(store).await, first);
    // Nor if nothing but the event itself is in the way.
    let account = account_id(1);
    let write = AccountWrite {
        balance_change: Some(usd(-1_200)),
        items: &[payment("PAY-2")],
        event: Some(&line),
        ..AccountWrite::new(&account)
    };
    assert_eq!(store.commit(&write).await.unwrap(), Conflict);
    assert_eq!(stored(store).await, first);
}

#[tokio::test]
async fn what_is_new_is_put_once() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let (account, record) = (account_id(1), placed("D-1-C1"));
    let begun = write(new_record(&record));
    assert_eq!(store.commit(&begun).await.unwrap(), Committed);
    let items = [bill("B-1", 1_200)];
    let billed = AccountWrite { items: &items, ..AccountWrite::new(&account) };
    assert_eq!(store.commit(&billed).await.unwrap(), Committed);
    let first = stored(store).await;
    assert_eq!(store.commit(&begun).await.unwrap(), Conflict);
    assert_eq!(store.commit(&billed).await.unwrap(), Conflict);
    assert_eq!(stored(store).await, first);
}

#[tokio::test]
async fn a_payment_is_corrected_once_and_keeps_all_else() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let account = account_id(1);
    let line = TransactionLine {
        discount_percent: Some("5".into()),
        ..TransactionLine::from((&account, &payment("PAY-1")))
    };
    let record = Record::Transaction(account.clone(), Box::new(line.clone()));
    store.put_records(&[record], Replace::Stored).await.unwrap();
    let correct = async |id: &str| {
        let changed = [voided(payment(id))];
        let write = AccountWrite { changed_items: &changed, ..AccountWrite::new(&account) };
        store.commit(&write).await.unwrap()
    };
    assert_eq!(correct("PAY-1").await, Committed);
    let (page, _) = stored(store).await;
    let corrected = TransactionLine { marker: AllocationMarker::Correction, ..line };
    assert_eq!(page.transactions, [corrected]);
    assert_eq!(correct("PAY-1").await, Conflict);
    assert_eq!(correct("PAY-2").await, Conflict, "there is none");
    assert_eq!(stored(store).await.0, page);
}

/// The change of a record that stays where it is in the index.
fn stays<'a>(
    before: &'a Delinquency,
    (after, transition): &'a (Delinquency, Transition),
) -> RecordWrite<'a> {
    RecordWrite { before: Some(before), after, due: Due::On(date("2026-01-15")), transition }
}

#[tokio::test]
async fn write_units_of_an_event_are_as_the_design_says() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let account = account_id(1);
    let next = |it: &Delinquency| (advanced(it), transition(it, vec![]));
    let before = delinquency(1);
    let held = next(&before);
    let paid = next(&held.0);
    let reversed = next(&paid.0);
    let (collections, begun) = (placed("D-1-C1"), placed("D-1-D1"));
    let events = ["E-1", "E-2", "E-3", "E-4"].map(|id| event(id, &account));
    let credit = [payment("PAY-1")];
    let debit = [LineItem { reverses: Some(credit[0].id.clone()), ..bill("REV-1", 1_200) }];
    let water = ["WATER".to_owned()];
    let event_of = |number: usize, record| AccountWrite {
        revision: Some(number as u64),
        records: vec![record],
        event: Some(&events[number]),
        ..AccountWrite::new(&account)
    };
    let look = LookWrite { bill_type: "WATER", mark: 1, next: Some(date("2026-03-01")) };
    for (what, write, units) in [
        ("hold", event_of(0, stays(&before, &held)), 8),
        (
            "payment",
            AccountWrite {
                balance_change: Some(usd(-1_200)),
                items: &credit,
                ..event_of(1, stays(&held.0, &paid))
            },
            10,
        ),
        (
            "reversal",
            AccountWrite {
                balance_change: Some(usd(1_200)),
                items: &debit,
                changed_items: &[voided(credit[0].clone())],
                looks_again: &water,
                ..event_of(2, stays(&paid.0, &reversed))
            },
            15,
        ),
        // The account's item is written for its revision, whatever the balance.
        (
            "placement",
            AccountWrite { balance_change: Some(usd(0)), ..event_of(3, new_record(&collections)) },
            9,
        ),
        (
            "entry",
            AccountWrite { revision: Some(4), look: Some(look), ..write(new_record(&begun)) },
            7 + 2 + 2,
        ),
    ] {
        let store = store.metered();
        assert_eq!(store.commit(&write).await.unwrap(), Committed, "{what}");
        assert_eq!(store.capacity().write_units(), transaction_units(units), "{what}");
        assert_eq!(store.capacity().requests, 1, "{what}");
    }
}

#[tokio::test]
async fn more_than_a_transaction_takes_is_refused() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let account = account_id(1);
    let mut items: Vec<_> =
        (0..TRANSACTION_ITEMS_MAX).map(|it| bill(&format!("B-{it}"), 1)).collect();
    let line = event("E-1", &account);
    let write = AccountWrite { items: &items, event: Some(&line), ..AccountWrite::new(&account) };
    let error = store.commit(&write).await.unwrap_err();
    assert!(matches!(error, StorageError::TooManyItems { items: 101, .. }), "{error}");
    assert_eq!(error.code_of_record(), Some("TOO_MANY_ITEMS"));
    assert_eq!(stored(store).await.1.items, []);
    items.pop();
    let write = AccountWrite { items: &items, event: Some(&line), ..AccountWrite::new(&account) };
    assert_eq!(store.commit(&write).await.unwrap(), Committed);
    assert_eq!(stored(store).await.1.items.len(), 99);
}

#[tokio::test]
async fn what_cannot_be_charged_or_read_back_is_refused_whole() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1]).await;
    let first = stored(store).await;
    let (account, absent) = (account_id(1), account_id(2));
    let euro = Money::from_minor_units(100, Currency::parse("EUR").unwrap());
    let line = event("E-1", &account);
    let of = |account, change| AccountWrite {
        balance_change: Some(change),
        event: Some(&line),
        ..AccountWrite::new(account)
    };
    let entry = transition(&delinquency(1), vec![charge(1)]);
    let after = advanced(&delinquency(1));
    let charged = RecordWrite { before: None, after: &after, due: Due::Never, transition: &entry };
    let nameless = [LineItem { bill_type: Some("WATER & CO".to_owned()), ..bill("B-1", 1) }];
    for (write, code) in [
        (of(&account, euro), "NO_ACCOUNT_TO_CHARGE"),
        (of(&absent, usd(1)), "NO_ACCOUNT_TO_CHARGE"),
        (AccountWrite { records: vec![charged], ..of(&account, euro) }, "CHARGES_OUT_OF_RANGE"),
        (
            AccountWrite { records: vec![charged], ..of(&account, usd(i64::MAX)) },
            "CHARGES_OUT_OF_RANGE",
        ),
        (AccountWrite { items: &nameless, ..of(&account, usd(1)) }, "UNSTORABLE"),
    ] {
        let error = store.commit(&write).await.unwrap_err();
        assert_eq!(error.code_of_record(), Some(code), "{error}");
        assert_eq!(stored(store).await, first, "{code}");
    }
}

#[tokio::test]
async fn a_book_has_all_but_history_mandates_and_placements_in_one_query() {
    let fixture = fixture().await;
    let store = &fixture.store;
    put(store, [1, 2]).await;
    assert_eq!(pay(store, &delinquency(1), &event("E-1", &account_id(1))).await, Committed);
    let mandate = r#"{"type":"mandate","id":"M-1","account":"A-1","scheme":"sepa-core","iban":"DE89370400440532013000","signed_on":"2025-11-03"}"#;
    let placement = r#"{"type":"placement","delinquency":"D-1","account":"A-1","collection_agency":"NORTHSTAR","sequence":1,"action":"NEW","scheme":"RES","milestone":"FINAL","balance":"1.00","currency":"USD","on":"2026-02-01","run":"export-000001","told":"00"}"#;
    let beside = [mandate, placement].map(|text| {
        Record::check(&serde_json::from_str(text).unwrap(), |_| None, |_| Due::Never).unwrap()
    });
    // Its history is far larger than a page; the book does not read it.
    let history = (2..12).map(|sequence| {
        let mut entry = Transition { sequence, ..transition(&delinquency(1), vec![]) };
        entry.explanation.steps[0].text = "x".repeat(100_000);
        Record::Transition(Box::new(entry))
    });
    let records: Vec<_> = history.chain(beside).collect();
    store.put_records(&records, Replace::Stored).await.unwrap();
    let metered = store.metered();
    let book = metered.account_book(&account_id(1)).await.unwrap().unwrap();
    assert_eq!((book.delinquencies.len(), book.items.len(), book.events.len()), (2, 1, 1));
    assert_eq!((metered.capacity().requests, metered.capacity().read_units()), (2, 2));
    let page = store.account_page(&account_id(1)).await.unwrap().unwrap();
    assert_eq!((page.mandates.len(), page.placements.len()), (1, 1));
    let ids = [account_id(2), account_id(9), account_id(1)];
    let books = store.account_books(&ids).await.unwrap();
    assert_eq!(books.iter().map(|it| &it.account.id).collect::<Vec<_>>(), [&ids[0], &ids[2]]);
    assert_eq!(books[1], book);
    // Something of an account that is not stored itself.
    let orphan = Record::Delinquency(Box::new(delinquency(9)), Due::Never);
    store.put_records(&[orphan], Replace::Stored).await.unwrap();
    assert_eq!(store.account_book(&account_id(9)).await.unwrap(), None);
}
