//! Voids: of a payment and of a whole run, as if nothing had been collected.

use super::book::of_all_kinds;
use super::{ON, collected, house, ledger, postings, sums, transaction};
use arrears_domain::AllocationMarker;
use arrears_domain::payment::PostingKind;
use arrears_e2e::{House, date};
use arrears_runs::payment::{self, VoidOptions, Voided};
use arrears_runs::{RunError, setups};
use arrears_storage::document::Line;

const VOID_ON: &str = "2026-02-04";

fn options(withhold: bool) -> VoidOptions {
    VoidOptions { on: date(VOID_ON), reason: "the wrong bank".to_owned(), withhold }
}

async fn void_run(house: &House, run_key: &str) -> Result<Voided, RunError> {
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    payment::void_run(&house.store, &stored, run_key, &options(false)).await
}

/// What accounts owe, for what, and under which mandates: the book without its
/// history, without what is void, and without how often a record was written.
async fn owed(house: &House) -> Vec<String> {
    let book = house.export().await;
    let counts = |line: &&str| match serde_json::from_str(line).unwrap() {
        Line::Transaction(line) => line.marker != AllocationMarker::Correction,
        Line::Contact(_) | Line::Account(_) | Line::Delinquency(_) | Line::Mandate(_) => true,
        _ => false,
    };
    let unwritten = |line: &str| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line["type"] == "delinquency" {
            line.as_object_mut().unwrap().retain(|name, _| name != "version" && name != "sequence");
        }
        line.to_string()
    };
    book.lines().filter(counts).map(unwritten).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_of_a_run_brings_back_the_exact_state_before_it() {
    // A record that the run resolves begins anew by the void, as by any reversal; this
    // one it only lowers.
    let mut book = of_all_kinds();
    book.record("A-3", "D-3", "2000.00");
    let house = house(&book.text()).await;
    let before = owed(&house).await;
    let run = collected(&house, "SEPA-NOTICE", ON).await.unwrap();
    let taken = sums(&run, "EUR");
    assert_eq!(taken, (5, 6, 4_200 + 1_100 + 104_500 + 3_000 + 2_000));
    assert_ne!(owed(&house).await, before);

    let voided = void_run(&house, &run.run_key).await.unwrap();
    assert_eq!((voided.voided, voided.duplicates, voided.parked), (5, 0, 0), "{voided:?}");
    assert_eq!(owed(&house).await, before);
    // Each posting is taken back, line by line.
    let postings = postings(&house.store).await;
    let of = |kind| postings.iter().filter(move |it| it.kind == kind);
    assert_eq!((of(PostingKind::Collection).count(), of(PostingKind::Void).count()), (5, 5));
    for collection in of(PostingKind::Collection) {
        let void = of(PostingKind::Void).find(|it| it.payment == collection.payment).unwrap();
        assert_eq!((void.on.as_str(), void.period.as_str()), (VOID_ON, "2026-02"));
        let back: Vec<String> = ledger(void).iter().map(|it| it.3.to_owned()).collect();
        let negated = |amount: &str| match amount.strip_prefix('-') {
            Some(amount) => amount.to_owned(),
            None => format!("-{amount}"),
        };
        let there: Vec<String> = ledger(collection).iter().map(|it| negated(it.3)).collect();
        assert_eq!(back, there);
    }

    let again = void_run(&house, &run.run_key).await.unwrap();
    assert_eq!((again.voided, again.duplicates, again.parked), (0, 5, 0));
    let next = collected(&house, "SEPA-NOTICE", "2026-02-05").await.unwrap();
    assert_eq!(sums(&next, "EUR"), taken, "all of it can be collected again");
    let again = void_run(&house, &run.run_key).await.unwrap();
    assert_eq!((again.voided, again.duplicates, again.parked), (0, 5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_of_a_payment_may_withhold_and_leaves_the_others_alone() {
    let house = house(&of_all_kinds().text()).await;
    collected(&house, "SEPA-NOTICE", ON).await.unwrap();
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let void = async |payment: &str| {
        payment::void_payment(&house.store, &stored, payment, &options(true)).await
    };
    assert_eq!(void("P000001-0000003").await.unwrap().voided, 1);
    let (bill, credit) = ("JAN", "CREDIT");
    assert_eq!(transaction(&house.store, "A-3", bill).await.marker, AllocationMarker::Withheld);
    let credit = transaction(&house.store, "A-3", credit).await;
    assert_eq!(credit.marker, AllocationMarker::Unallocated, "only what is owed is withheld");
    for id in ["P000001-0000003", "P000001-0000003-D"] {
        let marker = transaction(&house.store, "A-3", id).await.marker;
        assert_eq!(marker, AllocationMarker::Correction, "{id}");
    }
    assert_eq!(transaction(&house.store, "A-1", "JAN").await.marker, AllocationMarker::Paid);
    for unknown in ["P000001-0000009", "P000009-0000001", "P-1", "JAN"] {
        let refused = void(unknown).await;
        assert!(matches!(refused, Err(RunError::UnknownPayment { .. })), "{refused:?}");
    }
    // The rest of the run can be void after it.
    let voided = void_run(&house, "payment-000001").await.unwrap();
    assert_eq!(voided.voided + voided.duplicates + voided.parked, 5, "{voided:?}");
    assert_eq!(voided.voided, 4, "{voided:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_posted_nothing_cannot_be_void() {
    let house = house(&of_all_kinds().text()).await;
    let run = super::started(&house, "SEPA", ON, payment::Mode::Propose).await.unwrap();
    let refused = void_run(&house, &run.run_key).await;
    assert!(matches!(refused, Err(RunError::NothingPosted { .. })), "{refused:?}");
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let before = house.export().await;
    let payment = "P000001-0000001";
    let refused = payment::void_payment(&house.store, &stored, payment, &options(false)).await;
    assert!(matches!(refused, Err(RunError::UnknownPayment { .. })), "{refused:?}");
    assert_eq!(house.export().await, before);
    // Nor is one that is only in a report.
    let report = super::started(&house, "SEPA", ON, payment::Mode::ReportOnly).await.unwrap();
    let refused = void_run(&house, &report.run_key).await;
    assert!(matches!(refused, Err(RunError::NothingPosted { .. })), "{refused:?}");
    assert!(arrears_runs::events::list(&house.store).await.unwrap().is_empty());
}
