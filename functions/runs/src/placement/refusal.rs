//! Why a line of an agency's file is refused before it becomes an event. The file
//! is there to be corrected; nothing is parked.

use crate::rows::RowError;
use arrears_domain::MoneyError;

/// Why a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// The row cannot be read.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A cell is empty that may not be.
    #[error("`{column}` is empty{why}")]
    Missing { column: &'static str, why: &'static str },
    /// A cell has what it cannot have.
    #[error("`{column}` is `{value}`: {expected}")]
    Value { code: &'static str, column: &'static str, value: String, expected: String },
    /// The account is not stored.
    #[error("account {account} is not in the book; correct the line, or import the account")]
    UnknownAccount { account: String },
    /// The account has no such record.
    #[error(
        "account {account} has no delinquency {delinquency}; `arrears account show {account}` \
         lists them"
    )]
    UnknownDelinquency { account: String, delinquency: String },
    /// The agency was never told of the record.
    #[error("delinquency {delinquency} was never placed with {agency}")]
    NotPlaced { delinquency: String, agency: String },
    /// The agency was never told of any record of the account.
    #[error("no delinquency of account {account} was ever placed with {agency}")]
    NothingPlaced { account: String, agency: String },
    /// The line names no record, and several may be meant.
    #[error(
        "account {account} has several records placed with {agency}: {candidates}; write one of \
         them in `delinquency`"
    )]
    SeveralPlaced { account: String, agency: String, candidates: String },
    /// The amount is none.
    #[error(transparent)]
    Amount(#[from] MoneyError),
    /// The amount is zero or less.
    #[error("the amount is {0}; write one that is greater than zero")]
    AmountNotPositive(String),
    /// The amount is in another currency.
    #[error("the amount is in {line}; the account is in {account}: convert it")]
    OtherCurrency { line: String, account: String },
    /// The balance is meant, and there is none.
    #[error("delinquency {delinquency} owes nothing; write what was paid in `amount`")]
    NothingOwed { delinquency: String },
    /// The reference came before, and said something else.
    #[error(
        "event {id} of account {account} was {event} on {on}, which says something else; a \
         reference is for one line only"
    )]
    ReferenceReused { id: String, account: String, event: String, on: String },
}

impl Refused {
    /// A stable word.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Row(_) => "BAD_ROW",
            Self::Missing { .. } => "MISSING_VALUE",
            Self::Value { code, .. } => code,
            Self::UnknownAccount { .. } => "UNKNOWN_ACCOUNT",
            Self::UnknownDelinquency { .. } => "UNKNOWN_DELINQUENCY",
            Self::NotPlaced { .. } | Self::NothingPlaced { .. } => "NOT_PLACED",
            Self::SeveralPlaced { .. } => "AMBIGUOUS",
            Self::Amount(_) => "BAD_AMOUNT",
            Self::AmountNotPositive(_) => "AMOUNT_NOT_POSITIVE",
            Self::OtherCurrency { .. } => "OTHER_CURRENCY",
            Self::NothingOwed { .. } => "NOTHING_OWED",
            Self::ReferenceReused { .. } => "REFERENCE_REUSED",
        }
    }
}
