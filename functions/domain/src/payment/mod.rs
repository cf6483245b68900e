//! The payment collection run: what is collected of an account, why the rest is
//! not, and what is posted for it.
//!
//! [`select`] puts the criteria of a payment profile to one account and gives a
//! [`Payment`] or the reasons why there is none; it is a function of its
//! arguments. What a payment does to the account is the event
//! [`Collected`](crate::event::EventKind::Collected); what the ledger gets for it
//! is a [`Posting`].

mod dates;
mod discount;
mod posting;
mod present;
mod returns;
mod select;
mod skip;

pub use dates::collection_date;
pub use discount::{Discount, discount};
pub use posting::{Journal, LedgerLine, LineKind, MandateUse, Posting, PostingKind, Unbalanced};
pub use present::changed_since;
pub use returns::{ReturnEffect, return_effect};
pub use select::{Edit, Inputs, Run, Selected, select};
pub use skip::{SkipReason, Skipped};

use crate::{Date, LineItemId, Mandate, Money};

/// The most line items of one payment: all of them are written in one
/// transaction of at most 100 items, beside the account, the event, the posting,
/// the mandate and the records that owe less.
pub const PAYMENT_ITEMS_MAX: usize = 60;

/// What is collected of an account, in one debit.
///
/// `gross = discount + net`, and the parts of `items` and `credits` come to
/// `gross` together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The transactions that it collects, oldest first.
    pub items: Vec<CollectedItem>,
    /// The credits that are settled with them: what each has paid of them, or has
    /// left; above zero.
    pub credits: Vec<(LineItemId, Money)>,
    /// What is open of all items, less what is left of credits.
    pub gross: Money,
    /// The settlement discounts of all items, tax included.
    pub discount: Money,
    /// The tax in them.
    pub discount_tax: Money,
    /// What the bank is to collect.
    pub net: Money,
    /// Under which mandate; none if the method needs none.
    pub mandate: Option<Mandate>,
    /// When the money is to come.
    pub collection_date: Date,
}

/// A transaction of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectedItem {
    /// The transaction.
    pub id: LineItemId,
    /// When it was due.
    pub due_on: Option<Date>,
    /// Its amount.
    pub amount: Money,
    /// What is open of it.
    pub open: Money,
    /// The settlement discount, tax included.
    pub discount: Money,
    /// The tax in it.
    pub discount_tax: Money,
}

#[cfg(test)]
mod tests;
