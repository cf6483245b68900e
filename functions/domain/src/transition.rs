//! Transitions: the immutable history of a delinquency (DELINQUENCYHISTORY).

use crate::decide::Explanation;
use crate::{
    AccountId, Date, Delinquency, DelinquencyId, DelinquencyStatus, Effect, Hold, MilestoneCode,
    Money, SchemeCode,
};

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

/// What an entry of history is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HistoryEvent {
    /// The record came to a milestone or was resolved: what actions may be
    /// performed on.
    Transition(TransitionEvent),
    /// A payment was reversed, and the resolved record goes on where it stood.
    Reopened,
    /// What is owed has changed, and nothing else.
    BalanceChanged,
    /// The record was put on hold.
    Held,
    /// The hold has ended.
    Released,
    /// The milestone was extended.
    Extended,
}

impl HistoryEvent {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Transition(TransitionEvent::EntryOrIncrement),
        Self::Transition(TransitionEvent::Decrement),
        Self::Transition(TransitionEvent::ResolvedFullPayment),
        Self::Transition(TransitionEvent::ResolvedFormulaOrBelowAmount),
        Self::Reopened,
        Self::BalanceChanged,
        Self::Held,
        Self::Released,
        Self::Extended,
    ];

    /// The word in history.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transition(event) => event.as_str(),
            Self::Reopened => "reopened",
            Self::BalanceChanged => "balance-changed",
            Self::Held => "held",
            Self::Released => "released",
            Self::Extended => "extended",
        }
    }

    /// The event that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == word)
    }

    /// The event on which actions are performed; none if this performs none.
    #[must_use]
    pub fn performs(self) -> Option<TransitionEvent> {
        match self {
            Self::Transition(event) => Some(event),
            _ => None,
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

/// By what and under which setup a transition is made.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// The run key, or the event's id.
    pub cause: &'a str,
    /// The number of the stored setup that decides it.
    pub setup_version: u32,
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
    pub event: HistoryEvent,
    /// The scheme.
    pub scheme: SchemeCode,
    /// Where the record stood; none at its entry, and when it had been resolved.
    pub from: Option<MilestoneCode>,
    /// Where it stands now; none once it is resolved.
    pub to: Option<MilestoneCode>,
    /// The resolution code, if this resolved it.
    pub resolution_code: Option<String>,
    /// What is owed since, if this changed it.
    pub balance: Option<Money>,
    /// The due date of the oldest debt since, if this changed what is owed.
    pub oldest_debt_on: Option<Date>,
    /// The hold since; none if there is none.
    pub hold: Option<Hold>,
    /// Days by which the milestone has been extended since.
    pub extension_days: u32,
    /// The business date.
    pub on: Date,
    /// What made it: a run key, or `event:` and an event's id.
    pub cause: String,
    /// The number of the stored setup that decided it.
    pub setup_version: u32,
    /// The actions, in the order performed.
    pub actions: Vec<PerformedAction>,
    /// Why it happened.
    pub explanation: Explanation,
}

impl Transition {
    /// What the transition says of the change from one state of a record to the
    /// next; everything but actions and explanation.
    #[must_use]
    pub fn between(
        before: Option<&Delinquency>,
        after: &Delinquency,
        (event, on): (HistoryEvent, Date),
        made: Made<'_>,
    ) -> Self {
        let stands = |record: &Delinquency| record.is_open().then(|| record.milestone.clone());
        let is_news = before.is_none_or(|before| {
            (before.balance, before.oldest_debt_on) != (after.balance, after.oldest_debt_on)
        });
        Self {
            delinquency: after.id.clone(),
            account: after.account.clone(),
            sequence: after.sequence,
            event,
            scheme: after.scheme.clone(),
            from: before.and_then(stands),
            to: stands(after),
            resolution_code: match &after.status {
                DelinquencyStatus::Resolved { code, .. } => Some(code.clone()),
                DelinquencyStatus::Open => None,
            },
            balance: is_news.then_some(after.balance),
            oldest_debt_on: if is_news { after.oldest_debt_on } else { None },
            hold: after.hold.clone(),
            extension_days: after.extension_days,
            on,
            cause: made.cause.to_owned(),
            setup_version: made.setup_version,
            actions: Vec::new(),
            explanation: Explanation::default(),
        }
    }

    /// The record after this transition: history gives back the present state.
    /// Attributes and versions are the book's and the table's own, and stay. So do
    /// line items: a record takes in items that come due later, and a reversal may
    /// give it those of a record that it stands for, but which items it names is
    /// told by the record alone.
    #[must_use]
    pub fn replayed_on(&self, before: &Delinquency) -> Delinquency {
        let mut after = before.clone();
        after.sequence = self.sequence;
        after.hold.clone_from(&self.hold);
        after.extension_days = self.extension_days;
        if let Some(balance) = self.balance {
            (after.balance, after.oldest_debt_on) = (balance, self.oldest_debt_on);
        }
        match (&self.to, &self.resolution_code) {
            (Some(to), _) => {
                if self.from.as_ref() != Some(to) {
                    after.entered_on = self.on;
                }
                after.milestone = to.clone();
                after.status = DelinquencyStatus::Open;
            }
            (None, Some(code)) => {
                let is_new = before.is_open();
                if is_new {
                    after.status = DelinquencyStatus::Resolved { code: code.clone(), on: self.on };
                }
            }
            (None, None) => {}
        }
        after
    }

    /// The step in some words: `entry -> WARN`, `WARN -> FINAL`,
    /// `FINAL -> resolved (PAID-IN-FULL)`; `held` where nothing moves.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self { from, to, event, resolution_code, .. } = self;
        if from == to {
            return event.as_str().to_owned();
        }
        let from = from.as_ref().map_or_else(|| event.as_str().to_owned(), ToString::to_string);
        match (to, resolution_code) {
            (Some(to), _) => format!("{from} -> {to}"),
            (None, Some(code)) => format!("{from} -> resolved ({code})"),
            (None, None) => format!("{from} -> resolved"),
        }
    }

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
