//! A batch of events: gathered together, acted on together, committed one by one.
//!
//! Events of one account are applied one after the other, in their order; those
//! of different accounts at the same time. So a batch goes in waves: the first
//! event of each account, then the second, and so on.

use super::cloud_event::{Incoming, Refusal, Understood};
use super::dead_letter;
use super::patience::{ATTEMPTS_MAX, pause};
use crate::act::{ActContext, EVENTS_KEY, Work, act};
use crate::error::RunError;
use crate::prepare::Prepared;
use crate::record::Totals;
use crate::registry;
use crate::setups::{self, Stored};
use arrears_domain::event::{Applied, Book, apply};
use arrears_domain::{AccountId, Identifier, Transition};
use arrears_storage::document::EventLine;
use arrears_storage::{AccountBook, AccountWrite, CommitOutcome, RecordWrite, Store};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Transactions under way at a time; see the commits of a run.
const CONCURRENT_COMMITS_MAX: usize = 8;

/// What applies events to an agency's accounts, under one setup.
#[derive(Clone)]
pub struct Applier {
    store: Store,
    prepared: Arc<Prepared>,
    setup_version: u32,
    zone: chrono_tz::Tz,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// It is applied, and written.
    Applied(Done),
    /// It was applied before; nothing was written.
    Duplicate,
    /// It cannot be applied; it is in the dead-letter list.
    Parked {
        /// A stable word.
        code: String,
        /// What happened, and what to do.
        message: String,
        /// Its id in the dead-letter list.
        dead_letter: String,
    },
}

/// What an applied event did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// What each record went through: `A-1-C1: entry -> WARN`.
    pub changes: Vec<String>,
    /// Effects by kind, as `notice` and so on, in order.
    pub effects: Vec<String>,
    /// The account's balance after the event and its charges.
    pub balance: String,
}

/// What is answered to one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The event's id, if it has one.
    pub id: Option<String>,
    /// The account, if it names one.
    pub account: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// An understood event on its way.
struct Pending {
    index: usize,
    understood: Understood,
    attempts: u32,
}

/// What became of an event that nobody parks.
pub(crate) enum Settled {
    /// It is applied, and written.
    Applied(Done),
    /// It was applied before.
    Duplicate,
    /// It cannot be applied.
    Refused(Refusal),
}

/// How one attempt at an event ended.
enum Attempt {
    Settled(Settled),
    /// Somebody else changed the account.
    Again,
}

impl Attempt {
    fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Settled(Settled::Refused(Refusal::new(code, message)))
    }
}

impl Applier {
    /// Applies events under the setup.
    #[must_use]
    pub fn new(store: Store, stored: &Stored) -> Self {
        let prepared = Arc::clone(&stored.prepared);
        Self { store, prepared, setup_version: stored.version, zone: stored.zone() }
    }

    /// The zone of the agency's dates.
    #[must_use]
    pub fn zone(&self) -> chrono_tz::Tz {
        self.zone
    }

    /// The agency's store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Applies each event, and answers each in its place.
    ///
    /// # Errors
    /// The store fails. What was applied stands; the same events may be applied
    /// again.
    pub async fn apply(&self, events: Vec<Incoming>) -> Result<Vec<Answer>, RunError> {
        let agency = self.store.agency().as_str();
        let read: Vec<Result<Understood, Refusal>> =
            events.iter().map(|incoming| incoming.for_agency(agency)).collect();
        let understood = read.iter().map(|event| event.as_ref().ok().cloned()).collect();
        let settled = self.settle_all(understood).await?;
        let mut outcomes = Vec::with_capacity(events.len());
        for ((incoming, event), settled) in events.iter().zip(&read).zip(settled) {
            outcomes.push(match (settled, event) {
                (Some(Settled::Applied(done)), _) => Outcome::Applied(done),
                (Some(Settled::Refused(refusal)), _) => self.park(incoming, refusal).await?,
                (_, Err(refusal)) => self.park(incoming, refusal.clone()).await?,
                (Some(Settled::Duplicate) | None, Ok(_)) => Outcome::Duplicate,
            });
        }
        let is_settled = |outcome: &Outcome| !matches!(outcome, Outcome::Parked { .. });
        let settled = events.iter().zip(&outcomes).filter(|(_, outcome)| is_settled(outcome));
        let settled: Vec<&Incoming> = settled.map(|(incoming, _)| incoming).collect();
        dead_letter::settle(&self.store, &settled).await?;
        let answers = events.into_iter().zip(outcomes).map(|(incoming, outcome)| Answer {
            id: incoming.id,
            account: incoming.account,
            outcome,
        });
        Ok(answers.collect())
    }

    /// Applies each event that there is, without parking what is refused.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn settle_all(
        &self,
        events: Vec<Option<Understood>>,
    ) -> Result<Vec<Option<Settled>>, RunError> {
        setups::note_writes_under(&self.store, self.setup_version).await?;
        let mut settled: Vec<Option<Settled>> = events.iter().map(|_| None).collect();
        let mut waiting: Vec<Pending> = Vec::new();
        for (index, understood) in events.into_iter().enumerate() {
            let pending = |understood| Pending { index, understood, attempts: 0 };
            waiting.extend(understood.map(pending));
        }
        while !waiting.is_empty() {
            let (wave, later) = first_of_each_account(waiting);
            waiting = Vec::new();
            for (pending, attempt) in self.wave(wave).await? {
                let index = pending.index;
                settled[index] = Some(match attempt {
                    Attempt::Settled(settled) => settled,
                    Attempt::Again => {
                        waiting.push(pending);
                        continue;
                    }
                });
            }
            // An event that has to be decided anew goes before those after it.
            waiting.extend(later);
        }
        setups::note_writes_under(&self.store, self.setup_version).await?;
        Ok(settled)
    }

    async fn park(&self, incoming: &Incoming, refusal: Refusal) -> Result<Outcome, RunError> {
        let dead_letter = dead_letter::park(&self.store, incoming, &refusal).await?;
        let Refusal { code, message } = refusal;
        Ok(Outcome::Parked { code, message, dead_letter })
    }

    /// One event for each account.
    async fn wave(&self, wave: Vec<Pending>) -> Result<Vec<(Pending, Attempt)>, RunError> {
        let accounts: Vec<AccountId> =
            wave.iter().map(|pending| pending.understood.event.account.clone()).collect();
        let books = self.store.account_books(&accounts).await?;
        let books: HashMap<AccountId, AccountBook> =
            books.into_iter().map(|book| (book.account.id.clone(), book)).collect();
        let quarantined = registry::quarantined(&self.store).await?;
        let mut totals = Totals::default();
        let decided = tokio::task::block_in_place(|| {
            self.decide_and_act(&wave, &books, &quarantined, &mut totals)
        });
        if let Some(first) = wave.first() {
            let place = format!("event {}", first.understood.event.id);
            registry::strike_all(&self.store, &self.prepared, &place, &mut totals).await?;
        }
        let writes = wave.into_iter().zip(decided).map(|(mut pending, decided)| async move {
            pending.attempts += 1;
            let attempt = match decided {
                Ok(decided) => self.commit(&pending, decided).await?,
                Err(attempt) => attempt,
            };
            Ok::<_, RunError>((pending, attempt))
        });
        stream::iter(writes).buffered(CONCURRENT_COMMITS_MAX).try_collect().await
    }

    /// Decides all events of a wave, then performs all their actions.
    fn decide_and_act(
        &self,
        wave: &[Pending],
        books: &HashMap<AccountId, AccountBook>,
        quarantined: &BTreeSet<String>,
        totals: &mut Totals,
    ) -> Vec<Result<Decided, Attempt>> {
        let context = ActContext {
            prepared: &self.prepared,
            setup_version: self.setup_version,
            agency: self.store.agency().as_str(),
            run_key: EVENTS_KEY,
            attempt: 1,
            quarantined,
        };
        let mut works: Vec<Work> = Vec::new();
        let mut decided = Vec::with_capacity(wave.len());
        for pending in wave {
            let event = &pending.understood.event;
            decided.push(self.decide(&pending.understood, books.get(&event.account)).map(
                |mut applied| {
                    let cause = format!("event:{}", event.id);
                    let contact = books.get(&event.account).and_then(|book| book.contact.as_ref());
                    let owner = (&applied.account, contact);
                    let first = works.len();
                    for change in std::mem::take(&mut applied.changes) {
                        works.push(Work::new(&context, owner, change, &cause));
                    }
                    (applied, first..works.len())
                },
            ));
        }
        act(&context, &mut works, totals);
        let mut works: Vec<Option<Work>> = works.into_iter().map(Some).collect();
        let acted = wave.iter().zip(decided).map(|(pending, decided)| {
            let (applied, own) = decided?;
            let revision = books.get(&pending.understood.event.account).map(|it| it.revision);
            let works: Vec<Work> = works[own].iter_mut().filter_map(Option::take).collect();
            let withheld = works.iter().find_map(|work| work.withheld.as_ref());
            if let Some(reason) = withheld {
                let message = format!("{reason}; once it is released, apply the event again");
                return Err(Attempt::refused("PLUGIN_QUARANTINED", message));
            }
            let failure = works.iter().find_map(|work| work.failure.clone());
            match failure {
                Some((code, message)) => Err(Attempt::refused(&code, message)),
                None => Ok(Decided { revision: revision.unwrap_or_default(), applied, works }),
            }
        });
        acted.collect()
    }

    fn decide(
        &self,
        understood: &Understood,
        book: Option<&AccountBook>,
    ) -> Result<Applied, Attempt> {
        let Understood { event, line } = understood;
        let Some(book) = book else {
            let message = format!(
                "account {} is not in the book; import it, then apply the event again",
                event.account
            );
            return Err(Attempt::refused("UNKNOWN_ACCOUNT", message));
        };
        if let Some(known) = book.events.iter().find(|known| known.id == line.id) {
            return Err(again_or_reused(known, line));
        }
        let inputs = Book {
            account: &book.account,
            contact: book.contact.as_ref(),
            delinquencies: &book.delinquencies,
            items: &book.items,
            mandates: &book.mandates,
            postings: &book.postings,
        };
        apply(&self.prepared.setup, &inputs, event)
            .map_err(|rejection| Attempt::refused(rejection.code(), rejection.to_string()))
    }

    async fn commit(&self, pending: &Pending, decided: Decided) -> Result<Attempt, RunError> {
        let Decided { revision, applied, works } = decided;
        let line =
            EventLine { setup_version: self.setup_version, ..pending.understood.line.clone() };
        let records = works.iter().map(|work| RecordWrite {
            before: work.changed.before.as_ref(),
            after: &work.changed.after,
            due: work.changed.due,
            transition: &work.transition,
        });
        let write = AccountWrite {
            account: &applied.account.id,
            contact: applied.account.contact.as_ref(),
            revision: Some(revision),
            records: records.collect(),
            balance_change: Some(applied.balance_change),
            items: &applied.items,
            changed_items: &applied.changed_items,
            mandate: applied.mandate.as_ref(),
            posting: applied.posting.as_ref(),
            event: Some(&line),
            look: None,
            looks_again: &applied.looks_again,
        };
        match self.store.commit(&write).await {
            Ok(CommitOutcome::Committed) => {
                Ok(Attempt::Settled(Settled::Applied(done(&applied, &works))))
            }
            Ok(CommitOutcome::Conflict) if pending.attempts < ATTEMPTS_MAX => {
                tokio::time::sleep(pause(pending.attempts)).await;
                Ok(Attempt::Again)
            }
            Ok(CommitOutcome::Conflict) => {
                let message = format!(
                    "account {} was changed by somebody else, or is at odds with its history, \
                     {ATTEMPTS_MAX} times; apply the event again",
                    applied.account.id
                );
                Ok(Attempt::refused("ALWAYS_CHANGED", message))
            }
            Err(error) => match error.code_of_record() {
                Some(code) => Ok(Attempt::refused(code, error.to_string())),
                None => Err(error.into()),
            },
        }
    }
}

/// What was decided about an event, with its actions performed.
struct Decided {
    /// The account's revision, as it was read.
    revision: u64,
    applied: Applied,
    works: Vec<Work>,
}

/// The same event again, or another one under its id.
fn again_or_reused(known: &EventLine, line: &EventLine) -> Attempt {
    if known.digest == line.digest {
        return Attempt::Settled(Settled::Duplicate);
    }
    let message = format!(
        "event {} of account {} was {} on {}, with other content than this one; give this one \
         another id",
        line.id, line.account, known.event, known.on
    );
    Attempt::refused("ID_REUSED", message)
}

/// Splits off the first event of each account, in order.
fn first_of_each_account(waiting: Vec<Pending>) -> (Vec<Pending>, Vec<Pending>) {
    let mut seen = std::collections::HashSet::new();
    waiting.into_iter().partition(|pending| seen.insert(pending.understood.event.account.clone()))
}

fn done(applied: &Applied, works: &[Work]) -> Done {
    let transitions = || works.iter().map(|work| &work.transition);
    let effects = || transitions().flat_map(Transition::effects).map(|(_, _, effect)| effect);
    let charged = effects().filter_map(|effect| effect.charged());
    let balance = charged.fold(applied.account.balance, |sum, charge| {
        // The store has added the same amounts; they fit.
        sum.checked_add(charge).unwrap_or(sum)
    });
    Done {
        changes: transitions().map(|it| format!("{}: {}", it.delinquency, it.in_words())).collect(),
        effects: effects().map(|effect| effect.kind().as_str().to_owned()).collect(),
        balance: format!("{balance} {}", balance.currency().code()),
    }
}
