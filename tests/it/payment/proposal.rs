//! Proposals: edited, executed as they say or refused, and given up.

use super::book::{Book, first_and_only};
use super::{ON, asked, collected, house, postings, skipped, started, sums, transaction, visible};
use arrears_domain::{AllocationMarker, Identifier};
use arrears_e2e::{House, date};
use arrears_runs::RunError;
use arrears_runs::payment::{self, EditDocument, Mode};
use arrears_runs::record::{RunRecord, RunStatus};
use arrears_runs::run::{self, Unobserved};
use serde_json::json;

async fn proposed(house: &House) -> RunRecord {
    let run = started(house, "SEPA", ON, Mode::Propose).await.unwrap();
    assert_eq!(run.status, RunStatus::Proposed);
    run
}

async fn executed(house: &House, proposal: &RunRecord) -> Result<RunRecord, RunError> {
    payment::execute(&house.store, &house.catalog, &proposal.run_key, &Unobserved).await
}

async fn edited(
    house: &House,
    proposal: &RunRecord,
    (account, item): (&str, &str),
    edit: EditDocument,
) -> Result<(), RunError> {
    let account = Identifier::parse(account).unwrap();
    let item = Identifier::parse(item).unwrap();
    payment::edit(&house.store, &proposal.run_key, (&account, &item), edit).await.map(|_| ())
}

fn why() -> String {
    "the debtor has called".to_owned()
}

fn exclude() -> EditDocument {
    EditDocument::Exclude { reason: why() }
}

fn defer(until: &str) -> EditDocument {
    EditDocument::Defer { until: date(until), reason: why() }
}

fn force() -> EditDocument {
    EditDocument::Force { reason: why() }
}

/// Three bills that are due and one that is not, of one account; and two others.
fn book() -> Book {
    let mut book = first_and_only();
    book.account("A-3", "EUR", "100.00")
        .bill("A-3", "ONE", "10.00")
        .bill("A-3", "TWO", "20.00")
        .bill("A-3", "THREE", "30.00")
        .bill_with("A-3", "LATER", "40.00", json!({"due_date": "2026-06-01"}))
        .sepa("A-3", "RCUR");
    book
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_collects_what_it_says_with_its_edits() {
    let house = house(&book().text()).await;
    let before = house.export().await;
    let proposal = proposed(&house).await;
    assert_eq!(sums(&proposal, "EUR"), (3, 5, 11_300));
    let unrun = |book: &str| book.lines().filter(|it| !it.contains(r#""type":"run""#)).count();
    assert_eq!(unrun(&house.export().await), unrun(&before), "nothing is posted");

    edited(&house, &proposal, ("A-3", "ONE"), exclude()).await.unwrap();
    edited(&house, &proposal, ("A-3", "TWO"), force()).await.unwrap();
    // What was said last counts.
    edited(&house, &proposal, ("A-3", "TWO"), defer("2026-04-01")).await.unwrap();
    edited(&house, &proposal, ("A-3", "LATER"), force()).await.unwrap();
    edited(&house, &proposal, ("A-2", "JAN"), exclude()).await.unwrap();
    assert_eq!(payment::edits(&house.store, &proposal.run_key).await.unwrap().len(), 4);

    let run = executed(&house, &proposal).await.unwrap();
    assert_eq!((run.status, run.run_key.as_str()), (RunStatus::Finished, "payment-000001"));
    assert_eq!(sums(&run, "EUR"), (2, 3, 4_200 + 3_000 + 4_000));
    assert_eq!(skipped(&run), [("DEFERRED", 1), ("EXCLUDED", 2)]);
    assert_eq!(run.payment.as_ref().unwrap().edits, 4);
    let files: Vec<String> = visible(&house.store).await.into_keys().collect();
    for name in ["proposal.json", "proposal.txt", "manifest.json", "report.txt"] {
        assert!(files.contains(&format!("payment/SEPA/payment-000001/{name}")), "{files:?}");
    }

    // The deferral holds for others; the exclusion was for this proposal only.
    let march = collected(&house, "SEPA", "2026-03-02").await.unwrap();
    assert_eq!((sums(&march, "EUR"), skipped(&march)), ((2, 2, 2_100), vec![("DEFERRED", 1)]));
    let april = collected(&house, "SEPA", "2026-04-01").await.unwrap();
    assert_eq!(sums(&april, "EUR"), (1, 1, 2_000));
    let again = executed(&house, &proposal).await;
    assert!(matches!(again, Err(RunError::NoProposal { .. })), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_make_no_sense_are_refused() {
    let house = house(&book().text()).await;
    let proposal = proposed(&house).await;
    for (about, edit, part) in [
        (("A-1", "FEB"), exclude(), "has no transaction FEB of account A-1"),
        (("A-9", "JAN"), exclude(), "has no transaction JAN of account A-9"),
        (("A-1", "JAN"), EditDocument::Exclude { reason: " ".to_owned() }, "1 to 200 characters"),
        (("A-1", "JAN"), EditDocument::Force { reason: "x".repeat(201) }, "1 to 200 characters"),
        (("A-1", "JAN"), defer(ON), "after the base date"),
    ] {
        let refused = edited(&house, &proposal, about, edit).await.unwrap_err().to_string();
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(payment::edits(&house.store, &proposal.run_key).await.unwrap(), []);
    let run = executed(&house, &proposal).await.unwrap();
    let refused = edited(&house, &run, ("A-1", "JAN"), exclude()).await;
    assert!(matches!(refused, Err(RunError::NoProposal { .. })), "{refused:?}");
}

/// What is withheld is never collected, whoever forces it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_withheld_cannot_be_forced() {
    let mut book = book();
    book.bill_with("A-3", "NEVER", "1.00", json!({"marker": "withheld"}));
    let house = house(&book.text()).await;
    let proposal = proposed(&house).await;
    let refused = edited(&house, &proposal, ("A-3", "NEVER"), force()).await;
    assert!(matches!(refused, Err(RunError::CannotForce { .. })), "{refused:?}");
    let run = executed(&house, &proposal).await.unwrap();
    assert_eq!(skipped(&run), [("NOT_DUE", 1), ("WITHHELD", 1)]);
}

/// What happens between a proposal and its execution, and what is said of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_of_a_book_that_has_changed_is_refused_naming_what() {
    let mut withheld = Book::default();
    withheld.bill_with("A-1", "JAN", "42.00", json!({"marker": "withheld"}));
    let mut other_bank = Book::default();
    other_bank.sepa_with("A-1", json!({"sequence": "FRST", "iban": "DE89370400440532013000"}));
    let mut closed = Book::default();
    closed.account_with("A-1", "EUR", "42.00", json!({"status": "closed"}));
    let mut more = Book::default();
    more.bill("A-1", "JAN", "43.00");
    for (news, said) in [
        (None, "A-1: 32.00 of JAN is open, where 42.00 was"),
        (Some(withheld), "A-1: JAN is withheld"),
        (Some(other_bank), "A-1: mandate M-A-1 is not what it was"),
        (Some(closed), "A-1: the account is closed"),
        (Some(more), "A-1: 43.00 of JAN is open, where 42.00 was"),
    ] {
        let house = house(&book().text()).await;
        let proposal = proposed(&house).await;
        match news {
            None => house.pay("A-1", "PAID-1", "10.00", ON).await,
            Some(news) => assert_eq!(house.import(&news.text()).await.rejected, []),
        }
        let (before, files) = (left(&house).await, visible(&house.store).await);
        let refused = executed(&house, &proposal).await.unwrap_err();
        let RunError::ProposalChanged { changes, .. } = &refused else { panic!("{refused:?}") };
        assert_eq!((changes.count, changes.first.as_slice()), (1, [said.to_owned()].as_slice()));
        assert_eq!((left(&house).await, visible(&house.store).await), (before, files), "{said}");

        // Who takes that out of it can execute the rest.
        edited(&house, &proposal, ("A-1", "JAN"), exclude()).await.unwrap();
        let run = executed(&house, &proposal).await.unwrap();
        assert_eq!(sums(&run, "EUR"), (2, 4, 1_100 + 6_000), "{said}");
    }
}

/// The book, but for runs.
async fn left(house: &House) -> Vec<String> {
    let book = house.export().await;
    let lines = book.lines().filter(|line| !line.contains(r#""type":"run""#));
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proposal_has_is_locked_until_it_is_given_up() {
    let house = house(&book().text()).await;
    let first = proposed(&house).await;
    edited(&house, &first, ("A-3", "TWO"), exclude()).await.unwrap();
    // What the first one does not have is free.
    let second = proposed(&house).await;
    assert_eq!(
        (sums(&second, "EUR"), skipped(&second)),
        ((1, 1, 2_000), vec![("LOCKED", 4), ("NOT_DUE", 1)])
    );
    let third = collected(&house, "SEPA", ON).await.unwrap();
    assert_eq!(
        (sums(&third, "EUR"), skipped(&third)),
        ((0, 0, 0), vec![("LOCKED", 5), ("NOT_DUE", 1)])
    );

    for proposal in [&first, &second] {
        let resumed = run::resume(&house.store, &house.catalog, &proposal.run_key, &Unobserved);
        let refused = resumed.await;
        assert!(matches!(refused, Err(RunError::IsProposal { .. })), "{refused:?}");
        let given_up = run::abandon(&house.store, &proposal.run_key).await.unwrap();
        assert_eq!(given_up.status, RunStatus::Abandoned);
        let refused = executed(&house, proposal).await;
        assert!(matches!(refused, Err(RunError::NoProposal { .. })), "{refused:?}");
    }
    let run = collected(&house, "SEPA", ON).await.unwrap();
    assert_eq!(sums(&run, "EUR"), (3, 5, 11_300));
}

/// Two operators execute the same proposal.
#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_executed_twice_at_once_is_collected_once() {
    let house = house(&book().text()).await;
    let proposal = proposed(&house).await;
    let (store, key) = (super::other(&house).await, proposal.run_key.as_str());
    let (one, two) = tokio::join!(
        payment::execute(&house.store, &house.catalog, key, &Unobserved),
        payment::execute(&store, &house.catalog, key, &Unobserved),
    );
    let done: Vec<RunRecord> = [one, two].into_iter().filter_map(Result::ok).collect();
    assert!(done.len() <= 1, "{done:?}");
    if done.is_empty() {
        run::resume(&house.store, &house.catalog, key, &Unobserved).await.unwrap();
    }
    assert_eq!(postings(&house.store).await.len(), 3);
    assert_eq!(transaction(&house.store, "A-1", "JAN").await.marker, AllocationMarker::Paid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_of_a_period_that_was_closed_since_is_refused() {
    let house = house(&book().text()).await;
    let proposal = proposed(&house).await;
    let closed = format!("{}\n[ledger]\nclosed_through = \"2026-02\"\n", super::SETUP);
    house.load(&closed).await.unwrap();
    let before = left(&house).await;
    let refused = executed(&house, &proposal).await;
    assert!(matches!(refused, Err(RunError::PeriodClosed { .. })), "{refused:?}");
    let options = asked("SEPA", ON, Mode::Collect);
    let refused = payment::start(&house.store, &house.catalog, &options, &Unobserved).await;
    assert!(matches!(refused, Err(RunError::PeriodClosed { .. })), "{refused:?}");
    assert_eq!(left(&house).await, before);
}
