use super::*;
use crate::fake::{Asked, Fake, client, ok, refused};
use proptest::prelude::*;
use serde_json::json;

fn bus(fake: &Fake) -> Bus {
    Bus::with_client(client!(aws_sdk_eventbridge, fake), "arrears-rivertown")
}

fn published() -> Fake {
    Fake::new(|_: &Asked| ok(&json!({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})))
}

fn finished() -> Value {
    json!({
        "specversion": "1.0",
        "id": "default/export-000001/finished",
        "source": "/arrears/default",
        "type": "arrears.run.finished",
        "time": "2026-12-01T11:00:07Z",
        "data": {"run_key": "export-000001", "processed": 3},
    })
}

#[tokio::test]
async fn an_event_is_an_entry_with_all_of_it() {
    let fake = published();
    bus(&fake)
        .publish(&finished(), Some("Root=1-5e1b4151-5ac6c58dc39a6b6f0a0e0d5a"))
        .await
        .unwrap();
    bus(&fake).publish(&finished(), None).await.unwrap();
    let [traced, plain] = [0, 1].map(|at| fake.asked()[at].body["Entries"].clone());
    let mut expected = json!([{
        "Source": "arrears",
        "DetailType": "arrears.run.finished",
        "Detail": finished().to_string(),
        "EventBusName": "arrears-rivertown",
    }]);
    assert_eq!(plain, expected);
    expected[0]["TraceHeader"] = "Root=1-5e1b4151-5ac6c58dc39a6b6f0a0e0d5a".into();
    assert_eq!(traced, expected);
}

#[tokio::test]
async fn what_is_no_event_is_not_sent() {
    let with = |name: &str, value: Value| {
        let mut event = finished();
        event[name] = value;
        event
    };
    let cases = [
        (json!("text"), "`specversion`"),
        (json!({}), "`specversion`"),
        (with("specversion", json!("0.3")), "is `0.3`"),
        (with("id", json!("")), "`id`"),
        (with("id", json!(7)), "`id`"),
        (with("type", Value::Null), "`type`"),
        (with("type", json!("x".repeat(129))), "128 bytes"),
        (with("source", json!([])), "`source`"),
        (with("data", json!("x".repeat(EVENT_BYTES_MAX))), "default/export-000001/finished"),
    ];
    let fake = published();
    for (event, words) in cases {
        let error = bus(&fake).publish(&event, None).await.unwrap_err();
        assert!(error.to_string().contains(words) && !error.is_transient(), "{error}");
    }
    assert_eq!(fake.asked().len(), 0);
}

#[tokio::test]
async fn the_largest_event_is_sent() {
    let mut event = finished();
    event["data"] = json!("");
    let room = EVENT_BYTES_MAX - event.to_string().len() - "arrears".len() - 20;
    event["data"] = json!("x".repeat(room));
    let fake = published();
    bus(&fake).publish(&event, None).await.unwrap();
    event["data"] = json!("x".repeat(room + 1));
    let error = bus(&fake).publish(&event, None).await.unwrap_err();
    assert!(matches!(error, TriggerError::EventTooLarge { bytes: 262_145, .. }), "{error}");
}

#[tokio::test]
async fn an_event_that_the_bus_refuses_is_an_error() {
    let entries = |entry: Value| ok(&json!({"FailedEntryCount": 1, "Entries": [entry]}));
    let cases = [
        (entries(json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "slowly"})), true),
        (entries(json!({"ErrorCode": "InternalFailure", "ErrorMessage": "slowly"})), true),
        (entries(json!({"ErrorCode": "MalformedDetail", "ErrorMessage": "slowly"})), false),
        (entries(json!({})), false),
        (refused(500, "InternalException", "slowly"), true),
        (refused(400, "AccessDeniedException", "slowly"), false),
    ];
    for (answer, transient) in cases {
        let fake = Fake::new(move |_: &Asked| answer.clone());
        let error = bus(&fake).publish(&finished(), None).await.unwrap_err();
        assert_eq!(error.is_transient(), transient, "{error}");
        let error = error.to_string();
        assert!(error.contains("arrears-rivertown"), "{error}");
        assert!(error.contains("slowly") || error.contains("no reason given"), "{error}");
    }
}

/// What EventBridge gives to a target.
fn envelope(detail_type: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": "rivertown.billing",
        "account": "123456789012",
        "time": "2026-06-10T14:03:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    })
}

fn made(subject: Option<&str>, data: &Value) -> Value {
    let mut event = json!({
        "specversion": "1.0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "source": "rivertown.billing",
        "type": "arrears.payment.posted",
        "time": "2026-06-10T14:03:00Z",
        "data": data,
    });
    if let Some(subject) = subject {
        event["subject"] = subject.into();
    }
    event
}

#[test]
fn what_others_send_is_made_an_event() {
    let of = |detail: Value| envelope("arrears.payment.posted", detail);
    let mut by_resource = of(json!({"amount": "1.00"}));
    by_resource["resources"] = json!(["A-7", "A-8"]);
    let mut both = of(json!({"account": "A-1"}));
    both["resources"] = json!(["A-7"]);
    let mut number = of(json!({"account": 1}));
    number["resources"] = json!(["A-7"]);
    let mut bare = json!({"detail-type": "T", "detail": {}});
    bare["time"] = Value::Null;
    let cases = [
        (
            of(json!({"account": "A-1", "amount": "1.00"})),
            made(Some("A-1"), &json!({"account": "A-1", "amount": "1.00"})),
        ),
        (by_resource, made(Some("A-7"), &json!({"amount": "1.00"}))),
        (both, made(Some("A-1"), &json!({"account": "A-1"}))),
        (number, made(Some("A-7"), &json!({"account": 1}))),
        (of(json!({"amount": "1.00"})), made(None, &json!({"amount": "1.00"}))),
        (of(json!("text")), made(None, &json!("text"))),
        (bare, json!({"specversion": "1.0", "type": "T", "data": {}})),
        // Ours, with all its attributes, also those that this code does not know.
        (of(finished()), finished()),
        (finished(), finished()),
        // What is wrong with it is said of what was sent.
        (of(json!({"specversion": "0.1"})), json!({"specversion": "0.1"})),
        // Neither an envelope nor an event.
        (json!({"Records": []}), json!({"Records": []})),
        (json!({"detail": {}}), json!({"detail": {}})),
        (json!([1]), json!([1])),
        (Value::Null, Value::Null),
    ];
    for (envelope, expected) in cases {
        assert_eq!(cloud_event(&envelope), expected, "{envelope:#}");
        assert_eq!(cloud_event(&expected), expected, "an event is left as it is");
    }
}

/// Any JSON, but numbers that are no integers: those are not ours.
fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn out_and_back_is_the_same(
        id in ".+",
        source in ".+",
        event_type in "[a-z.]{1,128}",
        subject in prop::option::of(".*"),
        extension in prop::option::of(data()),
        data in data(),
    ) {
        let mut event = json!({
            "specversion": "1.0", "id": id, "source": source, "type": event_type, "data": data,
        });
        if let Some(subject) = subject {
            event["subject"] = subject.into();
        }
        if let Some(extension) = extension {
            event["agency"] = extension;
        }
        let (_, entry) = entry(&event).unwrap();
        let entry = entry.build();
        let detail = serde_json::from_str(entry.detail().unwrap()).unwrap();
        let back = cloud_event(&envelope(entry.detail_type().unwrap(), detail));
        prop_assert_eq!(back.to_string(), event.to_string());
    }
}
