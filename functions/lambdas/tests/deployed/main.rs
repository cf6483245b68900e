//! The real binaries of the functions, started as Lambda starts them, over a store
//! behind HTTP.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod faults;
mod queues;
mod runs;

use arrears_domain::Identifier;
use arrears_e2e::deployed::Deployed;
use arrears_e2e::{House, catalog};
use arrears_runtime_api::{Function, FunctionError, Instance, Invocation};
use serde_json::{Value, json};
use std::time::Duration;

const SETUP: &str = include_str!("../../../../tests/it/house.toml");
const AS_OF: &str = "2026-02-02";

/// So many accounts with a record that is due.
fn book(accounts: u32) -> String {
    let mut book = String::new();
    for number in 1..=accounts {
        for line in [
            json!({"type": "account", "id": format!("A-{number:05}"), "class": "residential",
                "currency": "USD", "balance": "100.00"}),
            json!({"type": "delinquency", "id": format!("D-{number}"),
                "account": format!("A-{number:05}"), "kind": "collections", "scheme": "RES",
                "milestone": "REMIND", "entered_on": "2026-01-10", "balance": "100.00"}),
        ] {
            book += &format!("{line}\n");
        }
    }
    book
}

/// An agency with so many accounts, whose plugins are admitted by the function.
async fn deployed(accounts: u32) -> Deployed {
    let deployed = Deployed::new(House::with(catalog(&[]), SETUP, &book(accounts)).await).await;
    admit(&deployed).await;
    deployed
}

async fn admit(deployed: &Deployed) {
    let answer = once(deployed, "plugin-admit", json!({"readmit": "all"})).await.unwrap();
    assert_eq!(answer["admitted"].as_array().unwrap().len(), 8, "{answer}");
}

/// The binary of a function.
fn binary(name: &str) -> &'static str {
    match name {
        "collections-run" => env!("CARGO_BIN_EXE_collections-run"),
        "export-run" => env!("CARGO_BIN_EXE_export-run"),
        "payment-run" => env!("CARGO_BIN_EXE_payment-run"),
        "account-events" => env!("CARGO_BIN_EXE_account-events"),
        "return-files" => env!("CARGO_BIN_EXE_return-files"),
        "plugin-admit" => env!("CARGO_BIN_EXE_plugin-admit"),
        other => panic!("there is no function {other}"),
    }
}

fn function(deployed: &Deployed, name: &str) -> Function {
    // A debug build on a busy machine starts slowly: a deadline that is not the test's.
    Function::new(binary(name), deployed.environment()).timeout(Duration::from_secs(120))
}

async fn start(deployed: &Deployed, name: &str) -> Instance {
    function(deployed, name).spawn().await.unwrap()
}

async fn ask(instance: &mut Instance, payload: Value) -> Result<Value, FunctionError> {
    let Invocation { outcome, .. } = instance.invoke(payload).await.unwrap();
    outcome
}

/// Starts a function, asks it once, and ends it.
async fn once(deployed: &Deployed, name: &str, payload: Value) -> Result<Value, FunctionError> {
    ask(&mut start(deployed, name).await, payload).await
}

/// The payload of the first step.
fn plan(execution: &str, request: Value) -> Value {
    json!({"step": "plan", "execution": execution, "request": request})
}

/// What a state machine does: it asks for one step after the other, and goes on at the
/// cursor.
async fn execute(
    deployed: &Deployed,
    instance: &mut Instance,
    execution: &str,
    request: Value,
) -> Result<Value, FunctionError> {
    let planned = ask(instance, plan(execution, request)).await?;
    if planned["state"] != "planned" {
        return Ok(planned);
    }
    let key = planned["items"]["key"].as_str().unwrap();
    let agency = deployed.house.store.agency().as_str();
    let key = key.strip_prefix(agency).unwrap().trim_start_matches('/');
    let portions = deployed.house.store.get_object(key).await.unwrap();
    let portions: Vec<Value> = serde_json::from_slice(&portions).unwrap();
    for portion in portions {
        let mut worked = json!({"portion": portion, "cursor": null, "done": false});
        while worked["done"] == false {
            worked["step"] = json!("work");
            worked.as_object_mut().unwrap().remove("done");
            worked = ask(instance, worked).await?;
        }
    }
    ask(instance, json!({"step": "finish", "run_key": planned["run_key"]})).await
}
