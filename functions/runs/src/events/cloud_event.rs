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
    /// What came, byte by byte; the beginning of what is too large.
    pub bytes: Vec<u8>,
    /// The event's id, if it has one.
    pub id: Option<String>,
    /// The account, if the event names one.
    pub account: Option<String>,
    /// The agency that it is for, if it names one.
    pub agency: Option<String>,
    /// The event, or why it cannot be understood.
    pub event: Result<Understood, Refusal>,
}

impl Incoming {
    /// The event, if it is for this agency or names none.
    pub(super) fn for_agency(&self, agency: &str) -> Result<Understood, Refusal> {
        match self.agency.as_deref().filter(|named| *named != agency) {
            Some(named) => Err(Refusal::new(
                "OTHER_AGENCY",
                format!(
                    "the event is for agency `{named}`, and came to agency `{agency}`; send it to \
                     that agency"
                ),
            )),
            None => self.event.clone(),
        }
    }
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

/// Reads one event. A date that is not said is that of the event's time in the
/// zone.
#[must_use]
pub fn read(event: impl Into<Vec<u8>>, zone: chrono_tz::Tz) -> Incoming {
    let bytes = event.into();
    if bytes.len() > EVENT_BYTES_MAX {
        return too_large(bytes);
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(document) => {
            let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
            let (id, account, agency) = (text("id"), text("subject"), text("agency"));
            Incoming { id, account, agency, event: understood(&document, zone), bytes }
        }
        Err(error) => {
            let message = format!("the line is no JSON: {error}");
            unread(bytes, Refusal::new("NOT_JSON", message))
        }
    }
}

/// What is too large to be an event.
pub(super) fn too_large(mut bytes: Vec<u8>) -> Incoming {
    bytes.truncate(EVENT_BYTES_MAX);
    let message = format!(
        "an event has at most {EVENT_BYTES_MAX} bytes; only the beginning of this one is kept"
    );
    unread(bytes, Refusal::new("TOO_LARGE", message))
}

fn unread(bytes: Vec<u8>, refusal: Refusal) -> Incoming {
    Incoming { bytes, id: None, account: None, agency: None, event: Err(refusal) }
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
        digest: digest(event.ty(), subject, &data),
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
/// was sent does not count, and neither does a date that only its time tells: the
/// same event sent again is the same event.
pub(crate) fn digest(event_type: &str, account: &str, data: &Map<String, Value>) -> String {
    let mut data = Value::Object(data.clone());
    data.sort_all_objects();
    hex::<16>(format!("{event_type}\n{account}\n{data}").as_bytes())
}

/// The first bytes of the SHA-256 digest, in hexadecimal.
pub(super) fn hex<const BYTES: usize>(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
}
