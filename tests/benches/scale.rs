//! What the size of the book costs a run: the same 1,000 due records in books of
//! 10,000, 100,000 and 1,000,000, time and peak memory.
//!
//! ```sh
//! cargo xtask bench scale
//! ```

use arrears_e2e::{House, catalog, open, options};
use arrears_runs::run::{self, Unobserved};
use arrears_storage::document::{AccountLine, Amount, ContactLine, DelinquencyLine, Line};
use arrears_storage::{Record, Replace};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const BOOKS: [u64; 3] = [10_000, 100_000, 1_000_000];
const DUE: u64 = 1_000;
const BATCH: u64 = 2_000;
const AS_OF: &str = "2026-02-16";
/// The largest book may cost this much more than the smallest.
const TIME_TARGET_PERCENT: u128 = 130;
const MEMORY_TARGET_PERCENT: u128 = 120;
/// Each round is a process of its own, on a copy of the book, since a peak is
/// the peak of a process; the best counts.
const ROUNDS: usize = 5;
const ALONE: &str = "--alone";

const SETUP: &str = include_str!("../../functions/cli/src/demo/rivertown.toml");

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == ALONE) {
        return run_alone(Path::new(&arguments[at + 1])).await;
    }
    println!("a run of {DUE} due records, best of {ROUNDS}");
    println!("{:>12} {:>10} {:>12} {:>14}", "records", "run", "peak memory", "book made in");
    let mut figures = Vec::new();
    for records in BOOKS {
        let started = Instant::now();
        let house = house(records).await;
        let made = started.elapsed();
        let (time, memory_kib) = best(&house);
        println!(
            "{records:>12} {:>8}ms {:>9} KiB {:>12} s",
            time.as_millis(),
            memory_kib,
            made.as_secs()
        );
        figures.push((time.as_micros(), u128::from(memory_kib)));
    }
    let (first, last) = (figures[0], figures[figures.len() - 1]);
    verdict("time", last.0 * 100 / first.0, TIME_TARGET_PERCENT);
    verdict("memory", last.1 * 100 / first.1, MEMORY_TARGET_PERCENT);
}

fn verdict(what: &str, percent: u128, target_percent: u128) {
    let verdict = if percent <= target_percent { "reached" } else { "MISSED" };
    println!(
        "{what} of the largest: {percent} % of the smallest (target {target_percent} %: {verdict})"
    );
}

/// A book of so many records, each on an account of its own, of which
/// [`DUE`] are due.
async fn house(records: u64) -> House {
    let house = House::new(catalog(&[])).await;
    house.load(SETUP).await.expect("the setup is right");
    let stored = arrears_runs::setups::active(&house.store, &house.catalog).await.expect("a setup");
    let setup = &stored.prepared.setup;
    let contact = Line::Contact(ContactLine {
        id: "C-1".to_owned(),
        name: "R. Vance".to_owned(),
        credit_points: 0,
        attributes: Default::default(),
    });
    let usd = arrears_domain::Currency::parse("USD").expect("a currency");
    let check = |line: &Line| {
        let due = |record: &_| arrears_domain::decide::due(setup, record);
        Record::check(line, |_| Some(usd), due).expect("a line that is right")
    };
    house.store.put_records(&[check(&contact)], Replace::Nothing).await.expect("stored");
    let every = records / DUE;
    for first in (0..records).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let batch: Vec<Record> = (first..(first + BATCH).min(records))
            .flat_map(|number| lines(number, number % every == 0))
            .map(|line| check(&line))
            .collect();
        house.store.put_records(&batch, Replace::Nothing).await.expect("stored");
    }
    house
}

fn lines(number: u64, is_due: bool) -> [Line; 2] {
    let entered_on = if is_due { "2026-01-05" } else { "2026-02-10" };
    let amount: Amount = serde_json::from_str("\"152.30\"").expect("an amount");
    let text = format!(
        r#"{{"id":"D-{number}","account":"A-{number}","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"{entered_on}","balance":"152.30"}}"#
    );
    let record: DelinquencyLine = serde_json::from_str(&text).expect("a record");
    let account = AccountLine {
        id: format!("A-{number}"),
        contact: Some("C-1".to_owned()),
        class: "residential".to_owned(),
        status: "open".to_owned(),
        currency: "USD".to_owned(),
        balance: amount,
        attributes: [("paperless".to_owned(), "no".to_owned())].into(),
    };
    [Line::Account(account), Line::Delinquency(record)]
}

fn best(house: &House) -> (Duration, u64) {
    let mut best = (Duration::MAX, u64::MAX);
    for _ in 0..ROUNDS {
        let copy = tempfile::tempdir().expect("a folder");
        arrears_e2e::copy_folder(house.folder.path(), copy.path());
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program).arg(ALONE).arg(copy.path()).output();
        let output = output.expect("the run alone");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        let figures: Vec<u64> =
            text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        assert_eq!(figures.len(), 2, "the run alone says time and memory: {text}{complaint}");
        best.0 = best.0.min(Duration::from_micros(figures[0]));
        best.1 = best.1.min(figures[1]);
    }
    best
}

/// Runs over the book of a folder, and prints microseconds and the peak memory
/// of this process in KiB.
async fn run_alone(folder: &Path) {
    let (store, catalog) = (open(folder).await, catalog(&[]));
    let started = Instant::now();
    let run = run::start(&store, &catalog, &options(AS_OF), &Unobserved).await;
    let took = started.elapsed();
    assert_eq!(run.expect("the run finishes").totals.expect("totals").selected(), DUE);
    println!("{} {}", took.as_micros(), peak_memory_kib());
}

/// The high-water mark of resident memory, as Linux counts it.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this bench needs Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number")
}
