//! Events: what people and payments do to an account, outside the runs.
//!
//! One function, [`apply`], says what an event comes to: which records change
//! and how, which line items are written, and by how much the account's balance
//! changes. It is a function of its arguments; whoever commits the answer does
//! so once for each event, in one transaction. What cannot be applied is a
//! [`Rejection`] with a stable code, and changes nothing.
//!
//! What each event does, and what holds for events that come twice, late or with
//! wrong values, is in `docs/EVENTS.md`, row by row.

mod apply;

mod collection;
mod money;
mod placement;
mod reversal;
mod staff;
mod undo;

mod spend;

mod rejection;

pub use apply::apply;
pub use placement::is_eligible;
pub use rejection::Rejection;

use crate::decide::{Changed, Explanation};
use crate::payment::{Payment, Posting};
use crate::setup::LedgerAccounts;
use crate::{
    Account, AccountId, Contact, Currency, Date, Delinquency, DelinquencyId, DelinquencyKind,
    EventId, HoldKind, LineItem, LineItemId, Mandate, MandateState, Money, PerformedAction, RunKey,
    SchemeCode,
};
use std::collections::BTreeMap;

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What makes it happen once: unique for its account.
    pub id: EventId,
    /// The account.
    pub account: AccountId,
    /// The business date.
    pub on: Date,
    /// What happened.
    pub kind: EventKind,
}

/// An amount as an event says it; in which currency, and whether that can hold
/// it, is checked against the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// Decimal text, `152.30`.
    pub text: String,
    /// The currency, if the event names one.
    pub currency: Option<Currency>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A payment was posted.
    PaymentPosted {
        /// The payment's own id; reversals name it.
        payment: LineItemId,
        /// What was paid; more than nothing.
        amount: Amount,
        /// The bill type that it is for; none: the oldest debts first.
        bill_type: Option<String>,
    },
    /// A payment was reversed: a cheque bounced, a debit was returned.
    PaymentReversed {
        /// The payment; none: the last one of this amount that is not reversed.
        payment: Option<LineItemId>,
        /// What was paid; if given, it must be the payment's amount.
        amount: Option<Amount>,
        /// Of a payment that a run has collected: what becomes of the rest.
        void: Void,
    },
    /// A payment collection run collects what the account owes.
    Collected(Box<Collected>),
    /// A record is held: by staff, for a dispute, for an arrangement or for a
    /// promise to pay.
    Held {
        /// The record; none: the only one that is open.
        delinquency: Option<DelinquencyId>,
        /// What it is held for.
        kind: HoldKind,
        /// Why.
        reason: String,
        /// The last day of the hold.
        until: Option<Date>,
        /// What was agreed or promised; once it is paid, the hold ends.
        amount: Option<Amount>,
    },
    /// A hold ends: released by staff, the dispute settled, the arrangement or
    /// promise kept or broken.
    Released {
        /// The record; none: the only one that is held.
        delinquency: Option<DelinquencyId>,
        /// The kind of hold that is to end; none: whichever it is.
        kind: Option<HoldKind>,
        /// How it ended, for history: `kept`, `broken`, `released`.
        outcome: String,
    },
    /// The stay at the present milestone is extended.
    Extended {
        /// The record; none: the only one that is open.
        delinquency: Option<DelinquencyId>,
        /// Further days, in the basis of the milestone's duration.
        days: i64,
    },
    /// The account is sent to collections, or a lien is added: a further record
    /// beside the one that led to it.
    Placed(Placement),
    /// Staff ends a process.
    Resolved {
        /// The record; none: the only one that is open.
        delinquency: Option<DelinquencyId>,
        /// The kinds of record that may be meant: a lien is released, a
        /// collections record recalled from its agency.
        of: Vec<DelinquencyKind>,
        /// The resolution code.
        code: String,
    },
    /// What a record owes is written off, which ends the process.
    WrittenOff {
        /// The record; none: the only one that is open.
        delinquency: Option<DelinquencyId>,
        /// The resolution code.
        code: String,
    },
    /// A collection agency has taken note of a record. It is known from then on,
    /// and changes nothing.
    Acknowledged {
        /// The record, open or resolved; none: the only one that there is.
        delinquency: Option<DelinquencyId>,
        /// The code of the collection agency.
        collection_agency: String,
    },
}

/// How a payment that a run has collected is made void.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Void {
    /// The reason code of the bank's return; none if staff made it void.
    pub return_code: Option<String>,
    /// The transactions become *Withheld*, and are not collected again.
    pub withhold: bool,
}

/// What a payment collection run collects of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// The payment's id, and the allocation reference.
    pub payment: LineItemId,
    /// The run.
    pub run: RunKey,
    /// What is collected.
    pub collects: Payment,
    /// The accounts of the ledger.
    pub ledger: LedgerAccounts,
    /// What was done on the way, such as the pre-notification.
    pub actions: Vec<PerformedAction>,
}

/// A further record beside the one that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// [`DelinquencyKind::Collections`] or one of the liens.
    pub kind: DelinquencyKind,
    /// The record that led to it; none: the only one whose milestone marks the
    /// account as eligible.
    pub delinquency: Option<DelinquencyId>,
    /// The line items that are sent; none: all that the record owes.
    pub items: Vec<LineItemId>,
    /// The scheme; none: that of the collections group's rule, or `LIENS`.
    pub scheme: Option<SchemeCode>,
    /// Place it though no milestone has made the account eligible, or though
    /// the minimum entry amount is not passed.
    pub even_if_not_eligible: bool,
    /// Whatever else is known of it: the parcel, the address.
    pub attributes: BTreeMap<String, String>,
}

/// What an event is applied to: everything of the account that rules may ask
/// for.
#[derive(Debug, Clone, Copy)]
pub struct Book<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its primary contact, if it has one.
    pub contact: Option<&'a Contact>,
    /// All its records, also resolved ones.
    pub delinquencies: &'a [Delinquency],
    /// Its line items.
    pub items: &'a [LineItem],
    /// Its mandates.
    pub mandates: &'a [Mandate],
    /// What the ledger got for its payments.
    pub postings: &'a [Posting],
}

/// What an event comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The account as it will be, before any charge of an action.
    pub account: Account,
    /// What is added to the account's balance; negative for a payment.
    pub balance_change: Money,
    /// New line items.
    pub items: Vec<LineItem>,
    /// Line items whose marker or allocations change.
    pub changed_items: Vec<ItemChange>,
    /// The mandate that changes.
    pub mandate: Option<MandateChange>,
    /// What the ledger gets.
    pub posting: Option<Posting>,
    /// Bill types of which a delinquency may begin sooner than was thought, so
    /// that the next delinquency run has to look.
    pub looks_again: Vec<String>,
    /// The records that change, each with the reasons.
    pub changes: Vec<(Changed, Explanation)>,
}

/// A line item as it was and as it will be: marker, allocations and how often it
/// was returned may differ, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemChange {
    /// As it was read.
    pub before: LineItem,
    /// As it will be.
    pub after: LineItem,
}

/// A mandate, and what it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateChange {
    /// As it was read.
    pub before: Mandate,
    /// What it will be.
    pub after: MandateState,
}

#[cfg(test)]
mod tests;
