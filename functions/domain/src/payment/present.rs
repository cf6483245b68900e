//! Whether a payment can still be made as it was selected.

use super::Payment;
use crate::line_item::{Spending, spending};
use crate::{Account, AccountStatus, AllocationMarker, LineItem, LineItemId, Mandate, Money};
use std::collections::{BTreeMap, BTreeSet};

/// The credits that are settled with some of the debits, in minor units above zero:
/// what each has paid of them, and what is left of it. What is withheld is left out.
pub(super) fn settled_credits(
    items: &[LineItem],
    spending: &Spending,
    debits: &BTreeSet<&LineItemId>,
) -> BTreeMap<LineItemId, i64> {
    let mut credits: BTreeMap<LineItemId, i64> = BTreeMap::new();
    let spent = spending.spent.iter().filter(|(_, debit, _)| debits.contains(debit));
    let parts = spent.map(|(credit, _, part)| (credit, *part));
    for (credit, part) in parts.chain(free_rests(items, spending)) {
        let own = credits.entry(credit.clone()).or_default();
        *own = own.saturating_add(part);
    }
    credits.retain(|_, part| *part > 0);
    credits
}

/// What is left of credits that are not withheld.
pub(super) fn free_rests<'a>(
    items: &'a [LineItem],
    spending: &'a Spending,
) -> impl Iterator<Item = (&'a LineItemId, i64)> {
    let is_free = |id: &LineItemId| {
        items.iter().any(|it| it.id == *id && it.marker != AllocationMarker::Withheld)
    };
    let rests = spending.rests.iter().map(|(credit, rest)| (credit, *rest));
    rests.filter(move |(credit, _)| is_free(credit))
}

/// Says what has changed of an account since a payment was selected, if that
/// matters to the payment; the same amount must be due for the same transactions.
///
/// # Errors
/// What has changed.
pub fn changed_since(
    payment: &Payment,
    account: &Account,
    items: &[LineItem],
    mandates: &[Mandate],
) -> Result<(), String> {
    if account.status != AccountStatus::Open {
        return Err(format!("the account is {}", account.status.as_str()));
    }
    if account.currency() != payment.net.currency() {
        return Err(format!("the account is in {}", account.currency().code()));
    }
    let spending = spending(items);
    for wanted in &payment.items {
        let item = waiting(items, &wanted.id)?;
        let found = spending.open.iter().find(|open| open.id == wanted.id);
        let open = found.map_or(0, |open| open.open_minor_units);
        if item.amount != wanted.amount || open != wanted.open.minor_units() {
            let open = Money::from_minor_units(open, account.currency());
            return Err(format!("{open} of {} is open, where {} was", wanted.id, wanted.open));
        }
    }
    let debits: BTreeSet<&LineItemId> = payment.items.iter().map(|item| &item.id).collect();
    let credits = settled_credits(items, &spending, &debits);
    let wanted = payment.credits.iter().map(|(id, part)| (id.clone(), part.minor_units()));
    let wanted: BTreeMap<LineItemId, i64> = wanted.collect();
    if let Some(credit) = first_difference(&credits, &wanted) {
        return Err(format!("credit {credit} pays another part of it than it did"));
    }
    for credit in wanted.keys() {
        waiting(items, credit)?;
    }
    match &payment.mandate {
        Some(used) if !mandates.contains(used) => {
            Err(format!("mandate {} is not what it was", used.id))
        }
        _ => Ok(()),
    }
}

/// A line item that may be collected or settled.
fn waiting<'a>(items: &'a [LineItem], id: &LineItemId) -> Result<&'a LineItem, String> {
    let item = items.iter().find(|item| item.id == *id);
    let item = item.ok_or_else(|| format!("{id} is not there any more"))?;
    match item.marker {
        AllocationMarker::Unallocated | AllocationMarker::Force => Ok(item),
        other => Err(format!("{id} is {}", other.as_str())),
    }
}

fn first_difference<'a>(
    one: &'a BTreeMap<LineItemId, i64>,
    other: &'a BTreeMap<LineItemId, i64>,
) -> Option<&'a LineItemId> {
    let mut all = one.keys().chain(other.keys());
    all.find(|id| one.get(id) != other.get(id))
}
