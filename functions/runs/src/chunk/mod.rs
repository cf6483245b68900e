//! A chunk of a run: gather, decide, act, commit.
//!
//! Data goes one way. Each step takes the records that the step before left
//! open and settles some of them; what is settled passes through untouched.
//! `gather` and `commit` are the only steps that reach the store; `decide` is
//! pure; `act` asks the plugins and nobody else.
//!
//! A chunk may be worked on twice, by a resume or by a second delivery. A
//! record that an earlier attempt of the same run has advanced is recognised by
//! its history and counted, not advanced again; and every write names the
//! version that it was decided on. So each attempt sees the same counts.

mod act;
mod commit;
mod decide;
mod gather;
mod journal;

use crate::error::RunError;
use crate::ledger;
use crate::prepare::Prepared;
use crate::record::{CapacityUse, ChunkSummary, RecordError, Totals};
use crate::setups;
use arrears_domain::decide::{Explanation, OmitReason};
use arrears_domain::{Account, Contact, Date, Delinquency, Identifier, RunKey, Transition};
use arrears_storage::{DueKey, Store};
use std::sync::Arc;
use std::time::Instant;

pub use journal::{JournalDecision, JournalHeader, JournalInputs, JournalLine};

/// What is the same for all chunks of a run.
#[derive(Clone)]
pub struct RunContext {
    /// The agency's store.
    pub store: Store,
    /// The setup that the run has pinned, with its plugins.
    pub prepared: Arc<Prepared>,
    /// The number of that setup.
    pub setup_version: u32,
    /// The run.
    pub run_key: RunKey,
    /// The business date.
    pub as_of: Date,
}

/// A chunk, as it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// From 1.
    pub number: u32,
    /// The records; those of one account stand together.
    pub keys: Vec<DueKey>,
}

/// A record on its way through the chunk.
pub(crate) struct Item<T> {
    pub key: DueKey,
    /// What was read of it; none if it is gone.
    pub snapshot: Option<Snapshot>,
    /// Where it stands: still open, or settled.
    pub state: Result<T, Settled>,
}

/// What was read of a record.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub delinquency: Delinquency,
    pub account: Account,
    pub contact: Option<Contact>,
}

/// What became of a record.
pub(crate) enum Settled {
    /// It moved on.
    Processed(Box<Transition>),
    /// It stays.
    Omitted { reason: OmitReason, explanation: Explanation },
    /// It could not be decided or acted on.
    Failed { code: String, message: String, explanation: Explanation },
}

impl<T> Item<T> {
    /// The same record after a step that looked at it only if it was open.
    fn step<U>(self, step: impl FnOnce(&Snapshot, T) -> Result<U, Settled>) -> Item<U> {
        let Self { key, snapshot, state } = self;
        let state = match (state, &snapshot) {
            (Ok(open), Some(snapshot)) => step(snapshot, open),
            (Ok(_), None) => Err(Settled::missing("record")),
            (Err(settled), _) => Err(settled),
        };
        Item { key, snapshot, state }
    }
}

impl Settled {
    fn missing(what: &str) -> Self {
        Self::Failed {
            code: "MISSING".to_owned(),
            message: format!(
                "the {what} is no longer in the book; import it again, or remove the rest of it"
            ),
            explanation: Explanation::default(),
        }
    }
}

/// Works on a chunk and says what came of it; nothing if a later attempt has
/// taken it over meanwhile, whose summary then counts.
///
/// # Errors
/// The store fails. The chunk can be worked on again.
pub async fn work(context: &RunContext, chunk: &Chunk) -> Result<Option<ChunkSummary>, RunError> {
    let metered = RunContext { store: context.store.metered(), ..context.clone() };
    let attempt = ledger::claim_chunk(&metered.store, &metered.run_key, chunk.number).await?;
    let mut totals = Totals::default();

    let started = Instant::now();
    let items = gather::gather(&metered, chunk, attempt).await?;
    totals.process("Gather", items.len() as u64, started.elapsed());

    let started = Instant::now();
    let items = decide::decide(&metered, items);
    totals.process("Decide", items.len() as u64, started.elapsed());

    // A plugin may take its time, up to its deadline; other tasks must not wait.
    let items = tokio::task::block_in_place(|| act::act(&metered, items, attempt, &mut totals));
    journal::write(&metered, chunk.number, attempt, &items).await?;

    let started = Instant::now();
    // A setup that was loaded meanwhile has the due index follow it; what is
    // committed here does not. Noted before and after, since either may come
    // between.
    setups::note_writes_under(&metered.store, metered.setup_version).await?;
    let items = commit::commit(&metered, items).await?;
    setups::note_writes_under(&metered.store, metered.setup_version).await?;
    totals.process("Commit", items.len() as u64, started.elapsed());

    count(&items, &mut totals);
    let capacity = metered.store.capacity();
    totals.capacity = CapacityUse {
        read_units_milli: capacity.read_units_milli,
        write_units_milli: capacity.write_units_milli,
    };
    let summary = ChunkSummary {
        chunk: chunk.number,
        attempt,
        accounts: chunk.accounts(),
        delinquencies: chunk.keys.len() as u64,
        totals,
    };
    let counts = ledger::finish_chunk(&metered.store, &metered.run_key, &summary).await?;
    Ok(counts.then_some(summary))
}

/// Decides and acts on a chunk as a run would, and writes nothing.
///
/// # Errors
/// The store cannot be read.
pub async fn rehearse(context: &RunContext, chunk: &Chunk) -> Result<ChunkSummary, RunError> {
    let mut totals = Totals::default();
    let items = gather::gather(context, chunk, 1).await?;
    let items = decide::decide(context, items);
    let items = act::act(context, items, 1, &mut totals);
    let items: Vec<Item<()>> = items.into_iter().map(commit::as_if_committed).collect();
    count(&items, &mut totals);
    Ok(ChunkSummary {
        chunk: chunk.number,
        attempt: 1,
        accounts: chunk.accounts(),
        delinquencies: chunk.keys.len() as u64,
        totals,
    })
}

impl Chunk {
    fn accounts(&self) -> u64 {
        let mut accounts: Vec<&str> = self.keys.iter().map(|key| key.account.as_str()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts.len() as u64
    }
}

fn count(items: &[Item<()>], totals: &mut Totals) {
    for item in items {
        match &item.state {
            Ok(()) => unreachable!("commit settles every record"),
            Err(Settled::Processed(transition)) => count_processed(transition, totals),
            Err(Settled::Omitted { reason, .. }) => totals.omit(reason.as_str()),
            Err(Settled::Failed { code, message, .. }) => totals.error(RecordError {
                account: item.key.account.to_string(),
                delinquency: item.key.delinquency.to_string(),
                code: code.clone(),
                message: message.clone(),
            }),
        }
    }
}

fn count_processed(transition: &Transition, totals: &mut Totals) {
    totals.processed += 1;
    let place = |milestone: &Option<arrears_domain::MilestoneCode>| {
        milestone.as_ref().map_or("-", |code| code.as_str()).to_owned()
    };
    let step =
        format!("{}: {} -> {}", transition.scheme, place(&transition.from), place(&transition.to));
    *totals.moves.entry(step).or_default() += 1;
    for (_, _, effect) in transition.effects() {
        *totals.effects.entry(effect.kind().as_str().to_owned()).or_default() += 1;
        if let Some(amount) = effect.charged() {
            let currency = amount.currency().code().to_owned();
            *totals.charged_minor_units.entry(currency).or_default() += amount.minor_units();
        }
    }
}
