//! The records of runs and chunks in the table.

use crate::error::RunError;
use crate::record::{ChunkSummary, RunKind, RunRecord};
use arrears_domain::{Date, Identifier, RunKey};
use arrears_storage::{Order, RUNS_PARTITION, Revision, Store};
use serde::{Deserialize, Serialize};

/// What the table holds of a chunk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ChunkRecord {
    /// How often the chunk has been taken up.
    attempts: u32,
    /// What came of it, once an attempt has finished.
    summary: Option<ChunkSummary>,
}

fn chunks_of(run_key: &RunKey) -> String {
    format!("chunk#{run_key}")
}

fn chunk_sort(chunk: u32) -> String {
    format!("{chunk:06}")
}

/// A number that was set aside for a run, and what it was set aside for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// The number of the run.
    pub number: u32,
    /// What asks for the run, which may be asked only once.
    pub identity: String,
}

/// Makes the record of a new run: under the number that was set aside for it, or
/// under the next number of its kind.
///
/// # Errors
/// The store fails, or there is a run of the reserved number already.
pub async fn create_run(
    store: &Store,
    kind: RunKind,
    reserved: Option<&Reserved>,
    record: impl Fn(RunKey, u32) -> RunRecord,
) -> Result<(RunRecord, Revision), RunError> {
    if let Some(Reserved { number, identity }) = reserved {
        let identified = |run_key: RunKey, number| RunRecord {
            identity: Some(identity.clone()),
            ..record(run_key, number)
        };
        return create_numbered_run(store, kind, *number, identified).await;
    }
    loop {
        let number = next_number(store, kind).await?;
        match create_numbered_run(store, kind, number, &record).await {
            // A book that was imported brought runs of its own along.
            Err(RunError::Storage(error)) if error.is_already_exists() => {}
            created => return created,
        }
    }
}

/// Sets a number of a kind aside for a run.
///
/// # Errors
/// The store fails.
pub async fn next_number(store: &Store, kind: RunKind) -> Result<u32, RunError> {
    Ok(store.next_number(&format!("run-{}", kind.as_str())).await?)
}

/// The key of the run of a kind with a number: `collections-000007`.
///
/// # Errors
/// None that a kind could lead to.
pub fn run_key(kind: RunKind, number: u32) -> Result<RunKey, RunError> {
    let text = format!("{}-{number:06}", kind.as_str());
    RunKey::parse(&text).map_err(|_| RunError::UnknownRun { run_key: text })
}

/// Makes the record of a new run under a number that was set aside.
///
/// # Errors
/// The store fails, or there is such a run already.
pub async fn create_numbered_run(
    store: &Store,
    kind: RunKind,
    number: u32,
    record: impl Fn(RunKey, u32) -> RunRecord,
) -> Result<(RunRecord, Revision), RunError> {
    let record = record(run_key(kind, number)?, number);
    let revision = store.create_document(RUNS_PARTITION, &record.run_key, &record).await?;
    Ok((record, revision))
}

/// The latest date of the runs of a kind, with one that is to begin.
///
/// # Errors
/// That one is dated before an earlier one, and this is not allowed; the store
/// fails.
pub async fn latest_as_of(
    store: &Store,
    kind: RunKind,
    as_of: Date,
    allow_back_dated: bool,
) -> Result<Date, RunError> {
    match last_run(store, kind).await? {
        Some(last) if as_of < last.latest_as_of && !allow_back_dated => Err(RunError::BackDated {
            as_of,
            last_key: last.run_key,
            last_as_of: last.latest_as_of,
        }),
        Some(last) => Ok(last.latest_as_of.max(as_of)),
        None => Ok(as_of),
    }
}

/// Replaces the record of a run that was read at a revision.
///
/// # Errors
/// The store fails, or somebody else wrote the record meanwhile.
pub async fn update_run(
    store: &Store,
    record: &RunRecord,
    revision: Revision,
) -> Result<Revision, RunError> {
    store
        .replace_document(RUNS_PARTITION, &record.run_key, revision, record)
        .await?
        .ok_or_else(|| RunError::RunChanged { run_key: record.run_key.clone() })
}

/// The record of a run.
///
/// # Errors
/// The store fails, or there is no such run.
pub async fn run(store: &Store, run_key: &str) -> Result<(RunRecord, Revision), RunError> {
    store
        .document(RUNS_PARTITION, run_key)
        .await?
        .ok_or_else(|| RunError::UnknownRun { run_key: run_key.to_owned() })
}

/// The record of a run, if there is such a run.
///
/// # Errors
/// The store fails.
pub async fn find_run(store: &Store, run_key: &str) -> Result<Option<RunRecord>, RunError> {
    match run(store, run_key).await {
        Ok((record, _)) => Ok(Some(record)),
        Err(RunError::UnknownRun { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// All runs, by kind and number.
///
/// # Errors
/// The store fails.
pub async fn runs(store: &Store) -> Result<Vec<RunRecord>, RunError> {
    Ok(store.documents(RUNS_PARTITION, "", Order::Ascending, None).await?)
}

/// The run of a kind with the highest number.
///
/// # Errors
/// The store fails.
pub async fn last_run(store: &Store, kind: RunKind) -> Result<Option<RunRecord>, RunError> {
    let prefix = format!("{}-", kind.as_str());
    let last = store.documents(RUNS_PARTITION, &prefix, Order::Descending, Some(1)).await?;
    Ok(last.into_iter().next())
}

/// Takes up a chunk and says which attempt this is, from 1.
///
/// # Errors
/// The store fails.
pub async fn claim_chunk(store: &Store, run_key: &RunKey, chunk: u32) -> Result<u32, RunError> {
    let (partition, sort) = (chunks_of(run_key), chunk_sort(chunk));
    loop {
        let found: Option<(ChunkRecord, Revision)> = store.document(&partition, &sort).await?;
        match found {
            None => {
                let record = ChunkRecord { attempts: 1, summary: None };
                match store.create_document(&partition, &sort, &record).await {
                    Ok(_) => return Ok(1),
                    Err(error) if error.is_already_exists() => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Some((mut record, revision)) => {
                record.attempts += 1;
                let replaced = store.replace_document(&partition, &sort, revision, &record).await?;
                if replaced.is_some() {
                    return Ok(record.attempts);
                }
            }
        }
    }
}

/// Whether a chunk is done.
///
/// # Errors
/// The store fails.
pub async fn is_done(store: &Store, run_key: &RunKey, chunk: u32) -> Result<bool, RunError> {
    let found: Option<(ChunkRecord, Revision)> =
        store.document(&chunks_of(run_key), &chunk_sort(chunk)).await?;
    Ok(found.is_some_and(|(record, _)| record.summary.is_some()))
}

/// Stores what came of a chunk. The last attempt counts: an earlier one that
/// comes late is told so and its summary is dropped, since the later one has
/// counted the same records.
///
/// # Errors
/// The store fails.
pub async fn finish_chunk(
    store: &Store,
    run_key: &RunKey,
    summary: &ChunkSummary,
) -> Result<bool, RunError> {
    let (partition, sort) = (chunks_of(run_key), chunk_sort(summary.chunk));
    loop {
        let found: Option<(ChunkRecord, Revision)> = store.document(&partition, &sort).await?;
        let Some((mut record, revision)) = found else { return Ok(false) };
        if record.attempts != summary.attempt {
            return Ok(false);
        }
        record.summary = Some(summary.clone());
        let replaced = store.replace_document(&partition, &sort, revision, &record).await?;
        if replaced.is_some() {
            return Ok(true);
        }
    }
}

/// The summaries of the chunks that are done, by number.
///
/// # Errors
/// The store fails.
pub async fn summaries(store: &Store, run_key: &RunKey) -> Result<Vec<ChunkSummary>, RunError> {
    let records: Vec<ChunkRecord> =
        store.documents(&chunks_of(run_key), "", Order::Ascending, None).await?;
    Ok(records.into_iter().filter_map(|record| record.summary).collect())
}
