//! ACH debits that come back: case 9 of the reference, and what matches nothing.

use super::book::Book;
use super::{
    ON, asked, bank_file, collected, house, mandate, postings, skipped, started, sums, transaction,
};
use crate::kill::fused;
use arrears_domain::AllocationMarker;
use arrears_e2e::{House, date};
use arrears_runs::events::Outcome;
use arrears_runs::payment::{self, Mode, ReturnFormat, ReturnsReport};
use arrears_runs::run::Unobserved;
use arrears_runs::{RunError, ledger, setups};
use arrears_storage::Fuse;

const BACK_ON: &str = "2026-02-05";

/// A return file of two batches: a debit of 123.54 that comes back with a code, and
/// a credit of 45.65 that is not ours.
fn returned(individual_id: &str, code: &str) -> String {
    let header = |number: u32, sec: &str| {
        format!(
            "5200Test Water                          1987654321{sec}PAYMENT   FEB 022602030341121042880{number:06}"
        )
    };
    let lines = [
        "101 091400606 1210428822602050415A094101Test Water             Bank of the Rivers             ".to_owned(),
        header(1, "PPD"),
        format!("626091400606123456789        0000012354{individual_id:<15}R. Vance A-1            1121042880000001"),
        format!("799{code}091400600000001      12104288                                            121042880000001"),
        "820000000200091400600000000123540000000000001987654321                         121042880000001".to_owned(),
        header(2, "PPD"),
        "621091400606867530999999     0000004565A-9999         B. Somebody Else        1121042880000003".to_owned(),
        "799R03091400600000777      12104288                                            121042880000003".to_owned(),
        "820000000200091400600000000000000000000045651987654321                         121042880000002".to_owned(),
        "9000002000001000000040018280120000000012354000000004565                                       ".to_owned(),
    ];
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn book() -> Book {
    let mut book = Book::default();
    book.account("A-1", "USD", "123.54").bill("A-1", "JAN", "123.54").ach("A-1");
    book.account("A-2", "USD", "20.00").bill("A-2", "JAN", "20.00").ach("A-2");
    book
}

async fn take_in(house: &House, file: &str) -> ReturnsReport {
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let on = date(BACK_ON);
    let report =
        payment::import_returns(&house.store, &stored, ReturnFormat::Nacha, file.as_bytes(), on);
    report.await.unwrap()
}

fn outcome(report: &ReturnsReport) -> &Outcome {
    assert_eq!(report.answers.len(), 1, "{report:?}");
    &report.answers[0].outcome
}

/// `individual_id` is what the bank says of the entry beside its trace.
async fn a_return_is_a_payment_reversed(individual_id: &str) {
    let house = house(&book().text()).await;
    // What is not posted is not meant by a trace.
    started(&house, "ACH", ON, Mode::ReportOnly).await.unwrap();
    let run = collected(&house, "ACH", ON).await.unwrap();
    assert_eq!(sums(&run, "USD"), (2, 2, 14_354));
    let file = bank_file(&house.store, &run).await;
    assert!(file.lines().any(|line| line.ends_with("091400600000001") && line.starts_with("627")));
    started(&house, "ACH", ON, Mode::ReportOnly).await.unwrap();

    let report = take_in(&house, &returned(individual_id, "R01")).await;
    assert_eq!(report.returns, 2);
    assert!(matches!(outcome(&report), Outcome::Applied(_)), "{report:?}");
    let [unmatched] = report.unmatched.as_slice() else { panic!("{report:?}") };
    assert!(unmatched.what.contains("R03 credit of 45.65 USD"), "{unmatched:?}");

    let payment = transaction(&house.store, "A-1", "P000002-0000001").await;
    assert_eq!(payment.marker, AllocationMarker::Correction);
    let bill = transaction(&house.store, "A-1", "JAN").await;
    assert_eq!((bill.marker, bill.returned), (AllocationMarker::Unallocated, 1));
    assert_eq!(bill.allocations, []);
    assert_eq!(transaction(&house.store, "A-2", "JAN").await.marker, AllocationMarker::Paid);
    let postings = postings(&house.store).await;
    let void = postings.iter().find(|it| it.return_code.is_some()).unwrap();
    assert_eq!((void.on.as_str(), void.return_code.as_deref()), (BACK_ON, Some("R01")));
    assert_eq!(
        super::ledger(void),
        [("DEBIT", "bank", "BANK", "-123.54"), ("DEBIT", "debtor", "DEBTORS", "123.54")]
    );

    let before = house.export().await;
    let again = take_in(&house, &returned(individual_id, "R01")).await;
    assert_eq!(outcome(&again), &Outcome::Duplicate);
    assert_eq!(house.export().await, before);

    // What came back for lack of money is collected again; the file of the first
    // return, taken in once more, is not about that.
    let next = collected(&house, "ACH", "2026-02-06").await.unwrap();
    assert_eq!(sums(&next, "USD"), (1, 1, 12_354));
    let before = house.export().await;
    let again = take_in(&house, &returned(individual_id, "R01")).await;
    assert_eq!(outcome(&again), &Outcome::Duplicate);
    assert_eq!(house.export().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_with_the_id_of_its_payment_is_a_payment_reversed() {
    a_return_is_a_payment_reversed("P000002-0000001").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_that_only_traces_its_payment_is_a_payment_reversed() {
    a_return_is_a_payment_reversed("A-1001").await;
}

/// A run that was killed before it had a plan does not stand in the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_matched_beside_a_run_without_a_plan() {
    let house = house(&book().text()).await;
    collected(&house, "ACH", ON).await.unwrap();
    // As few requests as it takes to have a record.
    for requests_max in 5.. {
        let store = fused(house.folder.path(), Fuse::new(requests_max, false)).await.unwrap();
        let options = asked("ACH", ON, Mode::Collect);
        let killed = payment::start(&store, &house.catalog, &options, &Unobserved).await;
        killed.unwrap_err();
        if ledger::runs(&house.store).await.unwrap().len() == 2 {
            break;
        }
    }
    let last = ledger::runs(&house.store).await.unwrap().pop().unwrap();
    assert!(last.plan.is_none(), "{last:?}");
    let report = take_in(&house, &returned("A-1001", "R01")).await;
    assert!(matches!(outcome(&report), Outcome::Applied(_)), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_that_names_a_closed_account_stops_the_mandate() {
    let house = house(&book().text()).await;
    collected(&house, "ACH", ON).await.unwrap();
    take_in(&house, &returned("P000001-0000001", "R02")).await;
    assert_eq!(mandate(&house.store, "M-A-1").await.stopped.as_deref(), Some("R02"));
    let bill = transaction(&house.store, "A-1", "JAN").await;
    assert_eq!((bill.marker, bill.returned), (AllocationMarker::Unallocated, 0));
    let next = collected(&house, "ACH", "2026-02-06").await.unwrap();
    assert_eq!(skipped(&next), [("MANDATE_STOPPED", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_of_another_amount_or_a_damaged_file_changes_nothing() {
    let house = house(&book().text()).await;
    collected(&house, "ACH", ON).await.unwrap();
    let before = house.export().await;
    let other = returned("P000001-0000001", "R01").replace("12354", "12355");
    let report = take_in(&house, &other).await;
    assert_eq!((report.answers.len(), report.unmatched.len()), (0, 2), "{report:?}");
    let cut: String = returned("P000001-0000001", "R01").lines().take(5).collect();
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let (format, on) = (ReturnFormat::Nacha, date(BACK_ON));
    let refused = payment::import_returns(&house.store, &stored, format, cut.as_bytes(), on).await;
    assert!(matches!(refused, Err(RunError::Returns { .. })), "{refused:?}");
    assert_eq!(house.export().await, before);
}
