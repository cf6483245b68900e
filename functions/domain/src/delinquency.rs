//! The delinquency record: one for each process of an account until it is
//! resolved. Table ACCOUNTDELINQUENCY of the source document on the collections
//! run.

use crate::{AccountId, Date, DelinquencyId, LineItemId, MilestoneCode, Money, SchemeCode};
use std::collections::{BTreeMap, BTreeSet};

/// The most transitions of a record: keys hold six digits, and nobody lives
/// through a million milestones.
pub const SEQUENCE_MAX: u32 = 999_999;
/// The highest version of a record: what every JSON reader can hold exactly.
pub const VERSION_MAX: u64 = 1 << 53;

/// Which process a record manages. In the source document exactly one of the
/// columns BILLTYPEKEY, COLLECTIONSKEY, ADDRESSLIENKEY and PARCELLIENKEY is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DelinquencyKind {
    /// A delinquency proper, tied to a bill type.
    BillType,
    /// The account was sent to collections.
    Collections,
    /// A lien on an address.
    AddressLien,
    /// A lien on a parcel.
    ParcelLien,
}

impl DelinquencyKind {
    /// All of them, in the order of the source document.
    pub const ALL: [Self; 4] =
        [Self::BillType, Self::Collections, Self::AddressLien, Self::ParcelLien];

    /// The word in books and formulas.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BillType => "bill-type",
            Self::Collections => "collections",
            Self::AddressLien => "address-lien",
            Self::ParcelLien => "parcel-lien",
        }
    }

    /// The kind that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a collections run processes the kind: "accounts in collections,
    /// or with liens".
    #[must_use]
    pub fn is_in_collections_run(self) -> bool {
        !matches!(self, Self::BillType)
    }
}

/// Whether the process still goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DelinquencyStatus {
    /// It goes on.
    Open,
    /// It has ended.
    Resolved {
        /// The resolution code.
        code: String,
        /// The business date on which it ended.
        on: Date,
    },
}

/// What keeps a record where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldKind {
    /// Staff said so.
    Manual,
    /// The debtor disputes the debt.
    Dispute,
    /// The debtor pays by instalments.
    Arrangement,
    /// The debtor has promised to pay by a day.
    Promise,
}

impl HoldKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Manual, Self::Dispute, Self::Arrangement, Self::Promise];

    /// The word in books and events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Dispute => "dispute",
            Self::Arrangement => "arrangement",
            Self::Promise => "promise",
        }
    }

    /// The kind that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Keeps a record from advancing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it is for.
    pub kind: HoldKind,
    /// Why, for staff.
    pub reason: String,
    /// The last day of the hold; none holds until it is released.
    pub until: Option<Date>,
    /// What was agreed or promised and is not paid yet: once it is, the hold
    /// ends by itself.
    pub outstanding: Option<Money>,
}

impl Hold {
    /// Whether the hold still stands on the date: its last day is included.
    #[must_use]
    pub fn stands_on(&self, date: Date) -> bool {
        self.until.is_none_or(|until| date <= until)
    }
}

/// One process of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delinquency {
    /// Unique in the agency.
    pub id: DelinquencyId,
    /// The account that owes.
    pub account: AccountId,
    /// Which process it is.
    pub kind: DelinquencyKind,
    /// The bill type; for [`DelinquencyKind::BillType`] and for no other.
    pub bill_type: Option<String>,
    /// The record that led to this one: the delinquency that was sent to
    /// collections or for which a lien was added.
    pub origin: Option<DelinquencyId>,
    /// The line items that the record is about; none if it is about all that
    /// the account owes, or if the agency does not tell items.
    pub items: BTreeSet<LineItemId>,
    /// The scheme that the record goes through.
    pub scheme: SchemeCode,
    /// Where in the scheme it stands.
    pub milestone: MilestoneCode,
    /// Open or resolved.
    pub status: DelinquencyStatus,
    /// The date of entry to the present milestone: day 0 of its duration.
    pub entered_on: Date,
    /// The due date of the oldest debt that is still unpaid. It moves when
    /// debts are paid; durations may be counted from it.
    pub oldest_debt_on: Option<Date>,
    /// The delinquent balance, in the account's currency.
    pub balance: Money,
    /// Days by which the present milestone has been extended, in the basis of
    /// its duration; a transition ends the extension.
    pub extension_days: u32,
    /// Present while the record is held.
    pub hold: Option<Hold>,
    /// Whatever else the agency knows of the process, for formulas.
    pub attributes: BTreeMap<String, String>,
    /// How many transitions the record has been through.
    pub sequence: u32,
    /// Counts each write of the record; every write names the one that it read.
    pub version: u64,
}

impl Delinquency {
    /// Whether the process still goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == DelinquencyStatus::Open
    }

    /// Whether both records manage the same process, of which an account has at
    /// most one that is open: a bill type's, or what followed from one record.
    #[must_use]
    pub fn is_same_process(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.bill_type == other.bill_type
            && (self.origin == other.origin || self.origin.is_none() || other.origin.is_none())
    }

    /// The record after a book has brought news of it. A book that knows of fewer
    /// transitions than there have been tells what is owed now, and since when;
    /// where the record stands is known better here. It may end the process.
    #[must_use]
    pub fn with_news(&self, news: &Self) -> Self {
        if news.sequence >= self.sequence {
            return news.clone();
        }
        Self {
            balance: news.balance,
            oldest_debt_on: news.oldest_debt_on,
            hold: news.hold.clone(),
            attributes: news.attributes.clone(),
            status: if self.is_open() { news.status.clone() } else { self.status.clone() },
            ..self.clone()
        }
    }

    /// Whole days from the oldest unpaid debt to the date; 0 if the debt's date
    /// is not known or not past.
    #[must_use]
    pub fn days_past_due(&self, as_of: Date) -> u32 {
        self.oldest_debt_on
            .map_or(0, |since| u32::try_from((as_of - since).num_days()).unwrap_or(0))
    }
}
