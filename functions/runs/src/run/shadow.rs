//! Shadow: a plugin's next component decides a finished run again, beside the present one,
//! and what differs is shown before anybody activates it.
//!
//! Both are given what the journal says was read. Nothing is read but the journal, and
//! nothing is written.

use super::Observer;
use super::replay::Journal;
use crate::catalog::Catalog;
use crate::chunk::{self, Item, JournalDecision, RunContext};
use crate::error::RunError;
use crate::record::{PluginUse, RunKind, RunRecord, RunStatus, Totals};
use crate::registry::RegistryError;
use crate::{ledger, setups};
use arrears_storage::Store;
use arrears_storage::document::ActionDocument;
use serde::Serialize;
use serde_json::{Value, json};

/// The most differences that are listed; all are counted.
pub const DIFFERENCES_MAX: usize = 100;

/// What a shadow came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shadow {
    /// The run whose journal was used.
    pub run_key: String,
    /// The plugin's id.
    pub plugin: String,
    /// What the present component did and used.
    pub present: Side,
    /// What the other one did and used.
    pub next: Side,
    /// Records for which one of them was asked.
    pub records: u64,
    /// Records of which the two make something else.
    pub differing: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
}

/// What a component did and used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its version.
    pub version: String,
    /// Its digest.
    pub digest: String,
    /// The action types that it performs.
    pub actions: Vec<String>,
    /// Effects that it returned.
    pub effects: u64,
    /// Records that it skipped.
    pub skipped: u64,
    /// Records that became errors by it.
    pub errors: u64,
    /// What it used.
    pub used: PluginUse,
}

/// A record of which the two make something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The account.
    pub account: String,
    /// The delinquency, or the bill type.
    pub subject: String,
    /// What the present component makes of it.
    pub present: Value,
    /// What the other one makes of it.
    pub next: Value,
}

/// The last finished run over records: that which a shadow uses if none is named.
///
/// # Errors
/// There is none, or the store fails.
pub async fn last_over_records(store: &Store) -> Result<String, RunError> {
    let is_fit = |run: &RunRecord| {
        let over_records = matches!(run.kind, RunKind::Collections | RunKind::Delinquency);
        over_records && run.status == RunStatus::Finished && !run.plugins.is_empty()
    };
    let runs = ledger::runs(store).await?;
    let last = runs.into_iter().filter(is_fit).max_by(|a, b| a.initiated_at.cmp(&b.initiated_at));
    last.map(|run| run.run_key).ok_or_else(|| RunError::Registry(RegistryError::NothingToShadow))
}

/// Decides a finished run again with two catalogs that differ in one plugin.
///
/// # Errors
/// The run is not finished or has no journal of records; one of the two does not take the
/// setup of the run; a journal cannot be read; or the store fails.
pub async fn shadow(
    store: &Store,
    (present, next): (&Catalog, &Catalog),
    plugin: &str,
    run_key: &str,
    observer: &dyn Observer,
) -> Result<Shadow, RunError> {
    let (record, _) = ledger::run(store, run_key).await?;
    if record.status != RunStatus::Finished {
        return Err(RunError::NotFinished { run_key: record.run_key });
    }
    let mut both = Both {
        contexts: [context(store, present, &record).await?, context(store, next, &record).await?],
        totals: Default::default(),
        shadow: Shadow {
            run_key: record.run_key.clone(),
            plugin: plugin.to_owned(),
            present: Side::of(present, plugin)?,
            next: Side::of(next, plugin)?,
            records: 0,
            differing: 0,
            differences: Vec::new(),
        },
    };
    observer.planned(record.plan.as_ref().map_or(0, |plan| plan.delinquencies));
    for object in store.list_objects(&format!("runs/{}/journal/", record.run_key)).await? {
        let bytes = store.get_object(&object.key).await?;
        let text = String::from_utf8_lossy(&bytes);
        let journal = Journal::read(&object.key, &text)?;
        let looked_at = journal.items.len() as u64 + journal.not_decided;
        tokio::task::block_in_place(|| both.journal(journal));
        observer.looked_at(looked_at);
    }
    Ok(both.finished())
}

async fn context(
    store: &Store,
    catalog: &Catalog,
    record: &RunRecord,
) -> Result<RunContext, RunError> {
    let stored = setups::version(store, catalog, record.setup_version).await?;
    RunContext::of(store, &stored, record)
}

/// The two on their way through the journals.
struct Both {
    contexts: [RunContext; 2],
    totals: [Totals; 2],
    shadow: Shadow,
}

impl Both {
    fn journal(&mut self, journal: Journal<'_>) {
        let Journal { header, items, .. } = journal;
        let copies: Vec<Item<()>> = items.iter().filter_map(Item::unsettled).collect();
        let [present, next] = [(0, items), (1, copies)].map(|(which, items)| {
            let (as_of, steps) = (header.as_of, header.steps);
            let context = RunContext { as_of, steps, ..self.contexts[which].clone() };
            let totals = &mut self.totals[which];
            let acted = chunk::decide_and_act(&context, items, header.attempt, totals);
            acted.iter().map(chunk::journal_line).collect::<Vec<_>>()
        });
        for (present, next) in present.iter().zip(&next) {
            let made = [
                self.shadow.present.made(&present.decision),
                self.shadow.next.made(&next.decision),
            ];
            if made.iter().all(Option::is_none) {
                continue;
            }
            let [of_present, of_next] = made.map(Option::unwrap_or_default);
            self.shadow.records += 1;
            if of_present == of_next {
                continue;
            }
            self.shadow.differing += 1;
            if self.shadow.differences.len() < DIFFERENCES_MAX {
                self.shadow.differences.push(Difference {
                    account: present.account.clone(),
                    subject: present.subject.clone(),
                    present: of_present,
                    next: of_next,
                });
            }
        }
    }

    fn finished(self) -> Shadow {
        let Self { totals: [present, next], mut shadow, .. } = self;
        for (side, totals) in [(&mut shadow.present, present), (&mut shadow.next, next)] {
            side.used = totals.plugins.get(&side.digest).cloned().unwrap_or_default();
        }
        shadow
    }
}

impl Side {
    fn of(catalog: &Catalog, plugin: &str) -> Result<Self, RunError> {
        let found = catalog.plugins().find(|it| it.plugin.descriptor().id == plugin);
        let unknown =
            || RunError::Registry(RegistryError::UnknownPlugin { name: plugin.to_owned() });
        let found = &found.ok_or_else(unknown)?.plugin;
        let descriptor = found.descriptor();
        Ok(Self {
            version: descriptor.version.clone(),
            digest: found.digest().to_owned(),
            actions: descriptor.actions.clone(),
            ..Self::default()
        })
    }

    /// Whether the error of a record comes of one of its actions.
    fn is_of(&self, message: &str) -> bool {
        let rest = message.strip_prefix("action ");
        let action = rest.and_then(|rest| rest.split_once(": ")).map(|(action, _)| action);
        action.is_some_and(|action| self.actions.iter().any(|own| own == action))
    }

    /// What the component made of a record; none if it was not asked. Counted.
    fn made(&mut self, decision: &JournalDecision) -> Option<Value> {
        match decision {
            JournalDecision::Change { transition, .. } => {
                let own = transition.actions.iter();
                let own: Vec<&ActionDocument> =
                    own.filter(|it| it.plugin_digest == self.digest).collect();
                self.effects += own.iter().map(|it| it.effects.len() as u64).sum::<u64>();
                self.skipped += own.iter().filter(|it| it.skipped.is_some()).count() as u64;
                let made = own.iter().map(|it| {
                    json!({ "type": it.action_type, "effects": it.effects, "skipped": it.skipped })
                });
                Some(Value::from(made.collect::<Vec<_>>())).filter(|_| !own.is_empty())
            }
            JournalDecision::Error { code, message, .. } if self.is_of(message) => {
                self.errors += 1;
                Some(json!({ "code": code, "message": message }))
            }
            _ => None,
        }
    }
}
