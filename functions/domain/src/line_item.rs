//! Line items: what an account was charged and has paid, one by one.

use crate::{Date, DelinquencyId, LineItemId, Money};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a line item is still to be paid, and what a payment collection run
/// may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AllocationMarker {
    /// Not paid; taken if all criteria hold.
    Unallocated,
    /// Always taken.
    Force,
    /// Never taken.
    Withheld,
    /// Paid, as one side of a set that balances to zero.
    Paid,
    /// Made void: the reversal, and what it reverses.
    Correction,
}

impl AllocationMarker {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Unallocated, Self::Force, Self::Withheld, Self::Paid, Self::Correction];

    /// The word in books.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unallocated => "unallocated",
            Self::Force => "force",
            Self::Withheld => "withheld",
            Self::Paid => "paid",
            Self::Correction => "correction",
        }
    }

    /// The marker that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|marker| marker.as_str() == word)
    }

    /// Whether an item with the marker is done with.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Paid | Self::Correction)
    }
}

/// A debit or a credit of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    /// Unique for the account.
    pub id: LineItemId,
    /// What it bills; delinquencies of a bill type arise from its items.
    pub bill_type: Option<String>,
    /// When it was posted.
    pub posted_on: Date,
    /// When it is due; a debit without a date never is.
    pub due_on: Option<Date>,
    /// What is owed; a negative amount is a credit.
    pub amount: Money,
    /// Whether it is still to be paid.
    pub marker: AllocationMarker,
    /// Of a credit: how much of it was spent on which debits; a debit is a line
    /// item, or, where none are told, the record that is about the debt.
    pub spent: Vec<(LineItemId, Money)>,
    /// Of a credit: by how much it lowered which records.
    pub lowered: Vec<(DelinquencyId, Money)>,
    /// Of a reversal: the credit that it takes back.
    pub reverses: Option<LineItemId>,
}

impl LineItem {
    /// Whether it lowers what is owed.
    #[must_use]
    pub fn is_credit(&self) -> bool {
        self.amount.minor_units() < 0
    }
}

/// What is left unpaid of a debit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    /// The debit.
    pub id: LineItemId,
    /// What it bills.
    pub bill_type: Option<String>,
    /// When it is due.
    pub due_on: Option<Date>,
    /// What is left of it.
    pub open_minor_units: i64,
}

impl OpenItem {
    /// The order in which debts are paid: by due date, what has none last.
    fn rank(&self) -> (bool, Option<Date>, &LineItemId) {
        (self.due_on.is_none(), self.due_on, &self.id)
    }
}

/// The debits that are not paid in full, oldest first.
///
/// A credit is spent as it says, also on what is not among the items; what it
/// does not say is spent on the oldest debits (of its bill type, if it names
/// one). What is paid or corrected counts for nothing, and what had been spent on
/// it is free again.
#[must_use]
pub fn open_items(items: &[LineItem]) -> Vec<OpenItem> {
    let counts = |item: &&LineItem| !item.marker.is_settled();
    let (credits, debits): (Vec<&LineItem>, Vec<&LineItem>) =
        items.iter().filter(counts).partition(|item| item.is_credit());
    let mut open: Vec<OpenItem> = debits.iter().map(|item| OpenItem::of(item)).collect();
    open.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut rests: BTreeMap<(Date, &LineItemId), (&LineItem, i64)> = BTreeMap::new();
    for credit in credits {
        let mut rest = credit.amount.minor_units().saturating_neg();
        for (id, spent) in &credit.spent {
            let spent = spent.minor_units().clamp(0, rest);
            if let Some(debit) = open.iter_mut().find(|debit| debit.id == *id) {
                let spent = spent.min(debit.open_minor_units);
                debit.open_minor_units -= spent;
                rest -= spent;
            } else if items.iter().all(|item| item.id != *id) {
                rest -= spent;
            }
        }
        rests.insert((credit.posted_on, &credit.id), (credit, rest));
    }
    for (credit, mut rest) in rests.into_values() {
        for debit in &mut open {
            if credit.bill_type.is_none() || credit.bill_type == debit.bill_type {
                let spent = rest.min(debit.open_minor_units);
                debit.open_minor_units -= spent;
                rest -= spent;
            }
        }
    }
    open.retain(|debit| debit.open_minor_units > 0);
    open
}

/// The due date of the oldest of the open items that are meant.
#[must_use]
pub fn oldest_due<'a>(
    open: impl IntoIterator<Item = &'a OpenItem>,
    meant: &BTreeSet<LineItemId>,
) -> Option<Date> {
    let own = open.into_iter().filter(|item| meant.contains(&item.id));
    own.filter_map(|item| item.due_on).min()
}

impl OpenItem {
    fn of(item: &LineItem) -> Self {
        Self {
            id: item.id.clone(),
            bill_type: item.bill_type.clone(),
            due_on: item.due_on,
            open_minor_units: item.amount.minor_units(),
        }
    }
}
