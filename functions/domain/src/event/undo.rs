//! What a reversal takes back beside the records: the payment itself and, where a
//! run has collected it, all of its set: the transactions are to be paid again,
//! the settlement discount is void, the ledger gets full reversals, and the
//! mandate is what it was.

use super::apply::Case;
use super::collection::ensure_open;
use super::money::own_item;
use super::{ItemChange, MandateChange, Rejection, Void};
use crate::payment::{LedgerLine, MandateUse, Posting, PostingKind, ReturnEffect, return_effect};
use crate::{AllocationMarker, LineItem, LineItemId, Money, MoneyError, Period, Terms};

/// What a reversal takes back.
pub(super) struct Undone {
    /// What is owed again, discount included.
    pub(super) back: Money,
    /// The debits that take credits back.
    pub(super) debits: Vec<LineItem>,
    /// The line items that change.
    pub(super) changed: Vec<ItemChange>,
    pub(super) mandate: Option<MandateChange>,
    pub(super) posting: Option<Posting>,
}

/// The line items with their changes.
pub(super) fn with_changes(items: &[LineItem], changes: &[ItemChange]) -> Vec<LineItem> {
    let changed = |item: &LineItem| {
        let change = changes.iter().find(|change| change.after.id == item.id);
        change.map_or_else(|| item.clone(), |change| change.after.clone())
    };
    items.iter().map(changed).collect()
}

impl Undone {
    pub(super) fn of(case: &Case<'_>, paid: &LineItem, void: &Void) -> Result<Self, Rejection> {
        let own = own_item(case)?;
        if paid.allocation(&paid.id).is_some() {
            return Self::of_set(case, paid, &own, void);
        }
        let debit = taken_back(case, own, paid)?;
        Ok(Self {
            back: debit.amount,
            debits: vec![debit],
            changed: vec![corrected(paid)],
            mandate: None,
            posting: None,
        })
    }

    /// All of the set of a payment that a run has collected.
    fn of_set(
        case: &Case<'_>,
        paid: &LineItem,
        own: &LineItemId,
        void: &Void,
    ) -> Result<Self, Rejection> {
        ensure_open(case)?;
        let effect = void.return_code.as_deref().map_or(ReturnEffect::None, return_effect);
        let posting = reversal_of(case, paid, void)?;
        let mut undone = Self {
            back: Money::zero(paid.amount.currency()),
            debits: Vec::new(),
            changed: Vec::new(),
            mandate: mandate_before(case, &posting, effect, void),
            posting: None,
        };
        for item in case.book.items {
            let Some(part) = item.allocation(&paid.id) else { continue };
            let Some(was) = part.was else {
                let id = if item.id == paid.id { own.clone() } else { second(own)? };
                let debit = taken_back(case, id, item)?;
                undone.back = undone.back.checked_add(debit.amount)?;
                undone.debits.push(debit);
                undone.changed.push(corrected(item));
                continue;
            };
            undone.changed.push(given_back(item, was, paid, effect, void));
        }
        undone.posting = Some(Posting {
            mandate: undone.mandate.as_ref().map(|change| MandateUse {
                id: change.before.id.clone(),
                before: change.before.state.clone(),
                after: change.after.clone(),
            }),
            ..posting
        });
        Ok(undone)
    }
}

/// The id of the debit that takes the discount back.
fn second(own: &LineItemId) -> Result<LineItemId, Rejection> {
    super::collection::discount_id(own)
}

/// The debit that takes a credit back.
fn taken_back(case: &Case<'_>, id: LineItemId, credit: &LineItem) -> Result<LineItem, MoneyError> {
    Ok(LineItem {
        id,
        bill_type: credit.bill_type.clone(),
        posted_on: case.event.on,
        due_on: None,
        amount: Money::zero(credit.amount.currency()).checked_sub(credit.amount)?,
        marker: AllocationMarker::Correction,
        spent: Vec::new(),
        lowered: Vec::new(),
        reverses: Some(credit.id.clone()),
        allocations: Vec::new(),
        terms: Terms::default(),
    })
}

fn corrected(credit: &LineItem) -> ItemChange {
    let after = LineItem { marker: AllocationMarker::Correction, ..credit.clone() };
    ItemChange { before: credit.clone(), after }
}

/// A transaction or a credit that is out of the set again.
fn given_back(
    item: &LineItem,
    was: AllocationMarker,
    paid: &LineItem,
    effect: ReturnEffect,
    void: &Void,
) -> ItemChange {
    let mut after = item.clone();
    after.allocations.retain(|part| part.reference != paid.id);
    after.marker = was;
    if !item.is_credit() {
        if void.withhold {
            after.marker = AllocationMarker::Withheld;
        }
        if effect == ReturnEffect::MayBePresentedAgain {
            after.terms.returned = after.terms.returned.saturating_add(1);
        }
    }
    ItemChange { before: item.clone(), after }
}

/// The posting that takes the collection's back.
fn reversal_of(case: &Case<'_>, paid: &LineItem, void: &Void) -> Result<Posting, Rejection> {
    let is_collection = |it: &&Posting| it.payment == paid.id && it.kind == PostingKind::Collection;
    let found = case.book.postings.iter().find(is_collection);
    let posting = found.ok_or_else(|| Rejection::NoPosting(paid.id.to_string()))?;
    Ok(Posting {
        kind: PostingKind::Void,
        on: case.event.on,
        period: Period::of(case.event.on),
        cause: format!("event:{}", case.event.id),
        lines: posting.lines.iter().map(LedgerLine::reversed).collect(),
        return_code: void.return_code.clone(),
        actions: Vec::new(),
        ..posting.clone()
    })
}

/// The mandate as it was before the collection, unless it was used since; stopped
/// if the bank says that nothing can be collected under it.
fn mandate_before(
    case: &Case<'_>,
    posting: &Posting,
    effect: ReturnEffect,
    void: &Void,
) -> Option<MandateChange> {
    let used = posting.mandate.as_ref()?;
    let mandate = case.book.mandates.iter().find(|mandate| mandate.id == used.id)?;
    let is_unused = mandate.state == used.after;
    let mut after = if is_unused { used.before.clone() } else { mandate.state.clone() };
    if effect == ReturnEffect::StopsMandate {
        after.stopped.clone_from(&void.return_code);
    }
    (after != mandate.state).then(|| MandateChange { before: mandate.clone(), after })
}
