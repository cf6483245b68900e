//! The collections run on one machine: plan, work, finish.
//!
//! The source document's steps 1 to 6 happen in [`crate::chunk`]; here is what
//! surrounds them. On AWS a state machine takes the place of `work_all`; the
//! rest is the same.

use crate::catalog::Catalog;
use crate::chunk::{self, Chunk, RunContext};
use crate::error::RunError;
use crate::record::{ChunkSummary, PlanRecord, RunKind, RunRecord, RunStatus, Totals};
use crate::setups::{self, Stored};
use crate::{ledger, message, plan};
use arrears_domain::setup::limits::{COMMIT_NUMBER_MAX, THREADS_MAX};
use arrears_domain::{Date, Identifier, RunKey};
use arrears_storage::{DUE_SHARDS, DueClass, Revision, Store};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// Workers, if neither the task nor the setup's default says otherwise.
pub const THREADS_DEFAULT: u32 = 2;
/// Accounts in a chunk, if neither the task nor the setup's default says
/// otherwise: enough to make batches of plugin calls cheap, few enough that a
/// killed chunk is soon done again.
pub const COMMIT_NUMBER_DEFAULT: u32 = 200;
/// Plan lines read ahead of the workers, so that memory stays flat.
const CHUNKS_AHEAD: usize = 4;

/// What may be asked of a run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The business date.
    pub as_of: Date,
    /// Overrides the setup's threads.
    pub threads: Option<u32>,
    /// Overrides the setup's commit number.
    pub commit_number: Option<u32>,
    /// Lets the run be dated before the last one.
    pub allow_back_dated: bool,
}

/// Who watches a run. All of it is optional.
pub trait Observer: Send + Sync {
    /// The run has its plan.
    fn planned(&self, _delinquencies: u64) {}
    /// A chunk is done.
    fn chunk(&self, _summary: &ChunkSummary) {}
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
    let admitted = admit(store, catalog, options).await?;
    let Admitted { stored, threads, commit_number, .. } = &admitted;
    setups::ensure_indexed(store, stored).await?;
    let started = Instant::now();
    let (record, revision) =
        ledger::create_run(store, RunKind::Collections, |run_key, number| RunRecord {
            run_key: run_key.to_string(),
            number,
            kind: RunKind::Collections,
            as_of: options.as_of,
            latest_as_of: admitted.last.map_or(options.as_of, |last| last.max(options.as_of)),
            status: RunStatus::Planning,
            setup_version: stored.version,
            threads: *threads,
            commit_number: *commit_number,
            plugins: digests(catalog),
            initiated_at: now(),
            completed_at: None,
            plan_attempts: 0,
            plan: None,
            totals: None,
            duration_ms: 0,
        })
        .await?;
    tracing::info!(run_key = record.run_key, "{}", message::started(&record.run_key));
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
    if record.status == RunStatus::Finished {
        return Err(RunError::AlreadyFinished { run_key: record.run_key });
    }
    same_plugins(&record, catalog)?;
    let stored = setups::version(store, catalog, record.setup_version).await?;
    Coordinator { store, stored, observer, started }.complete(record, revision).await
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
    let run_key = RunKey::parse("rehearsal")
        .map_err(|_| RunError::UnknownRun { run_key: "rehearsal".to_owned() })?;
    let context = RunContext {
        store: store.clone(),
        prepared: stored.prepared,
        setup_version: stored.version,
        run_key,
        as_of: options.as_of,
    };
    let mut totals = Totals::default();
    let mut cutter = plan::Cutter::new(commit_number);
    for shard in 0..DUE_SHARDS {
        let keys = plan::due(store, DueClass::Collections, shard, options.as_of).await?;
        let mut chunks = cutter.add(keys);
        if shard + 1 == DUE_SHARDS {
            chunks.extend(cutter.cut());
        }
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
    /// The latest date of the runs before it.
    last: Option<Date>,
}

/// All that is checked before anything is written.
async fn admit(store: &Store, catalog: &Catalog, options: &Options) -> Result<Admitted, RunError> {
    let stored = setups::active(store, catalog).await?;
    let setup = &stored.prepared.setup;
    if !setup.features.collections {
        return Err(RunError::FeatureOff { agency: store.agency().to_string() });
    }
    let task = setup.tasks.of(RunKind::Collections.task());
    let threads = options.threads.or(task.threads).unwrap_or(THREADS_DEFAULT);
    let commit_number =
        options.commit_number.or(task.commit_number).unwrap_or(COMMIT_NUMBER_DEFAULT);
    in_bounds("the number of threads", threads, THREADS_MAX)?;
    in_bounds("the commit number", commit_number, COMMIT_NUMBER_MAX)?;
    let last = ledger::last_run(store, RunKind::Collections).await?;
    match last {
        Some(last) if options.as_of < last.latest_as_of && !options.allow_back_dated => {
            Err(RunError::BackDated {
                as_of: options.as_of,
                last_key: last.run_key,
                last_as_of: last.latest_as_of,
            })
        }
        last => {
            let last = last.map(|last| last.latest_as_of);
            Ok(Admitted { stored, threads, commit_number, last })
        }
    }
}

fn in_bounds(name: &'static str, value: u32, max: u32) -> Result<(), RunError> {
    if (1..=max).contains(&value) {
        Ok(())
    } else {
        Err(RunError::OutOfBounds { name, value, max })
    }
}

/// Carries a run from wherever it stands to its end.
struct Coordinator<'a> {
    store: &'a Store,
    stored: Stored,
    observer: &'a dyn Observer,
    started: Instant,
}

impl Coordinator<'_> {
    async fn complete(&self, record: RunRecord, revision: Revision) -> Result<RunRecord, RunError> {
        let run_key = RunKey::parse(&record.run_key)
            .map_err(|_| RunError::UnknownRun { run_key: record.run_key.clone() })?;
        let (record, revision) = match record.status {
            RunStatus::Planning => self.plan(&run_key, record, revision).await?,
            RunStatus::Running | RunStatus::Finished => (record, revision),
        };
        let plan = record.plan.clone().unwrap_or_default();
        self.observer.planned(plan.delinquencies);
        self.work(&run_key, &record, &plan).await?;
        self.finish(&run_key, record, revision, &plan).await
    }

    async fn plan(
        &self,
        run_key: &RunKey,
        mut record: RunRecord,
        revision: Revision,
    ) -> Result<(RunRecord, Revision), RunError> {
        // The attempt is counted before it writes, so that no two share a name.
        record.plan_attempts += 1;
        let revision = ledger::update_run(self.store, &record, revision).await?;
        let planned = plan::write(
            self.store,
            run_key,
            record.plan_attempts,
            DueClass::Collections,
            record.as_of,
            record.commit_number,
        )
        .await?;
        record.plan = Some(PlanRecord {
            attempt: record.plan_attempts,
            chunks: planned.chunks,
            accounts: planned.accounts,
            delinquencies: planned.delinquencies,
        });
        record.status = RunStatus::Running;
        let revision = ledger::update_run(self.store, &record, revision).await?;
        Ok((record, revision))
    }

    async fn work(
        &self,
        run_key: &RunKey,
        record: &RunRecord,
        plan: &PlanRecord,
    ) -> Result<(), RunError> {
        let done: HashSet<u32> = ledger::summaries(self.store, run_key)
            .await?
            .into_iter()
            .inspect(|summary| self.observer.chunk(summary))
            .map(|summary| summary.chunk)
            .collect();
        let context = RunContext {
            store: self.store.clone(),
            prepared: Arc::clone(&self.stored.prepared),
            setup_version: self.stored.version,
            run_key: run_key.clone(),
            as_of: record.as_of,
        };
        work_all(&context, record.threads, plan.attempt, done, self.observer).await
    }

    async fn finish(
        &self,
        run_key: &RunKey,
        mut record: RunRecord,
        revision: Revision,
        plan: &PlanRecord,
    ) -> Result<RunRecord, RunError> {
        let mut totals = Totals::default();
        for summary in ledger::summaries(self.store, run_key).await? {
            totals.add(&summary.totals);
        }
        if totals.selected() != plan.delinquencies {
            return Err(RunError::CountsDiffer {
                run_key: record.run_key,
                planned: plan.delinquencies,
                counted: totals.selected(),
            });
        }
        setups::note_writes_under(self.store, self.stored.version).await?;
        record.totals = Some(totals);
        record.status = RunStatus::Finished;
        record.completed_at = Some(now());
        record.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        ledger::update_run(self.store, &record, revision).await?;
        tracing::info!(run_key = record.run_key, "{}", message::finished(&record.run_key));
        Ok(record)
    }
}

/// Works on every chunk of the plan that is not done, by so many workers.
async fn work_all(
    context: &RunContext,
    threads: u32,
    plan_attempt: u32,
    done: HashSet<u32>,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    let (to_workers, chunks) = mpsc::channel::<Chunk>(CHUNKS_AHEAD);
    let chunks = Arc::new(Mutex::new(chunks));
    let (to_observer, mut summaries) = mpsc::channel::<ChunkSummary>(CHUNKS_AHEAD);
    let mut tasks = JoinSet::new();
    for _ in 0..threads {
        tasks.spawn(worker(context.clone(), Arc::clone(&chunks), to_observer.clone()));
    }
    drop((to_observer, chunks));
    tasks.spawn(feed(context.clone(), plan_attempt, done, to_workers));
    while let Some(summary) = summaries.recv().await {
        for line in message::chunk(&summary) {
            tracing::info!(run_key = %context.run_key, chunk = summary.chunk, "{line}");
        }
        observer.chunk(&summary);
    }
    // Every worker has stopped by now: take the first error, if there is one.
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok(result) => result?,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
    Ok(())
}

async fn worker(
    context: RunContext,
    chunks: Arc<Mutex<mpsc::Receiver<Chunk>>>,
    to_observer: mpsc::Sender<ChunkSummary>,
) -> Result<(), RunError> {
    loop {
        let Some(chunk) = chunks.lock().await.recv().await else { return Ok(()) };
        match chunk::work(&context, &chunk).await {
            // The observer listens until every worker has stopped.
            Ok(Some(summary)) => drop(to_observer.send(summary).await),
            Ok(None) => {}
            Err(error) => {
                // Nobody takes up another chunk.
                chunks.lock().await.close();
                return Err(error);
            }
        }
    }
}

async fn feed(
    context: RunContext,
    plan_attempt: u32,
    done: HashSet<u32>,
    to_workers: mpsc::Sender<Chunk>,
) -> Result<(), RunError> {
    for shard in 0..DUE_SHARDS {
        for chunk in plan::read(&context.store, &context.run_key, plan_attempt, shard).await? {
            if !done.contains(&chunk.number) && to_workers.send(chunk).await.is_err() {
                // Every worker has stopped: one of them says why.
                return Ok(());
            }
        }
    }
    Ok(())
}

fn digests(catalog: &Catalog) -> BTreeMap<String, String> {
    catalog
        .iter()
        .map(|(action_type, installed)| {
            (action_type.to_owned(), installed.plugin.digest().to_owned())
        })
        .collect()
}

fn same_plugins(record: &RunRecord, catalog: &Catalog) -> Result<(), RunError> {
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

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
