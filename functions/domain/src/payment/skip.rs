//! Why a transaction is not collected.

use crate::mandate::MandateProblem;
use crate::{LineItemId, Money};

/// A transaction that is not collected, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The transaction.
    pub item: LineItemId,
    /// What is open of it.
    pub open: Money,
    /// Why.
    pub reason: SkipReason,
}

/// Why a transaction is not collected. What is paid or corrected is no candidate,
/// and not spoken of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// The account is suspended.
    #[error("the account is suspended")]
    AccountSuspended,
    /// The account is closed.
    #[error("the account is closed")]
    AccountClosed,
    /// The profile does not collect in this currency.
    #[error("the account is in {0}, which the profile does not collect in")]
    OtherCurrency(String),
    /// The profile's selection of accounts does not take it.
    #[error("the profile does not select the account")]
    AccountNotSelected,
    /// The selection of accounts cannot be computed.
    #[error("the selection of accounts cannot be computed: {0}")]
    SelectionFailed(String),
    /// Its marker says never.
    #[error("the transaction is withheld")]
    Withheld,
    /// A part of it was paid by a credit that is withheld.
    #[error("credit {0}, which has paid a part of it, is withheld")]
    PartlyWithheld(LineItemId),
    /// Another proposal has it.
    #[error("proposal {0} has it; execute or abandon that one first")]
    Locked(String),
    /// An operator has taken it out of the proposal.
    #[error("excluded by an operator: {0}")]
    Excluded(String),
    /// An operator has put it off.
    #[error("deferred until {0}")]
    Deferred(String),
    /// It bills something that the profile does not collect.
    #[error("the profile does not collect what it bills")]
    OtherBillType,
    /// It has no due date.
    #[error("it has no due date")]
    NoDueDate,
    /// It comes due after the base date for payment.
    #[error("it is due on {0}, after the base date for payment")]
    NotDue(String),
    /// A bank has returned it as often as it may be presented.
    #[error("it was returned {0} times; it cannot be presented again")]
    PresentedTooOften(u32),
    /// Credits have paid it.
    #[error("credits have paid it")]
    NothingOpen,
    /// The account has more credit than is due.
    #[error("credits of the account come to {0} more than is due")]
    NetsToCredit(String),
    /// There is less to collect than the profile's minimum.
    #[error("{0} is less than the minimum of the profile")]
    BelowMinimum(String),
    /// The payment has as many transactions as it can have.
    #[error("a payment has at most {0} transactions; the next run collects it")]
    TooManyItems(usize),
    /// The account has no mandate of the profile's kind.
    #[error("the account has no mandate for {0}")]
    NoMandate(&'static str),
    /// Nothing can be collected under the mandate.
    #[error(transparent)]
    Mandate(MandateProblem),
    /// The bank's file cannot say it.
    #[error("{0}")]
    Format(String),
    /// An amount cannot be computed.
    #[error("the amount cannot be computed: {0}")]
    Amount(String),
}

impl SkipReason {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AccountSuspended => "ACCOUNT_SUSPENDED",
            Self::AccountClosed => "ACCOUNT_CLOSED",
            Self::OtherCurrency(_) => "OTHER_CURRENCY",
            Self::AccountNotSelected => "ACCOUNT_NOT_SELECTED",
            Self::SelectionFailed(_) => "SELECTION_FAILED",
            Self::Withheld => "WITHHELD",
            Self::PartlyWithheld(_) => "PARTLY_WITHHELD",
            Self::Locked(_) => "LOCKED",
            Self::Excluded(_) => "EXCLUDED",
            Self::Deferred(_) => "DEFERRED",
            Self::OtherBillType => "OTHER_BILL_TYPE",
            Self::NoDueDate => "NO_DUE_DATE",
            Self::NotDue(_) => "NOT_DUE",
            Self::PresentedTooOften(_) => "PRESENTED_TOO_OFTEN",
            Self::NothingOpen => "NOTHING_OPEN",
            Self::NetsToCredit(_) => "NETS_TO_CREDIT",
            Self::BelowMinimum(_) => "BELOW_MINIMUM",
            Self::TooManyItems(_) => "TOO_MANY_ITEMS",
            Self::NoMandate(_) => "NO_MANDATE",
            Self::Mandate(problem) => problem.code(),
            Self::Format(_) => "FORMAT_REFUSES",
            Self::Amount(_) => "AMOUNT_OUT_OF_RANGE",
        }
    }
}
