//! Why an account's records stand where they stand, and what comes next, and
//! when.

use super::account::{self, HistoryView};
use crate::error::RunError;
use crate::record::RunKind;
use crate::setups::Stored;
use arrears_domain::decide::{
    Decision, EntryInputs, Inputs, OmitReason, Outcome, decide, eligibility, entry,
};
use arrears_domain::{AccountId, Date, Delinquency, LineItem, Setup};
use arrears_storage::document::StepDocument;
use arrears_storage::{AccountPage, Store};
use serde::Serialize;

/// The story of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountExplanation {
    /// The account.
    pub account: String,
    /// The name of its primary contact.
    pub name: Option<String>,
    /// The date for which the question is asked.
    pub as_of: Date,
    /// The setup that answers it.
    pub setup_version: u32,
    /// Its records.
    pub delinquencies: Vec<DelinquencyExplanation>,
    /// Bill types of which a delinquency may begin or grow.
    pub beginning: Vec<EntryExplanation>,
}

/// The story of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DelinquencyExplanation {
    /// The record.
    pub id: String,
    /// Which process it is.
    pub kind: String,
    /// The kind of run that looks at it.
    pub run: RunKind,
    /// Its scheme.
    pub scheme: String,
    /// Its milestone with its level.
    pub milestone: String,
    /// How its process ended: `resolved on 2026-02-03: PAID-IN-FULL`; none if it
    /// goes on.
    pub ended: Option<String>,
    /// What is owed, with the currency.
    pub balance: String,
    /// How it came here, oldest first.
    pub history: Vec<HistoryView>,
    /// What a run on that date would make of it: `advances to FINAL`,
    /// `stays: NOT_YET_ELIGIBLE`.
    pub next: String,
    /// The actions that would be performed.
    pub actions: Vec<String>,
    /// Why, with the inputs and the value of each formula.
    pub explanation: Vec<StepDocument>,
    /// What comes later, if only its time has not come.
    pub upcoming: Option<Upcoming>,
}

/// What a run makes of a record that only has to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upcoming {
    /// The first day on which a run does it, as things stand; none if that is
    /// once the hold is released.
    pub on: Option<Date>,
    /// `advances to FINAL`, `stays: NO_NEXT_MILESTONE`.
    pub next: String,
    /// The actions that would be performed.
    pub actions: Vec<String>,
    /// Why, with the inputs and the value of each formula.
    pub explanation: Vec<StepDocument>,
}

/// Whether a delinquency of a bill type begins, or one that is open grows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryExplanation {
    /// The bill type.
    pub bill_type: String,
    /// What a delinquency run on that date would make of it: `begins at LATE`,
    /// `D-1 owes 50.00 more`, `stays: BELOW_MINIMUM`.
    pub next: String,
    /// The actions that would be performed.
    pub actions: Vec<String>,
    /// The next day on which further items count.
    pub look_again: Option<Date>,
    /// Why, with the inputs and the value of each formula.
    pub explanation: Vec<StepDocument>,
}

/// The story of an account; none if there is no such account.
///
/// # Errors
/// The store fails.
pub async fn explain(
    store: &Store,
    stored: &Stored,
    account: &AccountId,
    as_of: Date,
) -> Result<Option<AccountExplanation>, RunError> {
    let Some(page) = store.account_page(account).await? else { return Ok(None) };
    let setup = &stored.prepared.setup;
    let delinquencies = page.delinquencies.iter().map(|it| story(setup, &page, it, as_of));
    Ok(Some(AccountExplanation {
        account: account.to_string(),
        name: page.contact.as_ref().map(|contact| contact.name.clone()),
        as_of,
        setup_version: stored.version,
        delinquencies: delinquencies.collect(),
        beginning: beginning(setup, &page, as_of),
    }))
}

fn story(
    setup: &Setup,
    page: &AccountPage,
    record: &Delinquency,
    as_of: Date,
) -> DelinquencyExplanation {
    let inputs = Inputs {
        delinquency: record,
        account: &page.account,
        contact: page.contact.as_ref(),
        as_of,
    };
    let told = Told::of(decide(setup, &inputs));
    let shown = account::delinquency(setup, record);
    let history = page.transitions.iter().filter(|it| it.delinquency == record.id);
    let is_in_collections_run = record.kind.is_in_collections_run();
    DelinquencyExplanation {
        id: record.id.to_string(),
        kind: record.kind.as_str().to_owned(),
        run: if is_in_collections_run { RunKind::Collections } else { RunKind::Delinquency },
        scheme: record.scheme.to_string(),
        milestone: shown.milestone_title,
        ended: shown.record.resolved_on.map(|on| {
            let code = shown.record.resolution_code.unwrap_or_default();
            format!("resolved on {on}: {code}")
        }),
        balance: format!("{} {}", record.balance, record.balance.currency().code()),
        history: history.map(account::history).collect(),
        upcoming: told.waits.and_then(|_| upcoming(setup, &inputs)),
        next: told.next,
        actions: told.actions,
        explanation: told.explanation,
    }
}

/// A decision in words.
struct Told {
    next: String,
    actions: Vec<String>,
    explanation: Vec<StepDocument>,
    /// The reason to wait, if time alone ends it, or a clerk.
    waits: Option<OmitReason>,
}

impl Told {
    fn of(decision: Decision) -> Self {
        let Decision { outcome, explanation } = decision;
        let explanation = explanation.steps.iter().map(StepDocument::from).collect();
        let (mut actions, mut waits) = (Vec::new(), None);
        let next = match outcome {
            Outcome::Change(changed) => {
                actions = changed.actions.iter().map(|it| it.action_type.clone()).collect();
                format!("advances to {}", changed.after.milestone)
            }
            Outcome::Omit(reason) => {
                let is_waiting = matches!(reason, OmitReason::NotYetEligible | OmitReason::OnHold);
                waits = Some(reason).filter(|_| is_waiting);
                format!("stays: {}", reason.as_str())
            }
            Outcome::Error(error) => format!("error: {error}"),
        };
        Self { next, actions, explanation, waits }
    }
}

/// What a run makes of the record on the first day on which neither its duration
/// nor its hold keeps it.
fn upcoming(setup: &Setup, inputs: &Inputs<'_>) -> Option<Upcoming> {
    let hold = inputs.delinquency.hold.as_ref().filter(|hold| hold.stands_on(inputs.as_of));
    let until = hold.and_then(|hold| hold.until);
    let released_on = match until {
        Some(until) => until.succ_opt()?,
        None => inputs.as_of,
    };
    let eligible = eligibility(setup, inputs).ok()?;
    let on = eligible.on.max(released_on);
    let record = Delinquency { hold: None, ..inputs.delinquency.clone() };
    let later = Inputs { delinquency: &record, as_of: on, ..*inputs };
    let told = Told::of(decide(setup, &later));
    Some(Upcoming {
        on: Some(on).filter(|_| hold.is_none() || until.is_some()),
        next: told.next,
        actions: told.actions,
        explanation: told.explanation,
    })
}

/// What a delinquency run would begin. A bill type of which nothing is unpaid is
/// left out.
fn beginning(setup: &Setup, page: &AccountPage, as_of: Date) -> Vec<EntryExplanation> {
    let currency = page.account.currency();
    let items: Vec<LineItem> =
        page.transactions.iter().filter_map(|line| line.to_line_item(currency).ok()).collect();
    let inputs = EntryInputs {
        account: &page.account,
        contact: page.contact.as_ref(),
        delinquencies: &page.delinquencies,
        items: &items,
        as_of,
    };
    let explained = setup.delinquency_groups.iter().filter_map(|group| {
        let asked = entry(setup, group, &inputs);
        let is_known = matches!(
            asked.decision.outcome,
            Outcome::Omit(OmitReason::AlreadyOpen | OmitReason::NothingPastDue)
        );
        if is_known && asked.look_again.is_none() {
            return None;
        }
        let begins = match &asked.decision.outcome {
            Outcome::Change(changed) => Some(match &changed.before {
                None => format!("begins at {}", changed.after.milestone),
                Some(before) => format!(
                    "{} owes {} instead of {}",
                    before.id, changed.after.balance, before.balance
                ),
            }),
            Outcome::Omit(_) | Outcome::Error(_) => None,
        };
        let told = Told::of(asked.decision);
        Some(EntryExplanation {
            bill_type: group.bill_type.clone().unwrap_or_default(),
            next: begins.unwrap_or(told.next),
            actions: told.actions,
            look_again: asked.look_again,
            explanation: told.explanation,
        })
    });
    explained.collect()
}
