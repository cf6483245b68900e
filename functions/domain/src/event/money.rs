//! Payments, their reversals, and write-offs: what changes what is owed.

use super::apply::{Case, happened};
use super::spend::{Spent, Toward, spend};
use super::{Applied, EventKind, Rejection};
use crate::decide::rule::{self, Target};
use crate::decide::{Change, Changed, Explanation, change, settle};
use crate::line_item::{oldest_due, open_items};
use crate::{
    Account, AllocationMarker, Date, Delinquency, DelinquencyId, Identifier, LineItem, LineItemId,
    Money,
};

/// A payment: what it pays is resolved or decremented, or owes less.
pub(super) fn posted(case: &Case<'_>) -> Result<Applied, Rejection> {
    let EventKind::PaymentPosted { payment, amount, bill_type } = &case.event.kind else {
        unreachable!("asked for a payment only")
    };
    let amount = case.amount(amount)?;
    if case.book.items.iter().any(|item| item.id == *payment) {
        return Err(Rejection::PaymentExists(payment.to_string()));
    }
    let toward = bill_type.as_deref().map_or(Toward::All, Toward::BillType);
    let spent = spend(&case.book, amount.minor_units(), toward);
    let credit = credit(case, payment.clone(), bill_type.clone(), amount, &spent)?;
    let text = format!("payment {payment} of {amount} {} posted", amount.currency().code());
    lower(case, credit, &spent, &text, |inputs, explanation| {
        settle(case.setup, inputs, explanation).map_err(Rejection::from)
    })
}

/// A write-off: the record is resolved, and whatever else was about the same
/// debt owes less.
pub(super) fn written_off(
    case: &Case<'_>,
    named: Option<&DelinquencyId>,
    code: &str,
) -> Result<Applied, Rejection> {
    let record = case.record(named, "is open", Delinquency::is_open)?;
    case.timely(record)?;
    let owed = record.balance;
    let resolve = || Change::ResolveOther { code: code.to_owned() };
    if !record.is_open() || owed.minor_units() <= 0 {
        return case.change(record, &resolve(), happened(format!("{owed} written off")));
    }
    let id = own_item(case)?;
    let spent = spend(&case.book, owed.minor_units(), Toward::Record(record));
    let credit = credit(case, id, record.bill_type.clone(), owed, &spent)?;
    let text = format!("{owed} {} written off", owed.currency().code());
    lower(case, credit, &spent, &text, |inputs, explanation| {
        let other = inputs.delinquency;
        if other.id == record.id || other.balance.minor_units() <= 0 {
            return Ok(Some(resolve()));
        }
        settle(case.setup, inputs, explanation).map_err(Rejection::from)
    })
}

/// The event's own line item.
fn own_item(case: &Case<'_>) -> Result<LineItemId, Rejection> {
    let id = case.event.id.as_str();
    let item = LineItemId::parse(id).map_err(|_| Rejection::NoSuchItem(id.to_owned()))?;
    if case.book.items.iter().any(|known| known.id == item) {
        return Err(Rejection::PaymentExists(item.to_string()));
    }
    Ok(item)
}

fn credit(
    case: &Case<'_>,
    id: LineItemId,
    bill_type: Option<String>,
    amount: Money,
    spent: &Spent,
) -> Result<LineItem, Rejection> {
    let money = |units: i64| Money::from_minor_units(units, amount.currency());
    Ok(LineItem {
        id,
        bill_type,
        posted_on: case.event.on,
        due_on: None,
        amount: Money::zero(amount.currency()).checked_sub(amount)?,
        marker: AllocationMarker::Unallocated,
        spent: spent.on_debts.iter().map(|(id, units)| (id.clone(), money(*units))).collect(),
        lowered: spent.by_record.iter().map(|(id, units)| (id.clone(), money(*units))).collect(),
        reverses: None,
    })
}

/// Lowers what each record owes by its share, and lets `decide` say what becomes
/// of it.
fn lower(
    case: &Case<'_>,
    credit: LineItem,
    spent: &Spent,
    text: &str,
    decide: impl Fn(&crate::decide::Inputs<'_>, &mut Explanation) -> Result<Option<Change>, Rejection>,
) -> Result<Applied, Rejection> {
    let account = with_balance(case.book.account, credit.amount)?;
    let items: Vec<LineItem> = case.book.items.iter().chain([&credit]).cloned().collect();
    let mut changes = Vec::new();
    for record in case.open() {
        let Some((_, share)) = spent.by_record.iter().find(|(id, _)| *id == record.id) else {
            continue;
        };
        let mut explanation = happened(text.to_owned());
        let share = Money::from_minor_units(*share, credit.amount.currency());
        let touched = lowered(record, share, (case.event.on, &items), &mut explanation)?;
        let on = case.date_for(record, &mut explanation);
        let inputs = case.inputs(&touched, &account, on);
        let wanted = decide(&inputs, &mut explanation)?.unwrap_or(Change::Balance);
        let changed = change(case.setup, &inputs, record, &wanted, &mut explanation)?;
        changes.push((changed, explanation));
    }
    Ok(Applied {
        account,
        balance_change: credit.amount,
        items: vec![credit],
        ..case.without_money(changes)
    })
}

fn with_balance(account: &Account, change: Money) -> Result<Account, Rejection> {
    Ok(Account { balance: account.balance.checked_add(change)?, ..account.clone() })
}

/// A record that owes less. A hold for what was agreed or promised ends once
/// that is paid, if it is paid while the hold stands: what comes later keeps
/// nothing.
fn lowered(
    record: &Delinquency,
    share: Money,
    (paid_on, items): (Date, &[LineItem]),
    explanation: &mut Explanation,
) -> Result<Delinquency, Rejection> {
    let mut touched = record.clone();
    touched.balance = record.balance.checked_sub(share)?;
    explanation.add("balance", format!("{} -> {}", record.balance, touched.balance));
    move_anchor(&mut touched, items);
    if let Some(hold) = &mut touched.hold
        && hold.stands_on(paid_on)
        && let Some(outstanding) = hold.outstanding
    {
        let left = outstanding.checked_sub(share)?;
        if left.minor_units() <= 0 {
            explanation.add("hold", format!("{} kept: {}", hold.kind.as_str(), hold.reason));
            touched.hold = None;
        } else {
            explanation.add("hold", format!("{left} of what was agreed is outstanding"));
            hold.outstanding = Some(left);
        }
    }
    Ok(touched)
}

/// The oldest debt that is still unpaid, where the record's line items tell.
fn move_anchor(record: &mut Delinquency, items: &[LineItem]) {
    if let Some(oldest) = oldest_due(&open_items(items), &record.items) {
        record.oldest_debt_on = Some(oldest);
    }
}

/// A reversal: what the payment had paid is owed again, and each of its records
/// goes to its payment reversal milestone.
pub(super) fn reversed(case: &Case<'_>) -> Result<Applied, Rejection> {
    let EventKind::PaymentReversed { payment, amount } = &case.event.kind else {
        unreachable!("asked for a reversal only")
    };
    let amount = amount.as_ref().map(|amount| case.amount(amount)).transpose()?;
    let paid = payment_of(case, payment.as_ref(), amount)?;
    let back = Money::zero(paid.amount.currency()).checked_sub(paid.amount)?;
    let debit = LineItem {
        id: own_item(case)?,
        bill_type: paid.bill_type.clone(),
        posted_on: case.event.on,
        due_on: None,
        amount: back,
        marker: AllocationMarker::Correction,
        spent: Vec::new(),
        lowered: Vec::new(),
        reverses: Some(paid.id.clone()),
    };
    let account = with_balance(case.book.account, back)?;
    let mut items = case.book.items.to_vec();
    for item in items.iter_mut().filter(|item| item.id == paid.id) {
        item.marker = AllocationMarker::Correction;
    }
    let text = format!("payment {} of {back} {} reversed", paid.id, back.currency().code());
    let changes = raise_all(case, paid, &account, &items, &text)?;
    let mut looks_again: Vec<String> =
        case.book.items.iter().filter_map(|item| item.bill_type.clone()).collect();
    looks_again.sort_unstable();
    looks_again.dedup();
    Ok(Applied {
        account,
        balance_change: back,
        items: vec![debit],
        corrected: Some(paid.id.clone()),
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
    if !of_amount(payment) {
        return Err(Rejection::AmountDiffers {
            payment: id.to_string(),
            posted: Money::zero(payment.amount.currency()).checked_sub(payment.amount)?.to_string(),
            reversed: amount.map(|amount| amount.to_string()).unwrap_or_default(),
        });
    }
    Ok(payment)
}

fn raise_all(
    case: &Case<'_>,
    paid: &LineItem,
    account: &Account,
    items: &[LineItem],
    text: &str,
) -> Result<Vec<(Changed, Explanation)>, Rejection> {
    let mut touched: Vec<(&Delinquency, Delinquency, Explanation)> = Vec::new();
    for (id, share) in &paid.lowered {
        let Some(record) = stands_for(case, id) else { continue };
        let known = touched.iter().position(|(before, ..)| before.id == record.id);
        let at = known.unwrap_or_else(|| {
            touched.push((record, record.clone(), happened(text.to_owned())));
            touched.len() - 1
        });
        let (_, after, explanation) = &mut touched[at];
        let owed = after.balance.checked_add(*share)?;
        explanation.add("balance", format!("{} -> {owed}", after.balance));
        after.balance = owed;
        take_over(case, after, id, paid);
        move_anchor(after, items);
    }
    let raised = touched.into_iter().map(|(before, touched, mut explanation)| {
        let on = case.date_for(before, &mut explanation);
        let inputs = case.inputs(&touched, account, on);
        let to = rule::milestone(case.setup, &inputs, Target::PaymentReversal, &mut explanation)?;
        let wanted = match to {
            Some(to) if !before.is_open() || to != before.milestone => Change::Reverse { to },
            None if !before.is_open() => Change::Reopen,
            _ => Change::Balance,
        };
        let changed = change(case.setup, &inputs, before, &wanted, &mut explanation)?;
        Ok((changed, explanation))
    });
    raised.collect()
}

/// A record that owes for another one of its process takes over the items that
/// the payment had paid there; else a run would add them a second time.
fn take_over(case: &Case<'_>, record: &mut Delinquency, from: &DelinquencyId, paid: &LineItem) {
    let lowered = case.book.delinquencies.iter().find(|known| known.id == *from);
    let Some(lowered) = lowered.filter(|it| it.id != record.id && !record.items.is_empty()) else {
        return;
    };
    let is_meant = |item: &&LineItem| match lowered.items.is_empty() {
        true => lowered.bill_type.is_none() || item.bill_type == lowered.bill_type,
        false => lowered.items.contains(&item.id),
    };
    let was_paid = |item: &&LineItem| paid.spent.iter().any(|(id, _)| *id == item.id);
    let items = case.book.items.iter().filter(was_paid).filter(is_meant);
    record.items.extend(items.map(|item| item.id.clone()));
}

/// The record that a reversal raises: the one that the payment had lowered, or,
/// if that was resolved and its process has begun anew since, the one that is
/// open now.
fn stands_for<'a>(case: &Case<'a>, id: &DelinquencyId) -> Option<&'a Delinquency> {
    let lowered = case.book.delinquencies.iter().find(|record| record.id == *id)?;
    if lowered.is_open() {
        return Some(lowered);
    }
    Some(case.open().find(|record| record.is_same_process(lowered)).unwrap_or(lowered))
}
