//! What it costs to ask again: replay, which decides a finished run again from its
//! journal, and what-if, which asks another setup about the live book, beside the
//! run itself.
//!
//! ```sh
//! cargo xtask bench again
//! ```

use arrears_domain::setup::Source;
use arrears_e2e::{House, catalog, copy_folder, open, options};
use arrears_runs::run::{self, Unobserved};
use arrears_storage::Store;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SETUP: &str = include_str!("../../functions/cli/src/demo/rivertown.toml");
const ACCOUNTS: u64 = 20_000;
const AS_OF: &str = "2026-02-16";
/// Each must be so many times as fast as the run, in tenths.
const TIMES_TARGET_TENTHS: u128 = 30;
/// Rounds of each, in turns; the best of each counts.
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    let house = House::generated(catalog(&[]), SETUP, ACCOUNTS, AS_OF).await;
    let untouched = tempfile::tempdir().expect("a folder");
    copy_folder(house.folder.path(), untouched.path());
    let mut best = [Duration::MAX; 3];
    let mut records = 0;
    for _ in 0..ROUNDS {
        let (ran, run_key, folder) = run(&house, untouched.path()).await;
        let store = open(folder.path()).await;
        let replayed = replay(&store, &house, &run_key).await;
        let (asked, what_if) = what_if(&house).await;
        records = what_if.records;
        for (best, took) in best.iter_mut().zip([ran, replayed, asked]) {
            *best = (*best).min(took);
        }
    }
    report(records, best);
}

async fn run(house: &House, untouched: &Path) -> (Duration, String, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    copy_folder(untouched, folder.path());
    let store = open(folder.path()).await;
    let started = Instant::now();
    let run = run::start(&store, &house.catalog, &options(AS_OF), &Unobserved).await;
    let took = started.elapsed();
    (took, run.expect("the run finishes").run_key, folder)
}

async fn replay(store: &Store, house: &House, run_key: &str) -> Duration {
    let started = Instant::now();
    let replay = run::replay(store, &house.catalog, run_key, &Unobserved).await;
    let took = started.elapsed();
    assert_eq!(replay.expect("the run is replayed").differing, 0);
    took
}

/// What if the late fee were another one: as many records as the run has.
async fn what_if(house: &House) -> (Duration, run::WhatIf) {
    let text = SETUP.replacen("percent = \"1.5\"", "percent = \"2.5\"", 1);
    assert_ne!(text, SETUP, "the other setup differs");
    let sources = [Source { name: "rivertown.toml".to_owned(), text }];
    let started = Instant::now();
    let asked = run::what_if(&house.store, &house.catalog, &sources, &options(AS_OF)).await;
    let took = started.elapsed();
    let asked = asked.expect("both setups are asked");
    assert!(asked.differing > 0 && !asked.all_open_records);
    (took, asked)
}

fn report(records: u64, [run, replay, what_if]: [Duration; 3]) {
    println!("{records} delinquencies, best of {ROUNDS}");
    println!("{:>10} {:>10} {:>16} {:>12}", "", "time", "delinquencies/s", "as fast as");
    for (name, took) in [("run", run), ("replay", replay), ("what-if", what_if)] {
        let rate = u128::from(records) * 1_000_000 / took.as_micros().max(1);
        let tenths = run.as_micros() * 10 / took.as_micros().max(1);
        let times = format!("{}.{}", tenths / 10, tenths % 10);
        let verdict = match name {
            "run" => String::new(),
            _ if tenths >= TIMES_TARGET_TENTHS => "(target 3.0: reached)".to_owned(),
            _ => "(target 3.0: MISSED)".to_owned(),
        };
        println!("{name:>10} {:>8}ms {rate:>16} {times:>12} {verdict}", took.as_millis());
    }
}
