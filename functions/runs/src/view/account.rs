//! The account page.

use super::Outputs;
use crate::error::RunError;
use crate::placement::{self, PlacementView};
use crate::setups::Stored;
use arrears_domain::decide::{Due, due};
use arrears_domain::line_item::open_items;
use arrears_domain::{AccountId, Currency, Delinquency, LineItem, Money, Setup, Transition};
use arrears_storage::document::{
    AccountLine, Amount, ContactLine, DelinquencyLine, EventLine, HoldLine, MandateLine,
    PlacementLine, PostingLine, StepDocument, TransactionLine,
};
use arrears_storage::{AccountPage, Store};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that is known of an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountView {
    /// The account.
    pub account: AccountLine,
    /// Its primary contact.
    pub contact: Option<ContactLine>,
    /// The contact's credit rating by the setup's levels, `FAIR`.
    pub credit_rating: Option<String>,
    /// Its delinquency, collections and lien records.
    pub delinquencies: Vec<DelinquencyView>,
    /// What keeps records where they are.
    pub holds: Vec<HoldView>,
    /// Its transitions, oldest first.
    pub history: Vec<HistoryView>,
    /// The outputs of the source document, by entity name.
    #[serde(flatten)]
    pub outputs: Outputs,
    /// Its debits and credits.
    pub transactions: Vec<TransactionLine>,
    /// What is left unpaid of debits, by their ids.
    pub unpaid: BTreeMap<String, Amount>,
    /// Its mandates for direct debit.
    pub mandates: Vec<MandateLine>,
    /// The events that were applied to it, by date and id.
    pub events: Vec<EventLine>,
    /// What collection agencies were told of its delinquencies, by delinquency,
    /// agency and sequence.
    pub placements: Vec<PlacementView>,
    /// What the ledger got for payments that runs collected, and for their voids.
    pub postings: Vec<PostingLine>,
}

/// A hold as the account page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldView {
    /// The record that is held.
    pub delinquency: String,
    /// `manual`, `dispute`, `arrangement` or `promise`.
    pub kind: &'static str,
    /// Why, for staff.
    pub reason: String,
    /// The last day of the hold; none if it stands until it is released.
    pub until: Option<String>,
    /// What was agreed and is not paid yet.
    pub outstanding: Option<Amount>,
}

/// A delinquency as the account page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DelinquencyView {
    /// The record.
    #[serde(flatten)]
    pub record: DelinquencyLine,
    /// `REMIND (1)`.
    pub milestone_title: String,
    /// From when it may advance; none if only a formula can tell, or never.
    pub eligible_on: Option<String>,
}

/// A transition as the account page shows it; its effects are among the outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryView {
    /// The delinquency.
    pub delinquency: String,
    /// From 1.
    pub sequence: u32,
    /// What happened: a word of a setup's `perform_on`, or `held`, `released`,
    /// `extended`, `balance-changed`, `reopened`.
    pub event: String,
    /// The business date.
    pub on: String,
    /// The scheme.
    pub scheme: String,
    /// Where it stood.
    pub from: Option<String>,
    /// Where it came to.
    pub to: Option<String>,
    /// The resolution code, if this resolved it.
    pub resolution_code: Option<String>,
    /// What is owed since, if this changed it.
    pub balance: Option<Amount>,
    /// The hold since.
    pub hold: HoldLine,
    /// Days by which the milestone has been extended since.
    pub extension_days: u32,
    /// The run, or the event.
    pub cause: String,
    /// The setup that decided it.
    pub setup_version: u32,
    /// The actions with what became of each: `notice: 1 effect`.
    pub actions: Vec<String>,
    /// Why it happened.
    pub explanation: Vec<StepDocument>,
}

/// The page of an account; none if there is no such account.
///
/// # Errors
/// The store fails.
pub async fn show(
    store: &Store,
    stored: &Stored,
    account: &AccountId,
) -> Result<Option<AccountView>, RunError> {
    let Some(page) = store.account_page(account).await? else { return Ok(None) };
    let placements = page.placements.iter().map(PlacementLine::from).collect();
    let placements = placement::views(store, placements).await?;
    Ok(Some(view(&stored.prepared.setup, page, placements)))
}

fn view(setup: &Setup, page: AccountPage, placements: Vec<PlacementView>) -> AccountView {
    let unpaid = unpaid(&page.transactions, page.account.currency());
    let mut events = page.events;
    events.sort_by(|a, b| (&a.on, &a.id).cmp(&(&b.on, &b.id)));
    let rating =
        page.contact.as_ref().and_then(|contact| setup.credit_rating(contact.credit_points));
    let mut transitions = page.transitions;
    transitions.sort_by(|a, b| {
        (a.on, &a.delinquency, a.sequence).cmp(&(b.on, &b.delinquency, b.sequence))
    });
    AccountView {
        account: (&page.account).into(),
        contact: page.contact.as_ref().map(ContactLine::from),
        credit_rating: rating.map(|level| level.code.clone()),
        delinquencies: page.delinquencies.iter().map(|it| delinquency(setup, it)).collect(),
        holds: page.delinquencies.iter().filter_map(hold).collect(),
        outputs: Outputs::of(&transitions).with_postings(&page.postings),
        history: transitions.iter().map(history).collect(),
        transactions: page.transactions,
        unpaid,
        mandates: page.mandates,
        events,
        placements,
        postings: page.postings.iter().map(PostingLine::from).collect(),
    }
}

/// What is left unpaid. A line that cannot be read counts for nothing: what is
/// wrong with it is said where it matters.
fn unpaid(lines: &[TransactionLine], currency: Currency) -> BTreeMap<String, Amount> {
    let items: Vec<LineItem> =
        lines.iter().filter_map(|line| line.to_line_item(currency).ok()).collect();
    let amount = |units: i64| Amount::from(Money::from_minor_units(units, currency));
    let open = open_items(&items).into_iter();
    open.map(|item| (item.id.to_string(), amount(item.open_minor_units))).collect()
}

fn hold(record: &Delinquency) -> Option<HoldView> {
    let hold = record.hold.as_ref()?;
    Some(HoldView {
        delinquency: record.id.to_string(),
        kind: hold.kind.as_str(),
        reason: hold.reason.clone(),
        until: hold.until.map(|date| date.to_string()),
        outstanding: hold.outstanding.map(Amount::from),
    })
}

/// A record with what the setup says of it.
pub(super) fn delinquency(setup: &Setup, record: &Delinquency) -> DelinquencyView {
    let title = setup.milestone(&record.scheme, &record.milestone).map(|(_, it)| it.title());
    DelinquencyView {
        record: record.into(),
        milestone_title: title.unwrap_or_else(|| record.milestone.to_string()),
        eligible_on: match due(setup, record) {
            Due::On(date) => Some(date.to_string()),
            Due::EveryRun | Due::Never => None,
        },
    }
}

/// A transition without its effects.
pub(super) fn history(transition: &Transition) -> HistoryView {
    let actions = transition.actions.iter().map(|action| match &action.outcome {
        arrears_domain::ActionOutcome::Applied(effects) => {
            let plural = if effects.len() == 1 { "" } else { "s" };
            format!("{}: {} effect{plural}", action.action_type, effects.len())
        }
        arrears_domain::ActionOutcome::Skipped(reason) => {
            format!("{}: skipped: {reason}", action.action_type)
        }
    });
    HistoryView {
        delinquency: transition.delinquency.to_string(),
        sequence: transition.sequence,
        event: transition.event.as_str().to_owned(),
        on: transition.on.to_string(),
        scheme: transition.scheme.to_string(),
        from: transition.from.as_ref().map(ToString::to_string),
        to: transition.to.as_ref().map(ToString::to_string),
        resolution_code: transition.resolution_code.clone(),
        balance: transition.balance.map(Amount::from),
        hold: transition.hold.as_ref().into(),
        extension_days: transition.extension_days,
        cause: transition.cause.clone(),
        setup_version: transition.setup_version,
        actions: actions.collect(),
        explanation: transition.explanation.steps.iter().map(StepDocument::from).collect(),
    }
}
