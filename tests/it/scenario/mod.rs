//! Scenarios: folders that a billing clerk could read.
//!
//! `setup.toml` and `book.jsonl` are what an agency has, `events.toml` is what
//! happens, `expected.txt` is what comes of it. `README.md` says what it is
//! about. With `UPDATE_EXPECT=1` the expected outcome is written anew.

mod step;

mod happening;
mod history;

mod standing;

use self::history::history;
use self::step::{Script, Step};
use arrears_e2e::{House, catalog};
use arrears_runs::record::{RunKind, Totals};
use arrears_runs::run::{self, Options, Unobserved};
use arrears_runs::{RunError, ledger};
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_comes_out_as_expected() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 10, "the scenarios are where they should be");
    let mut failed = Vec::new();
    for folder in &folders {
        let outcome = play(folder).await;
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &outcome).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != outcome {
            failed.push(format!("{}:\n{outcome}", folder.display()));
        }
    }
    assert!(failed.is_empty(), "not as expected:\n\n{}", failed.join("\n"));
}

async fn play(folder: &Path) -> String {
    let read = |name: &Path| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let setup = read(Path::new("setup.toml"));
    let house = House::new(catalog(&[])).await;
    if let Err(error) = house.load(&setup).await {
        return refused(&error);
    }
    let mut outcome = imported(&house, &read(Path::new("book.jsonl"))).await;
    for step in Script::read(&read(Path::new("events.toml"))) {
        writeln!(outcome).unwrap();
        match step {
            Step::Run(options) => run(&house, &options, &mut outcome).await,
            Step::Rehearse(options) => rehearse(&house, &options, &mut outcome).await,
            Step::Import(book) => outcome += &imported(&house, &read(&book)).await,
            Step::Load(setup) => outcome += &loaded(&house, &read(&setup)).await,
            Step::Events(file) => {
                let name = file.display().to_string();
                happening::happen(&house, &name, &read(&file), &mut outcome).await;
            }
            Step::Redrive(id, on) => {
                happening::redrive(&house, id.as_deref(), on.as_deref(), &mut outcome).await;
            }
        }
    }
    standing::standing(&house, &mut outcome).await;
    survives_a_move(&house).await;
    replays(&house).await;
    outcome
}

async fn imported(house: &House, book: &str) -> String {
    let report = house.import(book).await;
    let mut text =
        format!("import of {} lines, {} rejected\n", report.lines, report.rejected_count);
    for rejected in &report.rejected {
        writeln!(text, "  line {}: {}", rejected.line, rejected.reason).unwrap();
    }
    text
}

async fn loaded(house: &House, setup: &str) -> String {
    match house.load(setup).await {
        Ok(loaded) => {
            format!("setup {} loaded, {} dates moved\n", loaded.version, loaded.moved_dates)
        }
        Err(error) => refused(&error),
    }
}

/// `run`, or with its kind if it is none of collections.
fn name(options: &Options) -> &'static str {
    match options.kind {
        RunKind::Collections => "run",
        RunKind::Delinquency => "delinquency run",
        RunKind::Export | RunKind::Payment => unreachable!("no scenario has one"),
    }
}

async fn run(house: &House, options: &Options, outcome: &mut String) {
    let before = history(house).await;
    let (name, as_of) = (name(options), options.as_of);
    match run::start(&house.store, &house.catalog, options, &Unobserved).await {
        Ok(run) => {
            let chunks = run.plan.map_or(0, |plan| plan.chunks);
            writeln!(
                outcome,
                "{name} {} as of {as_of}: threads {}, commit number {}, chunks {chunks}",
                run.number, run.threads, run.commit_number
            )
            .unwrap();
            totals(&run.totals.unwrap_or_default(), outcome);
            for line in history(house).await.difference(&before) {
                writeln!(outcome, "  {line}").unwrap();
            }
        }
        Err(error) => *outcome += &format!("{name} as of {as_of} {}", refused(&error)),
    }
}

/// A rehearsal says what a run would do, and leaves everything as it is.
async fn rehearse(house: &House, options: &Options, outcome: &mut String) {
    let before = house.export().await;
    let as_of = options.as_of;
    match run::rehearse(&house.store, &house.catalog, options).await {
        Ok(rehearsed) => {
            writeln!(outcome, "dry run as of {as_of}").unwrap();
            totals(&rehearsed, outcome);
        }
        Err(error) => *outcome += &format!("dry run as of {as_of} {}", refused(&error)),
    }
    assert_eq!(house.export().await, before, "a rehearsal writes nothing");
}

fn refused(error: &RunError) -> String {
    let mut text = format!("refused: {error}\n");
    if let RunError::Setup { mistakes } = error {
        for mistake in mistakes {
            writeln!(text, "  {}: {}", mistake.code, mistake.message).unwrap();
        }
    }
    text
}

fn totals(totals: &Totals, outcome: &mut String) {
    writeln!(
        outcome,
        "  {} processed, {} errors, {} omitted",
        totals.processed, totals.errors, totals.omitted
    )
    .unwrap();
    for (reason, count) in &totals.omitted_by_reason {
        writeln!(outcome, "  omitted {reason}: {count}").unwrap();
    }
    for error in &totals.first_errors {
        writeln!(outcome, "  error {} {}: {}", error.delinquency, error.code, error.message)
            .unwrap();
    }
}

/// An export taken in elsewhere and given back is the same export.
async fn survives_a_move(house: &House) {
    let book = house.export().await;
    let elsewhere = House::new(house.catalog.clone()).await;
    let active = house.store.active_setup().await.unwrap().unwrap();
    let sources = house.store.setup(active.version).await.unwrap();
    elsewhere.load(&sources[0].1).await.unwrap();
    let report = elsewhere.import(&book).await;
    assert_eq!(report.rejected, [], "what was exported can be imported");
    assert_eq!(elsewhere.export().await, book, "an export of an import of an export is the same");
}

/// Each run can be decided again from its journal, and comes out the same.
async fn replays(house: &House) {
    for run in ledger::runs(&house.store).await.unwrap() {
        let replay = run::replay(&house.store, &house.catalog, &run.run_key, &Unobserved).await;
        assert_eq!(replay.unwrap().differences, [], "{}", run.run_key);
    }
}
