//! Every reason for which a transaction is not collected, from books. `LOCKED` and
//! `EXCLUDED` are in `proposal.rs`; `AMOUNT_OUT_OF_RANGE` no book can reach, since
//! imports take no amount that is large enough.

use super::book::Book;
use super::{ON, house, started, sums, visible};
use arrears_runs::payment::Mode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Fills in an account, whose id is the reason.
type Fill = fn(&mut Book, &str);

/// An account with one bill that SEPA would collect, but for a field of the account.
fn of_account(book: &mut Book, id: &str, with: Value) {
    book.account_with(id, "EUR", "10.00", with).bill(id, "JAN", "10.00").sepa(id, "RCUR");
}

/// The same, but for a field of the bill.
fn of_bill(book: &mut Book, id: &str, with: Value) {
    book.account(id, "EUR", "10.00").bill_with(id, "JAN", "10.00", with).sepa(id, "RCUR");
}

/// The same, but for a field of the mandate.
fn of_mandate(book: &mut Book, id: &str, with: Value) {
    book.account(id, "EUR", "10.00").bill(id, "JAN", "10.00").sepa_with(id, with);
}

const BY_SEPA: [(&str, Fill); 19] = [
    ("ACCOUNT_SUSPENDED", |book, id| of_account(book, id, json!({"status": "suspended"}))),
    ("ACCOUNT_CLOSED", |book, id| of_account(book, id, json!({"status": "closed"}))),
    ("OTHER_CURRENCY", |book, id| of_account(book, id, json!({"currency": "USD"}))),
    ("WITHHELD", |book, id| of_bill(book, id, json!({"marker": "withheld"}))),
    ("PARTLY_WITHHELD", |book, id| {
        of_bill(book, id, json!({}));
        let spent = json!({"marker": "withheld", "bill_type": null, "due_date": null,
            "spent": [{"item": "JAN", "amount": "4.00"}]});
        book.bill_with(id, "CREDIT", "-4.00", spent);
    }),
    ("DEFERRED", |book, id| of_bill(book, id, json!({"deferred_until": "2026-02-03"}))),
    ("OTHER_BILL_TYPE", |book, id| of_bill(book, id, json!({"bill_type": "SEWER"}))),
    ("NO_DUE_DATE", |book, id| of_bill(book, id, json!({"due_date": null}))),
    ("NOT_DUE", |book, id| of_bill(book, id, json!({"due_date": "2026-02-03"}))),
    ("NOTHING_OPEN", |book, id| {
        of_bill(book, id, json!({}));
        book.credit(id, "CREDIT", "10.00");
    }),
    ("NETS_TO_CREDIT", |book, id| {
        of_bill(book, id, json!({"due_date": "2026-02-02"}));
        // Spent on what is due later, and free for nothing else.
        book.bill_with(id, "TYPED", "-12.00", json!({"bill_type": "SEWER", "due_date": null}));
    }),
    ("BELOW_MINIMUM", |book, id| {
        book.account(id, "EUR", "4.99").bill(id, "JAN", "4.99").sepa(id, "RCUR");
    }),
    ("NO_MANDATE", |book, id| {
        book.account(id, "EUR", "10.00").bill(id, "JAN", "10.00").ach(id);
    }),
    ("MANDATE_STOPPED", |book, id| of_mandate(book, id, json!({"stopped": "AC04"}))),
    ("MANDATE_USED", |book, id| {
        let used = json!({"sequence": "OOFF", "last_collected_on": "2026-01-05"});
        of_mandate(book, id, used);
    }),
    // The collection date is one day more than 36 months later.
    ("MANDATE_EXPIRED", |book, id| of_mandate(book, id, json!({"signed_on": "2023-02-02"}))),
    ("MANDATE_SIGNED_LATER", |book, id| of_mandate(book, id, json!({"signed_on": "2026-02-03"}))),
    ("MANDATE_OF_OTHER_DEBTOR", |book, id| of_mandate(book, id, json!({"debtor": "C-OTHER"}))),
    // No debit of SEPA is a billion.
    ("FORMAT_REFUSES", |book, id| {
        book.account(id, "EUR", "1000000000.00").bill(id, "JAN", "1000000000.00").sepa(id, "RCUR");
    }),
];

const BY_ACH: [(&str, Fill); 3] = [
    ("PRESENTED_TOO_OFTEN", |book, id| {
        book.account(id, "USD", "10.00").bill_with(id, "JAN", "10.00", json!({"returned": 3}));
        book.ach(id);
    }),
    ("NOT_PRENOTED", |book, id| {
        book.account(id, "USD", "10.00").bill(id, "JAN", "10.00").ach(id);
    }),
    // Three banking days from the third of February.
    ("PRENOTE_PENDING", |book, id| {
        book.account(id, "USD", "10.00").bill(id, "JAN", "10.00");
        book.ach_with(id, json!({"prenoted_on": "2026-01-30"}));
    }),
];

const BY_CHOICE: [(&str, Fill); 2] = [
    ("ACCOUNT_NOT_SELECTED", |book, id| {
        of_account(book, id, json!({"attributes": {"direct": "no"}}));
    }),
    ("SELECTION_FAILED", |book, id| of_account(book, id, json!({}))),
];

/// Runs a profile over an account for each reason, and one that is collected.
async fn each_is_skipped(profile: &str, currency: &str, rows: &[(&str, Fill)]) {
    let mut book = Book::default();
    book.account("C-OTHER", currency, "0.00");
    for (reason, fill) in rows {
        fill(&mut book, reason);
    }
    let taken = json!({"attributes": {"direct": "yes"}});
    book.account_with("TAKEN", currency, "10.00", taken).bill("TAKEN", "JAN", "10.00");
    book.sepa("TAKEN", "RCUR");
    if currency == "USD" {
        book.ach_with("TAKEN", json!({"last_collected_on": "2026-01-02"}));
    }
    let house = house(&book.text()).await;
    let run = started(&house, profile, ON, Mode::ReportOnly).await.unwrap();
    let expected: BTreeMap<String, u64> =
        rows.iter().map(|(reason, _)| ((*reason).to_owned(), 1)).collect();
    let found = &run.payment.as_ref().unwrap().sums.skipped_by_reason;
    assert_eq!(*found, expected, "{:?}", run.totals);
    assert_eq!(sums(&run, currency), (1, 1, 1_000));
    // Each stands in the report with its reason.
    let files = visible(&house.store).await;
    let (_, csv) = files.iter().find(|(key, _)| key.ends_with("report.csv")).unwrap();
    for (reason, _) in rows {
        let is_told = |line: &str| line.matches(reason).count() >= 2;
        assert!(csv.lines().any(is_told), "no line has account and reason {reason}:\n{csv}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_of_a_book_in_euro_is_told() {
    each_is_skipped("SEPA", "EUR", &BY_SEPA).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_of_ach_is_told() {
    each_is_skipped("ACH-PRENOTE", "USD", &BY_ACH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_of_a_choice_of_accounts_is_told() {
    each_is_skipped("PICKY", "EUR", &BY_CHOICE).await;
}

/// The oldest sixty are collected; the next run takes the rest.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_payment_has_no_room_for_waits_for_the_next_run() {
    let mut book = Book::default();
    book.account("A-1", "EUR", "62.00").sepa("A-1", "RCUR");
    for number in 0..62 {
        book.bill("A-1", &format!("B-{number:02}"), "1.00");
    }
    let house = house(&book.text()).await;
    let run = super::collected(&house, "SEPA-NOTICE", ON).await.unwrap();
    assert_eq!(sums(&run, "EUR"), (1, 60, 6_000));
    assert_eq!(super::skipped(&run), [("TOO_MANY_ITEMS", 2)]);
    let next = super::collected(&house, "SEPA-NOTICE", ON).await.unwrap();
    assert_eq!(sums(&next, "EUR"), (1, 2, 200));
}
