//! Events as they come in: CloudEvents 1.0 in JSON, from a file, from EventBridge
//! or from a queue.

use super::data::{self, DataError};
use arrears_domain::event::Event;
use arrears_domain::{AccountId, Date, EventId, Identifier};
use arrears_storage::document::EventLine;
use chrono::{DateTime, Utc};
use cloudevents::{AttributesReader, Data};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The most bytes of one event. SQS and EventBridge take 256 KiB.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;

/// An event as it came in, read as far as that is possible.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// The document; a text if it is no JSON.
    pub document: Value,
    /// The event's id, if it has one.
    pub id: Option<String>,
    /// The account, if the event names one.
    pub account: Option<String>,
    /// The event, or why it cannot be understood.
    pub event: Result<Understood, Refusal>,
}

/// An event that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The event.
    pub event: Event,
    /// What is kept of it, but for the setup that decides it.
    pub line: EventLine,
}

/// Why an event is not applied: a stable code, and what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable word.
    pub code: String,
    /// What happened, and what to do.
    pub message: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

impl From<DataError> for Refusal {
    fn from(error: DataError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// Reads one line. Dates that are not said are those of the event's time in the
/// zone.
#[must_use]
pub fn read(line: &str, zone: chrono_tz::Tz) -> Incoming {
    let document = match serde_json::from_str(line) {
        Ok(document) if line.len() <= EVENT_BYTES_MAX => document,
        Ok(_) => {
            let message = format!("an event has at most {EVENT_BYTES_MAX} bytes");
            let start: String = line.chars().take(200).collect();
            return unread(Value::String(start), Refusal::new("TOO_LARGE", message));
        }
        Err(error) => {
            let start: String = line.chars().take(EVENT_BYTES_MAX).collect();
            let message = format!("the line is no JSON: {error}");
            return unread(Value::String(start), Refusal::new("NOT_JSON", message));
        }
    };
    understand(document, zone)
}

fn unread(document: Value, refusal: Refusal) -> Incoming {
    Incoming { document, id: None, account: None, event: Err(refusal) }
}

/// Reads a document that is an event, or should be.
#[must_use]
pub fn understand(document: Value, zone: chrono_tz::Tz) -> Incoming {
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let (id, account) = (text("id"), text("subject"));
    let event = understood(&document, zone);
    Incoming { document, id, account, event }
}

fn understood(document: &Value, zone: chrono_tz::Tz) -> Result<Understood, Refusal> {
    let event: cloudevents::Event = serde_json::from_value(document.clone()).map_err(|error| {
        Refusal::new("NOT_A_CLOUD_EVENT", format!("the document is no CloudEvents 1.0: {error}"))
    })?;
    let id = EventId::parse(event.id())
        .map_err(|error| Refusal::new("BAD_ID", format!("id: {error}")))?;
    let subject = event.subject().ok_or_else(|| {
        Refusal::new("NO_ACCOUNT", "the event has no `subject`: write the account's id there")
    })?;
    let account = AccountId::parse(subject)
        .map_err(|error| Refusal::new("NO_ACCOUNT", format!("subject: {error}")))?;
    let data = match event.data() {
        Some(Data::Json(Value::Object(data))) => data.clone(),
        None => Map::new(),
        Some(_) => return Err(Refusal::new("BAD_DATA", "`data` is no JSON object")),
    };
    let on = date(&data, event.time(), zone)?;
    let kind = data::kind(event.ty(), &id, &data)?;
    let line = EventLine {
        id: id.to_string(),
        account: account.to_string(),
        event: event.ty().to_owned(),
        source: event.source().to_string(),
        time: event.time().map(|time| time.to_rfc3339()),
        on: on.to_string(),
        digest: digest(event.ty(), subject, on, &data),
        data,
        setup_version: 0,
    };
    Ok(Understood { event: Event { id, account, on, kind }, line })
}

/// The business date: `data.on`, or the day of the event's time in the agency's
/// zone.
fn date(
    data: &Map<String, Value>,
    time: Option<&DateTime<Utc>>,
    zone: chrono_tz::Tz,
) -> Result<Date, Refusal> {
    match (data.get("on"), time) {
        (Some(Value::String(text)), _) => data::date("on", text).map_err(Refusal::from),
        (Some(_), _) => Err(Refusal::new("BAD_DATA", "data.on is no text; write YYYY-MM-DD")),
        (None, Some(time)) => Ok(time.with_timezone(&zone).date_naive()),
        (None, None) => {
            let message =
                "the event has neither `data.on` nor `time`: say on which day it happened";
            Err(Refusal::new("NO_DATE", message))
        }
    }
}

/// What tells two events with one id apart. Where an event came from and when it
/// was sent does not count: the same event sent again is the same event.
fn digest(event_type: &str, account: &str, on: Date, data: &Map<String, Value>) -> String {
    let mut data = Value::Object(data.clone());
    data.sort_all_objects();
    let content = format!("{event_type}\n{account}\n{on}\n{data}");
    let hash = Sha256::digest(content.as_bytes());
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The zone that a setup names.
#[must_use]
pub fn zone(name: &str) -> chrono_tz::Tz {
    // The setup has been checked; a zone that this build does not know is meant
    // as UTC.
    name.parse().unwrap_or(chrono_tz::Tz::UTC)
}
