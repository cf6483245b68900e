//! Events that a command makes: the same documents as those of a file.

use super::cloud_event::{Incoming, understand};
use arrears_domain::{AccountId, Date};
use cloudevents::{EventBuilder, EventBuilderV10};
use serde_json::{Map, Value, json};

/// Where events that are made here come from.
const SOURCE: &str = "/arrears/command";

/// An event of a type: its `data` without the date, which is added.
#[must_use]
pub fn make(
    event_type: &str,
    id: &str,
    account: &AccountId,
    on: Date,
    mut data: Map<String, Value>,
) -> Incoming {
    data.retain(|_, value| !value.is_null());
    data.insert("on".to_owned(), Value::String(on.to_string()));
    let built = EventBuilderV10::new()
        .id(id)
        .source(SOURCE)
        .ty(event_type)
        .subject(account.to_string())
        .data("application/json", Value::Object(data))
        .build();
    let document = built.ok().and_then(|event| serde_json::to_value(event).ok());
    // Dates are given: no zone is asked for.
    understand(document.unwrap_or_else(|| json!({ "id": id })), chrono_tz::Tz::UTC)
}
