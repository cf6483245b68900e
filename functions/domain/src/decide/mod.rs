//! Decisions: is a record due, where does it go next, which actions are
//! performed, and why.
//!
//! The rules are those of the source document on the collections run (steps 2
//! and 3) and of `docs/RULES.md`, which says what holds where the document is
//! silent. Everything here is pure: a decision depends on its arguments alone,
//! and deciding twice gives the same decision.

mod eligibility;
pub(crate) mod rule;

mod action;
mod change;
mod status;

pub(crate) mod entry;
mod settle;

mod error;
mod explanation;

pub use action::{PlannedAction, planned_actions};
pub use change::{Changed, change, enter};
pub use eligibility::{Due, Eligibility, due, eligibility};
pub use entry::{EntryDecision, EntryInputs, entry};
pub use error::DecisionError;
pub use explanation::{Explanation, Step};
pub use settle::{PAID_IN_FULL, settle, settle_or_advance};
pub use status::{Change, IllegalChange, next_status};

use self::rule::Target;
use crate::formula::Case;
use crate::{Account, Contact, Date, Delinquency, Setup};

/// What a decision is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The record.
    pub delinquency: &'a Delinquency,
    /// Its account.
    pub account: &'a Account,
    /// The account's primary contact, if it has one.
    pub contact: Option<&'a Contact>,
    /// The business date.
    pub as_of: Date,
}

impl<'a> Inputs<'a> {
    /// What formulas see of the inputs.
    #[must_use]
    pub fn case(&self, setup: &Setup) -> Case<'a> {
        let record = self.delinquency;
        Case {
            delinquency: record,
            account: self.account,
            contact: self.contact,
            as_of: self.as_of,
            level: setup
                .milestone(&record.scheme, &record.milestone)
                .map(|(_, milestone)| milestone.level),
        }
    }
}

/// Why a record is left as it is, without anything being wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OmitReason {
    /// Its duration has not passed.
    NotYetEligible,
    /// It is on hold.
    OnHold,
    /// Nothing is owed.
    NothingOwed,
    /// The milestone has no next one, or its rule gives none.
    NoNextMilestone,
    /// The rule gives the milestone at which the record stands.
    NextIsCurrent,
    /// The process has ended.
    Resolved,
    /// The run was asked to decrement and resolve only, and no rule says so.
    NothingToSettle,
    /// No unpaid item has passed its days of grace.
    NothingPastDue,
    /// What is unpaid does not pass the minimum entry amount.
    BelowMinimum,
    /// A record of the bill type is open already, and owes no more than before.
    AlreadyOpen,
    /// Something else changed the record while the run worked on it.
    ChangedMeanwhile,
    /// One of its actions needs a plugin that is in quarantine.
    PluginQuarantined,
}

impl OmitReason {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Self; 12] = [
        Self::NotYetEligible,
        Self::OnHold,
        Self::NothingOwed,
        Self::NoNextMilestone,
        Self::NextIsCurrent,
        Self::Resolved,
        Self::NothingToSettle,
        Self::NothingPastDue,
        Self::BelowMinimum,
        Self::AlreadyOpen,
        Self::ChangedMeanwhile,
        Self::PluginQuarantined,
    ];

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYetEligible => "NOT_YET_ELIGIBLE",
            Self::OnHold => "ON_HOLD",
            Self::NothingOwed => "NOTHING_OWED",
            Self::NoNextMilestone => "NO_NEXT_MILESTONE",
            Self::NextIsCurrent => "NEXT_IS_CURRENT",
            Self::Resolved => "RESOLVED",
            Self::NothingToSettle => "NOTHING_TO_SETTLE",
            Self::NothingPastDue => "NOTHING_PAST_DUE",
            Self::BelowMinimum => "BELOW_MINIMUM",
            Self::AlreadyOpen => "ALREADY_OPEN",
            Self::ChangedMeanwhile => "CHANGED_MEANWHILE",
            Self::PluginQuarantined => "PLUGIN_QUARANTINED",
        }
    }
}

/// What is to become of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It changes.
    Change(Box<Changed>),
    /// It stays.
    Omit(OmitReason),
    /// It cannot be decided; nothing of it is written.
    Error(DecisionError),
}

/// An outcome with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is to become of the record.
    pub outcome: Outcome,
    /// Why.
    pub explanation: Explanation,
}

/// Decides about one record as an advancing run does: one step at most.
#[must_use]
pub fn decide(setup: &Setup, inputs: &Inputs<'_>) -> Decision {
    let mut explanation = Explanation::default();
    let outcome = match stays(setup, inputs, &mut explanation) {
        Ok(Some(reason)) => Outcome::Omit(reason),
        Ok(None) => advance(setup, inputs, &mut explanation),
        Err(error) => Outcome::Error(error),
    };
    explain_outcome(&outcome, &mut explanation);
    Decision { outcome, explanation }
}

/// The last step of an explanation; a change explains itself.
fn explain_outcome(outcome: &Outcome, explanation: &mut Explanation) {
    match outcome {
        Outcome::Omit(reason) => {
            explanation.add("outcome", format!("omitted: {}", reason.as_str()))
        }
        Outcome::Error(error) => explanation.add("outcome", format!("error: {error}")),
        Outcome::Change(_) => {}
    }
}

/// The reasons to stay that come before any question of where to go.
fn stays(
    setup: &Setup,
    inputs: &Inputs<'_>,
    explanation: &mut Explanation,
) -> Result<Option<OmitReason>, DecisionError> {
    let record = inputs.delinquency;
    if !record.is_open() {
        return Ok(Some(OmitReason::Resolved));
    }
    if let Some(hold) = record.hold.as_ref().filter(|hold| hold.stands_on(inputs.as_of)) {
        let until = hold.until.map_or("it is released".to_owned(), |date| date.to_string());
        explanation.add("hold", format!("on hold until {until}: {}", hold.reason));
        return Ok(Some(OmitReason::OnHold));
    }
    let eligible = eligibility(setup, inputs)?;
    explanation.push(eligible.step);
    if inputs.as_of < eligible.on {
        return Ok(Some(OmitReason::NotYetEligible));
    }
    if record.balance.minor_units() <= 0 {
        explanation.add("balance", format!("{} is owed", record.balance));
        return Ok(Some(OmitReason::NothingOwed));
    }
    Ok(None)
}

fn advance(setup: &Setup, inputs: &Inputs<'_>, explanation: &mut Explanation) -> Outcome {
    let to = match rule::milestone(setup, inputs, Target::Next, explanation) {
        Ok(Some(to)) if to == inputs.delinquency.milestone => {
            return Outcome::Omit(OmitReason::NextIsCurrent);
        }
        Ok(Some(to)) => to,
        Ok(None) => return Outcome::Omit(OmitReason::NoNextMilestone),
        Err(error) => return Outcome::Error(error),
    };
    let wanted = Change::Advance { to };
    match change(setup, inputs, inputs.delinquency, &wanted, explanation) {
        Ok(changed) => Outcome::Change(Box::new(changed)),
        Err(error) => Outcome::Error(error),
    }
}

#[cfg(test)]
mod tests;
