//! Why a record cannot be decided.

use super::IllegalChange;
use crate::MoneyError;
use crate::calendar::CalendarError;
use crate::formula::EvaluationError;

/// A record cannot be decided: it becomes an error of the run, nothing of it is
/// written, and the run goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// The record stands in a scheme or at a milestone that the setup lacks.
    #[error(
        "the record stands at milestone {milestone} of scheme {scheme}, which the setup does not \
         define; define it, or correct the record"
    )]
    UnknownMilestone {
        /// The scheme's code.
        scheme: String,
        /// The milestone's code.
        milestone: String,
    },
    /// A rule gives a milestone that the scheme lacks.
    #[error(
        "{rule} of milestone {milestone} gives `{next}`, which scheme {scheme} does not define"
    )]
    UnknownNextMilestone {
        /// The rule.
        rule: &'static str,
        /// The scheme's code.
        scheme: String,
        /// The milestone whose rule it is.
        milestone: String,
        /// What the rule gave.
        next: String,
    },
    /// No rule says which scheme or milestone a record enters.
    #[error("{what} is not said by the setup, so that no record can enter; add the rule")]
    NoEntryRule {
        /// `entry_scheme of group COLL`.
        what: String,
    },
    /// A rule gives a scheme that the setup lacks.
    #[error("{rule} gives scheme `{scheme}`, which the setup does not define")]
    UnknownScheme {
        /// The rule.
        rule: String,
        /// What it gave.
        scheme: String,
    },
    /// Amounts cannot be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A formula failed.
    #[error("{rule} cannot be computed: {reason}")]
    Formula {
        /// The rule.
        rule: String,
        /// What is wrong.
        reason: EvaluationError,
    },
    /// A duration is negative or too long.
    #[error("the duration formula gives {days} days; a duration has 0 to {max} days")]
    Duration {
        /// What the formula gave.
        days: i64,
        /// The most that is allowed.
        max: u32,
    },
    /// A date cannot be computed.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The record cannot change in this way.
    #[error(transparent)]
    Illegal(#[from] IllegalChange),
}

impl DecisionError {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownMilestone { .. } => "UNKNOWN_MILESTONE",
            Self::UnknownNextMilestone { .. } => "UNKNOWN_NEXT_MILESTONE",
            Self::NoEntryRule { .. } => "NO_ENTRY_RULE",
            Self::UnknownScheme { .. } => "UNKNOWN_SCHEME",
            Self::Money(_) => "AMOUNT_OUT_OF_RANGE",
            Self::Formula { .. } => "FORMULA_FAILED",
            Self::Duration { .. } => "DURATION_OUT_OF_RANGE",
            Self::Calendar(_) => "DATE_OUT_OF_RANGE",
            Self::Illegal(_) => "ILLEGAL_CHANGE",
        }
    }
}
