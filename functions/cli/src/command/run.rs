//! `arrears run`: runs for a business date.

use super::runs::answer_report;
use super::setup::{sources, with_sources};
use super::{run_export, run_payment};
use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::render;
use crate::session::Session;
use arrears_domain::Date;
use arrears_runs::catalog::Catalog;
use arrears_runs::record::Steps;
use arrears_runs::run::{self, Options};
use arrears_storage::Store;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Which kind of run.
#[derive(Debug, Subcommand)]
pub enum Run {
    /// Advance what is due in collections and under liens
    ///
    /// The exit code is 0 once the run is finished, also if single records
    /// became errors: they are counted, nothing of them is written, and the
    /// next run looks at them again.
    Collections(Collections),
    /// Let delinquencies of bill types begin, and advance those that are due
    ///
    /// The exit code is that of a collections run.
    Delinquency(Delinquency),
    /// Tell a collection agency what it is to collect, in files
    ///
    /// Each record is told once as NEW, as UPDATE when something has changed, and
    /// as RECALL when it is over. The exit code is that of a collections run.
    Export(Box<run_export::Export>),
    /// Collect what is due from the banks of those who owe it
    ///
    /// Writes reports, a payment file and the bank's file, posts the ledger, and marks
    /// what was collected, so that it is never collected twice. The exit code is 1 if
    /// nothing was collected since a limit was passed.
    Payment(Box<run_payment::Payment>),
}

/// A collections run.
#[derive(Debug, Args)]
pub struct Collections {
    #[command(flatten)]
    task: Task,
}

/// A delinquency run, and what it does.
#[derive(Debug, Args)]
pub struct Delinquency {
    #[command(flatten)]
    task: Task,
    /// Advance what is due; that is the default
    #[arg(long, conflicts_with = "entry_only")]
    advance: bool,
    /// Only let delinquencies begin
    #[arg(long)]
    entry_only: bool,
    /// Also decrement and resolve what the rules say, whether or not a payment came
    #[arg(long)]
    decrement_and_resolve: bool,
}

/// How to run.
#[derive(Debug, Args)]
struct Task {
    /// The business date, YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Date,
    /// Parallel workers, instead of what the setup says
    #[arg(long, value_name = "N")]
    threads: Option<u32>,
    /// Accounts in a chunk, instead of what the setup says
    #[arg(long, value_name = "N")]
    commit_number: Option<u32>,
    /// Decide and act as the run would, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Ask another setup too, which is not stored; several files are one setup
    #[arg(long, value_name = "FILE", num_args = 1.., requires_all = ["dry_run", "diff"])]
    setup: Vec<PathBuf>,
    /// Show who would fare differently under that setup, and why
    #[arg(long, requires = "setup")]
    diff: bool,
    /// Let the run be dated before the last one of its kind
    #[arg(long)]
    allow_back_dated: bool,
}

/// Reads a date of an argument; only a day that the calendar has.
pub fn date(text: &str) -> Result<Date, String> {
    // chrono would take `2026-1-5` as well, which no file of ours has.
    Some(text)
        .filter(|text| text.len() == 10)
        .and_then(|text| Date::parse_from_str(text, "%Y-%m-%d").ok())
        .ok_or_else(|| "write a date that exists, as YYYY-MM-DD".to_owned())
}

impl Task {
    /// The options of a run, with what was asked of all runs.
    fn asked(&self, options: Options) -> Options {
        Options {
            threads: self.threads,
            commit_number: self.commit_number,
            allow_back_dated: self.allow_back_dated,
            ..options
        }
    }
}

impl Delinquency {
    fn options(&self) -> Options {
        let Self { advance, entry_only, decrement_and_resolve, .. } = *self;
        let advance = advance || !entry_only;
        let steps = Steps { entry: true, advance, decrement_and_resolve };
        Options { steps, ..Options::delinquency(self.task.as_of) }
    }
}

/// Does it.
///
/// # Errors
/// The run is refused, or it failed on the way.
pub async fn run(session: &Session, run: &Run) -> Result<Status, CommandError> {
    match run {
        Run::Collections(Collections { task }) => {
            over_records(session, task, Options::collections(task.as_of)).await
        }
        Run::Delinquency(wanted) => over_records(session, &wanted.task, wanted.options()).await,
        Run::Export(wanted) => run_export::run(session, wanted).await,
        Run::Payment(wanted) => run_payment::run(session, wanted).await,
    }
}

/// A run that moves records on.
async fn over_records(
    session: &Session,
    task: &Task,
    options: Options,
) -> Result<Status, CommandError> {
    let options = task.asked(options);
    let store = session.store().await?;
    let catalog = session.catalog(&store).await?;
    if task.diff {
        let sources = sources(&task.setup)?;
        let what_if = run::what_if(&store, &catalog, &sources, &options).await;
        let what_if = what_if.map_err(|error| with_sources(&sources, error))?;
        session.output.answer(&what_if, || render::what_if::what_if(&what_if))?;
    } else if task.dry_run {
        let totals = run::rehearse(&store, &catalog, &options).await?;
        let document = render::run::rehearsal_document(&options, &totals);
        session.output.answer(&document, || render::run::rehearsal(&options, &totals))?;
    } else {
        let run_key = work(session, &store, &catalog, &options).await?;
        answer_report(session, &store, &run_key).await?;
    }
    Ok(Status::Done)
}

/// Starts a run and works, under a progress bar, until it is finished. Gives its
/// key.
///
/// # Errors
/// The run is refused, or it failed on the way.
pub async fn work(
    session: &Session,
    store: &Store,
    catalog: &Catalog,
    options: &Options,
) -> Result<String, CommandError> {
    let name = format!("{} {}", options.kind.as_str(), options.as_of);
    let progress = Progress::new(name, Some(0), session.may_draw());
    Ok(run::start(store, catalog, options, &progress).await?.run_key)
}
