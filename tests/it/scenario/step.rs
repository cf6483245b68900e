//! What happens in a scenario: `events.toml`.

use arrears_e2e::date;
use arrears_runs::record::Steps;
use arrears_runs::run::Options;
use serde::Deserialize;
use std::path::PathBuf;

/// What happens, in order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    event: Vec<Fields>,
}

/// One thing that happens, as it is written: exactly one of the first seven is
/// given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// A collections run as of this date.
    run: Option<String>,
    /// A rehearsal of a collections run as of this date.
    dry_run: Option<String>,
    /// A delinquency run as of this date.
    delinquency_run: Option<String>,
    /// The billing system sends these lines.
    import: Option<PathBuf>,
    /// This setup is loaded.
    load: Option<PathBuf>,
    /// These events happen, CloudEvents one a line.
    events: Option<PathBuf>,
    /// Parked events are applied again: one by its id, or `all`.
    redrive: Option<String>,
    /// For a redrive: the date from now on.
    on: Option<String>,
    /// For a delinquency run: delinquencies begin; so they do if nothing is said.
    entry: Option<bool>,
    /// For a delinquency run: what is due moves on; the same.
    advance: Option<bool>,
    /// For a delinquency run: rules decrement and resolve.
    #[serde(default)]
    decrement_and_resolve: bool,
    /// For a run.
    threads: Option<u32>,
    /// For a run.
    commit_number: Option<u32>,
    /// For a run.
    #[serde(default)]
    allow_back_dated: bool,
}

/// One thing that happens.
pub enum Step {
    /// A run.
    Run(Options),
    /// A rehearsal of one.
    Rehearse(Options),
    /// A book from the billing system.
    Import(PathBuf),
    /// Another setup.
    Load(PathBuf),
    /// Events.
    Events(PathBuf),
    /// Parked events again: of an id, or all; with a date, or with their own.
    Redrive(Option<String>, Option<String>),
}

impl Script {
    /// The steps.
    pub fn read(text: &str) -> Vec<Step> {
        let script: Self = toml::from_str(text).expect("events.toml says what happens");
        script.event.into_iter().map(Fields::step).collect()
    }
}

impl Fields {
    fn step(self) -> Step {
        let steps = Steps {
            entry: self.entry.unwrap_or(true),
            advance: self.advance.unwrap_or(true),
            decrement_and_resolve: self.decrement_and_resolve,
        };
        let run = |options: Options| Options {
            threads: self.threads,
            commit_number: self.commit_number,
            allow_back_dated: self.allow_back_dated,
            ..options
        };
        let collections = |as_of: String| run(Options::collections(date(&as_of)));
        let delinquency =
            |as_of: String| run(Options { steps, ..Options::delinquency(date(&as_of)) });
        let wanted = |id: String| Some(id).filter(|id| id != "all");
        let mut given = [
            self.run.map(|as_of| Step::Run(collections(as_of))),
            self.dry_run.map(|as_of| Step::Rehearse(collections(as_of))),
            self.delinquency_run.map(|as_of| Step::Run(delinquency(as_of))),
            self.import.map(Step::Import),
            self.load.map(Step::Load),
            self.events.map(Step::Events),
            self.redrive.map(|id| Step::Redrive(wanted(id), self.on)),
        ]
        .into_iter()
        .flatten();
        match (given.next(), given.next()) {
            (Some(step), None) => step,
            _ => panic!(
                "a step is one of run, dry_run, delinquency_run, import, load, events, redrive"
            ),
        }
    }
}
