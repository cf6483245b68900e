//! Collections: what is settled, once, with the mandate and the posting.

use crate::support::*;
use CommitOutcome::{Committed, Conflict};
use arrears_domain::event::{ItemChange, MandateChange};
use arrears_domain::mandate::{BankAccount, BankAccountType};
use arrears_domain::payment::{Journal, LedgerLine, LineKind, Posting, PostingKind};
use arrears_domain::{
    Allocation, AllocationMarker, Identifier, LineItem, Mandate, MandateScheme, MandateState,
    Period,
};
use arrears_storage::{AccountWrite, CommitOutcome, Record, Replace, Store};

const PAYMENT: &str = "P000001-0000001";

fn id<T: Identifier>(text: &str) -> T {
    T::parse(text).unwrap()
}

fn mandate(account_number: &str) -> Mandate {
    Mandate {
        id: id("M-1"),
        account: account_id(1),
        debtor: None,
        scheme: MandateScheme::NachaPpd,
        bank_account: BankAccount::Nacha {
            routing_number: "231380104".parse().unwrap(),
            account_number: account_number.to_owned(),
            account_type: BankAccountType::Checking,
        },
        signed_on: None,
        state: MandateState::default(),
    }
}

fn posting(kind: PostingKind) -> Posting {
    let sign = if kind == PostingKind::Void { -1 } else { 1 };
    let line = |kind, units: i64| LedgerLine {
        journal: Journal::Debit,
        kind,
        ledger_account: "L".to_owned(),
        amount: usd(sign * units),
    };
    Posting {
        account: account_id(1),
        payment: id(PAYMENT),
        kind,
        on: date("2026-02-02"),
        period: Period::of(date("2026-02-02")),
        cause: "payment-000001".to_owned(),
        lines: vec![line(LineKind::Bank, 500), line(LineKind::Debtor, -500)],
        collection_date: date("2026-02-03"),
        mandate: None,
        return_code: None,
        actions: Vec::new(),
    }
}

fn settled(item: &LineItem) -> ItemChange {
    let part = Allocation {
        reference: id(PAYMENT),
        on: date("2026-02-02"),
        amount: item.amount,
        was: Some(item.marker),
    };
    let after =
        LineItem { marker: AllocationMarker::Paid, allocations: vec![part], ..item.clone() };
    ItemChange { before: item.clone(), after }
}

async fn billed() -> Fixture {
    let fixture = fixture().await;
    put(&fixture.store, [1]).await;
    let records = [imported(&account_id(1), &bill("B-1", 500)), record(&mandate("1"))];
    fixture.store.put_records(&records, Replace::Nothing).await.unwrap();
    fixture
}

fn record(mandate: &Mandate) -> Record {
    Record::Mandate(Box::new(mandate.clone()))
}

async fn collect(store: &Store) -> CommitOutcome {
    let account = account_id(1);
    let after = mandate("1").after_debit(date("2026-02-03"));
    let write = AccountWrite {
        changed_items: &[settled(&bill("B-1", 500))],
        mandate: Some(&MandateChange { before: mandate("1"), after }),
        posting: Some(&posting(PostingKind::Collection)),
        ..AccountWrite::new(&account)
    };
    store.commit(&write).await.unwrap()
}

#[tokio::test]
async fn what_is_collected_is_settled_once_and_given_back_whole() {
    let fixture = billed().await;
    let store = &fixture.store;
    let before = store.account_book(&account_id(1)).await.unwrap().unwrap();
    assert_eq!(collect(store).await, Committed);
    let book = store.account_book(&account_id(1)).await.unwrap().unwrap();
    assert_eq!(book.items, [settled(&bill("B-1", 500)).after]);
    assert_eq!(book.mandates[0].state.last_collected_on, Some(date("2026-02-03")));
    assert_eq!(book.postings, [posting(PostingKind::Collection)]);
    assert_eq!(collect(store).await, Conflict);

    let change = settled(&bill("B-1", 500));
    let account = account_id(1);
    let write = AccountWrite {
        changed_items: &[ItemChange { before: change.after, after: change.before }],
        mandate: Some(&MandateChange {
            before: book.mandates[0].clone(),
            after: MandateState::default(),
        }),
        posting: Some(&posting(PostingKind::Void)),
        ..AccountWrite::new(&account)
    };
    assert_eq!(store.commit(&write).await.unwrap(), Committed);
    assert_eq!(store.commit(&write).await.unwrap(), Conflict);
    let book = store.account_book(&account_id(1)).await.unwrap().unwrap();
    assert_eq!((&book.items, &book.mandates), (&before.items, &before.mandates));
    assert_eq!(book.postings.len(), 2);
}

#[tokio::test]
async fn what_has_changed_since_is_a_conflict() {
    for (case, other) in [
        ("another amount", imported(&account_id(1), &bill("B-1", 600))),
        ("withheld", {
            let withheld = LineItem { marker: AllocationMarker::Withheld, ..bill("B-1", 500) };
            imported(&account_id(1), &withheld)
        }),
        ("used", {
            let state = mandate("1").after_debit(date("2026-01-15"));
            record(&Mandate { state, ..mandate("1") })
        }),
    ] {
        let fixture = billed().await;
        fixture.store.put_records(&[other], Replace::Stored).await.unwrap();
        let before = stored(&fixture.store).await;
        assert_eq!(collect(&fixture.store).await, Conflict, "{case}");
        assert_eq!(stored(&fixture.store).await, before, "{case}");
    }
}

/// The system that writes books may not know what was collected.
#[tokio::test]
async fn a_book_takes_nothing_of_a_collection_back() {
    let fixture = billed().await;
    let store = &fixture.store;
    assert_eq!(collect(store).await, Committed);
    let collected = store.account_book(&account_id(1)).await.unwrap().unwrap();
    let again = [imported(&account_id(1), &bill("B-1", 500)), record(&mandate("1"))];
    store.put_records(&again, Replace::Stored).await.unwrap();
    let book = store.account_book(&account_id(1)).await.unwrap().unwrap();
    assert_eq!((&book.items, &book.mandates), (&collected.items, &collected.mandates));
    store.put_records(&[record(&mandate("2"))], Replace::Stored).await.unwrap();
    let book = store.account_book(&account_id(1)).await.unwrap().unwrap();
    assert_eq!(book.mandates, [mandate("2")], "of another bank account nothing was collected");
}

#[tokio::test]
async fn deferrals_and_prenotes_are_noted_where_they_belong() {
    let fixture = billed().await;
    let store = &fixture.store;
    let (account, until) = (account_id(1), date("2026-05-01"));
    assert!(store.defer_transaction(&account, &id("B-1"), until).await.unwrap());
    assert!(!store.defer_transaction(&account, &id("B-2"), until).await.unwrap());
    let on = date("2026-02-03");
    assert!(store.prenote_mandate(&account, &id("M-1"), on).await.unwrap());
    assert!(store.prenote_mandate(&account, &id("M-1"), on).await.unwrap(), "the same again");
    assert!(!store.prenote_mandate(&account, &id("M-1"), until).await.unwrap());
    assert!(!store.prenote_mandate(&account, &id("M-2"), on).await.unwrap());
    let book = store.account_book(&account).await.unwrap().unwrap();
    assert_eq!(book.items[0].terms.deferred_until, Some(until));
    assert_eq!(book.mandates[0].state.prenoted_on, Some(on));
    assert!(store.account_book(&account_id(2)).await.unwrap().is_none());
}
