//! Lines of transitions: the history of delinquencies.

use super::fields::{Fields, date_text, is_default};
use super::{Amount, EffectDocument, HoldLine, LineError};
use arrears_domain::decide::{Explanation, Step};
use arrears_domain::{ActionOutcome, Currency, HistoryEvent, Money, PerformedAction, Transition};
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
    /// `entry`, `decrement`, `resolved-full-payment`, `resolved-other`,
    /// `reopened`, `balance-changed`, `held`, `released` or `extended`.
    pub event: String,
    /// The scheme.
    pub scheme: String,
    /// Where the record stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Where it stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The resolution code, if this resolved the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_code: Option<String>,
    /// What is owed since, if this changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Amount>,
    /// ISO 4217 code of `balance` and `hold.outstanding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The due date of the oldest debt since, if this changed what is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_debt_on: Option<String>,
    /// The hold since.
    #[serde(default, skip_serializing_if = "HoldLine::is_none")]
    pub hold: HoldLine,
    /// Days by which the milestone has been extended since.
    #[serde(default, skip_serializing_if = "is_default")]
    pub extension_days: u32,
    /// The business date.
    pub on: String,
    /// What made it: a run key, or `event:` and an event's id.
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
        let words = HistoryEvent::ALL.map(HistoryEvent::as_str);
        let currency = || line.currency_of(fields);
        let balance = line.balance.as_ref().map(|it| fields.money("balance", it, currency()?));
        let actions = line.actions.iter().map(|action| action.to_action(fields));
        Ok(Self {
            delinquency: fields.identifier("delinquency", &line.delinquency)?,
            account: fields.identifier("account", &line.account)?,
            sequence: line.sequence,
            event: fields.word("event", &line.event, HistoryEvent::parse, &words)?,
            scheme: fields.identifier("scheme", &line.scheme)?,
            from: milestone("from", &line.from)?,
            to: milestone("to", &line.to)?,
            resolution_code: line.resolution_code.clone(),
            balance: balance.transpose()?,
            oldest_debt_on: fields.date_if_any("oldest_debt_on", line.oldest_debt_on.as_deref())?,
            hold: line.hold.to_hold(fields, currency)?,
            extension_days: line.extension_days,
            on: fields.date("on", &line.on)?,
            cause: line.cause.clone(),
            setup_version: line.setup_version,
            actions: actions.collect::<Result<_, _>>()?,
            explanation: Explanation { steps: line.explanation.iter().map(Step::from).collect() },
        })
    }
}

impl TransitionLine {
    /// The currency of the line's amounts: a line is read without its account.
    fn currency_of(&self, fields: Fields<'_>) -> Result<Currency, LineError> {
        let code = self.currency.as_deref();
        let code = code.ok_or_else(|| fields.missing("currency", "an amount needs one"))?;
        fields.currency(code)
    }
}

/// The currency of the amounts in the transition; none if it has none.
fn currency(transition: &Transition) -> Option<Currency> {
    let outstanding = transition.hold.as_ref().and_then(|hold| hold.outstanding);
    transition.balance.or(outstanding).map(Money::currency)
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
            resolution_code: transition.resolution_code.clone(),
            balance: transition.balance.map(Amount::from),
            currency: currency(transition).map(|currency| currency.code().to_owned()),
            oldest_debt_on: transition.oldest_debt_on.map(date_text),
            hold: transition.hold.as_ref().into(),
            extension_days: transition.extension_days,
            on: date_text(transition.on),
            cause: transition.cause.clone(),
            setup_version: transition.setup_version,
            actions: transition.actions.iter().map(ActionDocument::from).collect(),
            explanation: transition.explanation.steps.iter().map(StepDocument::from).collect(),
        }
    }
}

impl ActionDocument {
    pub(super) fn to_action(&self, fields: Fields<'_>) -> Result<PerformedAction, LineError> {
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
