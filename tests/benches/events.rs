//! What the engine costs with events: payments, each of which resolves or
//! decrements a record with actions, beside the bare store that reads the same
//! accounts and is sent the same transactions with no engine above it.
//!
//! ```sh
//! cargo xtask bench events
//! ```

use arrears_domain::decide::{Due, due};
use arrears_domain::{AccountId, Delinquency, Identifier, LineItem, Money, Transition};
use arrears_e2e::{House, catalog, copy_folder, open};
use arrears_runs::events::{self, Applier};
use arrears_runs::setups::{self, Stored};
use arrears_storage::document::EventLine;
use arrears_storage::{AccountWrite, CommitOutcome, RecordWrite, Store};
use futures::stream::{self, StreamExt};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SETUP: &str = include_str!("events.toml");
const ACCOUNTS: usize = 5_000;
/// So many events a second, or this share of the bare store's rate.
const RATE_TARGET: u128 = 1_000;
const SHARE_TARGET_PERCENT: u128 = 80;
/// Rounds of each, in turns; the best of each counts.
const ROUNDS: usize = 5;
/// As in the engine: events that are read together, and transactions under way.
const BATCH_LINES: usize = 500;
const CONCURRENT_COMMITS: usize = 8;

#[tokio::main]
async fn main() {
    let (book, payments) = book_and_payments();
    let house = House::with(catalog(&[]), SETUP, &book).await;
    let untouched = tempfile::tempdir().expect("a folder");
    copy_folder(house.folder.path(), untouched.path());
    let stored = setups::active(&house.store, &house.catalog).await.expect("a setup");
    let (paid, first) = engine(&stored, untouched.path(), &payments).await;
    let requests = requests(&stored, &house.store, &open(paid.path()).await).await;
    let (mut engine_best, mut bare_best) = (first, Duration::MAX);
    for _ in 0..ROUNDS {
        bare_best = bare_best.min(bare(&requests, untouched.path()).await);
        engine_best = engine_best.min(engine(&stored, untouched.path(), &payments).await.1);
    }
    report(engine_best, bare_best);
}

fn report(engine: Duration, bare: Duration) {
    let rate = |time: Duration| ACCOUNTS as u128 * 1_000_000 / time.as_micros().max(1);
    let share = rate(engine) * 100 / rate(bare).max(1);
    println!("{ACCOUNTS} payments with actions, best of {ROUNDS}");
    println!("{:>22} {:>10} {:>10}", "", "time", "events/s");
    println!("{:>22} {:>8}ms {:>10}", "with the engine", engine.as_millis(), rate(engine));
    println!("{:>22} {:>8}ms {:>10}", "bare store", bare.as_millis(), rate(bare));
    let is_reached = rate(engine) >= RATE_TARGET || share >= SHARE_TARGET_PERCENT;
    let verdict = if is_reached { "reached" } else { "MISSED" };
    println!("share {share} % (target {RATE_TARGET}/s or {SHARE_TARGET_PERCENT} %: {verdict})");
}

/// Each account owes 100.00 and pays all or 60.00.
fn book_and_payments() -> (String, String) {
    let (mut book, mut payments) = (String::new(), String::new());
    for number in 0..ACCOUNTS {
        let paid = if number % 2 == 0 { "100.00" } else { "60.00" };
        writeln!(
            book,
            r#"{{"type":"account","id":"A-{number}","currency":"USD","balance":"100.00"}}
{{"type":"delinquency","id":"D-{number}","account":"A-{number}","kind":"bill-type","bill_type":"WATER","scheme":"WATER","milestone":"FINAL","entered_on":"2026-01-05","balance":"100.00"}}"#
        )
        .expect("text");
        writeln!(
            payments,
            r#"{{"specversion":"1.0","id":"PAY","source":"/bench","type":"arrears.payment.posted","subject":"A-{number}","data":{{"amount":"{paid}","on":"2026-02-02"}}}}"#
        )
        .expect("text");
    }
    (book, payments)
}

/// The payments, applied to a copy of the book, and how long that took.
async fn engine(stored: &Stored, untouched: &Path, payments: &str) -> (TempDir, Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    copy_folder(untouched, folder.path());
    let applier = Applier::new(open(folder.path()).await, stored);
    let started = Instant::now();
    let report = events::apply_lines(&applier, payments.as_bytes(), &|_| {}).await;
    let took = started.elapsed();
    let report = report.expect("the payments are applied");
    assert_eq!((report.applied, report.effects.values().sum::<u64>()), (5_000, 10_000));
    (folder, took)
}

/// What one payment asks of the store.
struct Request {
    account: AccountId,
    before: Delinquency,
    after: Delinquency,
    due: Due,
    transition: Transition,
    paid: Money,
    item: LineItem,
    event: EventLine,
}

/// The requests of all payments, from what they left behind.
async fn requests(stored: &Stored, before: &Store, after: &Store) -> Vec<Request> {
    let mut requests = Vec::with_capacity(ACCOUNTS);
    for number in 0..ACCOUNTS {
        let account = AccountId::parse(&format!("A-{number}")).expect("an account");
        let before = before.account_page(&account).await.expect("a page").expect("an account");
        let after = after.account_page(&account).await.expect("a page").expect("an account");
        let (record, line) = (after.delinquencies[0].clone(), &after.transactions[0]);
        let item = line.to_line_item(after.account.currency()).expect("a line item");
        requests.push(Request {
            account,
            before: before.delinquencies[0].clone(),
            due: due(&stored.prepared.setup, &record),
            after: record,
            transition: after.transitions[0].clone(),
            paid: item.amount,
            item,
            event: after.events[0].clone(),
        });
    }
    requests
}

/// Sends the requests to a copy of the book.
async fn bare(requests: &[Request], untouched: &Path) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    copy_folder(untouched, folder.path());
    let store = open(folder.path()).await;
    let started = Instant::now();
    for batch in requests.chunks(BATCH_LINES) {
        let accounts: Vec<AccountId> = batch.iter().map(|it| it.account.clone()).collect();
        let books = store.account_books(&accounts).await.expect("the books");
        assert_eq!(books.len(), batch.len());
        let sends: Vec<_> = batch.iter().map(|request| send(&store, request)).collect();
        stream::iter(sends)
            .buffered(CONCURRENT_COMMITS)
            .for_each(|outcome| async move { assert_eq!(outcome, CommitOutcome::Committed) })
            .await;
    }
    started.elapsed()
}

async fn send(store: &Store, request: &Request) -> CommitOutcome {
    let record = RecordWrite {
        before: Some(&request.before),
        after: &request.after,
        due: request.due,
        transition: &request.transition,
    };
    let write = AccountWrite {
        records: vec![record],
        balance_change: Some(request.paid),
        items: std::slice::from_ref(&request.item),
        event: Some(&request.event),
        ..AccountWrite::new(&request.account)
    };
    store.commit(&write).await.expect("a transaction")
}
