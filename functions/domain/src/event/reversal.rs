//! Reversals: what a payment had paid is owed again.
//!
//! Once the payment is void, the line items say anew what is unpaid: other credit
//! may cover what it had paid, or may go back to an older debt and leave a younger
//! one open. What the items say, each record that is about them owes:
//!
//! - the records that the payment had lowered;
//! - open records one of whose items is open again, such as one that began after
//!   the payment and never owed what it had paid;
//! - resolved records of a bill type that name such an item: entry leaves their
//!   items alone, so nobody else would ask for it.
//!
//! A record that is resolved opens again, unless its process has begun anew: then
//! the one that is open now owes it. What no items tell goes back by the share of
//! each record, as it had been taken off.

use super::apply::{Case, happened};
use super::money::{move_anchor, with_balance};
use super::spend::{About, about};
use super::undo::{Undone, with_changes};
use super::{Applied, Book, EventKind, Rejection};
use crate::decide::rule::{self, Target};
use crate::decide::{Change, Changed, Explanation, change};
use crate::line_item::{OpenItem, open_items};
use crate::{
    Account, AllocationMarker, Date, Delinquency, DelinquencyKind, DelinquencyStatus, LineItem,
    LineItemId, Money, MoneyError,
};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A reversal: what the payment had paid is owed again, and each record that is
/// about it goes to its payment reversal milestone.
pub(super) fn reversed(case: &Case<'_>) -> Result<Applied, Rejection> {
    let EventKind::PaymentReversed { payment, amount, void } = &case.event.kind else {
        unreachable!("asked for a reversal only")
    };
    let amount = amount.as_ref().map(|amount| case.amount(amount)).transpose()?;
    let paid = payment_of(case, payment.as_ref(), amount)?;
    let undone = Undone::of(case, paid, void)?;
    let items = with_changes(case.book.items, &undone.changed);
    let account = with_balance(case.book.account, undone.back)?;
    let paid_back = Money::zero(paid.amount.currency()).checked_sub(paid.amount)?;
    let text = format!("payment {} of {paid_back} {} reversed", paid.id, account.currency().code());
    let again = Again::of(case.book, paid, &items);
    let touched = again.touched().into_iter();
    let changes = touched.filter_map(|it| raise(case, &again, it, &account, &text).transpose());
    let changes = changes.collect::<Result<Vec<_>, Rejection>>()?;
    let mut looks_again: Vec<String> =
        case.book.items.iter().filter_map(|item| item.bill_type.clone()).collect();
    looks_again.sort_unstable();
    looks_again.dedup();
    Ok(Applied {
        account,
        balance_change: undone.back,
        items: undone.debits,
        changed_items: undone.changed,
        mandate: undone.mandate,
        posting: undone.posting,
        looks_again,
        changes,
    })
}

/// The payment that is meant: the named one, or the last one of the amount.
fn payment_of<'a>(
    case: &Case<'a>,
    named: Option<&LineItemId>,
    amount: Option<Money>,
) -> Result<&'a LineItem, Rejection> {
    let of_amount = |item: &LineItem| {
        amount.is_none_or(|amount| {
            Some(amount.minor_units()) == item.amount.minor_units().checked_neg()
        })
    };
    let credits = || case.book.items.iter().filter(|item| item.is_credit());
    let Some(id) = named else {
        let open = credits().filter(|item| !item.marker.is_settled() && of_amount(item));
        let last = open.max_by_key(|item| (item.posted_on, &item.id));
        let what = amount.map_or_else(|| "of any amount".to_owned(), |it| format!("of {it}"));
        return last.ok_or(Rejection::UnknownPayment(what));
    };
    let unknown = || Rejection::UnknownPayment(id.to_string());
    let payment = credits().find(|item| item.id == *id).ok_or_else(unknown)?;
    if payment.marker == AllocationMarker::Correction {
        return Err(Rejection::AlreadyReversed(id.to_string()));
    }
    if let Some(set) = payment.allocations.iter().find(|it| it.reference != payment.id) {
        let (item, reference) = (payment.id.to_string(), set.reference.to_string());
        return Err(Rejection::Allocated { item, reference });
    }
    if !of_amount(payment) {
        return Err(Rejection::AmountDiffers {
            payment: id.to_string(),
            posted: Money::zero(payment.amount.currency()).checked_sub(payment.amount)?.to_string(),
            reversed: amount.map(|amount| amount.to_string()).unwrap_or_default(),
        });
    }
    Ok(payment)
}

/// One record that owes more again; none if it does not.
fn raise(
    case: &Case<'_>,
    again: &Again<'_>,
    touched: Touched<'_>,
    account: &Account,
    text: &str,
) -> Result<Option<(Changed, Explanation)>, Rejection> {
    let before = touched.record;
    let Some(owed) = again.owed(&touched)? else { return Ok(None) };
    let mut explanation = happened(text.to_owned());
    explanation.add("balance", format!("{} -> {owed}", before.balance));
    let mut raised = Delinquency { balance: owed, items: touched.items, ..before.clone() };
    move_anchor(&mut raised, &again.after);
    let on = case.date_for(before, &mut explanation);
    let inputs = case.inputs(&raised, account, on);
    let to = rule::milestone(case.setup, &inputs, Target::PaymentReversal, &mut explanation)?;
    let wanted = match to {
        Some(to) if !before.is_open() || to != before.milestone => Change::Reverse { to },
        None if !before.is_open() => Change::Reopen,
        _ => Change::Balance,
    };
    let changed = change(case.setup, &inputs, before, &wanted, &mut explanation)?;
    Ok(Some((changed, explanation)))
}

/// What is unpaid with the payment, and without it.
struct Again<'a> {
    book: Book<'a>,
    paid: &'a LineItem,
    before: Vec<OpenItem>,
    after: Vec<OpenItem>,
}

/// A record that may owe more again.
struct Touched<'a> {
    record: &'a Delinquency,
    /// What the payment had taken off it, or off the records that it stands for.
    share: i128,
    /// Its items, with those that it takes over.
    items: BTreeSet<LineItemId>,
}

impl<'a> Again<'a> {
    fn of(book: Book<'a>, paid: &'a LineItem, without_it: &[LineItem]) -> Self {
        Self { book, paid, before: open_items(book.items), after: open_items(without_it) }
    }

    /// The records that may owe more again, each once.
    fn touched(&self) -> Vec<Touched<'a>> {
        let mut touched = Vec::new();
        for (id, share) in &self.paid.lowered {
            if let Some(record) = self.book.delinquencies.iter().find(|it| it.id == *id) {
                self.touch(&mut touched, record, i128::from(share.minor_units()));
            }
        }
        let (open, resolved): (Vec<&Delinquency>, Vec<&Delinquency>) =
            self.book.delinquencies.iter().partition(|record| record.is_open());
        for record in open {
            if let About::Items(items) = about(&self.book, record)
                && items.iter().any(|id| self.is_again(id))
            {
                self.touch(&mut touched, record, 0);
            }
        }
        // The last one of a process stands for those before it.
        let mut resolved: Vec<&Delinquency> = resolved
            .into_iter()
            .filter(|record| record.kind == DelinquencyKind::BillType)
            .filter(|record| record.items.iter().any(|id| self.is_again(id)))
            .collect();
        resolved.sort_by_key(|record| Reverse(resolved_on(record)));
        for record in resolved {
            self.touch(&mut touched, record, 0);
        }
        touched
    }

    /// Notes a record, or the one that stands for it: if it was resolved and its
    /// process has begun anew since, the one that is open now.
    fn touch(&self, touched: &mut Vec<Touched<'a>>, record: &'a Delinquency, share: i128) {
        let is_same = |other: &&Delinquency| other.is_same_process(record);
        let mut open = self.book.delinquencies.iter().filter(|other| other.is_open());
        let stands_for = if record.is_open() { Some(record) } else { open.find(is_same) }
            .or_else(|| touched.iter().map(|it| it.record).find(is_same))
            .unwrap_or(record);
        let known = touched.iter().position(|it| it.record.id == stands_for.id);
        let at = known.unwrap_or_else(|| {
            let items = stands_for.items.clone();
            touched.push(Touched { record: stands_for, share: 0, items });
            touched.len() - 1
        });
        touched[at].share += share;
        // A record that owes for another one is about its items too. One that names
        // none is the billing system's to keep.
        if stands_for.id != record.id && !stands_for.items.is_empty() {
            touched[at].items.extend(self.paid_for(record));
        }
    }

    /// The items of a record that the payment had paid, or that are open again.
    fn paid_for(&self, record: &'a Delinquency) -> impl Iterator<Item = LineItemId> {
        let is_meant = |item: &&LineItem| match record.items.is_empty() {
            true => record.bill_type.is_none() || item.bill_type == record.bill_type,
            false => record.items.contains(&item.id),
        };
        let was_paid = |item: &&LineItem| self.paid.spent.iter().any(|(id, _)| *id == item.id);
        let items = self.book.items.iter().filter(is_meant);
        items.filter(move |item| was_paid(item) || self.is_again(&item.id)).map(|it| it.id.clone())
    }

    fn is_again(&self, id: &LineItemId) -> bool {
        let of = |open: &[OpenItem]| {
            open.iter().find(|item| item.id == *id).map_or(0, |item| item.open_minor_units)
        };
        of(&self.after) > of(&self.before)
    }

    /// What the record owes without the payment; none if nothing of it is open
    /// again.
    fn owed(&self, touched: &Touched<'_>) -> Result<Option<Money>, MoneyError> {
        let record = touched.record;
        let (balance, share) = (i128::from(record.balance.minor_units()), touched.share);
        let owed = match about(&self.book, record) {
            About::Items(own) => self.owed_for_items(touched, own),
            About::BillType(of) => {
                let of_type = self.book.items.iter().filter(|it| it.bill_type == of.bill_type);
                let ids: BTreeSet<LineItemId> = of_type.map(|item| item.id.clone()).collect();
                let again = unpaid(&self.after, &ids) - unpaid(&self.before, &ids);
                let back = again + share - self.spent_on(&ids);
                Some(balance + back.clamp(0, share)).filter(|owed| *owed > balance)
            }
            About::Everything => Some(balance + share).filter(|_| share > 0),
        };
        let Some(owed) = owed else { return Ok(None) };
        let too_large = |_| MoneyError::Overflow(format!("what {} would owe", record.id));
        let owed = i64::try_from(owed).map_err(too_large)?;
        Ok(Some(Money::from_minor_units(owed, record.balance.currency())))
    }

    /// What is unpaid of its items; besides, what an open record owes that they do
    /// not tell, and what the payment had taken off beyond what it paid of them.
    fn owed_for_items(&self, touched: &Touched<'_>, own: &BTreeSet<LineItemId>) -> Option<i128> {
        let Touched { record, share, items } = touched;
        let taken: BTreeSet<LineItemId> = items.difference(own).cloned().collect();
        let again = |ids| unpaid(&self.after, ids) - unpaid(&self.before, ids);
        // What is spent on items that are taken over was taken off another record.
        let more = (share - self.spent_on(own) - self.spent_on(&taken)).max(0);
        if again(own) + again(&taken) + more == 0 {
            return None;
        }
        let balance = i128::from(record.balance.minor_units());
        let told = unpaid(&self.after, own);
        let owed = if record.is_open() {
            balance + again(own) + more
        } else if *share > 0 && self.has_resolved(record) {
            let beside = balance - self.unpaid_then(record, own);
            beside + told + share - self.spent_on(own)
        } else {
            told + more
        };
        let owed = owed + unpaid(&self.after, &taken);
        Some(owed).filter(|owed| *owed > 0)
    }

    /// Whether this payment ended the process, and nothing has opened it since.
    fn has_resolved(&self, record: &Delinquency) -> bool {
        resolved_on(record) == Some(self.paid.posted_on.max(record.entered_on))
    }

    /// What was unpaid of the items of a record when it was resolved: without the
    /// credit that came since, and with what has become void since.
    fn unpaid_then(&self, record: &Delinquency, own: &BTreeSet<LineItemId>) -> i128 {
        let is_since = |item: &LineItem| Some(item.posted_on) >= resolved_on(record);
        let counted = |item: &&LineItem| {
            let has_lowered = item.lowered.iter().any(|(id, _)| *id == record.id);
            !item.is_credit() || has_lowered || item.id == self.paid.id || !is_since(item)
        };
        let is_void_since = |item: &LineItem| {
            let takes_back = |it: &&LineItem| it.reverses.as_ref() == Some(&item.id);
            self.book.items.iter().find(takes_back).is_some_and(is_since)
        };
        let then = self.book.items.iter().filter(counted).cloned().map(|item| LineItem {
            marker: if is_void_since(&item) { AllocationMarker::Unallocated } else { item.marker },
            ..item
        });
        unpaid(&open_items(&then.collect::<Vec<_>>()), own)
    }

    fn spent_on(&self, ids: &BTreeSet<LineItemId>) -> i128 {
        let spent = self.paid.spent.iter().filter(|(id, _)| ids.contains(id));
        spent.map(|(_, spent)| i128::from(spent.minor_units())).sum()
    }
}

fn unpaid(open: &[OpenItem], ids: &BTreeSet<LineItemId>) -> i128 {
    let own = open.iter().filter(|item| ids.contains(&item.id));
    own.map(|item| i128::from(item.open_minor_units)).sum()
}

fn resolved_on(record: &Delinquency) -> Option<Date> {
    match record.status {
        DelinquencyStatus::Open => None,
        DelinquencyStatus::Resolved { on, .. } => Some(on),
    }
}
