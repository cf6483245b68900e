//! Events that a command makes: the same documents as those of a file.

use super::cloud_event::{Incoming, read};
use arrears_domain::{AccountId, Date};
use chrono::{DateTime, Utc};
use cloudevents::{EventBuilder, EventBuilderV10};
use serde_json::{Map, Value, json};

/// Where events that are made here come from.
const SOURCE: &str = "/arrears/command";

/// An event of a type with its `data`, without what is null. With no date it
/// happens today, in the agency's zone; the same command on another day is the
/// same event, and on the same day the same document.
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
    let mut event = EventBuilderV10::new()
        .id(id)
        .source(SOURCE)
        .ty(event_type)
        .subject(account.to_string())
        .data("application/json", Value::Object(data));
    if on.is_none() {
        event = event.time(noon(zone));
    }
    let document = event.build().ok().and_then(|event| serde_json::to_value(event).ok());
    let document = document.unwrap_or_else(|| json!({ "id": id }));
    read(document.to_string().into_bytes(), zone)
}

/// An event that is told on a date, and is the same event if it is told again on
/// another: a void, or a return of a bank. The first date counts.
pub(crate) fn make_told_on(
    event_type: &str,
    id: &str,
    account: &AccountId,
    told_on: Date,
    data: Map<String, Value>,
    zone: chrono_tz::Tz,
) -> Incoming {
    let event = EventBuilderV10::new()
        .id(id)
        .source(SOURCE)
        .ty(event_type)
        .subject(account.to_string())
        .time(noon_of(told_on, zone))
        .data("application/json", Value::Object(data));
    let document = event.build().ok().and_then(|event| serde_json::to_value(event).ok());
    let document = document.unwrap_or_else(|| json!({ "id": id }));
    read(document.to_string().into_bytes(), zone)
}

/// Noon of today: the day is what counts, and the time of typing would make each
/// try another document.
fn noon(zone: chrono_tz::Tz) -> DateTime<Utc> {
    noon_of(Utc::now().with_timezone(&zone).date_naive(), zone)
}

fn noon_of(date: Date, zone: chrono_tz::Tz) -> DateTime<Utc> {
    let noon = date.and_hms_opt(12, 0, 0);
    let noon = noon.and_then(|noon| noon.and_local_timezone(zone).earliest());
    noon.map_or_else(Utc::now, |noon| noon.with_timezone(&Utc))
}
