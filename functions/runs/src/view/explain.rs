//! Why an account's records stand where they stand, and what comes next.

use super::account::{self, HistoryView};
use crate::error::RunError;
use crate::setups::Stored;
use arrears_domain::decide::{Inputs, Outcome, decide};
use arrears_domain::{AccountId, Date, Delinquency, Setup};
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
}

/// The story of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DelinquencyExplanation {
    /// The record.
    pub id: String,
    /// Which process it is.
    pub kind: String,
    /// Its scheme.
    pub scheme: String,
    /// Its milestone with its level.
    pub milestone: String,
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
    let decision = decide(setup, &inputs);
    let (next, actions) = match &decision.outcome {
        Outcome::Change(changed) => (
            format!("advances to {}", changed.after.milestone),
            changed.actions.iter().map(|action| action.action_type.clone()).collect(),
        ),
        Outcome::Omit(reason) => (format!("stays: {}", reason.as_str()), Vec::new()),
        Outcome::Error(error) => (format!("error: {error}"), Vec::new()),
    };
    let history = page.transitions.iter().filter(|it| it.delinquency == record.id);
    DelinquencyExplanation {
        id: record.id.to_string(),
        kind: record.kind.as_str().to_owned(),
        scheme: record.scheme.to_string(),
        milestone: account::delinquency(setup, record).milestone_title,
        balance: format!("{} {}", record.balance, record.balance.currency().code()),
        history: history.map(account::history).collect(),
        next,
        actions,
        explanation: decision.explanation.steps.iter().map(StepDocument::from).collect(),
    }
}
