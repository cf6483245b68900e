//! The advancement rules of a milestone: each a value, or a formula that gives
//! one. What a rule came to is a step of the explanation.

use super::{DecisionError, Explanation, Inputs, Step};
use crate::formula::{Formula, Value};
use crate::setup::{Milestone, Rule, Scheme};
use crate::{Identifier, MilestoneCode, Setup};

/// What a rule read, for the explanation.
type Read = Vec<(String, String)>;

/// The milestone at which the record stands, with its scheme.
pub(crate) fn stands_at<'s>(
    setup: &'s Setup,
    inputs: &Inputs<'_>,
) -> Result<(&'s Scheme, &'s Milestone), DecisionError> {
    let record = inputs.delinquency;
    setup.milestone(&record.scheme, &record.milestone).ok_or_else(|| {
        DecisionError::UnknownMilestone {
            scheme: record.scheme.to_string(),
            milestone: record.milestone.to_string(),
        }
    })
}

/// Formulas are type-checked when the setup is read; a value of another type
/// here is a defect of this crate, not of any input.
pub(crate) fn unreachable_type(rule: &str, value: &Value) -> ! {
    unreachable!("{rule} was type-checked, yet gave {value:?}")
}

pub(crate) fn evaluate(
    setup: &Setup,
    inputs: &Inputs<'_>,
    rule: &str,
    formula: &Formula,
) -> Result<(Value, Read), DecisionError> {
    let evaluated = formula
        .evaluate(&inputs.case(setup))
        .map_err(|reason| DecisionError::Formula { rule: rule.to_owned(), reason })?;
    Ok((evaluated.value, evaluated.inputs))
}

/// What a rule that gives a text comes to; an empty text is none.
pub(crate) fn text<T: ToString>(
    setup: &Setup,
    inputs: &Inputs<'_>,
    name: &'static str,
    rule: Option<&Rule<T>>,
) -> Result<Option<(String, Read)>, DecisionError> {
    let (text, read) = match rule {
        None => return Ok(None),
        Some(Rule::Value(value)) => (value.to_string(), Read::new()),
        Some(Rule::Formula(formula)) => match evaluate(setup, inputs, name, formula)? {
            (Value::Text(text), read) => (text, read),
            (other, _) => unreachable_type(name, &other),
        },
    };
    Ok((!text.is_empty()).then_some((text, read)))
}

/// Whether a rule that gives yes or no holds; one that is missing does not.
pub(crate) fn holds(
    setup: &Setup,
    inputs: &Inputs<'_>,
    name: &'static str,
    rule: Option<&Rule<bool>>,
    explanation: &mut Explanation,
) -> Result<bool, DecisionError> {
    let (holds, read) = match rule {
        None => return Ok(false),
        Some(Rule::Value(holds)) => (*holds, Read::new()),
        Some(Rule::Formula(formula)) => match evaluate(setup, inputs, name, formula)? {
            (Value::Bool(holds), read) => (holds, read),
            (other, _) => unreachable_type(name, &other),
        },
    };
    let text = if holds { "holds" } else { "does not hold" };
    explanation.push(Step { rule: name.to_owned(), text: text.to_owned(), inputs: read });
    Ok(holds)
}

/// The rules of a milestone that name another one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Next,
    Decrement,
    PaymentReversal,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Next => "next_milestone",
            Self::Decrement => "decrement_milestone",
            Self::PaymentReversal => "payment_reversal_milestone",
        }
    }

    fn of(self, milestone: &Milestone) -> Option<&Rule<MilestoneCode>> {
        match self {
            Self::Next => milestone.next_milestone.as_ref(),
            Self::Decrement => milestone.decrement_milestone.as_ref(),
            Self::PaymentReversal => milestone.payment_reversal_milestone.as_ref(),
        }
    }
}

/// The milestone that a rule of the present one gives; none if there is no rule
/// or it gives an empty text. It may be the present milestone itself.
///
/// # Errors
/// The formula fails, or it gives a milestone that the scheme lacks.
pub(crate) fn milestone(
    setup: &Setup,
    inputs: &Inputs<'_>,
    target: Target,
    explanation: &mut Explanation,
) -> Result<Option<MilestoneCode>, DecisionError> {
    let name = target.name();
    let (scheme, milestone) = stands_at(setup, inputs)?;
    let Some(rule) = target.of(milestone) else {
        explanation.add(name, format!("{} has none", milestone.title()));
        return Ok(None);
    };
    let Some((to, read)) = text(setup, inputs, name, Some(rule))? else {
        explanation.add(name, "the formula gives none".to_owned());
        return Ok(None);
    };
    let found = MilestoneCode::parse(&to).ok().and_then(|code| scheme.milestone(&code));
    let Some(found) = found else {
        return Err(DecisionError::UnknownNextMilestone {
            rule: name,
            scheme: scheme.code.to_string(),
            milestone: milestone.code.to_string(),
            next: to,
        });
    };
    let text = format!("{} -> {}", milestone.title(), found.title());
    explanation.push(Step { rule: name.to_owned(), text, inputs: read });
    Ok(Some(found.code.clone()))
}
