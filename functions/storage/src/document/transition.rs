//! Lines of transitions: the history of delinquencies.

use super::fields::{Fields, date_text};
use super::{EffectDocument, LineError};
use arrears_domain::decide::{Explanation, Step};
use arrears_domain::{ActionOutcome, PerformedAction, Transition, TransitionEvent};
use serde::{Deserialize, Serialize};

/// A transition, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitionLine {
    /// The delinquency.
    pub delinquency: String,
    /// Its account.
    pub account: String,
    /// 1 for the first transition of the delinquency, and so on.
    pub sequence: u32,
    /// `entry`, `decrement`, `resolved-full-payment` or `resolved-other`.
    pub event: String,
    /// The scheme.
    pub scheme: String,
    /// Where the record stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Where it stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The business date.
    pub on: String,
    /// What made it: a run key or an event id.
    pub cause: String,
    /// The number of the setup that decided it.
    pub setup_version: u32,
    /// The actions, in the order performed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionDocument>,
    /// Why it happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<StepDocument>,
}

/// One action of a transition: either its effects, or why it was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionDocument {
    /// The action's position in the milestone, from 0.
    pub position: u32,
    /// The action's type.
    pub action_type: String,
    /// Digest of the plugin that decided it.
    pub plugin_digest: String,
    /// What it did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<EffectDocument>,
    /// Why it did nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// One step of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDocument {
    /// The rule that was asked.
    pub rule: String,
    /// What it came to.
    pub text: String,
    /// What a formula read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<(String, String)>,
}

impl TryFrom<&TransitionLine> for Transition {
    type Error = LineError;

    fn try_from(line: &TransitionLine) -> Result<Self, LineError> {
        let fields = Fields { record: "transition", id: &line.delinquency };
        let milestone = |field, text: &Option<String>| {
            text.as_deref().map(|text| fields.identifier(field, text)).transpose()
        };
        let words = TransitionEvent::ALL.map(TransitionEvent::as_str);
        let actions = line.actions.iter().map(|action| action.to_action(fields));
        Ok(Self {
            delinquency: fields.identifier("delinquency", &line.delinquency)?,
            account: fields.identifier("account", &line.account)?,
            sequence: line.sequence,
            event: fields.word("event", &line.event, TransitionEvent::parse, &words)?,
            scheme: fields.identifier("scheme", &line.scheme)?,
            from: milestone("from", &line.from)?,
            to: milestone("to", &line.to)?,
            on: fields.date("on", &line.on)?,
            cause: line.cause.clone(),
            setup_version: line.setup_version,
            actions: actions.collect::<Result<_, _>>()?,
            explanation: Explanation { steps: line.explanation.iter().map(Step::from).collect() },
        })
    }
}

impl From<&Transition> for TransitionLine {
    fn from(transition: &Transition) -> Self {
        Self {
            delinquency: transition.delinquency.to_string(),
            account: transition.account.to_string(),
            sequence: transition.sequence,
            event: transition.event.as_str().to_owned(),
            scheme: transition.scheme.to_string(),
            from: transition.from.as_ref().map(ToString::to_string),
            to: transition.to.as_ref().map(ToString::to_string),
            on: date_text(transition.on),
            cause: transition.cause.clone(),
            setup_version: transition.setup_version,
            actions: transition.actions.iter().map(ActionDocument::from).collect(),
            explanation: transition.explanation.steps.iter().map(StepDocument::from).collect(),
        }
    }
}

impl ActionDocument {
    fn to_action(&self, fields: Fields<'_>) -> Result<PerformedAction, LineError> {
        let outcome = match &self.skipped {
            Some(reason) if self.effects.is_empty() => ActionOutcome::Skipped(reason.clone()),
            Some(reason) => {
                return Err(fields.error("skipped", reason, "a skipped action has no effects"));
            }
            None => ActionOutcome::Applied(
                self.effects
                    .iter()
                    .map(|effect| effect.to_effect(fields))
                    .collect::<Result<_, _>>()?,
            ),
        };
        Ok(PerformedAction {
            position: self.position,
            action_type: self.action_type.clone(),
            plugin_digest: self.plugin_digest.clone(),
            outcome,
        })
    }
}

impl From<&PerformedAction> for ActionDocument {
    fn from(action: &PerformedAction) -> Self {
        Self {
            position: action.position,
            action_type: action.action_type.clone(),
            plugin_digest: action.plugin_digest.clone(),
            effects: action.effects().iter().map(EffectDocument::from).collect(),
            skipped: match &action.outcome {
                ActionOutcome::Skipped(reason) => Some(reason.clone()),
                ActionOutcome::Applied(_) => None,
            },
        }
    }
}

impl From<&StepDocument> for Step {
    fn from(step: &StepDocument) -> Self {
        let StepDocument { rule, text, inputs } = step.clone();
        Self { rule, text, inputs }
    }
}

impl From<&Step> for StepDocument {
    fn from(step: &Step) -> Self {
        let Step { rule, text, inputs } = step.clone();
        Self { rule, text, inputs }
    }
}
