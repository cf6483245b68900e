//! Payment collection runs: files that are read back, the ledger that agrees with
//! them, proposals, voids, returns, and kills.

mod book;
pub use book::{Book, first_and_only};
mod once;
mod proposal;
mod reconcile;
mod refused;
mod returns;
mod sepa;
mod skipped;
mod void;

use arrears_e2e::{House, catalog, date, open};
use arrears_runs::RunError;
use arrears_runs::payment::{self, Manifest, Mode, Options};
use arrears_runs::record::RunRecord;
use arrears_runs::run::Unobserved;
use arrears_storage::Store;
use arrears_storage::document::{Line, MandateLine, PostingLine, TransactionLine};
use std::collections::BTreeMap;

const SETUP: &str = include_str!("setup.toml");
const ON: &str = "2026-02-02";

async fn house(book: &str) -> House {
    House::with(catalog(&[]), SETUP, book).await
}

fn asked(profile: &str, on: &str, mode: Mode) -> Options {
    Options { profile: profile.to_owned(), base_date: date(on), mode, allow_back_dated: false }
}

async fn started(
    house: &House,
    profile: &str,
    on: &str,
    mode: Mode,
) -> Result<RunRecord, RunError> {
    let options = asked(profile, on, mode);
    payment::start(&house.store, &house.catalog, &options, &Unobserved).await
}

async fn collected(house: &House, profile: &str, on: &str) -> Result<RunRecord, RunError> {
    started(house, profile, on, Mode::Collect).await
}

/// The index of a run's reports and files.
async fn manifest(store: &Store, run: &RunRecord) -> Manifest {
    let key = run.payment.as_ref().unwrap().manifest.clone().unwrap();
    Manifest::get(store, &key).await.unwrap()
}

/// The bank's file of a run.
async fn bank_file(store: &Store, run: &RunRecord) -> String {
    let manifest = manifest(store, run).await;
    let file = manifest.files.iter().find(|file| file.kind == "bank-file").unwrap();
    String::from_utf8(store.get_object(&file.key).await.unwrap().to_vec()).unwrap()
}

/// What is visible under `payment/`, by key.
async fn visible(store: &Store) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for object in store.list_objects("payment/").await.unwrap() {
        let bytes = store.get_object(&object.key).await.unwrap();
        files.insert(object.key, String::from_utf8(bytes.to_vec()).unwrap());
    }
    files
}

/// A store of the same folder, as another process has it.
async fn other(house: &House) -> Store {
    open(house.folder.path()).await
}

async fn lines(store: &Store) -> Vec<Line> {
    let book = arrears_e2e::export(store).await;
    book.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn postings(store: &Store) -> Vec<PostingLine> {
    let lines = lines(store).await.into_iter();
    let postings = lines.filter_map(|line| match line {
        Line::Posting(line) => Some(line),
        _ => None,
    });
    postings.collect()
}

async fn transaction(store: &Store, account: &str, id: &str) -> TransactionLine {
    let lines = lines(store).await.into_iter();
    let mut found = lines.filter_map(|line| match line {
        Line::Transaction(line) if line.account == account && line.id == id => Some(line),
        _ => None,
    });
    found.next().unwrap()
}

async fn mandate(store: &Store, id: &str) -> MandateLine {
    let lines = lines(store).await.into_iter();
    let mut found = lines.filter_map(|line| match line {
        Line::Mandate(line) if line.id == id => Some(line),
        _ => None,
    });
    found.next().unwrap()
}

/// The ledger's lines of a posting: journal, kind, account, amount.
fn ledger(posting: &PostingLine) -> Vec<(&'static str, &'static str, &str, &str)> {
    let lines = posting.lines.iter();
    let told = lines.map(|it| {
        (it.journal.as_str(), it.kind.as_str(), it.ledger_account.as_str(), it.amount.as_str())
    });
    told.collect()
}

/// What a run has skipped, by reason.
fn skipped(run: &RunRecord) -> Vec<(&str, u64)> {
    let reasons = &run.payment.as_ref().unwrap().sums.skipped_by_reason;
    reasons.iter().map(|(code, number)| (code.as_str(), *number)).collect()
}

/// Payments and transactions that a run has collected, and their net amount in a
/// currency.
fn sums(run: &RunRecord, currency: &str) -> (u64, u64, i64) {
    let sums = &run.payment.as_ref().unwrap().sums;
    let net = sums.amounts.get(currency).map_or(0, |own| own.net_minor_units);
    (sums.payments, sums.transactions, net)
}
