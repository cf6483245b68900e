//! Runs on one machine: plan, work, finish.
//!
//! A collections run and a delinquency run are the same code over the same
//! records, as in the source document; they differ in which entries of the due
//! index they take and in what they do ([`Steps`]). What happens to a record is
//! in [`crate::chunk`]; here is what surrounds it. On AWS a state machine takes
//! the place of the workers; the rest is the same.

mod coordinator;
mod workers;

mod replay;
mod shadow;
mod what_if;

pub use replay::{DIFFERENCES_MAX, Difference, Replay, replay};
pub use shadow::{
    DIFFERENCES_MAX as SHADOW_DIFFERENCES_MAX, Shadow, Side, last_over_records, shadow,
};
pub use what_if::{Fare, FareOutcome, WhatIf, what_if};

pub(crate) use workers::{ToWorkers, work_all};

use self::coordinator::Coordinator;
use crate::catalog::Catalog;
use crate::chunk::{self, RunContext};
use crate::error::RunError;
use crate::record::{ChunkSummary, RunKind, RunRecord, RunStatus, Steps, Totals};
use crate::setups::{self, Stored};
use crate::{export, ledger, message, payment, plan, registry};
use arrears_domain::setup::limits::{COMMIT_NUMBER_MAX, THREADS_MAX};
use arrears_domain::{Date, Identifier, RunKey};
use arrears_storage::{DUE_SHARDS, DueClass, Store};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Workers, if neither the task nor the setup's default says otherwise.
pub const THREADS_DEFAULT: u32 = 2;
/// Accounts in a chunk, if neither the task nor the setup's default says
/// otherwise: enough to make batches of plugin calls cheap, few enough that a
/// killed chunk is soon done again.
pub const COMMIT_NUMBER_DEFAULT: u32 = 200;

/// What may be asked of a run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which kind of run.
    pub kind: RunKind,
    /// What it does.
    pub steps: Steps,
    /// The business date.
    pub as_of: Date,
    /// Overrides the setup's threads.
    pub threads: Option<u32>,
    /// Overrides the setup's commit number.
    pub commit_number: Option<u32>,
    /// Lets the run be dated before the last one.
    pub allow_back_dated: bool,
}

impl Options {
    /// A collections run with what the setup says.
    #[must_use]
    pub fn collections(as_of: Date) -> Self {
        let (kind, steps) = (RunKind::Collections, Steps::ADVANCE);
        Self { kind, steps, as_of, threads: None, commit_number: None, allow_back_dated: false }
    }

    /// A delinquency run that lets records begin and advances them.
    #[must_use]
    pub fn delinquency(as_of: Date) -> Self {
        let steps = Steps { entry: true, ..Steps::ADVANCE };
        Self { kind: RunKind::Delinquency, steps, ..Self::collections(as_of) }
    }
}

/// Who watches a run. All of it is optional.
pub trait Observer: Send + Sync {
    /// The run has its plan.
    fn planned(&self, _delinquencies: u64) {}
    /// A chunk is done.
    fn chunk(&self, _summary: &ChunkSummary) {}
    /// A stage of a run begins, of so many records if that is known.
    fn stage(&self, _name: &str, _records: Option<u64>) {}
    /// So many more records were looked at.
    fn looked_at(&self, _records: u64) {}
    /// Whether the run is to stop where it can be gone on with.
    fn is_out_of_time(&self) -> bool {
        false
    }
}

/// Nobody watches.
pub struct Unobserved;

impl Observer for Unobserved {}

/// Starts a run and works until it is finished.
///
/// # Errors
/// The run is refused, and nothing is written; or the store fails on the way,
/// and `resume` goes on.
pub async fn start(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    start_reserved(store, catalog, options, None, observer).await
}

/// The same under a number that was set aside.
///
/// # Errors
/// As [`start`]; or there is a run of that number already.
pub(crate) async fn start_reserved(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
    reserved: Option<&ledger::Reserved>,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let admitted = admit(store, catalog, options).await?;
    let Admitted { stored, threads, commit_number, latest_as_of } = &admitted;
    setups::ensure_indexed(store, stored).await?;
    let started = Instant::now();
    let record = |run_key: RunKey, number| RunRecord {
        steps: options.steps,
        latest_as_of: *latest_as_of,
        threads: *threads,
        commit_number: *commit_number,
        plugins: digests(catalog),
        ..RunRecord::begun(options.kind, (&run_key, number), options.as_of, stored.version)
    };
    let (record, revision) = ledger::create_run(store, options.kind, reserved, record).await?;
    tracing::info!(run_key = record.run_key, "{}", message::started(&record));
    let stored = admitted.stored;
    Coordinator { store, stored, observer, started }.complete(record, revision).await
}

/// Goes on with a run that was killed or that failed on the way.
///
/// # Errors
/// The run is finished, or is bound to other plugins; or the store fails again.
pub async fn resume(
    store: &Store,
    catalog: &Catalog,
    run_key: &str,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let started = Instant::now();
    let (record, revision) = ledger::run(store, run_key).await?;
    if matches!(record.status, RunStatus::Finished | RunStatus::Abandoned) {
        return Err(RunError::AlreadyFinished { run_key: record.run_key });
    }
    if record.kind == RunKind::Export {
        return export::resume(store, catalog, record, revision, observer).await;
    }
    if record.kind == RunKind::Payment {
        return payment::resume(store, catalog, record, revision, observer).await;
    }
    same_plugins(&record, catalog)?;
    let stored = setups::version(store, catalog, record.setup_version).await?;
    Coordinator { store, stored, observer, started }.complete(record, revision).await
}

/// Sums up a run whose chunks are done; one that has ended is given as it is.
///
/// # Errors
/// The chunks do not account for what was planned; or the store fails.
pub(crate) async fn finish(store: &Store, run_key: &str) -> Result<RunRecord, RunError> {
    let (record, revision) = ledger::run(store, run_key).await?;
    let is_cut = matches!(record.kind, RunKind::Collections | RunKind::Delinquency);
    match record.status {
        RunStatus::Finished | RunStatus::Abandoned | RunStatus::Proposed => Ok(record),
        RunStatus::Running if is_cut => {
            // Who works on portions does not see the others: it took since the beginning.
            let took = record.age(chrono::Utc::now());
            coordinator::finish(store, record, revision, took).await
        }
        _ => Err(RunError::NotFinished { run_key: record.run_key }),
    }
}

/// Gives a run up of which nothing has left.
///
/// # Errors
/// The run has ended, or goes only forward by now, or is of a kind that is never
/// given up; or the store fails.
pub async fn abandon(store: &Store, run_key: &str) -> Result<RunRecord, RunError> {
    let found = ledger::run(store, run_key).await?;
    match found.0.kind {
        RunKind::Payment => payment::abandon(store, found).await,
        _ => export::abandon(store, run_key).await,
    }
}

/// Decides and acts as a run would, and writes nothing: neither a record of
/// itself nor anything else.
///
/// # Errors
/// The run would be refused, or the store cannot be read.
pub async fn rehearse(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
) -> Result<Totals, RunError> {
    let Admitted { stored, commit_number, .. } = admit(store, catalog, options).await?;
    let context = RunContext {
        store: store.clone(),
        prepared: stored.prepared,
        setup_version: stored.version,
        run_key: key("rehearsal")?,
        as_of: options.as_of,
        steps: options.steps,
        quarantined: Arc::new(registry::quarantined(store).await?),
    };
    let mut totals = Totals::default();
    let mut planner = plan::Planner::new(commit_number);
    let selection = selection(options.kind, options.steps, options.as_of);
    for shard in 0..DUE_SHARDS {
        let chunks = planner.shard(store, &selection, shard).await?;
        for chunk in &chunks {
            totals.add(&chunk::rehearse(&context, chunk).await?.totals);
        }
    }
    Ok(totals)
}

/// What a run starts with.
struct Admitted {
    stored: Stored,
    threads: u32,
    commit_number: u32,
    /// The latest date of this run and those before it.
    latest_as_of: Date,
}

/// All that is checked before anything is written.
async fn admit(store: &Store, catalog: &Catalog, options: &Options) -> Result<Admitted, RunError> {
    let stored = setups::active(store, catalog).await?;
    let setup = &stored.prepared.setup;
    if options.kind == RunKind::Collections && !setup.features.collections {
        return Err(RunError::FeatureOff { agency: store.agency().to_string() });
    }
    let task = setup.tasks.of(options.kind.task());
    let threads = options.threads.or(task.threads).unwrap_or(THREADS_DEFAULT);
    let commit_number =
        options.commit_number.or(task.commit_number).unwrap_or(COMMIT_NUMBER_DEFAULT);
    in_bounds("the number of threads", threads, THREADS_MAX)?;
    in_bounds("the commit number", commit_number, COMMIT_NUMBER_MAX)?;
    let Options { kind, as_of, allow_back_dated, .. } = *options;
    let latest_as_of = ledger::latest_as_of(store, kind, as_of, allow_back_dated).await?;
    Ok(Admitted { stored, threads, commit_number, latest_as_of })
}

fn in_bounds(name: &'static str, value: u32, max: u32) -> Result<(), RunError> {
    if (1..=max).contains(&value) {
        Ok(())
    } else {
        Err(RunError::OutOfBounds { name, value, max })
    }
}

/// The key of a run.
pub(crate) fn key(text: &str) -> Result<RunKey, RunError> {
    RunKey::parse(text).map_err(|_| RunError::UnknownRun { run_key: text.to_owned() })
}

/// After every date on which something can become eligible.
const END_OF_TIME: &str = "9999-12-31";

/// Which entries of the due index a run takes, and until which date. A run that
/// decrements and resolves asks every open record, due or not.
fn selection(kind: RunKind, steps: Steps, as_of: Date) -> plan::Selection {
    let end = END_OF_TIME.parse().unwrap_or(Date::MAX);
    let mut selection = Vec::new();
    match kind {
        RunKind::Collections => selection.push((DueClass::Collections, as_of)),
        // These read the book, not the index.
        RunKind::Export | RunKind::Payment => {}
        RunKind::Delinquency => {
            if steps.entry {
                selection.push((DueClass::Entry, as_of));
            }
            if steps.decrement_and_resolve {
                selection.push((DueClass::Delinquency, end));
            } else if steps.advance {
                selection.push((DueClass::Delinquency, as_of));
            }
        }
    }
    selection
}

fn digests(catalog: &Catalog) -> BTreeMap<String, String> {
    catalog
        .iter()
        .map(|(action_type, installed)| {
            (action_type.to_owned(), installed.plugin.digest().to_owned())
        })
        .collect()
}

/// Whether a run that has begun finds the plugins that it has begun with.
pub(crate) fn same_plugins(record: &RunRecord, catalog: &Catalog) -> Result<(), RunError> {
    for (action_type, recorded) in &record.plugins {
        let present = catalog.get(action_type).map_or("none", |it| it.plugin.digest());
        if present != recorded {
            return Err(RunError::OtherPlugin {
                run_key: record.run_key.clone(),
                action_type: action_type.clone(),
                recorded: recorded.clone(),
                present: present.to_owned(),
            });
        }
    }
    Ok(())
}

/// The present time, in UTC.
pub(crate) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
