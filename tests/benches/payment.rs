//! What a payment collection run costs: selection beside a bare scan of the same
//! lines, posting, and the peak memory of a small book beside that of a large one.
//!
//! ```sh
//! cargo xtask bench payment
//! cargo xtask bench payment -- 5000 50000 1000
//! ```
//!
//! The numbers are the transactions of the two books, and those that are posted.

use arrears_domain::Currency;
use arrears_e2e::{House, alone, catalog, date, open};
use arrears_runs::payment::{self, Mode, Options};
use arrears_runs::record::RunRecord;
use arrears_runs::run::Unobserved;
use arrears_runs::setups;
use arrears_storage::document::{AccountLine, ContactLine, Line};
use arrears_storage::{Record, Replace, Store};
use futures::TryStreamExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Transactions of the books, and those that are posted, unless arguments say so.
const SIZES: [u64; 3] = [50_000, 500_000, 20_000];
const ON: &str = "2026-02-02";
/// Accounts that are made and stored at a time.
const BATCH: u64 = 2_000;
const MEMORY_TARGET_PERCENT: u64 = 120;

const SETUP: &str = include_str!("../it/payment/setup.toml");

#[tokio::main]
async fn main() {
    if let Some(folder) = alone::folder() {
        return run_alone(&folder).await;
    }
    let given = std::env::args().filter_map(|argument| argument.parse().ok());
    let mut sizes = SIZES;
    sizes.iter_mut().zip(given).for_each(|(size, given)| *size = given);
    let [small, large, posted] = sizes;
    selection([small, large]).await;
    println!();
    whole_runs(posted).await;
}

/// Runs for the report, beside a loop that reads the same lines and drops them.
async fn selection(books: [u64; 2]) {
    println!("a run for the report: the book is read, selected, sorted, planned and reported");
    let heading = ("transactions", "run", "transactions/s", "bare scan/s", "peak memory");
    let (a, b, c, d, e) = heading;
    println!("{a:>14} {b:>10} {c:>16} {d:>14} {e:>16}");
    let mut peaks = Vec::new();
    for transactions in books {
        let house = house(transactions, "SEPA").await;
        let scanned = scan(&house.store, transactions).await;
        let [took_ms, memory_kib] = alone::run(house.folder.path());
        let (rate, bare) = (per_second(transactions, took_ms), per_second(transactions, scanned));
        println!("{transactions:>14} {took_ms:>8}ms {rate:>16} {bare:>14} {memory_kib:>12} KiB");
        peaks.push(memory_kib);
    }
    let percent = peaks[1] * 100 / peaks[0];
    let verdict = if percent <= MEMORY_TARGET_PERCENT { "reached" } else { "MISSED" };
    println!(
        "peak memory of the larger: {percent} % of the smaller (target {MEMORY_TARGET_PERCENT} %: \
         {verdict})"
    );
}

/// Reads accounts, transactions and mandates as the run does; gives milliseconds.
async fn scan(store: &Store, transactions: u64) -> u64 {
    let started = Instant::now();
    let mut found = 0;
    let mut pages = store.scan_types(&["account", "transaction", "mandate"]);
    while let Some(page) = pages.try_next().await.expect("the store can be read") {
        found += page.iter().filter(|line| matches!(line, Line::Transaction(_))).count() as u64;
    }
    assert_eq!(found, transactions);
    millis(started.elapsed())
}

/// Whole runs by each format, beside a run for the report over the same book.
async fn whole_runs(transactions: u64) {
    println!("a whole run: posted to accounts and ledger, written and proved");
    println!("{:>10} {:>10} {:>16} {:>18}", "format", "run", "transactions/s", "report only/s");
    for (format, profile) in [("pain.008", "SEPA"), ("NACHA", "ACH")] {
        let house = house(transactions, profile).await;
        let report = run(&house.store, profile, Mode::ReportOnly).await;
        let started = Instant::now();
        let run = run(&house.store, profile, Mode::Collect).await;
        let took_ms = millis(started.elapsed());
        assert_eq!(run.payment.as_ref().expect("its part").sums.transactions, transactions);
        let (rate, bare) =
            (per_second(transactions, took_ms), per_second(transactions, report.duration_ms));
        println!("{format:>10} {took_ms:>8}ms {rate:>16} {bare:>18}");
        let totals = run.totals.expect("totals");
        for (process, used) in &totals.processes {
            let took_ms = used.duration_us / 1_000;
            println!("{process:>21}: {took_ms} ms, {}/s", per_second(transactions, took_ms));
        }
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn per_second(number: u64, took_ms: u64) -> u64 {
    number * 1_000 / took_ms.max(1)
}

async fn run(store: &Store, profile: &str, mode: Mode) -> RunRecord {
    let options =
        Options { profile: profile.to_owned(), base_date: date(ON), mode, allow_back_dated: false };
    payment::start(store, &catalog(&[]), &options, &Unobserved).await.expect("it finishes")
}

/// A book of so many transactions that are due, each on an account of its own with a
/// mandate; all have one contact.
async fn house(transactions: u64, profile: &str) -> House {
    let house = House::new(catalog(&[])).await;
    house.load(SETUP).await.expect("the setup is right");
    let stored = setups::active(&house.store, &house.catalog).await.expect("a setup");
    let setup = &stored.prepared.setup;
    let currency = if profile == "SEPA" { "EUR" } else { "USD" };
    let known = Currency::parse(currency).expect("a currency");
    let check = |line: &Line| {
        let due = |record: &_| arrears_domain::decide::due(setup, record);
        Record::check(line, |_| Some(known), due).expect("a line that is right")
    };
    let contact = Line::Contact(ContactLine {
        id: "C-1".to_owned(),
        name: "R. Vance".to_owned(),
        credit_points: 0,
        attributes: Default::default(),
    });
    house.store.put_records(&[check(&contact)], Replace::Nothing).await.expect("stored");
    for first in (0..transactions).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let batch: Vec<Record> = (first..(first + BATCH).min(transactions))
            .flat_map(|number| lines(number, currency))
            .map(|line| check(&line))
            .collect();
        house.store.put_records(&batch, Replace::Nothing).await.expect("stored");
    }
    house
}

fn lines(number: u64, currency: &str) -> [Line; 3] {
    let account = format!("A-{number:07}");
    let amount = format!("{}.{:02}", 20 + number % 200, number % 100);
    let owed = AccountLine {
        id: account.clone(),
        contact: Some("C-1".to_owned()),
        class: "residential".to_owned(),
        status: "open".to_owned(),
        currency: currency.to_owned(),
        balance: amount.as_str().into(),
        attributes: Default::default(),
    };
    let bill = format!(
        r#"{{"type":"transaction","id":"B-{number:07}","account":"{account}","bill_type":"WATER","date":"2026-01-01","due_date":"2026-01-15","amount":"{amount}","marker":"unallocated"}}"#
    );
    let of_bank = match currency {
        "EUR" => {
            r#""scheme":"sepa-core","iban":"DE02120300000000202051","signed_on":"2025-06-01","sequence":"RCUR""#
        }
        _ => {
            r#""scheme":"nacha-ppd","routing_number":"091400606","account_number":"123456789","account_type":"checking""#
        }
    };
    let mandate =
        format!(r#"{{"type":"mandate","id":"M-{number:07}","account":"{account}",{of_bank}}}"#);
    let parsed = |text: &str| serde_json::from_str(text).expect("a line");
    [Line::Account(owed), parsed(&bill), parsed(&mandate)]
}

/// Runs for the report over the book of a folder, and prints milliseconds and the
/// peak memory of this process in KiB.
async fn run_alone(folder: &Path) {
    let store = open(folder).await;
    let started = Instant::now();
    let run = run(&store, "SEPA", Mode::ReportOnly).await;
    let took = started.elapsed();
    assert!(run.payment.expect("its part").sums.transactions > 0);
    println!("{} {}", took.as_millis(), alone::peak_memory_kib());
}
