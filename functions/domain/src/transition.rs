//! Transitions: the immutable history of a delinquency (DELINQUENCYHISTORY).

use crate::decide::Explanation;
use crate::{AccountId, Date, DelinquencyId, Effect, MilestoneCode, SchemeCode};

/// What happened to a delinquency. The agency chooses for each action the one
/// event on which it is performed: the *Perform On* column of the source
/// document on collections actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransitionEvent {
    /// Entry or Increment to this milestone.
    EntryOrIncrement,
    /// Decrement from this milestone.
    Decrement,
    /// Resolved due to full payment.
    ResolvedFullPayment,
    /// Resolved from formula or Below Amount.
    ResolvedFormulaOrBelowAmount,
}

impl TransitionEvent {
    /// All of them; the first is the default of an action.
    pub const ALL: [Self; 4] = [
        Self::EntryOrIncrement,
        Self::Decrement,
        Self::ResolvedFullPayment,
        Self::ResolvedFormulaOrBelowAmount,
    ];

    /// The word in a setup's `perform_on`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EntryOrIncrement => "entry",
            Self::Decrement => "decrement",
            Self::ResolvedFullPayment => "resolved-full-payment",
            Self::ResolvedFormulaOrBelowAmount => "resolved-other",
        }
    }

    /// The event that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == word)
    }

    /// The words of the source document.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::EntryOrIncrement => "Entry or Increment to this milestone",
            Self::Decrement => "Decrement from this milestone",
            Self::ResolvedFullPayment => "Resolved due to full payment",
            Self::ResolvedFormulaOrBelowAmount => "Resolved from formula or Below Amount",
        }
    }
}

/// What became of one action of the milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionOutcome {
    /// Performed, with these effects.
    Applied(Vec<Effect>),
    /// The plugin had nothing to do, and says why.
    Skipped(String),
}

/// One action of a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerformedAction {
    /// The action's position in the milestone, from 0, in the order performed.
    pub position: u32,
    /// The action's type, `notice`.
    pub action_type: String,
    /// Digest of the plugin that decided it, `sha256:...`.
    pub plugin_digest: String,
    /// What became of it.
    pub outcome: ActionOutcome,
}

impl PerformedAction {
    /// Its effects; none if it was skipped.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        match &self.outcome {
            ActionOutcome::Applied(effects) => effects,
            ActionOutcome::Skipped(_) => &[],
        }
    }
}

/// One entry of history: written once, in the transaction that changes the
/// record, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The delinquency.
    pub delinquency: DelinquencyId,
    /// Its account.
    pub account: AccountId,
    /// 1 for the first transition of the delinquency, and so on.
    pub sequence: u32,
    /// What happened.
    pub event: TransitionEvent,
    /// The scheme.
    pub scheme: SchemeCode,
    /// Where the record stood; none at its entry.
    pub from: Option<MilestoneCode>,
    /// Where it stands now; none once it is resolved.
    pub to: Option<MilestoneCode>,
    /// The business date.
    pub on: Date,
    /// What made it: a run key or an event id.
    pub cause: String,
    /// The number of the stored setup that decided it.
    pub setup_version: u32,
    /// The actions, in the order performed.
    pub actions: Vec<PerformedAction>,
    /// Why it happened.
    pub explanation: Explanation,
}

impl Transition {
    /// All effects with their permanent keys: account, delinquency, transition,
    /// action, effect. The key is what makes an effect happen once.
    pub fn effects(&self) -> impl Iterator<Item = (String, &PerformedAction, &Effect)> {
        self.actions.iter().flat_map(move |action| {
            action.effects().iter().enumerate().map(move |(index, effect)| {
                let key = format!(
                    "{}/{}/{:06}/{:02}/{index:02}",
                    self.account, self.delinquency, self.sequence, action.position
                );
                (key, action, effect)
            })
        })
    }
}
