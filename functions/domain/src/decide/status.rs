//! The one place where a record changes.

use crate::delinquency::{SEQUENCE_MAX, VERSION_MAX};
use crate::{Date, Delinquency, DelinquencyStatus, MilestoneCode, TransitionEvent};

/// A change that may happen to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It moves on to a milestone.
    Advance {
        /// Where to.
        to: MilestoneCode,
    },
    /// It is moved out of its milestone, to a milder one.
    Decrement {
        /// Where to.
        to: MilestoneCode,
    },
    /// Everything was paid.
    ResolveFullPayment {
        /// The resolution code.
        code: String,
    },
    /// The resolve rule holds, or the balance fell below the minimum.
    ResolveOther {
        /// The resolution code.
        code: String,
    },
}

impl Change {
    /// The event that it is to history and to actions.
    #[must_use]
    pub fn event(&self) -> TransitionEvent {
        match self {
            Self::Advance { .. } => TransitionEvent::EntryOrIncrement,
            Self::Decrement { .. } => TransitionEvent::Decrement,
            Self::ResolveFullPayment { .. } => TransitionEvent::ResolvedFullPayment,
            Self::ResolveOther { .. } => TransitionEvent::ResolvedFormulaOrBelowAmount,
        }
    }
}

/// A change that cannot happen to a record as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IllegalChange {
    /// The process has ended.
    #[error("delinquency {delinquency} was resolved on {on} with code {code}; it cannot change")]
    Resolved {
        /// The record.
        delinquency: String,
        /// When it ended.
        on: Date,
        /// With which code.
        code: String,
    },
    /// The record has been through as many transitions as can be counted.
    #[error("delinquency {delinquency} has had {SEQUENCE_MAX} transitions, the most there can be")]
    Exhausted {
        /// The record.
        delinquency: String,
    },
    /// The change leads to where the record stands.
    #[error("delinquency {delinquency} stands at milestone {milestone} already")]
    SameMilestone {
        /// The record.
        delinquency: String,
        /// Where it stands.
        milestone: MilestoneCode,
    },
}

/// The record after a change. A transition ends an extension, starts a new stay
/// on `on`, and counts; it does not touch what is owed.
///
/// # Errors
/// Whatever is not listed in [`Change`] cannot be asked for; what is listed but
/// cannot happen to this record is an [`IllegalChange`].
pub fn next_status(
    before: &Delinquency,
    change: &Change,
    on: Date,
) -> Result<Delinquency, IllegalChange> {
    if let DelinquencyStatus::Resolved { code, on } = &before.status {
        return Err(IllegalChange::Resolved {
            delinquency: before.id.to_string(),
            on: *on,
            code: code.clone(),
        });
    }
    if before.sequence >= SEQUENCE_MAX || before.version >= VERSION_MAX {
        return Err(IllegalChange::Exhausted { delinquency: before.id.to_string() });
    }
    let mut after = before.clone();
    after.sequence += 1;
    after.version += 1;
    match change {
        Change::Advance { to } | Change::Decrement { to } => {
            if *to == before.milestone {
                return Err(IllegalChange::SameMilestone {
                    delinquency: before.id.to_string(),
                    milestone: to.clone(),
                });
            }
            after.milestone = to.clone();
            after.entered_on = on;
            after.extension_days = 0;
        }
        Change::ResolveFullPayment { code } | Change::ResolveOther { code } => {
            after.status = DelinquencyStatus::Resolved { code: code.clone(), on };
            after.extension_days = 0;
        }
    }
    Ok(after)
}
