//! What a line comes to, given the page of its account: an event, or nothing. A
//! function of its arguments.

use super::line::{Status, StatusLine};
use super::refusal::Refused;
use arrears_domain::{
    Currency, Delinquency, DelinquencyId, DelinquencyKind, DelinquencyStatus, Identifier,
    LineItemId, Money, PlacementEntry,
};
use arrears_storage::AccountPage;
use arrears_storage::document::EventLine;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The types of the events that lines are.
const ACKNOWLEDGED: &str = "arrears.placement.acknowledged";
const PAID: &str = "arrears.payment.posted";
const RECALLED: &str = "arrears.delinquency.recalled";
const RESOLVED: &str = "arrears.delinquency.resolved";

/// What a line comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Planned {
    /// It was applied before.
    Duplicate,
    /// What it says is so already.
    Over { delinquency: DelinquencyId, remark: String },
    /// It is an event.
    Happens(Happening),
}

/// An event that is to be applied.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Happening {
    pub(super) delinquency: DelinquencyId,
    pub(super) event_type: &'static str,
    pub(super) data: Map<String, Value>,
    /// What the agency has been paid.
    pub(super) paid: Option<Money>,
    pub(super) remarks: Vec<String>,
}

/// What the line of the agency comes to.
pub(super) fn plan(
    agency: &str,
    line: &StatusLine,
    page: &AccountPage,
) -> Result<Planned, Refused> {
    if let Some(known) = page.events.iter().find(|event| event.id == line.event.as_str()) {
        return again(agency, line, known, page.account.currency());
    }
    let last = last_entries(agency, page);
    let record = record(agency, line, page, &last)?;
    if line.status.is_payment() {
        return payment(line, record, page).map(Planned::Happens);
    }
    let data = |fields: &[(&str, &str)]| {
        let own = [("delinquency", record.id.as_str())];
        own.iter().chain(fields).map(|(name, it)| ((*name).to_owned(), Value::from(*it))).collect()
    };
    let (event_type, data) = match line.status.resolution_code() {
        None => {
            let reference = line.reference.as_str();
            (ACKNOWLEDGED, data(&[("collection_agency", agency), ("reference", reference)]))
        }
        Some(code) => {
            if let Some(remark) = over_since(agency, record, &last) {
                return Ok(Planned::Over { delinquency: record.id.clone(), remark });
            }
            let is_recalled = record.kind == DelinquencyKind::Collections;
            (if is_recalled { RECALLED } else { RESOLVED }, data(&[("code", code)]))
        }
    };
    let remarks = line.amount.as_deref().and_then(|amount| ignored(line.status, amount));
    Ok(Planned::Happens(Happening {
        delinquency: record.id.clone(),
        event_type,
        data,
        paid: None,
        remarks: remarks.into_iter().collect(),
    }))
}

/// A line whose event was applied before: the same line again, or another under
/// its reference. What a line leaves out is as it was.
fn again(
    agency: &str,
    line: &StatusLine,
    known: &EventLine,
    currency: Currency,
) -> Result<Planned, Refused> {
    let says = |name: &str| known.data.get(name).and_then(Value::as_str);
    let money = |text: &str| Money::parse(text, currency).ok();
    let is_same = match line.status {
        Status::Acknowledged => {
            known.event == ACKNOWLEDGED && says("collection_agency") == Some(agency)
        }
        Status::PartialPayment | Status::FullPayment => {
            let is_amount = |text: &String| money(text) == says("amount").and_then(money);
            known.event == PAID && line.amount.as_ref().is_none_or(is_amount)
        }
        Status::Recalled | Status::Closed | Status::Rejected => {
            [RECALLED, RESOLVED].contains(&known.event.as_str())
                && says("code") == line.status.resolution_code()
        }
    };
    let named = line.delinquency.as_ref().map(Identifier::as_str);
    let is_record = named.zip(says("delinquency")).is_none_or(|(named, known)| named == known);
    let is_date = line.date.is_none_or(|date| date.to_string() == known.on);
    if is_same && is_record && is_date {
        return Ok(Planned::Duplicate);
    }
    Err(Refused::ReferenceReused {
        id: known.id.clone(),
        account: line.account.to_string(),
        event: known.event.clone(),
        on: known.on.clone(),
    })
}

/// The agency's last entry for each record of which it was ever told.
fn last_entries<'p>(
    agency: &str,
    page: &'p AccountPage,
) -> BTreeMap<&'p DelinquencyId, &'p PlacementEntry> {
    let own = page.placements.iter().filter(|entry| entry.collection_agency == agency);
    // They come by sequence, so that the last one stays.
    own.map(|entry| (&entry.delinquency, entry)).collect()
}

/// The record that the line names; if it names none, the only one that the agency
/// has, or else the only one that it ever had.
fn record<'p>(
    agency: &str,
    line: &StatusLine,
    page: &'p AccountPage,
    last: &BTreeMap<&'p DelinquencyId, &'p PlacementEntry>,
) -> Result<&'p Delinquency, Refused> {
    let account = || line.account.to_string();
    let find = |id: &DelinquencyId| {
        let found = page.delinquencies.iter().find(|record| record.id == *id);
        let delinquency = id.to_string();
        found.ok_or_else(|| Refused::UnknownDelinquency { account: account(), delinquency })
    };
    if let Some(id) = &line.delinquency {
        let record = find(id)?;
        let (delinquency, agency) = (id.to_string(), agency.to_owned());
        let is_placed = last.contains_key(id);
        return if is_placed {
            Ok(record)
        } else {
            Err(Refused::NotPlaced { delinquency, agency })
        };
    }
    let now = last.iter().filter(|(_, entry)| entry.is_placed()).map(|(id, _)| *id);
    let now: Vec<&DelinquencyId> = now.collect();
    let among = if now.is_empty() { last.keys().copied().collect() } else { now };
    let agency = agency.to_owned();
    match among.as_slice() {
        [one] => find(one),
        [] => Err(Refused::NothingPlaced { account: account(), agency }),
        several => {
            let ids: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            let candidates = ids.join(", ");
            Err(Refused::SeveralPlaced { account: account(), agency, candidates })
        }
    }
}

/// Why nothing is left to end, if so: the process is over, or the agency was told
/// to stop. What it no longer has, it cannot end.
fn over_since(
    agency: &str,
    record: &Delinquency,
    last: &BTreeMap<&DelinquencyId, &PlacementEntry>,
) -> Option<String> {
    if let DelinquencyStatus::Resolved { code, on } = &record.status {
        return Some(format!("was over already: {code} on {on}"));
    }
    let told = last.get(&record.id).filter(|entry| !entry.is_placed())?;
    Some(format!("was over already for {agency}, by the RECALL of {}", told.on))
}

/// A payment that the agency took in for a record.
fn payment(
    line: &StatusLine,
    record: &Delinquency,
    page: &AccountPage,
) -> Result<Happening, Refused> {
    let currency = page.account.currency();
    if let Some(other) =
        line.currency.as_ref().filter(|it| !it.eq_ignore_ascii_case(currency.code()))
    {
        let account = currency.code().to_owned();
        return Err(Refused::OtherCurrency { line: other.clone(), account });
    }
    let (paid, remark) = paid(line, record, currency)?;
    let of = bill_type(record, page);
    let mut data = Map::new();
    data.insert("amount".to_owned(), Value::from(paid.to_string()));
    data.insert("currency".to_owned(), Value::from(currency.code()));
    data.extend(of.map(|of| ("bill_type".to_owned(), Value::from(of))));
    Ok(Happening {
        delinquency: record.id.clone(),
        event_type: PAID,
        data,
        paid: Some(paid),
        remarks: remark.into_iter().collect(),
    })
}

/// What was paid, and what there is to say of it.
fn paid(
    line: &StatusLine,
    record: &Delinquency,
    currency: Currency,
) -> Result<(Money, Option<String>), Refused> {
    let owed = record.balance;
    let Some(text) = &line.amount else {
        if owed.minor_units() <= 0 {
            return Err(Refused::NothingOwed { delinquency: record.id.to_string() });
        }
        let remark = format!("no amount is named: the balance of {} is paid", owed.with_currency());
        return Ok((owed, Some(remark)));
    };
    let amount = Money::parse(text, currency)?;
    if amount.minor_units() <= 0 {
        return Err(Refused::AmountNotPositive(amount.to_string()));
    }
    let is_less = line.status == Status::FullPayment && amount.minor_units() < owed.minor_units();
    let remark = is_less.then(|| {
        format!("no full payment: {amount} is less than the {owed} that {} owed", record.id)
    });
    Ok((amount, remark))
}

/// The bill type whose debts a payment for the record pays: without it, the
/// oldest debts of the account would be paid, of which the agency may have
/// nothing.
fn bill_type<'p>(record: &'p Delinquency, page: &'p AccountPage) -> Option<&'p str> {
    let named = |id: &str| record.items.iter().map(LineItemId::as_str).any(|it| it == id);
    if record.items.is_empty() {
        let origin = page.delinquencies.iter().find(|it| Some(&it.id) == record.origin.as_ref());
        let of = record.bill_type.as_deref();
        return of.or_else(|| origin.and_then(|origin| origin.bill_type.as_deref()));
    }
    let items = page.transactions.iter().filter(|item| named(&item.id));
    let types: BTreeSet<Option<&str>> = items.map(|item| item.bill_type.as_deref()).collect();
    // Items of several types: the oldest debts are the best that can be said.
    if types.len() == 1 { types.into_iter().next().flatten() } else { None }
}

/// An amount beside a status that posts nothing is told, lest money be lost.
fn ignored(status: Status, amount: &str) -> Option<String> {
    let is_nothing = amount.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let word = status.as_str();
    (!is_nothing).then(|| format!("the amount {amount} is not posted: the line says {word}"))
}
