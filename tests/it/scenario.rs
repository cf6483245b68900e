//! Scenarios: folders that a billing clerk could read.
//!
//! `setup.toml` and `book.jsonl` are what an agency has, `events.toml` is what
//! happens, `expected.txt` is what comes of it. `README.md` says what it is
//! about. With `UPDATE_EXPECT=1` the expected outcome is written anew.

use arrears_domain::{AccountId, Identifier};
use arrears_e2e::{House, catalog, date};
use arrears_runs::record::Totals;
use arrears_runs::run::{self, Options, Unobserved};
use arrears_runs::{RunError, setups, view};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What happens, in order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Events {
    event: Vec<Event>,
}

/// One thing that happens; exactly one of the first four is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    /// A collections run as of this date.
    run: Option<String>,
    /// A rehearsal of a run as of this date.
    dry_run: Option<String>,
    /// The billing system sends these lines.
    import: Option<PathBuf>,
    /// This setup is loaded.
    load: Option<PathBuf>,
    /// For a run.
    threads: Option<u32>,
    /// For a run.
    commit_number: Option<u32>,
    /// For a run.
    #[serde(default)]
    allow_back_dated: bool,
}

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
    let events: Events = toml::from_str(&read(Path::new("events.toml"))).unwrap();
    for event in events.event {
        writeln!(outcome).unwrap();
        match (&event.run, &event.dry_run, &event.import, &event.load) {
            (Some(as_of), None, None, None) => run(&house, &event, as_of, &mut outcome).await,
            (None, Some(as_of), None, None) => rehearse(&house, &event, as_of, &mut outcome).await,
            (None, None, Some(book), None) => outcome += &imported(&house, &read(book)).await,
            (None, None, None, Some(setup)) => match house.load(&read(setup)).await {
                Ok(loaded) => {
                    writeln!(
                        outcome,
                        "setup {} loaded, {} dates moved",
                        loaded.version, loaded.moved_dates
                    )
                    .unwrap();
                }
                Err(error) => outcome += &refused(&error),
            },
            _ => panic!("{}: an event is one of run, dry_run, import, load", folder.display()),
        }
    }
    standing(&house, &mut outcome).await;
    survives_a_move(&house).await;
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

async fn run(house: &House, event: &Event, as_of: &str, outcome: &mut String) {
    let before = transitions(house).await;
    let run = run::start(&house.store, &house.catalog, &options(event, as_of), &Unobserved).await;
    match run {
        Ok(run) => {
            let chunks = run.plan.map_or(0, |plan| plan.chunks);
            writeln!(
                outcome,
                "run {} as of {as_of}: threads {}, commit number {}, chunks {chunks}",
                run.number, run.threads, run.commit_number
            )
            .unwrap();
            totals(&run.totals.unwrap_or_default(), outcome);
            for line in transitions(house).await.difference(&before) {
                writeln!(outcome, "  {line}").unwrap();
            }
        }
        Err(error) => *outcome += &format!("run as of {as_of} {}", refused(&error)),
    }
}

/// A rehearsal says what a run would do, and leaves everything as it is.
async fn rehearse(house: &House, event: &Event, as_of: &str, outcome: &mut String) {
    let before = house.export().await;
    match run::rehearse(&house.store, &house.catalog, &options(event, as_of)).await {
        Ok(rehearsed) => {
            writeln!(outcome, "dry run as of {as_of}").unwrap();
            totals(&rehearsed, outcome);
        }
        Err(error) => *outcome += &format!("dry run as of {as_of} {}", refused(&error)),
    }
    assert_eq!(house.export().await, before, "a rehearsal writes nothing");
}

fn options(event: &Event, as_of: &str) -> Options {
    Options {
        threads: event.threads,
        commit_number: event.commit_number,
        allow_back_dated: event.allow_back_dated,
        ..Options::collections(date(as_of))
    }
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

/// The history of all accounts, a line for each transition and each effect.
async fn transitions(house: &House) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for line in house.export().await.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line["type"] != "transition" {
            continue;
        }
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let name = format!("{} #{}", text(&line["delinquency"]), line["sequence"]);
        let (from, to) = (text(&line["from"]), text(&line["to"]));
        // The bracket sorts the move before its actions.
        lines.insert(format!("{name} ({}): {from} -> {to}", text(&line["on"])));
        for action in line["actions"].as_array().into_iter().flatten() {
            let place = format!("{name} {}.{}", action["position"], text(&action["action_type"]));
            if let Some(reason) = action["skipped"].as_str() {
                lines.insert(format!("{place}: skipped: {reason}"));
            }
            for effect in action["effects"].as_array().into_iter().flatten() {
                lines.insert(format!("{place}: {effect}"));
            }
        }
    }
    lines
}

/// Where everything stands in the end.
async fn standing(house: &House, outcome: &mut String) {
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    writeln!(outcome, "\nin the end").unwrap();
    for line in house.export().await.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line["type"] != "account" {
            continue;
        }
        let id = AccountId::parse(line["id"].as_str().unwrap()).unwrap();
        let page = view::show(&house.store, &stored, &id).await.unwrap().unwrap();
        writeln!(
            outcome,
            "  {id} owes {} {}",
            page.account.balance.as_str(),
            page.account.currency
        )
        .unwrap();
        if let Some(contact) = page.contact.filter(|contact| contact.credit_points > 0) {
            writeln!(outcome, "    {} has {} credit points", contact.id, contact.credit_points)
                .unwrap();
        }
        for delinquency in page.delinquencies {
            let record = &delinquency.record;
            let next = match (&record.resolution_code, &delinquency.eligible_on) {
                (Some(code), _) => format!("resolved with {code}"),
                (None, Some(date)) => format!("eligible {date}"),
                (None, None) => "eligible as a formula says".to_owned(),
            };
            writeln!(
                outcome,
                "    {} {} in {} since {}, {next}, version {}",
                record.id,
                delinquency.milestone_title,
                record.scheme,
                record.entered_on,
                record.version
            )
            .unwrap();
        }
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
