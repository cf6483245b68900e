//! Which actions a transition performs.

use super::rule::{evaluate, unreachable_type};
use super::{DecisionError, Explanation, Inputs, Step};
use crate::formula::Value;
use crate::{MilestoneCode, Setup, TransitionEvent};

/// An action to perform, by its place in the milestone's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAction {
    /// The position in the milestone's actions, which is also the order.
    pub position: usize,
    /// The type, for the reader.
    pub action_type: String,
}

/// The actions of a milestone for an event whose condition holds for the
/// record as it stands in `inputs` (after the event), in the order of the setup:
/// type order, then display order.
///
/// # Errors
/// A condition cannot be computed, or the milestone is unknown.
pub fn planned_actions(
    setup: &Setup,
    inputs: &Inputs<'_>,
    milestone: &MilestoneCode,
    event: TransitionEvent,
    explanation: &mut Explanation,
) -> Result<Vec<PlannedAction>, DecisionError> {
    let scheme = &inputs.delinquency.scheme;
    let Some((_, milestone)) = setup.milestone(scheme, milestone) else {
        return Err(DecisionError::UnknownMilestone {
            scheme: scheme.to_string(),
            milestone: milestone.to_string(),
        });
    };
    let mut planned = Vec::new();
    for (position, action) in milestone.actions.iter().enumerate() {
        if action.perform_on != event {
            continue;
        }
        if let Some(condition) = &action.condition {
            let rule = || format!("condition of {} {}", action.action_type, position + 1);
            let (value, read) = evaluate(setup, inputs, &rule(), condition)?;
            let Value::Bool(holds) = value else { unreachable_type("condition", &value) };
            let text = if holds { "holds" } else { "does not hold: not performed" };
            explanation.push(Step { rule: rule(), text: text.to_owned(), inputs: read });
            if !holds {
                continue;
            }
        }
        planned.push(PlannedAction { position, action_type: action.action_type.clone() });
    }
    Ok(planned)
}
