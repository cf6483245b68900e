//! What a change to a record comes to: the record after it, when a run has to
//! look at it next, and which actions are performed.

use super::{
    Change, DecisionError, Due, Explanation, Inputs, PlannedAction, due, next_status,
    planned_actions,
};
use crate::{
    Date, Delinquency, HistoryEvent, Made, MilestoneCode, Setup, Transition, TransitionEvent,
};

/// A change that was decided, with all that follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The record as it was read; none if it is new.
    pub before: Option<Delinquency>,
    /// The record as it will be.
    pub after: Delinquency,
    /// When a run has to look at it next.
    pub due: Due,
    /// What this is to history.
    pub event: HistoryEvent,
    /// The business date.
    pub on: Date,
    /// The milestone whose actions are performed: the one that is entered, or
    /// the one that is left.
    pub milestone: MilestoneCode,
    /// The actions to perform, in order.
    pub actions: Vec<PlannedAction>,
}

impl Changed {
    /// The entry of history, as far as it is known before any action is
    /// performed.
    #[must_use]
    pub fn transition(&self, made: Made<'_>, explanation: Explanation) -> Transition {
        let before = self.before.as_ref();
        let made = Transition::between(before, &self.after, (self.event, self.on), made);
        Transition { explanation, ..made }
    }
}

/// Makes a change to the record of `inputs`, whose balance may have been changed
/// already: `before` is the record as it was read. Conditions of actions see
/// the record as it will be.
///
/// # Errors
/// The change is illegal, or the condition of an action cannot be computed.
pub fn change(
    setup: &Setup,
    inputs: &Inputs<'_>,
    before: &Delinquency,
    change: &Change,
    explanation: &mut Explanation,
) -> Result<Changed, DecisionError> {
    let after = next_status(inputs.delinquency, change, inputs.as_of)?;
    let event = change.event();
    // Actions of an entry are those of the milestone that is entered; all others
    // belong to the milestone where the record stood.
    let milestone = match event {
        HistoryEvent::Transition(TransitionEvent::EntryOrIncrement) => after.milestone.clone(),
        _ => inputs.delinquency.milestone.clone(),
    };
    plan(setup, inputs, (Some(before.clone()), after), (event, milestone), explanation)
}

/// The first stay of a new record, at the milestone where it stands.
///
/// # Errors
/// The condition of an action cannot be computed.
pub fn enter(
    setup: &Setup,
    inputs: &Inputs<'_>,
    explanation: &mut Explanation,
) -> Result<Changed, DecisionError> {
    let after = inputs.delinquency.clone();
    let event = HistoryEvent::Transition(TransitionEvent::EntryOrIncrement);
    let milestone = after.milestone.clone();
    plan(setup, inputs, (None, after), (event, milestone), explanation)
}

fn plan(
    setup: &Setup,
    inputs: &Inputs<'_>,
    (before, after): (Option<Delinquency>, Delinquency),
    (event, milestone): (HistoryEvent, MilestoneCode),
    explanation: &mut Explanation,
) -> Result<Changed, DecisionError> {
    let as_it_will_be = Inputs { delinquency: &after, ..*inputs };
    let actions = match event.performs() {
        Some(event) => planned_actions(setup, &as_it_will_be, &milestone, event, explanation)?,
        None => Vec::new(),
    };
    let due = due(setup, &after);
    Ok(Changed { before, after, due, event, on: inputs.as_of, milestone, actions })
}
