//! What if: a changed setup is asked about the live book beside the active one,
//! and whoever would fare differently is shown, with the reasons. Nothing is
//! written.
//!
//! It reads what a run reads: the records that are due. Only if the new setup
//! changes a duration, or a calendar, are all open records read, since others
//! may be due then.

use super::{Admitted, END_OF_TIME, Options, admit, key, selection};
use crate::act::Work;
use crate::catalog::Catalog;
use crate::chunk::{self, Chunk, Item, RunContext, Settled};
use crate::error::RunError;
use crate::plan::Planner;
use crate::prepare::Prepared;
use crate::record::{Steps, Totals};
use crate::registry;
use arrears_domain::decide::Explanation;
use arrears_domain::setup::Source;
use arrears_domain::{Date, Effect, Setup};
use arrears_storage::document::StepDocument;
use arrears_storage::{DUE_SHARDS, Store};
use futures::stream::{self, StreamExt};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most accounts that are listed; all are counted.
const LISTED_MAX: usize = 100_000;

/// How the book would fare under another setup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// The business date.
    pub as_of: Date,
    /// The active setup, which the new one is compared with.
    pub setup_version: u32,
    /// Whether records were read that are not due under the active setup,
    /// because the new one changes when records are due.
    pub all_open_records: bool,
    /// Records that were asked about.
    pub records: u64,
    /// Records that fare the same.
    pub same: u64,
    /// Records that fare differently.
    pub differing: u64,
    /// How many fare differently in which way: now, then, how many.
    pub ways: Vec<(String, String, u64)>,
    /// What a run would come to now.
    pub now: Totals,
    /// What it would come to with the new setup.
    pub then: Totals,
    /// The records that fare differently.
    pub fares: Vec<Fare>,
}

/// A record that fares differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fare {
    /// The account.
    pub account: String,
    /// The delinquency, or the bill type of one that would begin.
    pub subject: String,
    /// Where it stands: `RES: REMIND (1)`; none if it would only begin.
    pub stands_at: Option<String>,
    /// What is owed, with the currency.
    pub balance: String,
    /// What the next run does.
    pub now: FareOutcome,
    /// What it would do with the new setup.
    pub then: FareOutcome,
    /// The reasons of the new outcome that the present one does not have.
    pub why: Vec<StepDocument>,
}

/// What a run does to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FareOutcome {
    /// `REMIND -> FINAL`, `stays: NOT_YET_ELIGIBLE`, `error: FORMULA_FAILED`.
    pub outcome: String,
    /// What actions would do: `notice REMINDER-1`, `one-off-penalty LATE 5.00 USD`.
    pub effects: Vec<String>,
}

/// Asks both setups about the book as of a date.
///
/// # Errors
/// The new setup has mistakes, a run would be refused, or the store cannot be
/// read.
pub async fn what_if(
    store: &Store,
    catalog: &Catalog,
    sources: &[Source],
    options: &Options,
) -> Result<WhatIf, RunError> {
    // Which new records would begin is not asked: that depends on items that
    // nobody has to look at now.
    let steps = Steps { entry: false, ..options.steps };
    let (prepared, _) =
        Prepared::read(sources, catalog).map_err(|mistakes| RunError::Setup { mistakes })?;
    let Admitted { stored, threads, commit_number, .. } = admit(store, catalog, options).await?;
    let all_open_records = moves_dates(&stored.prepared.setup, &prepared.setup);
    let now = RunContext {
        store: store.clone(),
        prepared: stored.prepared,
        setup_version: stored.version,
        run_key: key("rehearsal")?,
        as_of: options.as_of,
        steps,
        quarantined: Arc::new(registry::quarantined(store).await?),
    };
    let then = RunContext { prepared: Arc::new(prepared), ..now.clone() };
    let mut wanted = selection(options.kind, steps, options.as_of);
    if all_open_records {
        let end = END_OF_TIME.parse().unwrap_or(Date::MAX);
        wanted.iter_mut().for_each(|(_, until)| *until = end);
    }
    let mut what_if = WhatIf::new(options.as_of, stored.version, all_open_records);
    let mut ways = BTreeMap::new();
    let mut planner = Planner::new(commit_number);
    for shard in 0..DUE_SHARDS {
        let chunks = planner.shard(store, &wanted, shard).await?;
        let compared = chunks.into_iter().map(|chunk| {
            let (now, then) = (now.clone(), then.clone());
            tokio::spawn(async move { compare(&now, &then, &chunk).await })
        });
        let mut compared = stream::iter(compared).buffered(threads as usize);
        while let Some(joined) = compared.next().await {
            let part = joined
                .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))?;
            what_if.add(part, &mut ways);
        }
    }
    what_if.ways = ways.into_iter().map(|((now, then), count)| (now, then, count)).collect();
    what_if.ways.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    Ok(what_if)
}

/// Whether records may be due on other dates under the new setup.
fn moves_dates(now: &Setup, then: &Setup) -> bool {
    let durations = |setup: &Setup| -> BTreeMap<(String, String), String> {
        let milestones = setup
            .schemes
            .values()
            .flat_map(|scheme| scheme.milestones.iter().map(move |milestone| (scheme, milestone)));
        milestones
            .map(|(scheme, milestone)| {
                let place = (scheme.code.to_string(), milestone.code.to_string());
                (place, format!("{:?}", milestone.duration))
            })
            .collect()
    };
    durations(now) != durations(then)
        || format!("{:?}", now.calendars) != format!("{:?}", then.calendars)
}

/// What a chunk comes to under both setups.
#[derive(Default)]
struct Part {
    records: u64,
    now: Totals,
    then: Totals,
    fares: Vec<Fare>,
}

async fn compare(now: &RunContext, then: &RunContext, wanted: &Chunk) -> Result<Part, RunError> {
    let items = chunk::gather(now, wanted).await?;
    Ok(tokio::task::block_in_place(|| {
        let mut part = Part { records: items.len() as u64, ..Part::default() };
        let again: Vec<Item<()>> = items.iter().filter_map(Item::unsettled).collect();
        let (open, gone): (Vec<_>, Vec<_>) = items.into_iter().partition(|it| it.state.is_ok());
        for item in &gone {
            chunk::count_one(item, &mut part.now);
            chunk::count_one(item, &mut part.then);
        }
        let decided_now = chunk::decide_and_act(now, open, 1, &mut part.now);
        let decided_then = chunk::decide_and_act(then, again, 1, &mut part.then);
        for (a, b) in decided_now.into_iter().zip(decided_then) {
            if !is_same(&a.state, &b.state) {
                part.fares.push(fare(&now.prepared.setup, &a, &b));
            }
            chunk::count_one(&chunk::as_if_committed(a), &mut part.now);
            chunk::count_one(&chunk::as_if_committed(b), &mut part.then);
        }
        part
    }))
}

/// Whether a record fares the same: what becomes of it and what its actions do;
/// not why.
fn is_same(now: &Result<Work, Settled>, then: &Result<Work, Settled>) -> bool {
    fn effects(work: &Work) -> impl Iterator<Item = &Effect> {
        work.transition.effects().map(|(_, _, effect)| effect)
    }
    match (now, then) {
        (Ok(now), Ok(then)) => {
            let is_equal = (&now.changed.after, now.changed.event)
                == (&then.changed.after, then.changed.event);
            is_equal && effects(now).eq(effects(then))
        }
        (Err(Settled::Omitted { reason: now, .. }), Err(Settled::Omitted { reason: then, .. })) => {
            now == then
        }
        (
            Err(Settled::Failed { code: now, message: now_says, .. }),
            Err(Settled::Failed { code: then, message: then_says, .. }),
        ) => (now, now_says) == (then, then_says),
        _ => false,
    }
}

impl WhatIf {
    fn new(as_of: Date, setup_version: u32, all_open_records: bool) -> Self {
        Self {
            as_of,
            setup_version,
            all_open_records,
            records: 0,
            same: 0,
            differing: 0,
            ways: Vec::new(),
            now: Totals::default(),
            then: Totals::default(),
            fares: Vec::new(),
        }
    }

    fn add(&mut self, part: Part, ways: &mut BTreeMap<(String, String), u64>) {
        let differing = part.fares.len() as u64;
        self.records += part.records;
        self.differing += differing;
        self.same += part.records - differing;
        self.now.add(&part.now);
        self.then.add(&part.then);
        for fare in &part.fares {
            let way = (fare.now.outcome.clone(), fare.then.outcome.clone());
            *ways.entry(way).or_default() += 1;
        }
        let room = LISTED_MAX.saturating_sub(self.fares.len());
        self.fares.extend(part.fares.into_iter().take(room));
    }
}

fn fare(setup: &Setup, now: &Item<Work>, then: &Item<Work>) -> Fare {
    let known = steps(&now.state);
    let news = steps(&then.state).iter().filter(|step| !known.contains(step));
    let record = now.snapshot.as_ref().and_then(|snapshot| snapshot.record());
    let account = now.snapshot.as_ref().map(|snapshot| snapshot.account.balance);
    let owed = record.map(|record| record.balance).or(account);
    Fare {
        account: now.key.account.to_string(),
        subject: chunk::named(&now.key),
        stands_at: record.map(|record| {
            let found = setup.milestone(&record.scheme, &record.milestone);
            let milestone =
                found.map_or_else(|| record.milestone.to_string(), |(_, it)| it.title());
            format!("{}: {milestone}", record.scheme)
        }),
        balance: owed.map_or_else(String::new, |it| format!("{it} {}", it.currency().code())),
        now: outcome(&now.state),
        then: outcome(&then.state),
        why: news.map(StepDocument::from).collect(),
    }
}

fn steps(state: &Result<Work, Settled>) -> &[arrears_domain::decide::Step] {
    let none: &[_] = &[];
    let explanation: &Explanation = match state {
        Ok(work) => &work.transition.explanation,
        Err(Settled::Omitted { explanation, .. } | Settled::Failed { explanation, .. }) => {
            explanation
        }
        Err(Settled::Processed(_)) => return none,
    };
    &explanation.steps
}

fn outcome(state: &Result<Work, Settled>) -> FareOutcome {
    match state {
        Ok(Work { transition, .. }) => FareOutcome {
            outcome: transition.in_words(),
            effects: transition.effects().map(|(_, _, effect)| described(effect)).collect(),
        },
        Err(Settled::Omitted { reason, .. }) => {
            FareOutcome { outcome: format!("stays: {}", reason.as_str()), effects: Vec::new() }
        }
        Err(Settled::Failed { code, .. }) => {
            FareOutcome { outcome: format!("error: {code}"), effects: Vec::new() }
        }
        Err(Settled::Processed(transition)) => {
            FareOutcome { outcome: transition.in_words(), effects: Vec::new() }
        }
    }
}

/// An effect in some words.
fn described(effect: &Effect) -> String {
    let kind = effect.kind().as_str();
    let what = match effect {
        Effect::Notice { correspondence, .. } => correspondence.clone(),
        Effect::OneOffCharge { line_item_type, .. }
        | Effect::OneOffPenalty { line_item_type, .. }
        | Effect::DepositCharge { line_item_type, .. } => line_item_type.clone(),
        Effect::Alert { message, .. } | Effect::LogEntry { message, .. } => message.clone(),
        Effect::CreditPoints { points, .. } => points.to_string(),
        Effect::ServiceRequest { request_type, .. } => request_type.clone(),
        Effect::Custom { kind, body, .. } => format!("{kind} {body}"),
    };
    match effect.charged() {
        Some(amount) => format!("{kind} {what} {amount} {}", amount.currency().code()),
        None => format!("{kind} {what}"),
    }
}
