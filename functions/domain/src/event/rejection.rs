//! Why an event cannot be applied.

use crate::decide::{DecisionError, IllegalChange};
use crate::{Date, MoneyError};

/// Why an event cannot be applied. Nothing of it is written; the event is kept
/// with this reason and may be applied again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such record.
    #[error(
        "account {account} has no delinquency {delinquency}; `arrears account show {account}` lists them"
    )]
    UnknownDelinquency {
        /// The account.
        account: String,
        /// What the event names.
        delinquency: String,
    },
    /// The event names no record, and there is none that it could mean.
    #[error("account {account} has no record that {what}")]
    NoRecord {
        /// The account.
        account: String,
        /// What it would have to be.
        what: &'static str,
    },
    /// The event names no record, and there are several that it could mean.
    #[error("account {account} has several records, each of which {what}: {candidates}; name one")]
    Ambiguous {
        /// The account.
        account: String,
        /// What they are.
        what: &'static str,
        /// Their ids.
        candidates: String,
    },
    /// The record is of another kind.
    #[error("delinquency {delinquency} is of kind {kind}; the event is for {expected}")]
    WrongKind {
        /// The record.
        delinquency: String,
        /// Its kind.
        kind: &'static str,
        /// The kinds that the event is for.
        expected: String,
    },
    /// The record cannot change in this way.
    #[error(transparent)]
    Illegal(#[from] IllegalChange),
    /// A rule cannot be computed.
    #[error(transparent)]
    Decision(DecisionError),
    /// The amount is zero or less.
    #[error("the amount is {0}; write one that is greater than zero")]
    AmountNotPositive(String),
    /// The amount is none, or is not one of the account's currency.
    #[error(transparent)]
    Amount(#[from] MoneyError),
    /// The amount is in another currency.
    #[error(
        "the amount is in {event}; the account is in {account}: convert it, or correct the event"
    )]
    OtherCurrency {
        /// The event's.
        event: String,
        /// The account's.
        account: String,
    },
    /// The payment is there already, by another event.
    #[error("payment {0} was posted already, by another event; give this one another payment id")]
    PaymentExists(String),
    /// A payment that nobody has seen is reversed.
    #[error("payment {0} was never posted to this account; once it is, apply this event again")]
    UnknownPayment(String),
    /// A payment is reversed for a second time.
    #[error("payment {0} was reversed already")]
    AlreadyReversed(String),
    /// The reversal's amount is not the payment's.
    #[error("payment {payment} was {posted}, not {reversed}; a payment is reversed as a whole")]
    AmountDiffers {
        /// The payment.
        payment: String,
        /// What was paid.
        posted: String,
        /// What the event says.
        reversed: String,
    },
    /// The event is dated before the record came to where it stands.
    #[error(
        "the event is dated {on}, before {delinquency} came to its milestone on {since}; look at \
         the account, and apply the event again with a later date if it still holds"
    )]
    Late {
        /// The record.
        delinquency: String,
        /// The event's date.
        on: Date,
        /// Since when the record has stood where it stands.
        since: Date,
    },
    /// An extension of zero days or less.
    #[error("an extension has 1 day or more, not {0}")]
    ExtensionNotPositive(i64),
    /// A hold whose last day is past.
    #[error("the hold would end on {until}, before the event's own date {on}")]
    HoldEnded {
        /// The last day of the hold.
        until: Date,
        /// The event's date.
        on: Date,
    },
    /// The record is held for something else.
    #[error("delinquency {delinquency} is held for {held}, not for {expected}")]
    OtherHold {
        /// The record.
        delinquency: String,
        /// What it is held for.
        held: &'static str,
        /// What the event would end.
        expected: &'static str,
    },
    /// No milestone has made the account eligible.
    #[error(
        "delinquency {delinquency} stands at {milestone}, which makes nothing eligible for {what}; \
         say that it is to be placed even so, or wait"
    )]
    NotEligible {
        /// The record.
        delinquency: String,
        /// Where it stands.
        milestone: String,
        /// Collections, or a lien.
        what: &'static str,
    },
    /// The process that would begin goes on already.
    #[error("{delinquency} is such a process, and still open; an account has one at a time")]
    AlreadyPlaced {
        /// The record.
        delinquency: String,
    },
    /// What would be placed does not pass the minimum entry amount.
    #[error("{amount} does not pass the minimum entry amount of {minimum}")]
    BelowMinimum {
        /// What would be placed.
        amount: String,
        /// The minimum, which has to be passed.
        minimum: String,
    },
    /// A line item that is not there, or is paid.
    #[error("line item {0} is not there or is paid; choose among the account's unpaid items")]
    NoSuchItem(String),
    /// What a run wants to collect is not what it has seen.
    #[error("{account} has changed since it was selected: {what}")]
    CollectionChanged {
        /// The account.
        account: String,
        /// What differs.
        what: String,
    },
    /// A credit was settled with what a run has collected.
    #[error(
        "{item} was settled together with payment {reference}; reverse {reference} first, then \
         apply this event again"
    )]
    Allocated {
        /// The credit.
        item: String,
        /// The payment.
        reference: String,
    },
    /// The ledger has nothing of a payment that a run has collected.
    #[error("the ledger has no posting of payment {0}; import it, then apply this event again")]
    NoPosting(String),
    /// The ledger takes nothing for the date any more.
    #[error(
        "period {period} of {on} is closed for the ledger; use a date after it, or open the period \
         in `[ledger]` of the setup"
    )]
    PeriodClosed {
        /// The period.
        period: String,
        /// The date.
        on: Date,
    },
}

impl From<DecisionError> for Rejection {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::Illegal(illegal) => Self::Illegal(illegal),
            other => Self::Decision(other),
        }
    }
}

impl Rejection {
    /// A stable word for lists.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownDelinquency { .. } => "UNKNOWN_DELINQUENCY",
            Self::NoRecord { .. } => "NO_RECORD",
            Self::Ambiguous { .. } => "AMBIGUOUS",
            Self::WrongKind { .. } => "WRONG_KIND",
            Self::Illegal(IllegalChange::Resolved { .. }) => "RESOLVED",
            Self::Illegal(IllegalChange::NotHeld { .. }) => "NOT_ON_HOLD",
            Self::Illegal(IllegalChange::Extension { .. }) => "EXTENSION_OUT_OF_RANGE",
            Self::Illegal(_) => "ILLEGAL_CHANGE",
            Self::Decision(error) => error.code(),
            Self::AmountNotPositive(_) => "AMOUNT_NOT_POSITIVE",
            Self::Amount(_) => "BAD_AMOUNT",
            Self::OtherCurrency { .. } => "OTHER_CURRENCY",
            Self::PaymentExists(_) => "PAYMENT_EXISTS",
            Self::UnknownPayment(_) => "UNKNOWN_PAYMENT",
            Self::AlreadyReversed(_) => "ALREADY_REVERSED",
            Self::AmountDiffers { .. } => "AMOUNT_DIFFERS",
            Self::Late { .. } => "LATE",
            Self::ExtensionNotPositive(_) => "EXTENSION_NOT_POSITIVE",
            Self::HoldEnded { .. } => "HOLD_ENDED",
            Self::OtherHold { .. } => "OTHER_HOLD",
            Self::NotEligible { .. } => "NOT_ELIGIBLE",
            Self::AlreadyPlaced { .. } => "ALREADY_PLACED",
            Self::BelowMinimum { .. } => "BELOW_MINIMUM",
            Self::NoSuchItem(_) => "NO_SUCH_ITEM",
            Self::CollectionChanged { .. } => "CHANGED_SINCE",
            Self::Allocated { .. } => "ALLOCATED",
            Self::NoPosting(_) => "NO_POSTING",
            Self::PeriodClosed { .. } => "PERIOD_CLOSED",
        }
    }
}
