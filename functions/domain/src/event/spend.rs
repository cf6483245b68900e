//! How a payment is spent: on which line items, and by how much it lowers what
//! each record owes.
//!
//! Records of different bill types are about different debts; a collections or
//! lien record is about the debt of the record that led to it. So a payment is
//! spent on debts, the oldest first, and every record gets its share:
//!
//! - a record that names line items: what was spent on them;
//! - a record of a bill type that names none: what was spent on the items of its
//!   type, or on the record itself if the account has no such items;
//! - a collections or lien record that names none: the share of the record that
//!   led to it, also of a resolved one where line items tell; else it is about
//!   all that the account owes, and gets the whole payment.
//!
//! No share is more than the record owes. What is spent on a record rather than
//! on line items is noted as spent on the record, so that it is not taken for
//! credit when line items come later. What is left is the account's credit.

use super::Book;
use crate::line_item::{OpenItem, open_items};
use crate::{Date, Delinquency, DelinquencyId, DelinquencyKind, Identifier, LineItemId};
use std::collections::{BTreeMap, BTreeSet};

/// What a payment is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Toward<'a> {
    /// The oldest debts.
    All,
    /// The oldest debts of a bill type.
    BillType(&'a str),
    /// The debts that a record is about.
    Record(&'a Delinquency),
    /// These line items.
    Items(&'a BTreeSet<LineItemId>),
}

/// How a payment was spent, in minor units.
#[derive(Debug, Default)]
pub(super) struct Spent {
    /// On debts, in the order in which they were paid: line items, or records
    /// by their ids.
    pub(super) on_debts: Vec<(LineItemId, i64)>,
    /// By how much it lowers which open records; those that it does not lower
    /// are left out.
    pub(super) by_record: Vec<(DelinquencyId, i64)>,
}

/// One debt: a line item, or a record without line items.
struct Debt<'a> {
    since: Option<Date>,
    left: i64,
    what: What<'a>,
}

enum What<'a> {
    Item(OpenItem),
    Record(&'a Delinquency),
}

/// Spends so many minor units.
pub(super) fn spend<'a>(book: &Book<'a>, amount: i64, toward: Toward<'a>) -> Spent {
    let mut debts = debts(book, toward);
    debts.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let (mut left, mut on_items) = (amount, Vec::new());
    let mut on_records: BTreeMap<&DelinquencyId, i64> = BTreeMap::new();
    for debt in debts {
        let spent = left.min(debt.left);
        left -= spent;
        match debt.what {
            _ if spent == 0 => {}
            What::Item(item) => on_items.push((item, spent)),
            What::Record(record) => drop(on_records.insert(&record.id, spent)),
        }
    }
    let shares = Shares { book, amount, toward, on_items: &on_items, on_records: &on_records };
    let open = book.delinquencies.iter().filter(|record| record.is_open());
    let by_record: Vec<(DelinquencyId, i64)> = open
        .map(|record| (record.id.clone(), shares.of(record).min(record.balance.minor_units())))
        .filter(|(_, share)| *share > 0)
        .collect();
    if let Some((record, spent)) = beyond_debts(book, toward, amount - left, left, &by_record) {
        *on_records.entry(record).or_default() += spent;
    }
    let on_records = on_records.into_iter().filter_map(|(id, spent)| Some((as_item(id)?, spent)));
    let on_items = on_items.into_iter().map(|(item, spent)| (item.id, spent));
    Spent { on_debts: on_items.chain(on_records).collect(), by_record }
}

/// What is spent beyond the debts that line items and records of bill types
/// tell: the rest of a record's own payment, or what a record that is about all
/// that the account owes has got more than they.
fn beyond_debts<'a>(
    book: &Book<'a>,
    toward: Toward<'a>,
    on_debts: i64,
    left: i64,
    by_record: &[(DelinquencyId, i64)],
) -> Option<(&'a DelinquencyId, i64)> {
    let found = match toward {
        Toward::Record(record) => (&record.id, left),
        Toward::All | Toward::BillType(_) | Toward::Items(_) => {
            let share = |record: &Delinquency| {
                by_record.iter().find(|(id, _)| *id == record.id).map(|(_, share)| *share)
            };
            let is_wide = |record: &&Delinquency| matches!(about(book, record), About::Everything);
            let wide = book.delinquencies.iter().filter(is_wide);
            let shares = wide.filter_map(|record| Some((&record.id, share(record)?)));
            let (id, most) = shares.max_by_key(|(_, share)| *share)?;
            (id, left.min(most.saturating_sub(on_debts)))
        }
    };
    Some(found).filter(|(_, spent)| *spent > 0)
}

/// A record as a debit: both ids follow the same rules.
fn as_item(record: &DelinquencyId) -> Option<LineItemId> {
    LineItemId::parse(record.as_str()).ok()
}

impl Debt<'_> {
    /// The order in which debts are paid: the oldest first, what has no date last.
    fn rank(&self) -> (bool, Option<Date>, &str) {
        let id = match &self.what {
            What::Item(item) => item.id.as_str(),
            What::Record(record) => record.id.as_str(),
        };
        (self.since.is_none(), self.since, id)
    }
}

fn debts<'a>(book: &Book<'a>, toward: Toward<'_>) -> Vec<Debt<'a>> {
    let open = open_items(book.items);
    let of_type = |bill_type: &Option<String>| open.iter().any(|item| item.bill_type == *bill_type);
    let records = book.delinquencies.iter().filter(|record| {
        record.is_open()
            && record.kind == DelinquencyKind::BillType
            && record.items.is_empty()
            && !of_type(&record.bill_type)
    });
    let records = records.filter(|record| toward.means_record(book, record)).map(|record| Debt {
        since: Some(record.oldest_debt_on.unwrap_or(record.entered_on)),
        left: record.balance.minor_units().max(0),
        what: What::Record(record),
    });
    let mut debts: Vec<Debt<'a>> = records.collect();
    debts.extend(open.into_iter().filter(|item| toward.means_item(book, item)).map(|item| Debt {
        since: item.due_on,
        left: item.open_minor_units,
        what: What::Item(item),
    }));
    debts
}

impl Toward<'_> {
    fn means_item(self, book: &Book<'_>, item: &OpenItem) -> bool {
        match self {
            Self::All => true,
            Self::Items(items) => items.contains(&item.id),
            Self::BillType(bill_type) => item.bill_type.as_deref() == Some(bill_type),
            Self::Record(record) => match about(book, record) {
                About::Items(items) => items.contains(&item.id),
                About::BillType(record) => item.bill_type == record.bill_type,
                About::Everything => true,
            },
        }
    }

    fn means_record(self, book: &Book<'_>, debt: &Delinquency) -> bool {
        match self {
            Self::All => true,
            Self::Items(_) => false,
            Self::BillType(bill_type) => debt.bill_type.as_deref() == Some(bill_type),
            Self::Record(record) => match about(book, record) {
                About::Items(_) => false,
                About::BillType(record) => record.id == debt.id,
                About::Everything => true,
            },
        }
    }
}

/// Which debt a record is about.
#[derive(PartialEq)]
pub(super) enum About<'a> {
    /// These line items.
    Items(&'a BTreeSet<LineItemId>),
    /// All items of the record's bill type, or the record itself.
    BillType(&'a Delinquency),
    /// All that the account owes.
    Everything,
}

/// Which debt a record is about: its own, or that of the record that led to it,
/// and so on back to the first.
pub(super) fn about<'a>(book: &Book<'a>, record: &'a Delinquency) -> About<'a> {
    let mut at = record;
    // A book may have records that lead to each other; nobody walks in circles.
    for _ in 0..=book.delinquencies.len() {
        if !at.items.is_empty() {
            return About::Items(&at.items);
        }
        if at.kind == DelinquencyKind::BillType {
            return About::BillType(at);
        }
        let led = |other: &&Delinquency| Some(&other.id) == at.origin.as_ref();
        match book.delinquencies.iter().find(led).filter(|origin| tells(book, origin)) {
            Some(origin) => at = origin,
            None => return About::Everything,
        }
    }
    About::Everything
}

/// Whether a record still tells which debt it was about: once it is resolved, its
/// own balance does not, but line items do.
fn tells(book: &Book<'_>, record: &Delinquency) -> bool {
    record.is_open()
        || !record.items.is_empty()
        || record.kind != DelinquencyKind::BillType
        || book.items.iter().any(|item| !item.is_credit() && item.bill_type == record.bill_type)
}

/// What each record gets of a payment.
struct Shares<'a> {
    book: &'a Book<'a>,
    amount: i64,
    toward: Toward<'a>,
    on_items: &'a [(OpenItem, i64)],
    on_records: &'a BTreeMap<&'a DelinquencyId, i64>,
}

impl Shares<'_> {
    fn of(&self, record: &Delinquency) -> i64 {
        let debt = about(self.book, record);
        if let Toward::Record(meant) = self.toward
            && debt == about(self.book, meant)
        {
            return self.amount;
        }
        match debt {
            About::Items(items) => self.spent_on(|item| items.contains(&item.id)),
            About::BillType(record) => match self.on_records.get(&record.id) {
                Some(spent) => *spent,
                None => self.spent_on(|item| item.bill_type == record.bill_type),
            },
            About::Everything => self.amount,
        }
    }

    fn spent_on(&self, is_meant: impl Fn(&OpenItem) -> bool) -> i64 {
        self.on_items.iter().filter(|(item, _)| is_meant(item)).map(|(_, spent)| spent).sum()
    }
}
