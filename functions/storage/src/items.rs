//! Items: documents with keys, as the table holds them.
//!
//! An item is the document of its record with `pk` and `sk` before it, and what
//! the table needs: the balance of an account is a number of minor units,
//! `balance_minor_units`, so that charges can be added to it; an account counts
//! in `revision` what was decided from all of it; a
//! delinquency has the currency, so that it can be read without its account,
//! and the keys of the index while it is due; and the data of an event is text,
//! since the table keeps neither the order of fields nor each number that JSON
//! can write.

use crate::document::{
    AccountLine, ContactLine, DelinquencyLine, EventLine, LineError, MandateLine, PlacementLine,
    PostingLine, TransactionLine, TransitionLine,
};
use crate::error::StorageError;
use crate::keys::{self, DUE_PK, DUE_SK, Key, PK, SK};
use arrears_domain::Identifier;
use arrears_domain::decide::Due;
use arrears_domain::{
    Account, AccountId, AgencyId, Contact, Currency, Delinquency, LineItem, Mandate, Money,
    PlacementEntry, Transition, payment::Posting,
};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

pub(crate) type Item = HashMap<String, AttributeValue>;

const BALANCE: &str = "balance";
pub(crate) const BALANCE_MINOR_UNITS: &str = "balance_minor_units";
const CURRENCY: &str = "currency";
/// Counts the changes of an account that were decided from its whole book;
/// absent for 0. No part of the account's document.
pub(crate) const REVISION: &str = "revision";
const DATA: &str = "data";

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn key_item(key: &Key) -> Item {
    Item::from([(PK.to_owned(), text(&key.pk)), (SK.to_owned(), text(&key.sk))])
}

/// The document as an item under the key.
pub(crate) fn item<T: Serialize>(key: &Key, document: &T) -> Result<Item, StorageError> {
    let fields: Result<Item, _> = serde_dynamo::aws_sdk_dynamodb_1::to_item(document);
    let mut item = fields.map_err(|error| StorageError::Unstorable {
        key: key.shown(),
        reason: error.to_string(),
    })?;
    item.insert(PK.to_owned(), text(&key.pk));
    item.insert(SK.to_owned(), text(&key.sk));
    Ok(item)
}

/// Takes the keys out of an item.
pub(crate) fn take_key(item: &mut Item) -> Key {
    let mut part = |name| match item.remove(name) {
        Some(AttributeValue::S(text)) => text,
        _ => String::new(),
    };
    Key { pk: part(PK), sk: part(SK) }
}

/// The keys of an item.
pub(crate) fn key_of(item: &Item) -> Key {
    let part = |name| match item.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        _ => String::new(),
    };
    Key { pk: part(PK), sk: part(SK) }
}

/// The document of an item without its keys.
pub(crate) fn document<T: DeserializeOwned>(key: &Key, item: Item) -> Result<T, StorageError> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|error| unreadable(key, error))
}

pub(crate) fn unreadable(key: &Key, reason: impl ToString) -> StorageError {
    StorageError::Item { key: key.shown(), reason: reason.to_string() }
}

fn stored(key: &Key) -> impl Fn(LineError) -> StorageError {
    let key = key.shown();
    move |line| StorageError::StoredLine { key: key.clone(), line: Box::new(line) }
}

pub(crate) fn number_of(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn text_of(key: &Key, item: &Item, name: &str) -> Result<String, StorageError> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(unreadable(key, format!("it has no text `{name}`"))),
    }
}

pub(crate) fn account_item(agency: &AgencyId, account: &Account) -> Result<Item, StorageError> {
    let key = keys::account(agency, &account.id);
    let mut item = item(&key, &AccountLine::from(account))?;
    item.remove(BALANCE);
    item.insert(BALANCE_MINOR_UNITS.to_owned(), number(account.balance.minor_units()));
    Ok(item)
}

pub(crate) fn account_line(key: &Key, mut item: Item) -> Result<AccountLine, StorageError> {
    item.remove(REVISION);
    let code = text_of(key, &item, CURRENCY)?;
    let currency = Currency::parse(&code).map_err(|error| unreadable(key, error))?;
    let minor_units = item
        .remove(BALANCE_MINOR_UNITS)
        .and_then(|value| value.as_n().ok()?.parse().ok())
        .ok_or_else(|| unreadable(key, format!("`{BALANCE_MINOR_UNITS}` is no whole number")))?;
    let balance = Money::from_minor_units(minor_units, currency);
    item.insert(BALANCE.to_owned(), text(balance.to_string()));
    document(key, item)
}

pub(crate) fn account(key: &Key, item: Item) -> Result<Account, StorageError> {
    Account::try_from(&account_line(key, item)?).map_err(stored(key))
}

pub(crate) fn contact_item(agency: &AgencyId, contact: &Contact) -> Result<Item, StorageError> {
    item(&keys::contact(agency, &contact.id), &ContactLine::from(contact))
}

pub(crate) fn contact(key: &Key, item: Item) -> Result<Contact, StorageError> {
    Contact::try_from(&document::<ContactLine>(key, item)?).map_err(stored(key))
}

pub(crate) fn delinquency_item(
    agency: &AgencyId,
    record: &Delinquency,
    due: Due,
) -> Result<Item, StorageError> {
    let key = keys::delinquency(agency, &record.account, &record.id);
    let mut line = DelinquencyLine::from(record);
    line.currency = Some(record.balance.currency().code().to_owned());
    let mut item = item(&key, &line)?;
    if let Some((due_pk, due_sk)) = keys::due(agency, record, due) {
        item.insert(DUE_PK.to_owned(), text(due_pk));
        item.insert(DUE_SK.to_owned(), text(due_sk));
    }
    Ok(item)
}

/// The line as an import would have it: the currency is that of the account.
pub(crate) fn delinquency_line(
    key: &Key,
    mut item: Item,
) -> Result<(DelinquencyLine, Currency), StorageError> {
    item.remove(DUE_PK);
    item.remove(DUE_SK);
    let code = text_of(key, &item, CURRENCY)?;
    let currency = Currency::parse(&code).map_err(|error| unreadable(key, error))?;
    item.remove(CURRENCY);
    Ok((document(key, item)?, currency))
}

pub(crate) fn delinquency(key: &Key, item: Item) -> Result<Delinquency, StorageError> {
    let (line, currency) = delinquency_line(key, item)?;
    line.to_delinquency(currency).map_err(stored(key))
}

pub(crate) fn transition_item(
    agency: &AgencyId,
    transition: &Transition,
) -> Result<Item, StorageError> {
    let Transition { account, delinquency, sequence, .. } = transition;
    let key = keys::transition(agency, account, delinquency, *sequence);
    item(&key, &TransitionLine::from(transition))
}

pub(crate) fn transition(key: &Key, item: Item) -> Result<Transition, StorageError> {
    Transition::try_from(&document::<TransitionLine>(key, item)?).map_err(stored(key))
}

pub(crate) fn transaction_item(
    agency: &AgencyId,
    account: &AccountId,
    line: &TransactionLine,
) -> Result<Item, StorageError> {
    item(&keys::transaction(agency, account, &line.id), line)
}

pub(crate) fn line_item(
    key: &Key,
    item: Item,
    currency: Currency,
) -> Result<LineItem, StorageError> {
    document::<TransactionLine>(key, item)?.to_line_item(currency).map_err(stored(key))
}

pub(crate) fn event_item(
    agency: &AgencyId,
    account: &AccountId,
    line: &EventLine,
) -> Result<Item, StorageError> {
    let unstorable = |reason: String| StorageError::Unstorable { key: line.id.clone(), reason };
    let id = line.event_id().map_err(|error| unstorable(error.to_string()))?;
    let data = serde_json::to_string(&line.data).map_err(|error| unstorable(error.to_string()))?;
    let bare = EventLine { data: serde_json::Map::new(), ..line.clone() };
    let mut item = item(&keys::event(agency, account, &id), &bare)?;
    item.insert(DATA.to_owned(), text(data));
    Ok(item)
}

pub(crate) fn event_line(key: &Key, mut item: Item) -> Result<EventLine, StorageError> {
    let data = text_of(key, &item, DATA)?;
    item.remove(DATA);
    let data = serde_json::from_str(&data).map_err(|error| unreadable(key, error))?;
    Ok(EventLine { data, ..document(key, item)? })
}

pub(crate) fn placement_item(
    agency: &AgencyId,
    entry: &PlacementEntry,
) -> Result<Item, StorageError> {
    item(&keys::placement(agency, entry), &PlacementLine::from(entry))
}

pub(crate) fn placement(key: &Key, item: Item) -> Result<PlacementEntry, StorageError> {
    PlacementEntry::try_from(&document::<PlacementLine>(key, item)?).map_err(stored(key))
}

pub(crate) fn mandate_item(agency: &AgencyId, mandate: &Mandate) -> Result<Item, StorageError> {
    let key = keys::mandate(agency, &mandate.account, mandate.id.as_str());
    item(&key, &MandateLine::from(mandate))
}

pub(crate) fn mandate(key: &Key, item: Item) -> Result<Mandate, StorageError> {
    document::<MandateLine>(key, item)?.to_mandate().map_err(stored(key))
}

pub(crate) fn posting_item(agency: &AgencyId, posting: &Posting) -> Result<Item, StorageError> {
    item(&keys::posting(agency, posting), &PostingLine::from(posting))
}

pub(crate) fn posting(key: &Key, item: Item) -> Result<Posting, StorageError> {
    Posting::try_from(&document::<PostingLine>(key, item)?).map_err(stored(key))
}
