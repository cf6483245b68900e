//! Events on their way to an EventBridge bus, and back from one.
//!
//! An event is a structured CloudEvent, in JSON, wherever it is ours: the whole
//! document is the `Detail` of its entry on the bus, so that nothing is lost on
//! the way. What others put on the bus is no CloudEvent; [`cloud_event`] makes one
//! of its envelope.

use crate::error::TriggerError;
use crate::request::{NO_CODE, Request};
use arrears_storage::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Map, Value};

/// The `Source` of all entries that are ours. Rules tell them from others by it.
pub const SOURCE: &str = "arrears";

/// The most bytes of an entry, by EventBridge: its texts together.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;

/// The most bytes of a `DetailType`, by EventBridge.
const TYPE_BYTES_MAX: usize = 128;

/// A bus.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
    name: String,
}

impl Bus {
    /// The bus of that name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self::with_client(Client::new(config), name)
    }

    /// The same by a client of one's own.
    #[must_use]
    pub fn with_client(client: Client, name: &str) -> Self {
        Self { client, name: name.to_owned() }
    }

    /// Puts a structured CloudEvent on the bus. If nothing tells whether that was
    /// done, do it again: consumers know an event by its id.
    ///
    /// # Errors
    /// The document is no CloudEvent, or too large, and nothing is sent; or the
    /// service fails or refuses the event.
    pub async fn publish(
        &self,
        event: &Value,
        trace_header: Option<&str>,
    ) -> Result<(), TriggerError> {
        let (id, entry) = entry(event)?;
        let entry = entry
            .event_bus_name(&self.name)
            .set_trace_header(trace_header.map(str::to_owned))
            .build();
        let request = Request { operation: "PutEvents", target: &self.name };
        let sent = self.client.put_events().entries(entry).send().await;
        let answer = sent.map_err(|error| request.failed(error))?;
        if answer.failed_entry_count() == 0 {
            return Ok(());
        }
        let failed = answer.entries().iter().find(|entry| entry.error_code().is_some());
        Err(TriggerError::NotPublished {
            id: id.to_owned(),
            bus: self.name.clone(),
            code: failed.and_then(|it| it.error_code()).unwrap_or(NO_CODE).to_owned(),
            message: failed
                .and_then(|it| it.error_message())
                .unwrap_or("no reason given")
                .to_owned(),
        })
    }
}

/// The entry of an event, but for the bus; with the event's id.
fn entry(
    event: &Value,
) -> Result<(&str, aws_sdk_eventbridge::types::builders::PutEventsRequestEntryBuilder), TriggerError>
{
    let attribute = |name: &str| {
        let text = event.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| TriggerError::NotACloudEvent {
            reason: format!("`{name}` is no text, or is empty"),
        })
    };
    let version = attribute("specversion")?;
    if version != "1.0" {
        let reason = format!("`specversion` is `{version}`, and not `1.0`");
        return Err(TriggerError::NotACloudEvent { reason });
    }
    let (id, event_type) = (attribute("id")?, attribute("type")?);
    attribute("source")?;
    if event_type.len() > TYPE_BYTES_MAX {
        let reason = format!("`type` has more than {TYPE_BYTES_MAX} bytes");
        return Err(TriggerError::NotACloudEvent { reason });
    }
    let detail = event.to_string();
    let bytes = SOURCE.len() + event_type.len() + detail.len();
    if bytes > EVENT_BYTES_MAX {
        return Err(TriggerError::EventTooLarge { id: id.to_owned(), bytes });
    }
    let entry = PutEventsRequestEntry::builder();
    Ok((id, entry.source(SOURCE).detail_type(event_type).detail(detail)))
}

/// What came from a bus or a queue, as a structured CloudEvent.
///
/// A CloudEvent is given as it is, and so is the one in the `detail` of an
/// envelope of EventBridge. Of any other envelope one is made: its account is
/// `detail.account` or else the first of `resources`. What is none of that is
/// given as it is: whoever reads events refuses it, and says why.
#[must_use]
pub fn cloud_event(envelope: &Value) -> Value {
    if is_cloud_event(envelope) {
        return envelope.clone();
    }
    let (Some(detail), Some(event_type)) = (envelope.get("detail"), envelope.get("detail-type"))
    else {
        return envelope.clone();
    };
    if is_cloud_event(detail) {
        return detail.clone();
    }
    let mut event = Map::new();
    event.insert("specversion".to_owned(), Value::from("1.0"));
    let of_envelope = |name: &str| envelope.get(name).cloned();
    let attributes = [
        ("id", of_envelope("id")),
        ("source", of_envelope("source")),
        ("type", Some(event_type.clone())),
        ("time", of_envelope("time")),
        ("subject", subject(envelope, detail)),
        ("data", Some(detail.clone())),
    ];
    for (name, value) in attributes {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            event.insert(name.to_owned(), value);
        }
    }
    Value::Object(event)
}

/// Whether it means to be a CloudEvent: if something of it is wrong, whoever reads
/// events says so of what was sent, and not of what was made of it.
fn is_cloud_event(document: &Value) -> bool {
    document.get("specversion").is_some()
}

fn subject(envelope: &Value, detail: &Value) -> Option<Value> {
    let account = detail.get("account").filter(|account| account.is_string());
    account.or_else(|| envelope.get("resources")?.get(0)).cloned()
}

#[cfg(test)]
mod tests;
