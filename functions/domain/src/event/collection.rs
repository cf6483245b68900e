//! Collections: what a payment collection run does to an account.
//!
//! The transactions, the credits that have paid parts of them, the payment and the
//! settlement discount become one set, *Paid* under one allocation reference, that
//! comes to zero. The records that are about the transactions owe less, as by any
//! payment.

use super::apply::Case;
use super::money::{After, lower_records, with_balance};
use super::spend::{Toward, spend};
use super::undo::with_changes;
use super::{Applied, Book, Collected, ItemChange, MandateChange, Rejection};
use crate::decide::settle;
use crate::payment::{LedgerLine, MandateUse, Payment, Posting, PostingKind, changed_since};
use crate::{Allocation, AllocationMarker, Identifier, LineItem, LineItemId, Money, Period, Terms};
use std::collections::BTreeSet;

/// The id of the credit that a settlement discount is.
pub(super) fn discount_id(payment: &LineItemId) -> Result<LineItemId, Rejection> {
    let id = format!("{payment}-D");
    LineItemId::parse(&id).map_err(|_| Rejection::NoSuchItem(id))
}

/// A collection.
pub(super) fn collected(case: &Case<'_>, wanted: &Collected) -> Result<Applied, Rejection> {
    ensure_open(case)?;
    let collection = Collection { case, wanted, payment: &wanted.collects };
    let changed = collection.changes()?;
    let meant: BTreeSet<LineItemId> =
        wanted.collects.items.iter().map(|item| item.id.clone()).collect();
    let open = collection.open()?;
    let spent = spend(&case.book, open.minor_units(), Toward::Items(&meant));
    let mut credits = vec![collection.payment(&spent.by_record)?];
    credits.extend(collection.discount()?);
    let zero = Money::zero(open.currency());
    let balance_change = zero.checked_sub(wanted.collects.net)?;
    let balance_change = balance_change.checked_sub(wanted.collects.discount)?;
    let account = with_balance(case.book.account, balance_change)?;
    let mut items = with_changes(case.book.items, &changed);
    items.extend(credits.iter().cloned());
    let after = After { account: &account, items: &items, by_record: &spent.by_record };
    let net = wanted.collects.net.with_currency();
    let text = format!("{net} collected with payment {}", wanted.payment);
    let changes = lower_records(case, &after, &text, |inputs, explanation| {
        settle(case.setup, inputs, explanation).map_err(Rejection::from)
    })?;
    let mandate = collection.mandate();
    Ok(Applied {
        account,
        balance_change,
        items: credits,
        changed_items: changed,
        posting: Some(collection.posting(mandate.as_ref())),
        mandate,
        ..case.without_money(changes)
    })
}

/// Refuses what the ledger does not take for the date.
pub(super) fn ensure_open(case: &Case<'_>) -> Result<(), Rejection> {
    let period = Period::of(case.event.on);
    if case.setup.ledger.closed_through.is_some_and(|closed| period <= closed) {
        return Err(Rejection::PeriodClosed { period: period.to_string(), on: case.event.on });
    }
    Ok(())
}

struct Collection<'a> {
    case: &'a Case<'a>,
    wanted: &'a Collected,
    payment: &'a Payment,
}

impl Collection<'_> {
    /// The transactions and credits of the set. They must stand as they did when
    /// they were selected.
    fn changes(&self) -> Result<Vec<ItemChange>, Rejection> {
        let Book { account, items, mandates, .. } = self.case.book;
        changed_since(self.payment, account, items, mandates).map_err(|what| {
            Rejection::CollectionChanged { account: account.id.to_string(), what }
        })?;
        let mut changes = Vec::new();
        for item in items {
            if self.payment.items.iter().any(|wanted| wanted.id == item.id) {
                changes.push(self.allocated(item, item.amount));
            }
            if let Some((_, part)) = self.payment.credits.iter().find(|(id, _)| *id == item.id) {
                let part = Money::zero(part.currency()).checked_sub(*part)?;
                changes.push(self.allocated(item, part));
            }
        }
        Ok(changes)
    }

    /// A line item with its part in the set. A credit of which something is left
    /// stays what it was.
    fn allocated(&self, before: &LineItem, amount: Money) -> ItemChange {
        let mut after = before.clone();
        after.allocations.push(self.part(amount, Some(before.marker)));
        if !after.is_credit() || after.unallocated_minor_units() == 0 {
            after.marker = AllocationMarker::Paid;
        }
        ItemChange { before: before.clone(), after }
    }

    fn part(&self, amount: Money, was: Option<AllocationMarker>) -> Allocation {
        Allocation { reference: self.wanted.payment.clone(), on: self.case.event.on, amount, was }
    }

    /// What is open of all transactions.
    fn open(&self) -> Result<Money, Rejection> {
        let zero = Money::zero(self.case.book.account.currency());
        let open = self.payment.items.iter().map(|item| item.open);
        Ok(open.into_iter().try_fold(zero, Money::checked_add)?)
    }

    /// The payment: what it was spent on, and what it has lowered, tells a void
    /// what to give back.
    fn payment(&self, by_record: &[(crate::DelinquencyId, i64)]) -> Result<LineItem, Rejection> {
        let money = |units: i64| Money::from_minor_units(units, self.payment.net.currency());
        let mut credit = self.credit(self.wanted.payment.clone(), self.payment.net)?;
        credit.spent = self.payment.items.iter().map(|it| (it.id.clone(), it.open)).collect();
        credit.lowered = by_record.iter().map(|(id, units)| (id.clone(), money(*units))).collect();
        Ok(credit)
    }

    /// The settlement discount; none if there is none.
    fn discount(&self) -> Result<Option<LineItem>, Rejection> {
        if self.payment.discount.minor_units() == 0 {
            return Ok(None);
        }
        let id = discount_id(&self.wanted.payment)?;
        self.credit(id, self.payment.discount).map(Some)
    }

    fn credit(&self, id: LineItemId, amount: Money) -> Result<LineItem, Rejection> {
        if self.case.book.items.iter().any(|item| item.id == id) {
            return Err(Rejection::PaymentExists(id.to_string()));
        }
        let amount = Money::zero(amount.currency()).checked_sub(amount)?;
        Ok(LineItem {
            id,
            bill_type: None,
            posted_on: self.case.event.on,
            due_on: None,
            amount,
            marker: AllocationMarker::Paid,
            spent: Vec::new(),
            lowered: Vec::new(),
            reverses: None,
            allocations: vec![self.part(amount, None)],
            terms: Terms::default(),
        })
    }

    /// The mandate after the debit.
    fn mandate(&self) -> Option<MandateChange> {
        let used = self.payment.mandate.as_ref()?;
        let after = used.after_debit(self.payment.collection_date);
        Some(MandateChange { before: used.clone(), after })
    }

    fn posting(&self, mandate: Option<&MandateChange>) -> Posting {
        Posting {
            account: self.case.book.account.id.clone(),
            payment: self.wanted.payment.clone(),
            kind: PostingKind::Collection,
            on: self.case.event.on,
            period: Period::of(self.case.event.on),
            cause: self.wanted.run.to_string(),
            lines: LedgerLine::of_payment(self.payment, &self.wanted.ledger),
            collection_date: self.payment.collection_date,
            mandate: mandate.map(|change| MandateUse {
                id: change.before.id.clone(),
                before: change.before.state.clone(),
                after: change.after.clone(),
            }),
            return_code: None,
            actions: self.wanted.actions.clone(),
        }
    }
}
