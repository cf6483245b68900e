//! Payments and write-offs: what lowers what is owed.

use super::apply::{Case, happened};
use super::spend::{Spent, Toward, spend};
use super::{Applied, EventKind, Rejection};
use crate::decide::{Change, Changed, Explanation, change, settle};
use crate::line_item::{OpenItem, oldest_due, open_items};
use crate::{
    Account, AllocationMarker, Date, Delinquency, DelinquencyId, Identifier, LineItem, LineItemId,
    Money, Terms,
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
pub(super) fn own_item(case: &Case<'_>) -> Result<LineItemId, Rejection> {
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
        allocations: Vec::new(),
        terms: Terms::default(),
    })
}

/// A credit lowers what each record owes by its share, and `decide` says what
/// becomes of it.
fn lower(
    case: &Case<'_>,
    credit: LineItem,
    spent: &Spent,
    text: &str,
    decide: impl Fn(&crate::decide::Inputs<'_>, &mut Explanation) -> Result<Option<Change>, Rejection>,
) -> Result<Applied, Rejection> {
    let account = with_balance(case.book.account, credit.amount)?;
    let items: Vec<LineItem> = case.book.items.iter().chain([&credit]).cloned().collect();
    let after = After { account: &account, items: &items, by_record: &spent.by_record };
    let changes = lower_records(case, &after, text, decide)?;
    Ok(Applied {
        account,
        balance_change: credit.amount,
        items: vec![credit],
        ..case.without_money(changes)
    })
}

/// What there is once money has come.
pub(super) struct After<'a> {
    pub(super) account: &'a Account,
    pub(super) items: &'a [LineItem],
    /// By how many minor units which records owe less.
    pub(super) by_record: &'a [(DelinquencyId, i64)],
}

/// Lowers what each record owes by its share, and lets `decide` say what becomes
/// of it.
pub(super) fn lower_records(
    case: &Case<'_>,
    after: &After<'_>,
    text: &str,
    decide: impl Fn(&crate::decide::Inputs<'_>, &mut Explanation) -> Result<Option<Change>, Rejection>,
) -> Result<Vec<(Changed, Explanation)>, Rejection> {
    let open = open_items(after.items);
    let mut changes = Vec::new();
    for record in case.open() {
        let Some((_, share)) = after.by_record.iter().find(|(id, _)| *id == record.id) else {
            continue;
        };
        let mut explanation = happened(text.to_owned());
        let share = Money::from_minor_units(*share, after.account.currency());
        let touched = lowered(record, share, (case.event.on, &open), &mut explanation)?;
        let on = case.date_for(record, &mut explanation);
        let inputs = case.inputs(&touched, after.account, on);
        let wanted = decide(&inputs, &mut explanation)?.unwrap_or(Change::Balance);
        let changed = change(case.setup, &inputs, record, &wanted, &mut explanation)?;
        changes.push((changed, explanation));
    }
    Ok(changes)
}

/// The account with another balance.
pub(super) fn with_balance(account: &Account, change: Money) -> Result<Account, Rejection> {
    Ok(Account { balance: account.balance.checked_add(change)?, ..account.clone() })
}

/// A record that owes less. A hold for what was agreed or promised ends once
/// that is paid, if it is paid while the hold stands: what comes later keeps
/// nothing.
fn lowered(
    record: &Delinquency,
    share: Money,
    (paid_on, open): (Date, &[OpenItem]),
    explanation: &mut Explanation,
) -> Result<Delinquency, Rejection> {
    let mut touched = record.clone();
    touched.balance = record.balance.checked_sub(share)?;
    explanation.add("balance", format!("{} -> {}", record.balance, touched.balance));
    move_anchor(&mut touched, open);
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
pub(super) fn move_anchor(record: &mut Delinquency, open: &[OpenItem]) {
    if let Some(oldest) = oldest_due(open, &record.items) {
        record.oldest_debt_on = Some(oldest);
    }
}
