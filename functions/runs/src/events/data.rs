//! The `data` of each type of event. `docs/EVENTS.md` lists them.

use arrears_domain::event::{Amount, EventKind, Placement, Void};
use arrears_domain::{
    Currency, Date, DelinquencyId, DelinquencyKind, EventId, HoldKind, Identifier, SchemeCode,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Why the data of an event cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The type is none of ours.
    #[error("`{0}` is no type of event that Arrears knows; docs/EVENTS.md lists them")]
    UnknownType(String),
    /// A field is missing, unknown or of another type.
    #[error("data: {0}")]
    Shape(String),
    /// A field has a value that it cannot have.
    #[error("data.{field} is `{value}`; {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it has.
        value: String,
        /// What it should have.
        expected: String,
    },
}

impl DataError {
    /// A stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "UNKNOWN_EVENT_TYPE",
            Self::Shape(_) | Self::Field { .. } => "BAD_DATA",
        }
    }
}

fn field(field: &'static str, value: &str, expected: impl ToString) -> DataError {
    DataError::Field { field, value: value.to_owned(), expected: expected.to_string() }
}

/// Every event may say its date; it is read beside the rest.
type On = Option<serde::de::IgnoredAny>;

macro_rules! shapes {
    ($($name:ident { $($field:ident: $type:ty,)* })*) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            #[serde(default, rename = "on")]
            _on: On,
            $(#[serde(default)] $field: $type,)*
        }
    )*};
}

shapes! {
    Paid { payment: Option<String>, amount: Option<String>, currency: Option<String>, bill_type: Option<String>, }
    Reversed { payment: Option<String>, amount: Option<String>, currency: Option<String>, return_code: Option<String>, withhold: bool, reference: Option<String>, }
    Held { delinquency: Option<String>, reason: Option<String>, until: Option<String>, amount: Option<String>, currency: Option<String>, }
    Ended { delinquency: Option<String>, }
    Extended { delinquency: Option<String>, days: Option<i64>, }
    Resolved { delinquency: Option<String>, code: Option<String>, }
    Placed {
        delinquency: Option<String>,
        kind: Option<String>,
        items: Vec<String>,
        scheme: Option<String>,
        even_if_not_eligible: bool,
        attributes: BTreeMap<String, String>,
    }
    Acknowledged { delinquency: Option<String>, collection_agency: Option<String>, reference: Option<String>, }
}

/// The kinds of record that are liens.
const LIENS: [DelinquencyKind; 2] = [DelinquencyKind::AddressLien, DelinquencyKind::ParcelLien];

/// What an event of the type with the data says.
///
/// # Errors
/// See [`DataError`].
pub fn kind(
    event_type: &str,
    event_id: &EventId,
    data: &Map<String, Value>,
) -> Result<EventKind, DataError> {
    let name = event_type.strip_prefix("arrears.").unwrap_or_default();
    match name {
        "payment.posted" => paid(event_id, shape(data)?),
        "payment.reversed" => {
            let Reversed { payment, amount, currency, return_code, withhold, reference, .. } =
                shape(data)?;
            // Kept with the event, it decides nothing.
            drop(reference);
            let payment = payment.map(|text| id("payment", &text)).transpose()?;
            let void = Void { return_code, withhold };
            Ok(EventKind::PaymentReversed { payment, amount: amount_of(amount, currency)?, void })
        }
        "delinquency.held" => held(HoldKind::Manual, shape(data)?),
        "arrangement.made" => held(HoldKind::Arrangement, shape(data)?),
        "promise.made" => held(HoldKind::Promise, shape(data)?),
        "dispute.opened" => held(HoldKind::Dispute, shape(data)?),
        "delinquency.released" => ended(None, "released", shape(data)?),
        "arrangement.kept" => ended(Some(HoldKind::Arrangement), "arrangement kept", shape(data)?),
        "arrangement.broken" => {
            ended(Some(HoldKind::Arrangement), "arrangement broken", shape(data)?)
        }
        "promise.kept" => ended(Some(HoldKind::Promise), "promise kept", shape(data)?),
        "promise.broken" => ended(Some(HoldKind::Promise), "promise broken", shape(data)?),
        "dispute.settled" => ended(Some(HoldKind::Dispute), "dispute settled", shape(data)?),
        "delinquency.extended" => {
            let Extended { delinquency, days, .. } = shape(data)?;
            let days = days.ok_or_else(|| missing("days"))?;
            Ok(EventKind::Extended { delinquency: record(delinquency)?, days })
        }
        "delinquency.resolved" => resolved(&DelinquencyKind::ALL, None, shape(data)?),
        "delinquency.lien-released" => resolved(&LIENS, Some("RELEASED"), shape(data)?),
        "delinquency.recalled" => {
            resolved(&[DelinquencyKind::Collections], Some("RECALLED"), shape(data)?)
        }
        "delinquency.written-off" => {
            let Resolved { delinquency, code, .. } = shape(data)?;
            let code = code.unwrap_or_else(|| "WRITTEN-OFF".to_owned());
            Ok(EventKind::WrittenOff { delinquency: record(delinquency)?, code })
        }
        "delinquency.sent-to-collections" => {
            placed(Some(DelinquencyKind::Collections), shape(data)?)
        }
        "delinquency.lien-added" => placed(None, shape(data)?),
        "placement.acknowledged" => acknowledged(shape(data)?),
        _ => Err(DataError::UnknownType(event_type.to_owned())),
    }
}

fn shape<T: DeserializeOwned>(data: &Map<String, Value>) -> Result<T, DataError> {
    serde_json::from_value(Value::Object(data.clone()))
        .map_err(|error| DataError::Shape(error.to_string()))
}

fn missing(name: &'static str) -> DataError {
    DataError::Shape(format!("`{name}` is missing"))
}

fn paid(event_id: &EventId, data: Paid) -> Result<EventKind, DataError> {
    let Paid { payment, amount, currency, bill_type, .. } = data;
    // A payment without an id of its own has its event's.
    let payment = id("payment", payment.as_deref().unwrap_or(event_id.as_str()))?;
    let amount = amount_of(amount, currency)?.ok_or_else(|| missing("amount"))?;
    Ok(EventKind::PaymentPosted { payment, amount, bill_type })
}

fn held(kind: HoldKind, data: Held) -> Result<EventKind, DataError> {
    let Held { delinquency, reason, until, amount, currency, .. } = data;
    let reason = match (reason, kind) {
        (Some(reason), _) => reason,
        (None, HoldKind::Manual | HoldKind::Dispute) => return Err(missing("reason")),
        (None, kind) => kind.as_str().to_owned(),
    };
    let until = until.map(|text| date("until", &text)).transpose()?;
    if kind == HoldKind::Promise && until.is_none() {
        return Err(missing("until"));
    }
    let amount = amount_of(amount, currency)?;
    Ok(EventKind::Held { delinquency: record(delinquency)?, kind, reason, until, amount })
}

fn ended(kind: Option<HoldKind>, outcome: &str, data: Ended) -> Result<EventKind, DataError> {
    let outcome = outcome.to_owned();
    Ok(EventKind::Released { delinquency: record(data.delinquency)?, kind, outcome })
}

fn resolved(
    of: &[DelinquencyKind],
    code: Option<&str>,
    data: Resolved,
) -> Result<EventKind, DataError> {
    let code = data.code.or_else(|| code.map(str::to_owned)).ok_or_else(|| missing("code"))?;
    if code.is_empty() {
        return Err(field("code", "", "a resolution code is not empty"));
    }
    Ok(EventKind::Resolved { delinquency: record(data.delinquency)?, of: of.to_vec(), code })
}

fn placed(kind: Option<DelinquencyKind>, data: Placed) -> Result<EventKind, DataError> {
    let kind = match (kind, data.kind.as_deref()) {
        (Some(kind), None) => kind,
        (Some(kind), Some(word)) if word == kind.as_str() => kind,
        (Some(kind), Some(word)) => {
            return Err(field("kind", word, format!("write {}", kind.as_str())));
        }
        (None, Some(word)) => DelinquencyKind::parse(word)
            .filter(|kind| LIENS.contains(kind))
            .ok_or_else(|| field("kind", word, "write address-lien or parcel-lien"))?,
        (None, None) => return Err(missing("kind")),
    };
    let items = data.items.iter().map(|text| id("items", text)).collect::<Result<_, _>>()?;
    let scheme = data.scheme.map(|text| id::<SchemeCode>("scheme", &text)).transpose()?;
    Ok(EventKind::Placed(Placement {
        kind,
        delinquency: record(data.delinquency)?,
        items,
        scheme,
        even_if_not_eligible: data.even_if_not_eligible,
        attributes: data.attributes,
    }))
}

/// The reference is the agency's: it is kept with the event, and decides nothing.
fn acknowledged(data: Acknowledged) -> Result<EventKind, DataError> {
    let Acknowledged { delinquency, collection_agency, reference, .. } = data;
    let collection_agency = collection_agency.ok_or_else(|| missing("collection_agency"))?;
    if collection_agency.is_empty() {
        return Err(field("collection_agency", "", "write the code of the collection agency"));
    }
    if reference.is_some_and(|reference| reference.is_empty()) {
        return Err(field("reference", "", "write the agency's own id, or leave it out"));
    }
    Ok(EventKind::Acknowledged { delinquency: record(delinquency)?, collection_agency })
}

fn id<T: Identifier>(name: &'static str, text: &str) -> Result<T, DataError> {
    T::parse(text).map_err(|error| field(name, text, error))
}

fn record(text: Option<String>) -> Result<Option<DelinquencyId>, DataError> {
    text.map(|text| id("delinquency", &text)).transpose()
}

fn amount_of(text: Option<String>, currency: Option<String>) -> Result<Option<Amount>, DataError> {
    let parse =
        |code: String| Currency::parse(&code).map_err(|error| field("currency", &code, error));
    let currency = currency.map(parse).transpose()?;
    Ok(text.map(|text| Amount { text, currency }))
}

/// A date that exists, as `YYYY-MM-DD`.
pub(crate) fn date(name: &'static str, text: &str) -> Result<Date, DataError> {
    Some(text)
        .filter(|text| text.len() == 10)
        .and_then(|text| Date::parse_from_str(text, "%Y-%m-%d").ok())
        .ok_or_else(|| field(name, text, "write a date that exists, as YYYY-MM-DD"))
}
