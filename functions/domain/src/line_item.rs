//! Line items: what an account was charged and has paid, one by one.

use crate::{Date, DelinquencyId, LineItemId, Money};
use rust_decimal::Decimal;
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
    /// The sets that balance to zero, of which it is a part; the last one is that
    /// to which it was allocated last.
    pub allocations: Vec<Allocation>,
    /// What only payment collection runs ask for.
    pub terms: Terms,
}

/// The part that a line item has in a set that balances to zero: debits, credits
/// and the payment that collects what is left, under one allocation reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// The allocation reference: the id of the payment.
    pub reference: LineItemId,
    /// The allocation date; the period is its month.
    pub on: Date,
    /// How much of the line item is in the set, with its sign: all of a debit, and
    /// of a credit what it has paid of the set's debits.
    pub amount: Money,
    /// The marker that a void gives back; none for what came with the set.
    pub was: Option<AllocationMarker>,
}

/// What only payment collection runs ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// The settlement discount in percent.
    pub discount_percent: Option<Decimal>,
    /// The tax in the discount, in percent of what is left of it without tax.
    pub discount_tax_percent: Option<Decimal>,
    /// Not to be collected by runs with a base date before this one.
    pub deferred_until: Option<Date>,
    /// How often a bank has returned its collection for lack of money.
    pub returned: u32,
}

impl LineItem {
    /// Whether it lowers what is owed.
    #[must_use]
    pub fn is_credit(&self) -> bool {
        self.amount.minor_units() < 0
    }

    /// Of a credit: what is in no set that balances to zero; above zero.
    #[must_use]
    pub fn unallocated_minor_units(&self) -> i64 {
        let allocated = self.allocations.iter().map(|it| it.amount.minor_units());
        allocated.fold(self.amount.minor_units(), i64::saturating_sub).saturating_neg().max(0)
    }

    /// Its part in the set of the reference.
    #[must_use]
    pub fn allocation(&self, reference: &LineItemId) -> Option<&Allocation> {
        self.allocations.iter().find(|it| it.reference == *reference)
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

/// What credits pay of debits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spending {
    /// The debits that are not paid in full, oldest first.
    pub open: Vec<OpenItem>,
    /// How much of which credit is spent on which of the debits, open ones and
    /// others: the credit, the debit, minor units.
    pub spent: Vec<(LineItemId, LineItemId, i64)>,
    /// What is left of credits: the credit, minor units above zero.
    pub rests: Vec<(LineItemId, i64)>,
}

/// The debits that are not paid in full, oldest first: see [`spending`].
#[must_use]
pub fn open_items(items: &[LineItem]) -> Vec<OpenItem> {
    spending(items).open
}

/// What credits pay of debits.
///
/// A credit is spent as it says, also on what is not among the items; what it
/// does not say is spent on the oldest debits (of its bill type, if it names
/// one). What is paid or corrected counts for nothing, and what had been spent on
/// it is free again; but what is allocated of a credit stays so.
#[must_use]
pub fn spending(items: &[LineItem]) -> Spending {
    let counts = |item: &&LineItem| !item.marker.is_settled();
    let (credits, debits): (Vec<&LineItem>, Vec<&LineItem>) =
        items.iter().filter(counts).partition(|item| item.is_credit());
    let mut open: Vec<OpenItem> = debits.iter().map(|item| OpenItem::of(item)).collect();
    open.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut spending = Spending { open, ..Spending::default() };
    let mut rests: BTreeMap<(Date, &LineItemId), (&LineItem, i64)> = BTreeMap::new();
    for credit in credits {
        let rest = spending.as_said(items, credit);
        rests.insert((credit.posted_on, &credit.id), (credit, rest));
    }
    for (credit, rest) in rests.into_values() {
        spending.on_the_oldest(credit, rest);
    }
    spending.open.retain(|debit| debit.open_minor_units > 0);
    spending
}

impl Spending {
    /// Spends a credit as it says; gives what is left of it.
    fn as_said(&mut self, items: &[LineItem], credit: &LineItem) -> i64 {
        let mut rest = credit.unallocated_minor_units();
        for (id, spent) in &credit.spent {
            let spent = spent.minor_units().clamp(0, rest);
            if let Some(debit) = self.open.iter_mut().find(|debit| debit.id == *id) {
                let spent = spent.min(debit.open_minor_units);
                debit.open_minor_units -= spent;
                rest -= spent;
                self.spent.push((credit.id.clone(), id.clone(), spent));
            } else if items.iter().all(|item| item.id != *id) {
                rest -= spent;
            }
        }
        rest
    }

    fn on_the_oldest(&mut self, credit: &LineItem, mut rest: i64) {
        for debit in &mut self.open {
            if credit.bill_type.is_none() || credit.bill_type == debit.bill_type {
                let spent = rest.min(debit.open_minor_units);
                debit.open_minor_units -= spent;
                rest -= spent;
                if spent > 0 {
                    self.spent.push((credit.id.clone(), debit.id.clone(), spent));
                }
            }
        }
        if rest > 0 {
            self.rests.push((credit.id.clone(), rest));
        }
    }
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
