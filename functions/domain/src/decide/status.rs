//! The one place where a record changes.

use crate::calendar::DAYS_MAX;
use crate::delinquency::{SEQUENCE_MAX, VERSION_MAX};
use crate::{
    Date, Delinquency, DelinquencyStatus, HistoryEvent, Hold, MilestoneCode, TransitionEvent,
};

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
    /// The resolve rule holds, the balance fell below the amount, or staff
    /// ended the process.
    ResolveOther {
        /// The resolution code.
        code: String,
    },
    /// A payment was reversed: it goes to the payment reversal milestone, also
    /// if it had been resolved.
    Reverse {
        /// Where to.
        to: MilestoneCode,
    },
    /// A payment was reversed, and the resolved record goes on where it stood.
    Reopen,
    /// Nothing but what is owed.
    Balance,
    /// It is put on hold; another hold takes the place of one that is there.
    Hold(Hold),
    /// The hold ends.
    Release,
    /// Its milestone is extended by so many more days, in the basis of its
    /// duration.
    Extend {
        /// More than none.
        days: u32,
    },
}

impl Change {
    /// The event that it is to history and to actions.
    #[must_use]
    pub fn event(&self) -> HistoryEvent {
        let transition = match self {
            Self::Advance { .. } | Self::Reverse { .. } => TransitionEvent::EntryOrIncrement,
            Self::Decrement { .. } => TransitionEvent::Decrement,
            Self::ResolveFullPayment { .. } => TransitionEvent::ResolvedFullPayment,
            Self::ResolveOther { .. } => TransitionEvent::ResolvedFormulaOrBelowAmount,
            Self::Reopen => return HistoryEvent::Reopened,
            Self::Balance => return HistoryEvent::BalanceChanged,
            Self::Hold(_) => return HistoryEvent::Held,
            Self::Release => return HistoryEvent::Released,
            Self::Extend { .. } => return HistoryEvent::Extended,
        };
        HistoryEvent::Transition(transition)
    }

    /// Whether it opens a record that was resolved.
    fn opens(&self) -> bool {
        matches!(self, Self::Reverse { .. } | Self::Reopen)
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
    /// The process goes on, so that it cannot be opened again.
    #[error("delinquency {delinquency} is open; only a resolved one can be opened again")]
    NotResolved {
        /// The record.
        delinquency: String,
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
    /// There is no hold that could end.
    #[error("delinquency {delinquency} is not on hold")]
    NotHeld {
        /// The record.
        delinquency: String,
    },
    /// An extension of no days, or of too many.
    #[error(
        "delinquency {delinquency} cannot be extended to {days} days; an extension has 1 to \
         {DAYS_MAX} days in all"
    )]
    Extension {
        /// The record.
        delinquency: String,
        /// What the extension would come to.
        days: u64,
    },
}

/// The record after a change. A transition ends an extension, starts a new stay
/// on `on`, and counts; it does not touch what is owed: whoever changes that
/// does so first.
///
/// # Errors
/// Whatever is not listed in [`Change`] cannot be asked for; what is listed but
/// cannot happen to this record is an [`IllegalChange`].
pub fn next_status(
    before: &Delinquency,
    change: &Change,
    on: Date,
) -> Result<Delinquency, IllegalChange> {
    check_status(before, change)?;
    let delinquency = || before.id.to_string();
    if before.sequence >= SEQUENCE_MAX || before.version >= VERSION_MAX {
        return Err(IllegalChange::Exhausted { delinquency: delinquency() });
    }
    let mut after = before.clone();
    after.sequence += 1;
    after.version += 1;
    match change {
        Change::Advance { to } | Change::Decrement { to } | Change::Reverse { to } => {
            if before.is_open() && *to == before.milestone {
                let milestone = to.clone();
                return Err(IllegalChange::SameMilestone { delinquency: delinquency(), milestone });
            }
            stay(&mut after, to.clone(), on);
        }
        Change::Reopen => stay(&mut after, before.milestone.clone(), on),
        Change::ResolveFullPayment { code } | Change::ResolveOther { code } => {
            after.status = DelinquencyStatus::Resolved { code: code.clone(), on };
            after.extension_days = 0;
            after.hold = None;
        }
        Change::Balance => {}
        Change::Hold(hold) => after.hold = Some(hold.clone()),
        Change::Release => {
            after
                .hold
                .take()
                .ok_or_else(|| IllegalChange::NotHeld { delinquency: delinquency() })?;
        }
        Change::Extend { days } => {
            let total = u64::from(before.extension_days) + u64::from(*days);
            let illegal = || IllegalChange::Extension { delinquency: delinquency(), days: total };
            let in_range = u32::try_from(total).ok().filter(|total| *total <= DAYS_MAX);
            after.extension_days = in_range.filter(|_| *days > 0).ok_or_else(illegal)?;
        }
    }
    Ok(after)
}

fn check_status(before: &Delinquency, change: &Change) -> Result<(), IllegalChange> {
    if !change.opens() {
        return IllegalChange::unless_open(before);
    }
    if before.is_open() && *change == Change::Reopen {
        return Err(IllegalChange::NotResolved { delinquency: before.id.to_string() });
    }
    Ok(())
}

impl IllegalChange {
    /// [`IllegalChange::Resolved`] unless the process goes on.
    pub(crate) fn unless_open(record: &Delinquency) -> Result<(), Self> {
        match &record.status {
            DelinquencyStatus::Open => Ok(()),
            DelinquencyStatus::Resolved { code, on } => Err(Self::Resolved {
                delinquency: record.id.to_string(),
                on: *on,
                code: code.clone(),
            }),
        }
    }
}

/// A new stay at a milestone.
fn stay(record: &mut Delinquency, at: MilestoneCode, on: Date) {
    record.status = DelinquencyStatus::Open;
    record.milestone = at;
    record.entered_on = on;
    record.extension_days = 0;
}
