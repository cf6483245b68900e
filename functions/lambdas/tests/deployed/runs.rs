//! Runs by the real binaries, step by step.

use super::{AS_OF, admit, ask, binary, deployed, execute, function, once, plan, start};
use arrears_e2e::deployed::Deployed;
use arrears_e2e::{House, catalog};
use arrears_runs::ledger;
use serde_json::{Value, json};

const EXPORT_SETUP: &str = include_str!("../../../../tests/it/export/setup.toml");

fn collections() -> Value {
    json!({"kind": "collections", "as_of": AS_OF})
}

/// The history of every record, which is what a run leaves behind.
async fn transitions(house: &House) -> Vec<String> {
    let book = house.export().await;
    let lines = book.lines().filter(|line| line.contains(r#""type":"transition""#));
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_functions_is_the_run_of_one_machine() {
    let deployed = deployed(7).await;
    let alone = House::with(catalog(&[]), super::SETUP, &super::book(7)).await;
    alone.run(AS_OF).await.unwrap();
    let mut instance = start(&deployed, "collections-run").await;
    let finished = execute(&deployed, &mut instance, "arn:a", collections()).await.unwrap();
    assert_eq!(finished["status"], "finished");
    assert_eq!((&finished["processed"], &finished["errors"]), (&json!(7), &json!(0)));
    assert_eq!(transitions(&deployed.house).await, transitions(&alone).await);
    let again = execute(&deployed, &mut instance, "arn:b", collections()).await.unwrap();
    assert_eq!((&again["state"], &again["run_key"]), (&json!("duplicate"), &finished["run_key"]));

    // What an operator sees: the messages of the source document, and metrics.
    let lines = instance.stdout_json();
    let said = |text: &str| {
        let messages = lines.iter().filter_map(|line| line["message"].as_str());
        messages.filter(|message| message.contains(text)).count()
    };
    let key = finished["run_key"].as_str().unwrap();
    assert_eq!(said(&format!("Delinquency/Collections Run process started for Key {key}")), 1);
    assert_eq!(said(&format!("Delinquency/Collections Run process finished for Key {key}")), 1);
    assert!(said("Started batch for") >= 1);
    assert_eq!(said("Started batch for"), said("Completed batch with"));
    assert!(said("Process Commit executed") >= 1);
    let sum = |metric: &str| -> u64 { lines.iter().filter_map(|it| it[metric].as_u64()).sum() };
    assert_eq!((sum("Processed"), sum("Errors"), sum("RunFinished")), (7, 0, 1));
    assert!(sum("WriteUnits") > 0 && sum("PluginFuel") > 0 && sum("OldestDueDays") > 0);
    let chunk = lines.iter().find(|line| line["Processed"].is_u64()).unwrap();
    assert_eq!((&chunk["Agency"], &chunk["Kind"]), (&json!("test"), &json!("collections")));
    assert!(chunk["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Arrears");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_has_no_time_gives_a_cursor() {
    let deployed = deployed(9).await;
    let hurried =
        function(&deployed, "collections-run").env("ARREARS_STOP_BEFORE_DEADLINE_MS", "3600000");
    let mut instance = hurried.spawn().await.unwrap();
    let planned = ask(&mut instance, plan("arn:a", collections())).await.unwrap();
    assert_eq!(planned["state"], "planned");
    let key = planned["items"]["key"].as_str().unwrap().trim_start_matches("test/");
    let portions = deployed.house.store.get_object(key).await.unwrap();
    let portions: Vec<Value> = serde_json::from_slice(&portions).unwrap();
    let payload = json!({"step": "work", "portion": portions[0]});
    let worked = ask(&mut instance, payload).await.unwrap();
    assert_eq!(worked["done"], false);
    assert_eq!(worked["cursor"], portions[0]["first_chunk"]);
    // Who has time does the rest.
    let mut instance = start(&deployed, "collections-run").await;
    let finished = execute(&deployed, &mut instance, "arn:a", collections()).await.unwrap();
    assert_eq!(finished["processed"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_in_mid_chunk_is_gone_on_with() {
    let deployed = deployed(300).await;
    let alone = House::with(catalog(&[]), super::SETUP, &super::book(300)).await;
    alone.run(AS_OF).await.unwrap();
    for killed_after_ms in [150, 400, 900] {
        let mut instance = start(&deployed, "collections-run").await;
        // Its plugins are loaded before the clock starts.
        ask(&mut instance, json!({"step": "describe"})).await.unwrap();
        let handle = instance.handle();
        let kill = async {
            tokio::time::sleep(std::time::Duration::from_millis(killed_after_ms)).await;
            handle.kill();
        };
        let run = execute(&deployed, &mut instance, "arn:a", collections());
        let (ended, ()) = tokio::join!(run, kill);
        if let Err(error) = ended {
            assert_eq!(error.error_type, "Runtime.ExitError");
        }
    }
    let mut instance = start(&deployed, "collections-run").await;
    execute(&deployed, &mut instance, "arn:a", collections()).await.unwrap();
    let runs = ledger::runs(&deployed.house.store).await.unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].totals.as_ref().unwrap().processed, 300);
    assert_eq!(transitions(&deployed.house).await, transitions(&alone).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_makes_no_sense_is_told_by_a_stable_type() {
    let deployed = deployed(1).await;
    let mut instance = start(&deployed, "collections-run").await;
    for (payload, error_type, told) in [
        (json!({}), "BadRequest", "step"),
        (json!([1, 2]), "BadRequest", "no step of a run"),
        (json!({"step": "dance"}), "BadRequest", "dance"),
        (plan("a", json!({"kind": "export", "export_setup": "CSV"})), "BadRequest", "export"),
        (plan("a", json!({"kind": "collections", "agency": "hill"})), "BadRequest", "hill"),
        (plan("a", json!({"kind": "collections", "as_of": "soon"})), "BadRequest", "date"),
        (json!({"step": "finish", "run_key": "collections-000099"}), "BadRequest", "000099"),
    ] {
        let error = ask(&mut instance, payload.clone()).await.unwrap_err();
        assert_eq!(error.error_type, error_type, "{payload}: {}", error.error_message);
        assert!(error.error_message.contains(told), "{payload}: {}", error.error_message);
    }
    assert!(ledger::runs(&deployed.house.store).await.unwrap().is_empty());
    // The instance has not been harmed.
    let planned = ask(&mut instance, plan("a", collections())).await.unwrap();
    assert_eq!(planned["state"], "planned");
    let back = json!({"kind": "collections", "as_of": "2026-01-20", "again": "x"});
    let error = ask(&mut instance, plan("b", back)).await.unwrap_err();
    assert_eq!(error.error_type, "Refused", "{}", error.error_message);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_that_are_not_admitted_or_gone_are_told() {
    let house = House::with(catalog(&[]), super::SETUP, &super::book(1)).await;
    let deployed = Deployed::new(house).await;
    let error = once(&deployed, "collections-run", plan("a", collections())).await.unwrap_err();
    assert_eq!(error.error_type, "SetupUnusable", "{}", error.error_message);

    admit(&deployed).await;
    for object in deployed.plugins.list_objects("artifacts/").await.unwrap() {
        let file = deployed.house.folder.path().join("objects/plugins/test").join(&object.key);
        std::fs::remove_file(file).unwrap();
    }
    let error = once(&deployed, "collections-run", json!({"step": "describe"})).await.unwrap_err();
    assert!(error.error_message.contains("artifacts/"), "{}", error.error_message);
    admit(&deployed).await;
    let described = once(&deployed, "collections-run", json!({"step": "describe"})).await.unwrap();
    assert_eq!(described["plugins"].as_object().unwrap().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_run_and_the_event_of_its_end() {
    let mut book = String::new();
    for line in super::book(3).lines() {
        let line = line.replace(r#""RES""#, r#""PLACED""#).replace("REMIND", "AGENCY");
        book += &format!("{line}\n");
    }
    let deployed = Deployed::new(House::with(catalog(&[]), EXPORT_SETUP, &book).await).await;
    admit(&deployed).await;
    let mut instance = start(&deployed, "export-run").await;
    let request = json!({"kind": "export", "export_setup": "CSV", "as_of": AS_OF});
    let finished = execute(&deployed, &mut instance, "arn:a", request).await.unwrap();
    assert_eq!((&finished["status"], &finished["processed"]), (&json!("finished"), &json!(3)));
    let manifest = finished["manifest"].as_str().unwrap();
    deployed.house.store.get_object(manifest).await.unwrap();
}

/// A function that cannot know where its table is says so while it starts.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_its_environment_says_what_is_missing() {
    let nothing: [(&str, &str); 1] = [("ARREARS_AGENCY", "test")];
    let function = arrears_runtime_api::Function::new(binary("collections-run"), nothing);
    let mut instance = function.spawn().await.unwrap();
    let error = ask(&mut instance, json!({"step": "describe"})).await.unwrap_err();
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert!(instance.stdout().contains("ARREARS_TABLE is missing"), "{}", instance.stdout());
}
