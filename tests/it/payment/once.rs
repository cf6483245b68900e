//! Everything is collected once: kills at each request, and two runs at a time.

use super::book::{Book, of_all_kinds};
use super::{ON, asked, collected, house, manifest, other, postings, started, sums, visible};
use crate::kill::{at_each_request, fused};
use arrears_domain::Identifier;
use arrears_e2e::{House, open};
use arrears_runs::payment::{self, EditDocument, Mode};
use arrears_runs::record::{RunRecord, RunStatus};
use arrears_runs::run::{self, Unobserved};
use arrears_runs::{RunError, ledger};
use arrears_storage::{Fuse, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// What a run leaves behind: the book without runs, and all files.
type Left = (Vec<String>, BTreeMap<String, String>);

/// What is left behind, without the number of the run and when it was initiated.
async fn left_behind(store: &Store) -> Left {
    let run = ledger::runs(store).await.unwrap().pop().unwrap();
    let at = &run.initiated_at;
    let spoken = at[..16].replace('T', " ");
    let settle = |text: &str| {
        let text = text.replace("payment-000002", "payment-000001");
        let text = text.replace("P000002-", "P000001-").replace(at, "AT");
        let text = text.replace("\"number\":2,\"agency\"", "\"number\":1,\"agency\"");
        text.replace(&at[..19], "AT").replace(&at[..16], "AT").replace(&spoken, "AT")
    };
    let book = arrears_e2e::export(store).await;
    let mut lines = Vec::new();
    for line in book.lines().filter(|line| !line.contains(r#""type":"run""#)) {
        let mut line: Value = serde_json::from_str(line).unwrap();
        // It tells an event with another run's number from this one.
        line.as_object_mut().unwrap().remove("digest");
        lines.push(settle(&line.to_string()));
    }
    let mut files = BTreeMap::new();
    for (key, text) in visible(store).await {
        let mut text = settle(&text);
        if key.ends_with(".ach") {
            text = without_creation(&text);
        }
        if key.ends_with("manifest.json") || key.ends_with("proposal.json") {
            let mut index: Value = serde_json::from_str(&text).unwrap();
            for file in index["files"].as_array_mut().unwrap() {
                // Of files that tell when the run was initiated.
                file.as_object_mut().unwrap().remove("sha256");
            }
            text = index.to_string();
        }
        files.insert(settle(&key), text);
    }
    (lines, files)
}

/// An ACH file without date, time and modifier of its header.
fn without_creation(file: &str) -> String {
    format!("{}{}", &file[..23], &file[34..])
}

/// Nobody can see a file that the ledger does not know of, and the run is not
/// finished before its index is there.
async fn nothing_is_half_done(store: &Store, payments: usize) {
    let (files, postings) = (visible(store).await, postings(store).await);
    let is_of_bank = |key: &&String| key.ends_with(".xml") || key.ends_with(".ach");
    if files.keys().any(|key| is_of_bank(&key)) {
        assert_eq!(postings.len(), payments, "a file can be seen: {:?}", files.keys());
    }
    for run in ledger::runs(store).await.unwrap() {
        let index = files.keys().filter(|key| key.ends_with("manifest.json")).count();
        if run.status == RunStatus::Finished {
            assert_eq!((postings.len(), index), (payments, 1), "the run says it is finished");
        }
        let stage = run.payment.as_ref().unwrap().stage;
        assert!(postings.is_empty() || stage >= payment::Stage::Posting, "{stage:?}");
    }
}

/// Goes on with what there is, as an operator would.
async fn go_on(house: &House, store: &Store, profile: &str) -> RunRecord {
    match ledger::runs(store).await.unwrap().pop() {
        Some(run) if run.status == RunStatus::Finished => run,
        Some(run) if run.status == RunStatus::Proposed => {
            payment::execute(store, &house.catalog, &run.run_key, &Unobserved).await.unwrap()
        }
        Some(run) => run::resume(store, &house.catalog, &run.run_key, &Unobserved).await.unwrap(),
        None => {
            let options = asked(profile, ON, Mode::Collect);
            payment::start(store, &house.catalog, &options, &Unobserved).await.unwrap()
        }
    }
}

/// A run, or the execution of the proposal that waits.
async fn work(house: &House, store: &Store, profile: &str) -> Result<RunRecord, RunError> {
    match ledger::runs(store).await?.pop() {
        Some(proposal) => {
            payment::execute(store, &house.catalog, &proposal.run_key, &Unobserved).await
        }
        None => {
            let options = asked(profile, ON, Mode::Collect);
            payment::start(store, &house.catalog, &options, &Unobserved).await
        }
    }
}

async fn killed_anywhere_it_ends_the_same(house: &House, profile: &str, payments: usize) {
    let alone = tempfile::tempdir().unwrap();
    arrears_e2e::copy_folder(house.folder.path(), alone.path());
    let undisturbed = open(alone.path()).await;
    let run = work(house, &undisturbed, profile).await.unwrap();
    assert_eq!(run.payment.as_ref().unwrap().sums.payments, payments as u64);
    let expected = left_behind(&undisturbed).await;
    let killed = async |folder: &Path, fuse: Fuse| {
        let first = match fused(folder, fuse).await {
            Ok(store) => work(house, &store, profile).await,
            Err(error) => Err(error.into()),
        };
        let store = open(folder).await;
        nothing_is_half_done(&store, payments).await;
        let ended = go_on(house, &store, profile).await;
        assert_eq!(ended.status, RunStatus::Finished);
        assert_eq!(ended.payment.unwrap().sums, run.payment.as_ref().unwrap().sums);
        let totals = |run: &Option<arrears_runs::record::Totals>| {
            let totals = run.clone().unwrap();
            (totals.processed, totals.omitted_by_reason, totals.errors)
        };
        assert_eq!(totals(&ended.totals), totals(&run.totals));
        first.is_err()
    };
    at_each_request(house, 60, killed, async |store, requests_max| {
        nothing_is_half_done(store, payments).await;
        let found = left_behind(store).await;
        assert_eq!(found, expected, "killed after {requests_max} requests");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_request_leaves_report_files_and_ledger_agreed() {
    let house = house(&of_all_kinds().text()).await;
    killed_anywhere_it_ends_the_same(&house, "SEPA-NOTICE", 5).await;
}

/// Two debits and a prenote.
fn by_ach() -> Book {
    let mut book = Book::default();
    let debited = json!({"last_collected_on": "2026-01-05"});
    book.account("A-1", "USD", "42.00")
        .bill("A-1", "JAN", "42.00")
        .ach_with("A-1", debited.clone());
    book.account("A-2", "USD", "11.00").bill("A-2", "JAN", "11.00");
    book.ach_with("A-2", json!({"scheme": "nacha-ccd", "last_collected_on": "2026-01-05"}));
    book.account("A-3", "USD", "7.00").bill("A-3", "JAN", "7.00").ach("A-3");
    book
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ach_run_killed_at_any_request_sends_each_debit_and_prenote_once() {
    let house = house(&by_ach().text()).await;
    killed_anywhere_it_ends_the_same(&house, "ACH-PRENOTE", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_execution_of_a_proposal_killed_at_any_request_collects_what_it_says() {
    let house = house(&of_all_kinds().text()).await;
    let proposal = started(&house, "SEPA-NOTICE", ON, Mode::Propose).await.unwrap();
    let exclude = EditDocument::Exclude { reason: "not now".to_owned() };
    let about = (&Identifier::parse("A-4").unwrap(), &Identifier::parse("FEB").unwrap());
    payment::edit(&house.store, &proposal.run_key, about, exclude).await.unwrap();
    killed_anywhere_it_ends_the_same(&house, "SEPA-NOTICE", 5).await;
}

/// The SDK sends a request again whose answer was lost: as if each had been.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_every_request_is_sent_twice_ends_the_same() {
    let alone = house(&of_all_kinds().text()).await;
    collected(&alone, "SEPA-NOTICE", ON).await.unwrap();
    let house = house(&of_all_kinds().text()).await;
    let store = fused(house.folder.path(), Fuse::repeating()).await.unwrap();
    let options = asked("SEPA-NOTICE", ON, Mode::Collect);
    payment::start(&store, &house.catalog, &options, &Unobserved).await.unwrap();
    assert_eq!(left_behind(&house.store).await, left_behind(&alone.store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_of_a_payment_is_in_its_posting() {
    let house = house(&of_all_kinds().text()).await;
    let run = collected(&house, "SEPA-NOTICE", ON).await.unwrap();
    assert_eq!(sums(&run, "EUR").0, 5);
    for posting in postings(&house.store).await {
        assert_eq!(posting.collection_date, "2026-02-16");
        let actions = serde_json::to_value(&posting.actions).unwrap();
        assert_eq!(actions.as_array().unwrap().len(), 1, "{actions}");
        let net = posting.lines[0].amount.as_str();
        let told = format!("We collect {net} EUR on 2026-02-16.");
        assert_eq!(actions.to_string().matches(&told).count(), 1, "{actions}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_collect_each_transaction_once() {
    let mut book = Book::default();
    for number in 1..=30 {
        let account = format!("A-{number:02}");
        book.account(&account, "EUR", "10.00")
            .bill(&account, "JAN", "10.00")
            .sepa(&account, "RCUR");
    }
    let (house, options) = (house(&book.text()).await, asked("SEPA", ON, Mode::Collect));
    let store = other(&house).await;
    let (first, second) = tokio::join!(
        payment::start(&house.store, &house.catalog, &options, &Unobserved),
        payment::start(&store, &house.catalog, &options, &Unobserved),
    );
    let runs = [first.unwrap(), second.unwrap()];
    let collected: u64 = runs.iter().map(|run| sums(run, "EUR").1).sum();
    assert_eq!(collected, 30, "{runs:?}");
    let mut of_files = (0, 0);
    for run in &runs {
        let Some(bank) = manifest(&house.store, run).await.bank else { continue };
        of_files = (of_files.0 + bank.debits, of_files.1 + bank.debit_minor_units);
    }
    assert_eq!(of_files, (30, 30_000));
    let postings = postings(&house.store).await;
    let of_bank = postings.iter().map(|posting| posting.lines[0].amount.as_str());
    assert_eq!(of_bank.filter(|amount| *amount == "10.00").count(), 30);
    let refused: u64 = runs.iter().map(|run| run.payment.as_ref().unwrap().refused).sum();
    for run in &runs {
        let totals = run.totals.as_ref().unwrap();
        assert_eq!(totals.processed, sums(run, "EUR").1);
    }
    let omitted: u64 = runs.iter().map(|run| run.totals.as_ref().unwrap().omitted).sum();
    assert_eq!(omitted, refused);
}
