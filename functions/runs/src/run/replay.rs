//! Replay: a finished run is decided again from its journal, with the setup and
//! the plugins that it recorded, and every line that comes out is compared with
//! the one that was written, bit for bit.
//!
//! Nothing is read but the journal, and nothing is written.

use super::{Observer, same_plugins};
use crate::catalog::Catalog;
use crate::chunk::{self, Item, JournalDecision, JournalHeader, JournalLine, RunContext};
use crate::error::RunError;
use crate::record::{RunKind, RunRecord, RunStatus, Totals};
use crate::{export, ledger, payment, setups};
use arrears_storage::Store;
use futures::stream::{self, StreamExt};
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most differences that are listed; all are counted.
pub const DIFFERENCES_MAX: usize = 1_000;

/// What a replay came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The run.
    pub run_key: String,
    /// The setup that it recorded.
    pub setup_version: u32,
    /// Attempts at chunks whose journals were replayed.
    pub journals: u64,
    /// Records that were decided again.
    pub records: u64,
    /// Records that were not: an earlier attempt had changed them, or they were
    /// gone when the run came to them.
    pub not_decided: u64,
    /// Records that come out otherwise.
    pub differing: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
    /// How long the replay took.
    pub duration_ms: u64,
    /// How long the run took.
    pub run_duration_ms: u64,
}

/// A record that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The journal.
    pub journal: String,
    /// The line in it, from 1; the first one is the header.
    pub line: u64,
    /// The account.
    pub account: String,
    /// The delinquency, or the bill type.
    pub subject: String,
    /// What the journal says, as JSON.
    pub recorded: String,
    /// What comes out, as JSON.
    pub replayed: String,
}

/// Decides a finished run again from its journal.
///
/// # Errors
/// The run is not finished, a plugin that it recorded is not at hand, a journal
/// cannot be read, or the store fails.
pub async fn replay(
    store: &Store,
    catalog: &Catalog,
    run_key: &str,
    observer: &dyn Observer,
) -> Result<Replay, RunError> {
    let started = Instant::now();
    let (record, _) = ledger::run(store, run_key).await?;
    if record.status != RunStatus::Finished {
        return Err(RunError::NotFinished { run_key: record.run_key });
    }
    if record.kind == RunKind::Export {
        return export::replay(store, catalog, &record, observer).await;
    }
    if record.kind == RunKind::Payment {
        return payment::replay(store, catalog, &record, observer).await;
    }
    same_plugins(&record, catalog)?;
    let stored = setups::version(store, catalog, record.setup_version).await?;
    let context = RunContext::of(store, &stored, &record)?;
    observer.planned(record.plan.as_ref().map_or(0, |plan| plan.delinquencies));
    let mut replay = Replay::of(&record);
    let objects = store.list_objects(&format!("runs/{}/journal/", record.run_key)).await?;
    let replayed = objects.into_iter().map(|object| {
        let context = context.clone();
        tokio::spawn(async move { journal(&context, object.key).await })
    });
    let mut replayed = stream::iter(replayed).buffered(record.threads as usize);
    while let Some(joined) = replayed.next().await {
        let part = joined.unwrap_or_else(|panicked| {
            std::panic::resume_unwind(panicked.into_panic());
        })?;
        observer.looked_at(part.records + part.not_decided);
        replay.add(part);
    }
    replay.took(started.elapsed());
    Ok(replay)
}

impl Replay {
    pub(crate) fn of(record: &RunRecord) -> Self {
        Self {
            run_key: record.run_key.clone(),
            setup_version: record.setup_version,
            journals: 0,
            records: 0,
            not_decided: 0,
            differing: 0,
            differences: Vec::new(),
            duration_ms: 0,
            run_duration_ms: record.duration_ms,
        }
    }

    fn add(&mut self, part: Part) {
        self.journals += 1;
        self.records += part.records;
        self.not_decided += part.not_decided;
        part.differences.into_iter().for_each(|difference| self.differ(difference));
    }

    /// Counts a record that comes out otherwise.
    pub(crate) fn differ(&mut self, difference: Difference) {
        self.differing += 1;
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(difference);
        }
    }

    pub(crate) fn took(&mut self, duration: Duration) {
        self.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    }
}

/// A journal, read so that it can be decided again.
pub(super) struct Journal<'a> {
    pub(super) header: JournalHeader,
    /// The lines that can be decided again, with their numbers.
    recorded: Vec<(u64, &'a str)>,
    /// What was read for each of them.
    pub(super) items: Vec<Item<()>>,
    /// Lines that say only that the record was gone, or done before.
    pub(super) not_decided: u64,
}

impl<'a> Journal<'a> {
    pub(super) fn read(object: &str, text: &'a str) -> Result<Self, RunError> {
        let damaged =
            |line: u64, reason: String| RunError::Journal { key: object.to_owned(), line, reason };
        let mut lines = (1_u64..).zip(text.lines());
        let (_, header) = lines.next().ok_or_else(|| damaged(1, "it is empty".to_owned()))?;
        let header = serde_json::from_str(header).map_err(|error| damaged(1, error.to_string()))?;
        let mut journal = Self { header, recorded: Vec::new(), items: Vec::new(), not_decided: 0 };
        for (number, text) in lines {
            let line: JournalLine =
                serde_json::from_str(text).map_err(|error| damaged(number, error.to_string()))?;
            if line.inputs.is_none() || matches!(line.decision, JournalDecision::Changed { .. }) {
                journal.not_decided += 1;
                continue;
            }
            let item = chunk::item_of(&line).map_err(|reason| damaged(number, reason))?;
            journal.recorded.push((number, text));
            journal.items.push(item);
        }
        Ok(journal)
    }
}

/// What one journal comes to.
#[derive(Default)]
struct Part {
    records: u64,
    not_decided: u64,
    differences: Vec<Difference>,
}

async fn journal(context: &RunContext, object: String) -> Result<Part, RunError> {
    let bytes = context.store.get_object(&object).await?;
    tokio::task::block_in_place(|| again(context, &object, &String::from_utf8_lossy(&bytes)))
}

/// Decides the lines of one journal again.
fn again(context: &RunContext, object: &str, text: &str) -> Result<Part, RunError> {
    let Journal { header, recorded, items, not_decided } = Journal::read(object, text)?;
    let mut part = Part { records: items.len() as u64, not_decided, differences: Vec::new() };
    let quarantined = Arc::new(header.quarantined);
    let (as_of, steps) = (header.as_of, header.steps);
    let context = RunContext { as_of, steps, quarantined, ..context.clone() };
    let items = chunk::decide_and_act(&context, items, header.attempt, &mut Totals::default());
    for ((number, recorded), item) in recorded.into_iter().zip(items) {
        let line = chunk::journal_line(&item);
        let replayed = serde_json::to_string(&line).map_err(RunError::Document)?;
        if replayed != recorded {
            part.differences.push(Difference {
                journal: object.to_owned(),
                line: number,
                account: line.account,
                subject: line.subject,
                recorded: recorded.to_owned(),
                replayed,
            });
        }
    }
    Ok(part)
}
