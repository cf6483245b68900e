//! Where a record goes next.

use super::eligibility::unreachable_type;
use super::{DecisionError, Explanation, Inputs, Step};
use crate::formula::Value;
use crate::setup::Rule;
use crate::{Identifier, MilestoneCode, Setup};

const RULE: &str = "next_milestone";

/// The next milestone by the rule of the present one; none if there is no rule
/// or the rule gives an empty text. It may be the present milestone itself.
///
/// # Errors
/// The present milestone is unknown, the formula fails, or it gives a milestone
/// that the scheme lacks.
pub fn next_milestone(
    setup: &Setup,
    inputs: &Inputs<'_>,
    explanation: &mut Explanation,
) -> Result<Option<MilestoneCode>, DecisionError> {
    let record = inputs.delinquency;
    let Some((scheme, milestone)) = setup.milestone(&record.scheme, &record.milestone) else {
        return Err(DecisionError::UnknownMilestone {
            scheme: record.scheme.to_string(),
            milestone: record.milestone.to_string(),
        });
    };
    let Some(rule) = &milestone.next_milestone else {
        explanation.add(RULE, format!("{} has no next milestone", milestone.title()));
        return Ok(None);
    };
    let (next, read) = match rule {
        Rule::Value(code) => (code.to_string(), Vec::new()),
        Rule::Formula(formula) => {
            let evaluated = formula
                .evaluate(&inputs.case(setup))
                .map_err(|reason| DecisionError::Formula { rule: RULE.to_owned(), reason })?;
            let Value::Text(next) = evaluated.value else {
                unreachable_type(RULE, &evaluated.value)
            };
            (next, evaluated.inputs)
        }
    };
    if next.is_empty() {
        explanation.push(Step {
            rule: RULE.to_owned(),
            text: "the formula gives none".to_owned(),
            inputs: read,
        });
        return Ok(None);
    }
    let found = MilestoneCode::parse(&next).ok().and_then(|code| scheme.milestone(&code));
    let Some(found) = found else {
        return Err(DecisionError::UnknownNextMilestone {
            rule: RULE,
            scheme: scheme.code.to_string(),
            milestone: milestone.code.to_string(),
            next,
        });
    };
    explanation.push(Step {
        rule: RULE.to_owned(),
        text: format!("{} -> {}", milestone.title(), found.title()),
        inputs: read,
    });
    Ok(Some(found.code.clone()))
}
