//! Batches of queues by the real binaries: events, return files, components.

use super::{ask, deployed, once, start};
use arrears_e2e::component;
use arrears_e2e::vendor::Vendor;
use arrears_runs::events;
use arrears_runs::registry;
use serde_json::{Value, json};

/// A batch of messages with these bodies.
fn batch(bodies: &[String]) -> Value {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(number, body)| {
            json!({"messageId": format!("m-{number}"), "body": body,
                "attributes": {"AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793"}})
        })
        .collect();
    json!({ "Records": records })
}

fn failures(answer: &Value) -> Vec<&str> {
    let failed = answer["batchItemFailures"].as_array().unwrap().iter();
    failed.map(|it| it["itemIdentifier"].as_str().unwrap()).collect()
}

fn payment(id: &str, account: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "/billing", "type": "arrears.payment.posted",
        "subject": account, "time": "2026-02-02T15:00:00Z", "datacontenttype": "application/json",
        "data": {"payment": id, "amount": "40.00"}})
}

fn on_the_bus(event: &Value) -> String {
    json!({"version": "0", "id": "e-1", "source": "billing", "detail-type": event["type"],
        "account": "123456789012", "time": "2026-02-02T15:00:00Z", "region": "us-east-1",
        "resources": [], "detail": event})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_count_once_and_what_cannot_be_applied_is_kept_with_its_reason() {
    let deployed = deployed(3).await;
    let mut instance = start(&deployed, "account-events").await;
    let mut foreign = payment("P-3", "A-00003");
    foreign["agency"] = json!("hill");
    let bodies = [
        on_the_bus(&payment("P-1", "A-00001")),
        payment("P-2", "A-00002").to_string(),
        on_the_bus(&foreign),
        "no JSON at all".to_owned(),
        on_the_bus(&payment("P-4", "NOBODY")),
        json!({"hello": "world"}).to_string(),
    ];
    for _ in 0..2 {
        let answer = ask(&mut instance, batch(&bodies)).await.unwrap();
        assert_eq!(failures(&answer), Vec::<&str>::new());
    }
    let store = &deployed.house.store;
    let letters = events::list(store).await.unwrap();
    let codes: Vec<&str> = letters.iter().map(|letter| letter.code.as_str()).collect();
    assert_eq!(codes.len(), 4, "{codes:?}");
    for code in ["OTHER_AGENCY", "NOT_JSON", "NOT_A_CLOUD_EVENT"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    for (account, balance) in [("A-00001", "60.00"), ("A-00002", "60.00"), ("A-00003", "100.00")] {
        let id = arrears_domain::Identifier::parse(account).unwrap();
        let page = store.account_page(&id).await.unwrap().unwrap();
        assert_eq!(page.account.balance.to_string(), balance, "{account}");
    }
    let lines = instance.stdout_json();
    let sum = |metric: &str| -> u64 { lines.iter().filter_map(|it| it[metric].as_u64()).sum() };
    assert_eq!((sum("EventsApplied"), sum("EventsDuplicate"), sum("EventsParked")), (2, 2, 8));
    assert!(lines.iter().any(|line| line["code"] == "OTHER_AGENCY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_none_is_refused() {
    let deployed = deployed(1).await;
    for function in ["account-events", "return-files", "plugin-admit"] {
        let error = once(&deployed, function, json!({"Records": 7})).await.unwrap_err();
        assert_eq!(error.error_type, "BadRequest");
    }
}

fn created(keys: &[&str]) -> String {
    let records: Vec<Value> = keys
        .iter()
        .map(|key| json!({"s3": {"bucket": {"name": "b"}, "object": {"key": key, "size": 1}}}))
        .collect();
    json!({ "Records": records }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_file_is_taken_in_and_answered_beside() {
    let deployed = deployed(1).await;
    let store = &deployed.house.store;
    let empty = "<?xml version=\"1.0\"?><nothing/>";
    store.put_object_new("incoming/returns/broken.xml", empty).await.unwrap();
    let bodies = [
        json!({"Event": "s3:TestEvent"}).to_string(),
        created(&["test/incoming/returns/broken.xml"]),
        created(&["test/incoming/nothing.txt", "test/incoming/returns/"]),
        created(&["hill/incoming/returns/a.xml"]),
        "no notification".to_owned(),
    ];
    let mut instance = start(&deployed, "return-files").await;
    let answer = ask(&mut instance, batch(&bodies)).await.unwrap();
    // These are delivered again, and then lie in the dead-letter queue for somebody to see.
    assert_eq!(failures(&answer), ["m-3", "m-4"]);
    assert!(instance.stdout().contains("not a file of agency"));
    // Those would fail however often they came, and are answered.
    let answers = store.list_objects("incoming-answers/").await.unwrap();
    let keys: Vec<&str> = answers.iter().map(|it| it.key.as_str()).collect();
    let broken = "incoming-answers/returns/broken.xml.049070f3.refused.txt";
    assert_eq!(keys, ["incoming-answers/nothing.txt.not-read.refused.txt", broken]);
    let reason = store.get_object(keys[0]).await.unwrap();
    assert!(String::from_utf8_lossy(&reason).contains("incoming/placements/CODE"));
    let refused: Vec<_> =
        instance.stdout_json().iter().map(|it| it["FilesRefused"].clone()).collect();
    assert!(refused.contains(&json!(2)), "{refused:?}");
}

/// Two files come by one name, and the notices of both after the second: each has its answer.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_name_have_an_answer_each() {
    let deployed = deployed(1).await;
    let store = &deployed.house.store;
    let mut instance = start(&deployed, "return-files").await;
    let file = deployed.house.folder.path().join("objects/arrears/test/incoming/returns/day.xml");
    store.put_object_new("incoming/returns/day.xml", "<first/>").await.unwrap();
    for content in ["<first/>", "<second/>", "<second/>"] {
        std::fs::write(&file, content).unwrap();
        let bodies = [created(&["test/incoming/returns/day.xml"])];
        let answer = ask(&mut instance, batch(&bodies)).await.unwrap();
        assert_eq!(failures(&answer), [""; 0]);
    }
    let answers = store.list_objects("incoming-answers/returns/day.xml").await.unwrap();
    assert_eq!(answers.len(), 2, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_refused_harms_nobody() {
    let deployed = deployed(1).await;
    let plugins = &deployed.plugins;
    plugins.put_object_new("components/bad.wasm", "no component").await.unwrap();
    let bodies = [
        created(&["test/components/bad.wasm"]),
        created(&["test/components/notice.wasm"]),
        created(&["test/components/gone.wasm"]),
        "no notification".to_owned(),
    ];
    let mut instance = start(&deployed, "plugin-admit").await;
    let answer = ask(&mut instance, batch(&bodies)).await.unwrap();
    // What is no notification ends in the dead-letter queue, and takes no other along.
    assert_eq!(failures(&answer), ["m-3"]);
    assert_eq!(registry::list(&deployed.house.store).await.unwrap().len(), 8);
    let lines = instance.stdout_json();
    let sum = |metric: &str| -> u64 { lines.iter().filter_map(|it| it[metric].as_u64()).sum() };
    assert_eq!((sum("PluginsAdmitted"), sum("PluginsRefused")), (1, 2));
}

/// A vendor's component comes in with the vendor's signature, and not without.
#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_a_vendor_comes_in_by_its_signature() {
    let deployed = deployed(1).await;
    let (store, plugins) = (&deployed.house.store, &deployed.plugins);
    let (vendor, wasm) = (Vendor::new(), component("hostile/hostile"));
    registry::load_trust(store, "trust.toml", &vendor.trust("hostile")).await.unwrap();
    let (unsigned, signed) = ("components/unsigned.wasm", "components/signed.wasm");
    plugins.put_object_new(unsigned, wasm.clone()).await.unwrap();
    plugins
        .put_object_new(&format!("{signed}.minisig"), vendor.sign(&wasm).into_bytes())
        .await
        .unwrap();
    plugins.put_object_new(signed, wasm.clone()).await.unwrap();
    let mut instance = start(&deployed, "plugin-admit").await;
    let digest = arrears_host::digest(&wasm);
    for (key, is_added) in [(unsigned, false), (signed, true)] {
        assert_eq!(registry::outcome(store, &digest, key).await.unwrap().map(|_| ()), None);
        let bodies = [created(&[&format!("test/{key}")])];
        let answer = ask(&mut instance, batch(&bodies)).await.unwrap();
        assert_eq!(failures(&answer), [""; 0]);
        let told = registry::outcome(store, &digest, key).await.unwrap().unwrap();
        assert_eq!(told.is_ok(), is_added, "{told:?}");
        let active = registry::list(store).await.unwrap();
        assert_eq!(active.iter().any(|it| it.digest == digest), is_added);
    }
    // A run's function has it with what the trust allows.
    let mut run = start(&deployed, "collections-run").await;
    let told = ask(&mut run, serde_json::json!({"step": "describe"})).await.unwrap();
    assert!(told.to_string().contains(&digest), "{told}");
}
