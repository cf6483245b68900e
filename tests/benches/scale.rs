//! What the size of the book costs a run: the same 1,000 due records in books of
//! 10,000, 100,000 and 1,000,000, time and peak memory.
//!
//! ```sh
//! cargo xtask bench scale
//! ```

use arrears_e2e::{House, alone, book, catalog, open, options};
use arrears_runs::run::{self, Unobserved};
use std::path::Path;
use std::time::{Duration, Instant};

const BOOKS: [u64; 3] = [10_000, 100_000, 1_000_000];
const DUE: u64 = 1_000;
const AS_OF: &str = "2026-02-16";
/// The largest book may cost this much more than the smallest.
const TIME_TARGET_PERCENT: u128 = 130;
const MEMORY_TARGET_PERCENT: u128 = 120;
/// Each round is a process of its own, on a copy of the book, since a peak is
/// the peak of a process; the best counts.
const ROUNDS: usize = 5;

const SETUP: &str = include_str!("../../functions/cli/src/demo/rivertown.toml");

#[tokio::main]
async fn main() {
    if let Some(folder) = alone::folder() {
        return run_alone(&folder).await;
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
    let every = records / DUE;
    let entered_on = |number| if number % every == 0 { "2026-01-05" } else { "2026-02-10" };
    book::fill(&house, records, ("RES", "REMIND"), entered_on).await;
    house
}

fn best(house: &House) -> (Duration, u64) {
    let mut best = (Duration::MAX, u64::MAX);
    for _ in 0..ROUNDS {
        let copy = tempfile::tempdir().expect("a folder");
        arrears_e2e::copy_folder(house.folder.path(), copy.path());
        let [took_us, memory_kib] = alone::run(copy.path());
        best.0 = best.0.min(Duration::from_micros(took_us));
        best.1 = best.1.min(memory_kib);
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
    println!("{} {}", took.as_micros(), alone::peak_memory_kib());
}
