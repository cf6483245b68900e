//! Events that a command makes: the same documents as those of a file.

use super::cloud_event::{Incoming, read};
use arrears_domain::{AccountId, Date};
use cloudevents::{EventBuilder, EventBuilderV10};
use serde_json::{Map, Value, json};

/// Where events that are made here come from.
const SOURCE: &str = "/arrears/command";

/// An event of a type with its `data`, without what is null. With no date it
/// happens now: the day is that of the agency's zone, and the same command on
/// another day is the same event.
#[must_use]
pub fn make(
    event_type: &str,
    id: &str,
    account: &AccountId,
    on: Option<Date>,
    mut data: Map<String, Value>,
    zone: chrono_tz::Tz,
) -> Incoming {
    data.retain(|_, value| !value.is_null());
    if let Some(on) = on {
        data.insert("on".to_owned(), Value::String(on.to_string()));
    }
    let built = EventBuilderV10::new()
        .id(id)
        .source(SOURCE)
        .ty(event_type)
        .subject(account.to_string())
        .time(chrono::Utc::now())
        .data("application/json", Value::Object(data))
        .build();
    let document = built.ok().and_then(|event| serde_json::to_value(event).ok());
    let document = document.unwrap_or_else(|| json!({ "id": id }));
    read(document.to_string().into_bytes(), zone)
}
