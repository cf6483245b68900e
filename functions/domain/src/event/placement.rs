//! Sending an account to collections, and adding a lien.
//!
//! The source document on the collections run: reaching a milestone only marks
//! an account as eligible; sending it to collections and adding a lien are done
//! by hand, and each adds a further record beside the one that led to it. What a
//! collection agency acknowledges of them changes nothing.

use super::apply::{Case, happened};
use super::{Applied, Placement, Rejection};
use crate::decide::entry::{candidate, placed as at_entry};
use crate::decide::{IllegalChange, Inputs, enter};
use crate::line_item::{OpenItem, open_items};
use crate::{
    Date, Delinquency, DelinquencyId, DelinquencyKind, Identifier, LineItemId, Money, SchemeCode,
    Setup,
};

/// The scheme that liens enter unless the event names another.
const LIENS: &str = "LIENS";

/// A further record.
pub(super) fn placed(case: &Case<'_>, placement: &Placement) -> Result<Applied, Rejection> {
    let origin = origin(case, placement)?;
    let chosen = chosen(case, placement, origin)?;
    let mut record = Delinquency {
        origin: origin.map(|origin| origin.id.clone()),
        items: chosen.ids.iter().cloned().collect(),
        oldest_debt_on: chosen.oldest_debt_on,
        balance: chosen.owed,
        attributes: placement.attributes.clone(),
        ..candidate(&case.entry_inputs(), placement.kind, None)?
    };
    if let Some(same) = case.open().find(|other| other.is_same_process(&record)) {
        return Err(Rejection::AlreadyPlaced { delinquency: same.id.to_string() });
    }
    check_minimum(case, placement, &record)?;
    let what = if is_lien(placement.kind) { "lien added" } else { "sent to collections" };
    let mut explanation = happened(match origin {
        Some(origin) => format!("{what}, from {} at {}", origin.id, origin.milestone),
        None => what.to_owned(),
    });
    let liens = SchemeCode::parse(LIENS).ok().filter(|_| is_lien(placement.kind));
    let scheme = placement.scheme.as_ref().or(liens.as_ref());
    let inputs = case.entry_inputs();
    record = at_entry(case.setup, &inputs, record, &case.setup.group, scheme, &mut explanation)?;
    let account = case.book.account;
    let as_it_will_be =
        Inputs { delinquency: &record, account, contact: case.book.contact, as_of: case.event.on };
    let changed = enter(case.setup, &as_it_will_be, &mut explanation)?;
    Ok(case.without_money(vec![(changed, explanation)]))
}

fn is_lien(kind: DelinquencyKind) -> bool {
    matches!(kind, DelinquencyKind::AddressLien | DelinquencyKind::ParcelLien)
}

/// Whether the milestone at which a record stands makes its account eligible
/// for a placement of the kind: of a further one, so a collections record never
/// leads to collections.
#[must_use]
pub fn is_eligible(setup: &Setup, record: &Delinquency, kind: DelinquencyKind) -> bool {
    let milestone = setup.milestone(&record.scheme, &record.milestone);
    record.is_open()
        && record.kind != kind
        && milestone.is_some_and(|(_, it)| if is_lien(kind) { it.lien } else { it.collections })
}

/// The record that leads to the placement; none only if that was asked for and
/// the account has no open record at all.
fn origin<'a>(
    case: &Case<'a>,
    placement: &Placement,
) -> Result<Option<&'a Delinquency>, Rejection> {
    let kind = placement.kind;
    let what = if is_lien(kind) { "is eligible for a lien" } else { "is eligible for collections" };
    let named = placement.delinquency.as_ref();
    let eligible = |record: &Delinquency| is_eligible(case.setup, record, kind);
    let found = match case.record(named, what, eligible) {
        Err(Rejection::NoRecord { .. }) if placement.even_if_not_eligible => {
            let is_open = |record: &Delinquency| record.is_open() && record.kind != kind;
            match case.record(None, "is open", is_open) {
                Err(Rejection::NoRecord { .. }) => return Ok(None),
                found => found?,
            }
        }
        found => found?,
    };
    IllegalChange::unless_open(found)?;
    if found.kind == kind {
        let others = DelinquencyKind::ALL.into_iter().filter(|other| *other != kind);
        return Err(Rejection::WrongKind {
            delinquency: found.id.to_string(),
            kind: kind.as_str(),
            expected: others.map(DelinquencyKind::as_str).collect::<Vec<_>>().join(", "),
        });
    }
    case.timely(found)?;
    if !eligible(found) && !placement.even_if_not_eligible {
        return Err(Rejection::NotEligible {
            delinquency: found.id.to_string(),
            milestone: found.milestone.to_string(),
            what: if is_lien(kind) { "a lien" } else { "collections" },
        });
    }
    Ok(Some(found))
}

/// What is sent.
struct Chosen {
    ids: Vec<LineItemId>,
    owed: Money,
    oldest_debt_on: Option<Date>,
}

/// The chosen items, or all that the record or the account owes.
fn chosen(
    case: &Case<'_>,
    placement: &Placement,
    origin: Option<&Delinquency>,
) -> Result<Chosen, Rejection> {
    let currency = case.book.account.currency();
    if placement.items.is_empty() {
        return Ok(Chosen {
            ids: origin.map_or_else(Vec::new, |it| it.items.iter().cloned().collect()),
            owed: origin.map_or(case.book.account.balance, |origin| origin.balance),
            oldest_debt_on: origin.and_then(|origin| origin.oldest_debt_on),
        });
    }
    let open = open_items(case.book.items);
    let mut owed = Money::zero(currency);
    let mut found: Vec<&OpenItem> = Vec::new();
    for id in &placement.items {
        let item = open.iter().find(|item| item.id == *id);
        let item = item.ok_or_else(|| Rejection::NoSuchItem(id.to_string()))?;
        if !found.iter().any(|known| known.id == item.id) {
            owed = owed.checked_add(Money::from_minor_units(item.open_minor_units, currency))?;
            found.push(item);
        }
    }
    Ok(Chosen {
        ids: found.iter().map(|item| item.id.clone()).collect(),
        owed,
        oldest_debt_on: found.iter().filter_map(|item| item.due_on).min(),
    })
}

/// What enters collections must be more than the group's minimum entry amount;
/// a lien must be for something.
fn check_minimum(
    case: &Case<'_>,
    placement: &Placement,
    record: &Delinquency,
) -> Result<(), Rejection> {
    let (amount, nothing) = (record.balance, Money::zero(record.balance.currency()));
    let minimum = if is_lien(placement.kind) || placement.even_if_not_eligible {
        nothing.to_decimal()
    } else {
        case.setup.group.minimum_entry_amount
    };
    if amount.to_decimal() > minimum {
        return Ok(());
    }
    Err(Rejection::BelowMinimum { amount: amount.to_string(), minimum: minimum.to_string() })
}

/// A collection agency has taken note of a record, which must be there and may
/// be over.
pub(super) fn acknowledged(
    case: &Case<'_>,
    delinquency: Option<&DelinquencyId>,
) -> Result<Applied, Rejection> {
    case.record(delinquency, "may be with a collection agency", |_| true)?;
    Ok(case.without_money(Vec::new()))
}
