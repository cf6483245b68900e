//! Everything happens once, whoever asks and however often, and wherever a function is
//! killed.

use super::{AS_OF, Machine, asked};
use crate::kill::{at_each_request, due, fused, left_behind};
use arrears_e2e::{House, catalog, open};
use arrears_runs::ledger;
use arrears_runs::record::{RunKind, RunStatus};
use arrears_runs::run::Unobserved;
use arrears_runs::step::{self, State};
use arrears_storage::Fuse;
use std::path::Path;

const SETUP: &str = include_str!("../house.toml");

/// Three records; a chunk has two accounts, so that portions have several chunks.
fn book() -> String {
    let mut lines = Vec::new();
    for number in 1..=3 {
        lines.push(format!(
            r#"{{"type":"account","id":"A-{number}","currency":"USD","balance":"{number}00.00"}}"#
        ));
        lines.push(format!(
            r#"{{"type":"delinquency","id":"D-{number}","account":"A-{number}","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-10","balance":"{number}00.00"}}"#
        ));
    }
    lines.join("\n")
}

async fn house() -> House {
    House::with(catalog(&[]), SETUP, &book()).await
}

fn machine<'a>(house: &'a House, execution: &'a str) -> Machine<'a> {
    Machine { store: &house.store, catalog: &house.catalog, execution, patience: u64::MAX }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_end_as_a_run_that_is_carried_through() {
    let (alone, house) = (house().await, house().await);
    let expected = alone.run(AS_OF).await.unwrap();
    let run = machine(&house, "a").execute(&asked(RunKind::Collections)).await.unwrap().unwrap();
    assert_eq!(run.status, RunStatus::Finished);
    assert_eq!(run.identity.as_deref(), Some("collections#-#2026-02-02"));
    let (ours, theirs) = (run.totals.unwrap(), expected.totals.unwrap());
    assert_eq!((ours.processed, ours.effects), (theirs.processed, theirs.effects));
    assert_eq!(left_behind(&house.store).await, left_behind(&alone.store).await);
    assert_eq!(due(&house.store).await, due(&alone.store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_may_be_done_again() {
    let (alone, house) = (house().await, house().await);
    alone.run(AS_OF).await.unwrap();
    let machine = machine(&house, "a");
    let request = asked(RunKind::Collections);
    let planned = machine.plan(&request).await.unwrap();
    assert_eq!(machine.plan(&request).await.unwrap(), planned);
    let portions = machine.portions(&planned).await.unwrap();
    for portion in &portions {
        machine.work(portion).await.unwrap();
        machine.work(portion).await.unwrap();
    }
    let run_key = planned.run_key.unwrap();
    let (store, catalog) = (&house.store, &house.catalog);
    let run = step::finish(store, catalog, &run_key, &Unobserved).await.unwrap();
    assert_eq!(step::finish(store, catalog, &run_key, &Unobserved).await.unwrap(), run);
    // A portion that is delivered late changes nothing.
    machine.work(&portions[0]).await.unwrap();
    assert_eq!(machine.plan(&request).await.unwrap().state, State::Finished);
    assert_eq!(ledger::run(store, &run_key).await.unwrap().0, run);
    assert_eq!(left_behind(store).await, left_behind(&alone.store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_execution_of_a_day_starts_nothing() {
    let house = house().await;
    let request = asked(RunKind::Collections);
    let (first, second) = (machine(&house, "a"), machine(&house, "b"));
    let planned = first.plan(&request).await.unwrap();
    let refused = second.plan(&request).await.unwrap();
    assert_eq!((refused.state, &refused.run_key), (State::Duplicate, &planned.run_key));
    assert!(refused.reason.unwrap().contains("collections-000001"));
    assert!(second.execute(&request).await.unwrap().is_none());
    first.execute(&request).await.unwrap().unwrap();
    assert_eq!(second.plan(&request).await.unwrap().state, State::Duplicate);
    assert_eq!(ledger::runs(&house.store).await.unwrap().len(), 1);
    // Another word is another request.
    let again = step::Request { again: Some("corrected".to_owned()), ..request };
    let run = second.execute(&again).await.unwrap().unwrap();
    assert_eq!(run.run_key, "collections-000002");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_executions_at_the_same_time_one_has_the_run() {
    let house = house().await;
    let request = asked(RunKind::Collections);
    let names: Vec<String> = (0..8).map(|number| format!("execution-{number}")).collect();
    let machines: Vec<Machine<'_>> = names.iter().map(|name| machine(&house, name)).collect();
    let plans = futures::future::join_all(machines.iter().map(|it| it.plan(&request))).await;
    let states: Vec<State> = plans.into_iter().map(|planned| planned.unwrap().state).collect();
    let ours = states.iter().filter(|state| **state == State::Planned).count();
    assert_eq!(ours, 1, "{states:?}");
    assert_eq!(ledger::runs(&house.store).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_at_any_request_leaves_the_run_as_if_it_had_not_been() {
    let (alone, house) = (house().await, house().await);
    alone.run(AS_OF).await.unwrap();
    let expected = (left_behind(&alone.store).await, due(&alone.store).await);
    let request = asked(RunKind::Collections);
    let execute = async |store, execution: &str| {
        let catalog = &house.catalog;
        Machine { store: &store, catalog, execution, patience: u64::MAX }.execute(&request).await
    };
    let work = async |folder: &Path, fuse: Fuse| {
        let killed = match fused(folder, fuse).await {
            Ok(store) => execute(store, "a").await.is_err(),
            Err(_) => true,
        };
        let store = open(folder).await;
        // The state machine is redriven: the same execution goes on.
        execute(store, "a").await.unwrap();
        killed
    };
    at_each_request(&house, 40, work, async |store, requests_max| {
        let run = ledger::runs(store).await.unwrap().pop().unwrap();
        assert_eq!(run.status, RunStatus::Finished, "killed after {requests_max} requests");
        assert_eq!(run.totals.unwrap().processed, 3);
        let found = (left_behind(store).await, due(store).await);
        assert_eq!(found, expected, "killed after {requests_max} requests");
    })
    .await;
}
