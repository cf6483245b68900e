//! Runs that are refused, or that collect nothing.

use super::book::{Book, first_and_only};
use super::{ON, collected, house, manifest, postings, skipped, started, sums, visible};
use arrears_runs::RunError;
use arrears_runs::payment::{EditDocument, Mode, edit, execute};
use arrears_runs::record::RunStatus;
use arrears_runs::run::Unobserved;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_passes_the_total_limit_collects_nothing_and_says_why() {
    let house = house(&first_and_only().text()).await;
    for (number, mode) in [(1, Mode::Collect), (2, Mode::Propose), (3, Mode::ReportOnly)] {
        let run = started(&house, "SEPA-LIMIT", ON, mode).await.unwrap();
        assert_eq!((run.number, run.status), (number, RunStatus::Abandoned));
        let why = run.payment.as_ref().unwrap().given_up.clone().unwrap();
        assert!(why.starts_with("53.00 EUR would be collected"), "{why}");
        assert!(why.contains("the total payment limit of 52.99"), "{why}");
        let manifest = manifest(&house.store, &run).await;
        assert!(manifest.proof.is_none() && manifest.bank.is_none());
        assert_eq!(manifest.files.len(), 3, "the report is there all the same");
        assert!(postings(&house.store).await.is_empty());
    }
    // A cent less, and it is collected.
    let raised = super::SETUP.replace("total_limit = \"52.99\"", "total_limit = \"53.00\"");
    house.load(&raised).await.unwrap();
    let run = collected(&house, "SEPA-LIMIT", ON).await.unwrap();
    assert_eq!((run.status, sums(&run, "EUR")), (RunStatus::Finished, (2, 2, 5_300)));
}

/// An operator forces so much into a proposal that it passes the limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_that_passes_the_total_limit_with_its_edits_is_refused() {
    let mut book = first_and_only();
    book.bill_with("A-2", "LATER", "0.01", json!({"due_date": "2026-06-01"}));
    let house = house(&book.text()).await;
    let raised = super::SETUP.replace("total_limit = \"52.99\"", "total_limit = \"53.00\"");
    house.load(&raised).await.unwrap();
    let proposal = started(&house, "SEPA-LIMIT", ON, Mode::Propose).await.unwrap();
    let account = arrears_domain::Identifier::parse("A-2").unwrap();
    let item = arrears_domain::Identifier::parse("LATER").unwrap();
    let force = EditDocument::Force { reason: "it is agreed".to_owned() };
    edit(&house.store, &proposal.run_key, (&account, &item), force).await.unwrap();
    let refused = execute(&house.store, &house.catalog, &proposal.run_key, &Unobserved).await;
    let Err(RunError::LimitPassed { passed, .. }) = refused else { panic!("{refused:?}") };
    assert!(passed.starts_with("53.01 EUR would be collected"), "{passed}");
    assert!(postings(&house.store).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_dates_and_periods_that_no_run_takes_are_refused() {
    let house = house(&first_and_only().text()).await;
    let closed = format!("{}\n[ledger]\nclosed_through = \"2026-01\"\n", super::SETUP);
    house.load(&closed).await.unwrap();
    let refused = collected(&house, "OUT", ON).await.unwrap_err().to_string();
    assert!(refused.contains("`OUT` is for payments"), "{refused}");
    let refused = collected(&house, "NONE", ON).await.unwrap_err().to_string();
    assert!(refused.contains("the setup has ACH, ACH-PRENOTE, CHECKS"), "{refused}");
    for mode in [Mode::Collect, Mode::Propose] {
        let refused = started(&house, "SEPA", "2026-01-31", mode).await.unwrap_err().to_string();
        assert!(refused.contains("period 2026-01 of 2026-01-31 is closed"), "{refused}");
    }
    assert!(arrears_runs::ledger::runs(&house.store).await.unwrap().is_empty());
    // Nothing is posted for a report.
    let report = started(&house, "SEPA", "2026-01-31", Mode::ReportOnly).await.unwrap();
    assert_eq!(sums(&report, "EUR"), (2, 2, 5_300));

    assert_eq!(sums(&collected(&house, "SEPA", ON).await.unwrap(), "EUR"), (2, 2, 5_300));
    let refused = collected(&house, "SEPA", "2026-02-01").await.unwrap_err();
    assert!(matches!(refused, RunError::BackDated { .. }), "{refused:?}");
}

/// Profiles without a bank collect too: by checks, and in two currencies.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_without_a_bank_posts_and_writes_no_file_for_one() {
    let mut book = Book::default();
    book.account("A-1", "EUR", "42.00").bill("A-1", "JAN", "42.00");
    book.account("A-2", "USD", "11.00").bill_with(
        "A-2",
        "JAN",
        "11.00",
        json!({"due_date": "2027-01-01"}),
    );
    let house = house(&book.text()).await;
    let run = collected(&house, "CHECKS", ON).await.unwrap();
    assert_eq!((sums(&run, "EUR"), sums(&run, "USD")), ((2, 2, 4_200), (2, 2, 1_100)));
    let manifest = manifest(&house.store, &run).await;
    let kinds: Vec<&str> = manifest.files.iter().map(|file| file.kind.as_str()).collect();
    assert_eq!(kinds, ["report", "report", "report", "payment-file"]);
    assert_eq!(manifest.proof.unwrap().ledger.postings, 2);
    assert_eq!(postings(&house.store).await[0].collection_date, ON);
}

/// Prenotes go first; the debit follows when they have had their time.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_prenoted_before_its_first_debit() {
    let mut book = Book::default();
    book.account("A-1", "USD", "42.00").bill("A-1", "JAN", "42.00").ach("A-1");
    let house = house(&book.text()).await;
    let run = collected(&house, "ACH-PRENOTE", ON).await.unwrap();
    assert_eq!((sums(&run, "USD"), skipped(&run)), ((0, 0, 0), vec![("NOT_PRENOTED", 1)]));
    let file = super::bank_file(&house.store, &run).await;
    let entry = file.lines().find(|line| line.starts_with('6')).unwrap();
    assert!(entry.starts_with("628091400606") && entry.contains("0000000000"), "{entry}");
    assert_eq!(
        super::mandate(&house.store, "M-A-1").await.prenoted_on.as_deref(),
        Some("2026-02-03")
    );
    let next = collected(&house, "ACH-PRENOTE", ON).await.unwrap();
    assert_eq!(skipped(&next), [("PRENOTE_PENDING", 1)]);
    assert!(manifest(&house.store, &next).await.bank.is_none());
    let next = collected(&house, "ACH-PRENOTE", "2026-02-05").await.unwrap();
    assert_eq!(sums(&next, "USD"), (1, 1, 4_200));
    assert!(visible(&house.store).await.len() > 10);
}
