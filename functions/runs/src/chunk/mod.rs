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

mod commit;
mod decide;
mod gather;
mod journal;

use self::decide::Decided;
use crate::act::{self, ActContext, Work};
use crate::error::RunError;
use crate::ledger;
use crate::prepare::Prepared;
use crate::record::{ChunkSummary, RecordError, RunRecord, Steps, Totals};
use crate::registry;
use crate::run;
use crate::setups::{self, Stored};
use arrears_domain::decide::{Explanation, OmitReason};
use arrears_domain::{
    Account, Contact, Date, Delinquency, Identifier, LineItem, RunKey, Transition,
};
use arrears_storage::{DueKey, DueSubject, LookWrite, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

pub(crate) use commit::as_if_committed;
pub(crate) use decide::words;
pub use journal::{JournalDecision, JournalHeader, JournalInputs, JournalLine, JournalRead};
pub(crate) use journal::{item_of, line as journal_line};

/// How often the questions of entry of one account are put in a run: each time
/// one of them is answered, so that this many bill types can begin on one day.
const PASSES_MAX: u32 = 12;

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
    /// What the run does.
    pub steps: Steps,
    /// The digests of plugins that are not to be called. Each chunk looks again.
    pub quarantined: Arc<BTreeSet<String>>,
}

impl RunContext {
    /// That of a run as its record tells it.
    pub(crate) fn of(store: &Store, stored: &Stored, record: &RunRecord) -> Result<Self, RunError> {
        Ok(Self {
            store: store.clone(),
            prepared: Arc::clone(&stored.prepared),
            setup_version: stored.version,
            run_key: run::key(&record.run_key)?,
            as_of: record.as_of,
            steps: record.steps,
            quarantined: Arc::default(),
        })
    }
}

/// A chunk, as it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// From 1.
    pub number: u32,
    /// Since when the longest of them has been due, where its due date is known.
    pub oldest_due_on: Option<Date>,
    /// The records; those of one account stand together.
    pub keys: Vec<DueKey>,
}

/// A record on its way through the chunk, or the question whether one begins.
pub(crate) struct Item<T> {
    pub key: DueKey,
    /// What was read of it; none if it is gone.
    pub snapshot: Option<Snapshot>,
    /// Where it stands: still open, or settled.
    pub state: Result<T, Settled>,
    /// Of the question of entry: when it has to be put again.
    pub look: Option<LookMove>,
}

/// What was read of a record.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub read: Read,
    pub account: Account,
    pub contact: Option<Contact>,
}

/// What a decision is about.
#[derive(Clone)]
pub(crate) enum Read {
    /// A record that may change.
    Record(Delinquency),
    /// Whether a delinquency of the bill type begins.
    Entry {
        bill_type: String,
        /// The mark that says that somebody has to look.
        mark: u64,
        /// The account's revision, which no event may have raised since.
        revision: u64,
        delinquencies: Vec<Delinquency>,
        items: Vec<LineItem>,
    },
}

impl Item<()> {
    /// Whether this is the question of entry, and somebody changed the account
    /// before its answer could be written.
    fn is_overtaken_entry(&self) -> bool {
        let changed = OmitReason::ChangedMeanwhile;
        matches!(self.key.subject, DueSubject::Entry(_))
            && matches!(&self.state, Err(Settled::Omitted { reason, .. }) if *reason == changed)
    }

    /// A copy of a record that nothing was decided about yet.
    pub(crate) fn unsettled(&self) -> Option<Self> {
        let (key, snapshot) = (self.key.clone(), self.snapshot.clone());
        self.state.is_ok().then_some(Self { key, snapshot, state: Ok(()), look: None })
    }
}

impl Snapshot {
    /// The record; none of the question whether one begins.
    pub(crate) fn record(&self) -> Option<&Delinquency> {
        match &self.read {
            Read::Record(record) => Some(record),
            Read::Entry { .. } => None,
        }
    }
}

/// When the question of entry has to be put again; never, if new items do not
/// come.
pub(crate) struct LookMove {
    pub bill_type: String,
    pub mark: u64,
    pub revision: u64,
    pub next: Option<Date>,
}

impl LookMove {
    fn write(&self) -> LookWrite<'_> {
        LookWrite { bill_type: &self.bill_type, mark: self.mark, next: self.next }
    }
}

/// What became of a record.
#[derive(Clone)]
pub(crate) enum Settled {
    /// It changed.
    Processed(Box<Transition>),
    /// It stays.
    Omitted { reason: OmitReason, explanation: Explanation },
    /// It could not be decided or acted on.
    Failed { code: String, message: String, explanation: Explanation },
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

    fn no_group(bill_type: &str) -> Self {
        let mut explanation = Explanation::default();
        explanation.add("group", format!("the setup has no group for bill type {bill_type}"));
        Self::Omitted { reason: OmitReason::NothingPastDue, explanation }
    }
}

/// Works on a chunk and says what came of it; nothing if a later attempt has
/// taken it over meanwhile, whose summary then counts.
///
/// # Errors
/// The store fails. The chunk can be worked on again.
pub async fn work(context: &RunContext, chunk: &Chunk) -> Result<Option<ChunkSummary>, RunError> {
    let store = context.store.metered();
    let quarantined = Arc::new(registry::quarantined(&store).await?);
    let metered = RunContext { store, quarantined, ..context.clone() };
    let attempt = ledger::claim_chunk(&metered.store, &metered.run_key, chunk.number).await?;
    let mut totals = Totals::default();

    let mut items = pass(&metered, chunk, (attempt, 1), &mut totals).await?;
    // On one day an account's record may move on, items join it, and records of
    // other bill types begin. What one of them has overtaken is looked at again.
    for number in 2..=PASSES_MAX {
        let overtaken = items.extract_if(.., |item| item.is_overtaken_entry());
        let keys: Vec<DueKey> = overtaken.map(|item| item.key).collect();
        if keys.is_empty() {
            break;
        }
        let rest = Chunk { keys, ..*chunk };
        items.extend(pass(&metered, &rest, (attempt, number), &mut totals).await?);
    }

    count(&items, &mut totals);
    // Before the chunk is done: one that is worked on again notes them in the same place.
    let place = format!("{} chunk {}", metered.run_key, chunk.number);
    registry::strike_all(&metered.store, &metered.prepared, &place, &mut totals).await?;
    totals.capacity.consumed(&metered.store.capacity());
    let summary = chunk.summary(attempt, totals);
    let counts = ledger::finish_chunk(&metered.store, &metered.run_key, &summary).await?;
    Ok(counts.then_some(summary))
}

/// Takes records through all steps. `attempt` and `pass` name the journal.
async fn pass(
    context: &RunContext,
    chunk: &Chunk,
    (attempt, pass): (u32, u32),
    totals: &mut Totals,
) -> Result<Vec<Item<()>>, RunError> {
    let started = Instant::now();
    let items = gather::gather(context, chunk, attempt).await?;
    totals.process("Gather", items.len() as u64, started.elapsed());

    // A plugin may take its time, up to its deadline; other tasks must not wait.
    let items = tokio::task::block_in_place(|| decide_and_act(context, items, attempt, totals));
    journal::write(context, chunk.number, (attempt, pass), &items, totals).await?;

    let started = Instant::now();
    // A setup that was loaded meanwhile has the due index follow it; what is
    // committed here does not. Noted before and after, since either may come
    // between.
    setups::note_writes_under(&context.store, context.setup_version).await?;
    let items = commit::commit(context, items).await?;
    setups::note_writes_under(&context.store, context.setup_version).await?;
    totals.process("Commit", items.len() as u64, started.elapsed());
    Ok(items)
}

/// Step 1 alone, for whoever writes nothing.
pub(crate) async fn gather(context: &RunContext, chunk: &Chunk) -> Result<Vec<Item<()>>, RunError> {
    gather::gather(context, chunk, 1).await
}

/// Steps 2 and 3: nothing is read, nothing is written.
pub(crate) fn decide_and_act(
    context: &RunContext,
    items: Vec<Item<()>>,
    attempt: u32,
    totals: &mut Totals,
) -> Vec<Item<Work>> {
    let started = Instant::now();
    let items = decide::decide(context, items);
    totals.process("Decide", items.len() as u64, started.elapsed());
    let context = ActContext {
        prepared: &context.prepared,
        setup_version: context.setup_version,
        agency: context.store.agency().as_str(),
        run_key: context.run_key.as_str(),
        attempt,
        quarantined: &context.quarantined,
    };
    act_all(&context, items, totals)
}

/// Performs the actions of each record that changes.
fn act_all(
    context: &ActContext<'_>,
    items: Vec<Item<Decided>>,
    totals: &mut Totals,
) -> Vec<Item<Work>> {
    let mut works = Vec::new();
    let mut waiting = Vec::with_capacity(items.len());
    for Item { key, snapshot, state, look } in items {
        let state = match (state, &snapshot) {
            (Ok(decided), Some(Snapshot { account, contact, .. })) => {
                let Decided { changed, explanation } = decided;
                let owner = (account, contact.as_ref());
                let change = (changed, explanation);
                works.push(Work::new(context, owner, change, context.run_key));
                Ok(())
            }
            (Ok(_), None) => Err(Settled::missing("record")),
            (Err(settled), _) => Err(settled),
        };
        waiting.push(Item { key, snapshot, state, look });
    }
    act::act(context, &mut works, totals);
    let mut works = works.into_iter();
    let acted = waiting.into_iter().map(|Item { key, snapshot, state, mut look }| {
        let state = match state.map(|()| works.next()) {
            Ok(Some(Work { withheld: Some(reason), transition, .. })) => {
                let mut explanation = transition.explanation;
                explanation.add("action", reason);
                // The question of entry stays, until the plugin may be called again.
                look = None;
                Err(Settled::Omitted { reason: OmitReason::PluginQuarantined, explanation })
            }
            Ok(Some(Work { failure: Some((code, message)), transition, .. })) => {
                Err(Settled::Failed { code, message, explanation: transition.explanation })
            }
            Ok(Some(work)) => Ok(work),
            Ok(None) => unreachable!("there is a change for each record that is open"),
            Err(settled) => Err(settled),
        };
        Item { key, snapshot, state, look }
    });
    acted.collect()
}

/// Reads, decides and acts on a chunk as a run would, and writes nothing.
///
/// # Errors
/// The store cannot be read.
pub async fn rehearse(context: &RunContext, chunk: &Chunk) -> Result<ChunkSummary, RunError> {
    let mut totals = Totals::default();
    let items = gather::gather(context, chunk, 1).await?;
    let items = decide_and_act(context, items, 1, &mut totals);
    let items: Vec<Item<()>> = items.into_iter().map(commit::as_if_committed).collect();
    count(&items, &mut totals);
    Ok(chunk.summary(1, totals))
}

impl Chunk {
    fn accounts(&self) -> u64 {
        let mut accounts: Vec<&str> = self.keys.iter().map(|key| key.account.as_str()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts.len() as u64
    }

    fn summary(&self, attempt: u32, totals: Totals) -> ChunkSummary {
        ChunkSummary {
            chunk: self.number,
            attempt,
            accounts: self.accounts(),
            delinquencies: self.keys.len() as u64,
            oldest_due_on: self.oldest_due_on,
            totals,
        }
    }
}

fn count(items: &[Item<()>], totals: &mut Totals) {
    items.iter().for_each(|item| count_one(item, totals));
}

/// Counts what became of a record.
pub(crate) fn count_one(item: &Item<()>, totals: &mut Totals) {
    match &item.state {
        Ok(()) => unreachable!("commit settles every record"),
        Err(Settled::Processed(transition)) => count_processed(transition, totals),
        Err(Settled::Omitted { reason, .. }) => totals.omit(reason.as_str()),
        Err(Settled::Failed { code, message, .. }) => totals.error(RecordError {
            account: item.key.account.to_string(),
            delinquency: named(&item.key),
            code: code.clone(),
            message: message.clone(),
        }),
    }
}

/// The record, or the bill type of which none has begun.
pub(crate) fn named(key: &DueKey) -> String {
    match &key.subject {
        DueSubject::Record(id) => id.to_string(),
        DueSubject::Entry(bill_type) => bill_type.clone(),
    }
}

fn count_processed(transition: &Transition, totals: &mut Totals) {
    totals.processed += 1;
    let step = format!("{}: {}", transition.scheme, transition.in_words());
    *totals.moves.entry(step).or_default() += 1;
    for (_, _, effect) in transition.effects() {
        *totals.effects.entry(effect.kind().as_str().to_owned()).or_default() += 1;
        if let Some(amount) = effect.charged() {
            let currency = amount.currency().code().to_owned();
            *totals.charged_minor_units.entry(currency).or_default() += amount.minor_units();
        }
    }
}
