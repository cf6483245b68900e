//! What an export costs: rendering on one core beside a bare loop that writes
//! the same bytes, and whole runs over books of 10,000 and 1,000,000 records,
//! time and peak memory.
//!
//! ```sh
//! cargo xtask bench export
//! ```

use arrears_domain::setup::ReadyTemplate;
use arrears_domain::{Contact, Currency, Identifier, Money, PlacementAction};
use arrears_e2e::{House, alone, book, catalog, date, open};
use arrears_runs::export::template::{self, FileFacts, Row, Templates};
use arrears_runs::export::{self, Options, Parameters};
use arrears_runs::run::Unobserved;
use arrears_storage::document::{AccountLine, DelinquencyLine};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const BOOKS: [u64; 2] = [10_000, 1_000_000];
const AS_OF: &str = "2026-02-02";
/// Rendered over and over: more than a cache holds, and quick to make.
const ROWS: u32 = 20_000;
const RENDERED: u32 = 200_000;
const ROUNDS: usize = 3;
const RENDER_TARGET: u128 = 100_000;
const MEMORY_TARGET_PERCENT: u64 = 120;

const SETUP: &str = include_str!("../it/export/setup.toml");

#[tokio::main]
async fn main() {
    if let Some(folder) = alone::folder() {
        return run_alone(&folder).await;
    }
    rendering();
    println!();
    whole_runs().await;
}

fn rendering() {
    let rows: Vec<Arc<Row>> = (0..ROWS).map(|number| Arc::new(row(number))).collect();
    let file = Arc::new(file());
    println!("rendering {RENDERED} records on one core, best of {ROUNDS}");
    println!("{:>12} {:>14} {:>16} {:>10}", "template", "records/s", "bare loop", "bytes each");
    for ready in ReadyTemplate::ALL {
        let sources = template::ready(ready);
        let templates = Templates::compile(&sources, ready.escape()).expect("a template");
        let mut out = Vec::new();
        let rendered = best(|| {
            out.clear();
            for row in rows.iter().cycle().take(RENDERED as usize) {
                templates.record(row, &file, &mut out).expect("a record");
            }
        });
        // The same bytes from texts that are there already, one write each.
        let texts: Vec<String> = rows.iter().map(|row| text(&templates, row, &file)).collect();
        let mut bare_out = String::new();
        let bare = best(|| {
            bare_out.clear();
            for text in texts.iter().cycle().take(RENDERED as usize) {
                bare_out.write_str(text).expect("memory");
            }
        });
        assert_eq!(out, bare_out.as_bytes(), "the same bytes");
        let per_second =
            |took: Duration| u128::from(RENDERED) * 1_000_000 / took.as_micros().max(1);
        let each = out.len() / RENDERED as usize;
        let (name, rate) = (ready.as_str(), per_second(rendered));
        println!("{name:>12} {rate:>14} {:>16} {each:>10}", per_second(bare));
        verdict(&format!("{name} records a second"), rate, rate >= RENDER_TARGET, RENDER_TARGET);
    }
}

fn text(templates: &Templates, row: &Arc<Row>, file: &Arc<FileFacts>) -> String {
    let mut out = Vec::new();
    templates.record(row, file, &mut out).expect("a record");
    String::from_utf8(out).expect("text")
}

fn best(mut work: impl FnMut()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        work();
        started.elapsed()
    });
    rounds.min().unwrap_or_default()
}

fn verdict(what: &str, found: impl ToString, is_reached: bool, target: impl ToString) {
    let verdict = if is_reached { "reached" } else { "MISSED" };
    println!("{what}: {} (target {}: {verdict})", found.to_string(), target.to_string());
}

fn row(number: u32) -> Row {
    let usd = Currency::parse("USD").expect("a currency");
    let balance = Money::from_minor_units(i64::from(number) * 7 + 2_500, usd);
    let account = AccountLine {
        id: format!("A-{number:07}"),
        contact: Some(format!("C-{number:07}")),
        class: "residential".to_owned(),
        status: "open".to_owned(),
        currency: "USD".to_owned(),
        balance: balance.into(),
        attributes: [("paperless".to_owned(), "no".to_owned())].into(),
    };
    let line = format!(
        r#"{{"id":"D-{number:07}","account":"A-{number:07}","kind":"collections","scheme":"PLACED","milestone":"AGENCY","entered_on":"2026-01-10","oldest_debt_on":"2025-11-14","balance":"{balance}"}}"#
    );
    let line: DelinquencyLine = serde_json::from_str(&line).expect("a record");
    Row {
        action: PlacementAction::New,
        sequence: 1,
        account: (&account).try_into().expect("an account"),
        contact: Some(Contact {
            id: Identifier::parse(&format!("C-{number:07}")).expect("an id"),
            name: format!("Vance & Sons, No. {number}"),
            credit_points: 0,
            attributes: Default::default(),
        }),
        delinquency: line.to_delinquency(usd).expect("a record"),
        level: Some(3),
        as_of: date(AS_OF),
        number: u64::from(number) + 1,
        reported_balance: balance,
    }
}

fn file() -> FileFacts {
    FileFacts {
        run_key: "export-000001".to_owned(),
        run_number: 1,
        as_of: date(AS_OF),
        setup: "CSV".to_owned(),
        agency_code: "test".to_owned(),
        agency_name: "Test Water".to_owned(),
        collection_agency_code: "NORTHSTAR".to_owned(),
        collection_agency_name: "Northstar Recovery".to_owned(),
        file_number: 1,
    }
}

async fn whole_runs() {
    println!("a run that tells all records of a book, in one CSV file");
    println!("{:>12} {:>10} {:>14} {:>14}", "records", "run", "records/s", "peak memory");
    let mut peaks = Vec::new();
    for records in BOOKS {
        let house = House::new(catalog(&[])).await;
        house.load(SETUP).await.expect("the setup is right");
        book::fill(&house, records, ("PLACED", "AGENCY"), |_| "2026-01-10").await;
        let [took_ms, memory_kib] = alone::run(house.folder.path());
        let rate = records * 1_000 / took_ms.max(1);
        println!("{records:>12} {took_ms:>8}ms {rate:>14} {memory_kib:>10} KiB");
        peaks.push(memory_kib);
    }
    let percent = peaks[1] * 100 / peaks[0];
    let is_reached = percent <= MEMORY_TARGET_PERCENT;
    let what = "peak memory of the larger, in percent of the smaller";
    verdict(what, percent, is_reached, MEMORY_TARGET_PERCENT);
}

/// Exports the book of a folder, and prints milliseconds and the peak memory of
/// this process in KiB.
async fn run_alone(folder: &Path) {
    let (store, catalog) = (open(folder).await, catalog(&[]));
    let options = Options {
        export_setup: "CSV".to_owned(),
        parameters: Parameters::default(),
        as_of: date(AS_OF),
        allow_back_dated: false,
        schedule: None,
    };
    let started = Instant::now();
    let run = export::start(&store, &catalog, &options, &Unobserved).await.expect("it finishes");
    let took = started.elapsed();
    let totals = run.totals.expect("totals");
    assert_eq!(totals.errors, 0);
    for (process, used) in &totals.processes {
        eprintln!("{process}: {} ms", used.duration_us / 1_000);
    }
    println!("{} {}", took.as_millis(), alone::peak_memory_kib());
}
