//! The other steps: work on a portion, and sum up.

use super::portion::Portion;
use crate::catalog::Catalog;
use crate::chunk::{Chunk, RunContext};
use crate::error::RunError;
use crate::record::{RunKind, RunRecord, RunStatus};
use crate::run::{self, Observer, ToWorkers, key};
use crate::schedule::Work;
use crate::step::StepError;
use crate::{ledger, plan, setups};
use arrears_storage::Store;
use serde::{Deserialize, Serialize};

/// How far a portion has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    /// The portion.
    pub portion: Portion,
    /// The chunk to go on with; none before the first attempt, and when it is done.
    pub cursor: Option<u32>,
    /// Whether it is done.
    pub done: bool,
}

/// Works on a portion until it is done or the time is up. What another attempt has
/// done is not done again.
///
/// # Errors
/// The run is not planned, or is bound to other plugins; or the store fails, and the
/// portion may be worked on again.
pub async fn work(
    store: &Store,
    catalog: &Catalog,
    portion: &Portion,
    cursor: Option<u32>,
    observer: &dyn Observer,
) -> Result<Worked, RunError> {
    let (record, _) = ledger::run(store, &portion.run_key).await?;
    let cursor = match record.status {
        RunStatus::Finished | RunStatus::Abandoned | RunStatus::Proposed => None,
        _ => match record.kind {
            RunKind::Collections | RunKind::Delinquency => {
                chunks(store, catalog, &record, portion, cursor, observer).await?
            }
            RunKind::Export | RunKind::Payment => {
                match run::resume(store, catalog, &record.run_key, observer).await {
                    Ok(_) => None,
                    Err(RunError::Step(StepError::OutOfTime { .. })) => Some(portion.first_chunk),
                    // Another attempt has brought it to its end meanwhile.
                    Err(RunError::AlreadyFinished { .. }) => None,
                    Err(error) => return Err(error),
                }
            }
        },
    };
    Ok(Worked { portion: portion.clone(), cursor, done: cursor.is_none() })
}

/// Works on the chunks of a portion, and gives the first that was left.
async fn chunks(
    store: &Store,
    catalog: &Catalog,
    record: &RunRecord,
    portion: &Portion,
    cursor: Option<u32>,
    observer: &dyn Observer,
) -> Result<Option<u32>, RunError> {
    if record.status == RunStatus::Planning {
        let reason = format!("run {} is not planned yet; plan it first", record.run_key);
        return Err(RunError::Step(StepError::Request { reason }));
    }
    run::same_plugins(record, catalog)?;
    let stored = setups::version(store, catalog, record.setup_version).await?;
    let context = RunContext::of(store, &stored, record)?;
    let attempt = record.plan.as_ref().map_or(1, |plan| plan.attempt);
    let first = cursor.unwrap_or(portion.first_chunk);
    let mut planned = plan::read(store, &key(&record.run_key)?, attempt, portion.shard).await?;
    planned.retain(|chunk| (first..=portion.last_chunk).contains(&chunk.number));
    let numbers: Vec<u32> = planned.iter().map(|chunk| chunk.number).collect();
    let mut left = None;
    let feed = async |to_workers: ToWorkers| {
        left = feed(&context, planned, to_workers, observer).await?;
        Ok(())
    };
    run::work_all(&context, record.threads, feed, observer).await?;
    match left {
        Some(_) => Ok(left),
        None => undone(&context, &numbers).await,
    }
}

/// The first chunk that is not done although it was handed over: another attempt has taken
/// it, and may have been killed at it since.
async fn undone(context: &RunContext, numbers: &[u32]) -> Result<Option<u32>, RunError> {
    for number in numbers {
        if !ledger::is_done(&context.store, &context.run_key, *number).await? {
            return Ok(Some(*number));
        }
    }
    Ok(None)
}

/// Hands over the chunks that are not done, while there is time. The first that was not
/// handed over.
async fn feed(
    context: &RunContext,
    chunks: Vec<Chunk>,
    to_workers: ToWorkers,
    observer: &dyn Observer,
) -> Result<Option<u32>, RunError> {
    for chunk in chunks {
        let number = chunk.number;
        if observer.is_out_of_time() {
            return Ok(Some(number));
        }
        if ledger::is_done(&context.store, &context.run_key, number).await? {
            continue;
        }
        if to_workers.send(chunk).await.is_err() {
            // Every worker has stopped: one of them says why.
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// Sums a run up whose portions are done, and proves that nothing is missing. A run
/// that has come to its end is left as it is.
///
/// # Errors
/// A chunk is missing; or the store fails, and the step may be done again.
pub async fn finish(
    store: &Store,
    catalog: &Catalog,
    run_key: &str,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let record = run::finish(store, run_key).await?;
    if let Some(id) = record.export.as_ref().and_then(|export| export.schedule.as_ref()) {
        // It notes what became of the schedule's run.
        let clock = chrono::Utc::now;
        let work = Work { store, catalog, observer, clock: &clock, resume: false };
        work.scheduled(id).await?;
    }
    Ok(record)
}
