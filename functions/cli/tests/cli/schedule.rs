//! Export runs that start at a date and time. The clock is given to the worker
//! (`--now`); what a kill would leave behind is written into the table.

use crate::support::{Answer, BOOK, Desk, SETUP};
use arrears_domain::{Identifier, RunKey};
use arrears_runs::export::ExportRecord;
use arrears_runs::record::{RunKind, RunRecord, RunStatus};
use arrears_runs::schedule::{Schedule, ScheduleStatus};
use arrears_storage::{Location, RUNS_PARTITION, Store};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{thread, time::Duration};

/// Two export setups of one collection agency.
const EXPORTS: &str = r#"
[[collection_agency]]
code = "NORTHSTAR"
name = "Northstar Recovery"

[[export_setup]]
code = "WEEKLY"
collection_agency = "NORTHSTAR"
prefix = "northstar/weekly"
template = "csv"

[[export_setup]]
code = "DAILY"
collection_agency = "NORTHSTAR"
prefix = "northstar/daily"
template = "csv"
"#;

const AT: &str = "2099-12-01T06:00";
/// One second before it, and the moment itself.
const BEFORE: &str = "2099-12-01T10:59:59Z";
const DUE: &str = "2099-12-01T11:00:00Z";

fn desk() -> Desk {
    let desk = Desk::with_setup(&format!("{SETUP}{EXPORTS}"));
    let book = desk.write("book.jsonl", BOOK);
    desk.arrears(&["book", "import", &book]).done();
    desk
}

fn add(desk: &Desk, setup: &str, at: &str) -> Answer {
    desk.arrears(&["run", "export", "--setup", setup, "--at", at])
}

fn with_schedule() -> Desk {
    let desk = desk();
    add(&desk, "WEEKLY", AT).done();
    desk
}

fn work(desk: &Desk, now: &str) -> Answer {
    desk.arrears(&["--json", "schedule", "work", "--now", now])
}

fn list(desk: &Desk) -> Vec<Value> {
    let list = desk.arrears(&["--json", "schedule", "list"]).done().json();
    list.as_array().unwrap().clone()
}

/// Status and run of the schedules, as they are listed.
fn statuses(desk: &Desk) -> Vec<Value> {
    list(desk).iter().map(|it| json!([it["id"], it["status"], it["run_key"]])).collect()
}

fn runs(desk: &Desk) -> Vec<Value> {
    let runs = desk.arrears(&["--json", "runs", "list"]).done().json();
    runs.as_array().unwrap().clone()
}

/// Does something to the table.
fn with_store<T>(desk: &Desk, work: impl AsyncFnOnce(Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let location = Location::Embedded(desk.path("data"));
        work(Store::open(location, "default".parse().unwrap()).await.unwrap()).await
    })
}

/// Writes a document of the table anew.
fn change<T: Serialize + DeserializeOwned>(
    desk: &Desk,
    (partition, sort): (&str, &str),
    change: impl FnOnce(&mut T),
) {
    with_store(desk, async |store| {
        let (mut document, revision) = store.document(partition, sort).await.unwrap().unwrap();
        change(&mut document);
        store.replace_document(partition, sort, revision, &document).await.unwrap().unwrap();
    });
}

fn change_schedule(desk: &Desk, work: impl FnOnce(&mut Schedule)) {
    change(desk, ("schedule", "schedule-000001"), work);
}

fn change_run(desk: &Desk, run_key: &str, status: RunStatus) {
    change(desk, (RUNS_PARTITION, run_key), |run: &mut RunRecord| run.status = status);
}

/// Makes a document one that nobody can read.
fn spoil(desk: &Desk, document: (&str, &str)) {
    change(desk, document, |it: &mut Value| *it = json!("spoilt"));
}

/// A worker claimed the schedule for the run with this number, and was killed.
fn claimed(schedule: &mut Schedule, number: u32) {
    schedule.status = ScheduleStatus::Started;
    schedule.run_key = Some(format!("export-{number:06}"));
    schedule.run_number = Some(number);
    schedule.takers = 1;
}

/// The run's record is there, and nothing has been done of it.
fn create_run(desk: &Desk, number: u32, schedule: Option<&str>) {
    let run_key = RunKey::parse(&format!("export-{number:06}")).unwrap();
    let as_of = "2099-12-01".parse().unwrap();
    let run = RunRecord {
        export: Some(Box::new(ExportRecord {
            export_setup: "WEEKLY".to_owned(),
            collection_agency: "NORTHSTAR".to_owned(),
            schedule: schedule.map(str::to_owned),
            ..ExportRecord::default()
        })),
        ..RunRecord::begun(RunKind::Export, (&run_key, number), as_of, 1)
    };
    with_store(desk, async |store| {
        store.create_document(RUNS_PARTITION, &run.run_key, &run).await.unwrap();
    });
}

#[test]
fn an_export_run_starts_when_it_is_due() {
    let desk = desk();
    add(&desk, "WEEKLY", AT).done().says(&[
        "The collections export run was successfully scheduled for 2099-12-01 06:00 \
         America/New_York (2099-12-01 11:00 UTC) as schedule-000001.\n",
        "schedule list",
        "schedule work",
    ]);
    let listed = &list(&desk)[0];
    let expected = json!({
        "kind": "export", "export_setup": "WEEKLY", "as_of": null, "status": "waiting",
        "at_local": "2099-12-01T06:00:00", "zone": "America/New_York", "at_utc": DUE,
        "run_key": null, "error": null,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(listed[field], *value, "{field}: {listed:#}");
    }
    assert_eq!(work(&desk, BEFORE).done().json(), json!([]));
    let early = desk.arrears(&["schedule", "work", "--now", BEFORE]).done();
    assert_eq!(early.stdout, "Nothing is due.\n");

    let worked = work(&desk, DUE).done().json();
    assert_eq!(worked[0]["outcome"], "finished", "{worked:#}");
    assert_eq!(worked[0]["run_key"], "export-000001");
    assert!(worked[0]["duration_ms"].is_u64(), "{worked:#}");
    let run = &runs(&desk)[0];
    assert_eq!(run["as_of"], "2099-12-01", "the local date of the start");
    assert_eq!(run["export"]["schedule"], "schedule-000001");
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "finished", "export-000001"])]);
    assert_eq!(work(&desk, DUE).done().json(), json!([]), "it starts once");
    let page = desk.arrears(&["schedule", "list"]).done();
    page.says(&["export WEEKLY", "2099-12-01 06:00 America/New_York", "finished", "export-000001"]);
}

#[test]
fn what_cannot_be_scheduled_is_refused_at_once() {
    let desk = desk();
    let cases = [
        ("WEEKLY", "2020-01-01T06:00", vec![], "that is past"),
        ("WEEKLY", "next week", vec![], "as 2026-12-01T06:00"),
        ("YEARLY", AT, vec![], "DAILY, WEEKLY"),
        ("WEEKLY", AT, vec!["--scheme", "NOWHERE"], "--scheme"),
    ];
    for (setup, at, more, words) in cases {
        let command = [&["run", "export", "--setup", setup, "--at", at], &more[..]].concat();
        desk.arrears(&command).exits(1).complains(&[words]);
    }
    assert_eq!(list(&desk), Vec::<Value>::new());
    desk.arrears(&["schedule", "list"]).done().says(&["Nothing has been scheduled", "--at"]);
    desk.arrears(&["--json", "schedule", "work", "--watch"]).exits(2);
    desk.arrears(&["schedule", "work", "--now", "2099-12-01"]).exits(2);
}

#[test]
fn a_moment_of_a_setup_is_scheduled_once() {
    let desk = with_schedule();
    add(&desk, "WEEKLY", "2099-12-01 06:00:00").exits(1).complains(&["schedule-000001", "cancel"]);
    add(&desk, "DAILY", AT).done().says(&["as schedule-000002"]);
    desk.arrears(&["schedule", "cancel", "schedule-000001"]).done().says(&["is cancelled"]);
    add(&desk, "WEEKLY", AT).done().says(&["as schedule-000003"]);

    let mut adding: Vec<_> = (0..4)
        .map(|_| desk.start(&["run", "export", "--setup", "WEEKLY", "--at", "2099-12-02T06:00"]))
        .collect();
    let codes: Vec<_> = adding.iter_mut().map(|it| it.wait().unwrap().code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    let listed = list(&desk);
    let at = listed.iter().filter(|it| it["at_local"] == "2099-12-02T06:00:00");
    assert_eq!(at.count(), 1, "{listed:#?}");
}

#[test]
fn only_what_waits_can_be_cancelled() {
    let desk = with_schedule();
    let cancel = |id: &str| desk.arrears(&["schedule", "cancel", id]);
    cancel("schedule-000001").done().says(&["schedule-000001 is cancelled", "export WEEKLY"]);
    assert_eq!(work(&desk, DUE).done().json(), json!([]));
    cancel("schedule-000001").exits(1).says(&["is cancelled; only"]);
    cancel("schedule-000009").exits(1).complains(&["no schedule schedule-000009", "schedule list"]);
    add(&desk, "WEEKLY", AT).done();
    work(&desk, DUE).done();
    cancel("schedule-000002").exits(1).says(&["is finished; only", "runs show export-000001"]);
    assert_eq!(list(&desk)[0]["status"], "finished");
}

#[test]
fn what_is_due_starts_in_order() {
    let desk = desk();
    add(&desk, "WEEKLY", "2099-12-01T06:00").done();
    add(&desk, "DAILY", "2099-12-01T05:00").done();
    add(&desk, "DAILY", "2099-12-01T06:00").done();
    add(&desk, "DAILY", "2099-12-02T06:00").done();
    let worked = work(&desk, DUE).done().json();
    let order: Vec<Value> =
        worked.as_array().unwrap().iter().map(|it| json!([it["id"], it["run_key"]])).collect();
    let expected = [
        json!(["schedule-000002", "export-000001"]),
        json!(["schedule-000001", "export-000002"]),
        json!(["schedule-000003", "export-000003"]),
    ];
    assert_eq!(order, expected);
    let ids: Vec<Value> = list(&desk).iter().map(|it| it["id"].clone()).collect();
    let listed = ["schedule-000004", "schedule-000003", "schedule-000001", "schedule-000002"];
    assert_eq!(ids, listed, "what waits, then the latest first");
}

#[test]
fn a_run_that_is_refused_fails_with_its_reason() {
    let desk = with_schedule();
    let without = desk.write("without.toml", SETUP);
    desk.arrears(&["setup", "load", &without]).done();
    let worked = work(&desk, DUE).exits(1).json();
    assert_eq!(worked[0]["outcome"], "failed", "{worked:#}");
    assert!(worked[0]["reason"].as_str().unwrap().contains("WEEKLY"), "{worked:#}");
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "failed", null])]);
    assert!(list(&desk)[0]["error"].as_str().unwrap().contains("WEEKLY"));
    desk.arrears(&["schedule", "list"]).done().says(&["schedule-000001 failed: "]);
    assert_eq!(work(&desk, DUE).done().json(), json!([]));
    assert_eq!(runs(&desk), Vec::<Value>::new());
}

#[test]
fn a_run_waits_for_another_of_its_agency() {
    let desk = with_schedule();
    desk.arrears(&["run", "export", "--setup", "DAILY", "--as-of", "2099-11-30"]).done();
    change_run(&desk, "export-000001", RunStatus::Running);
    for _ in 0..2 {
        let worked = work(&desk, DUE).done().json();
        assert_eq!(worked[0]["outcome"], "postponed", "{worked:#}");
        assert!(worked[0]["reason"].as_str().unwrap().contains("export-000001"), "{worked:#}");
        assert_eq!(statuses(&desk), [json!(["schedule-000001", "waiting", null])]);
    }
    change_run(&desk, "export-000001", RunStatus::Finished);
    let worked = work(&desk, DUE).done().json();
    assert_eq!(worked[0]["outcome"], "finished");
    assert_eq!(worked[0]["run_key"], "export-000002", "waiting uses up no number");
}

#[test]
fn what_can_be_mended_leaves_a_schedule_as_it_was() {
    let desk = with_schedule();
    with_store(&desk, async |store| {
        let broken = ("setup.toml".to_owned(), "[agency]".to_owned());
        let version = store.put_setup(&[broken]).await.unwrap();
        store.activate(version).await.unwrap();
    });
    for _ in 0..2 {
        let worked = work(&desk, DUE).exits(1).json();
        assert_eq!(worked[0]["outcome"], "stopped", "{worked:#}");
        assert!(worked[0]["reason"].as_str().unwrap().contains("setup 2"), "{worked:#}");
        assert_eq!(statuses(&desk), [json!(["schedule-000001", "waiting", null])]);
    }
    desk.arrears(&["setup", "load", "setup.toml"]).done();
    let worked = work(&desk, DUE).done().json();
    assert_eq!(worked[0]["run_key"], "export-000001", "{worked:#}");
}

#[test]
fn a_store_error_at_one_schedule_or_for_a_while_stops_nothing_else() {
    let desk = with_schedule();
    for date in ["2099-11-29", "2099-11-30"] {
        desk.arrears(&["run", "export", "--setup", "DAILY", "--as-of", date]).done();
    }
    add(&desk, "DAILY", AT).done();
    change_schedule(&desk, |schedule| claimed(schedule, 1));
    spoil(&desk, (RUNS_PARTITION, "export-000001"));
    let worked = work(&desk, DUE).exits(1).json();
    assert_eq!([&worked[0]["outcome"], &worked[1]["outcome"]], ["stopped", "finished"]);

    spoil(&desk, ("schedule", "schedule-000001"));
    desk.arrears(&["schedule", "work", "--now", DUE]).exits(1).complains(&["schedule-000001"]);
    let mut watching = desk.start(&["schedule", "work", "--watch"]);
    thread::sleep(Duration::from_secs(3));
    let ended = watching.try_wait().unwrap();
    watching.kill().unwrap();
    assert_eq!(ended, None, "it goes on");
}

#[test]
fn two_workers_start_one_run() {
    let desk = with_schedule();
    let arguments = ["schedule", "work", "--now", DUE];
    let mut workers: Vec<_> = (0..3).map(|_| desk.start(&arguments)).collect();
    for worker in &mut workers {
        assert!(worker.wait().unwrap().success());
    }
    work(&desk, DUE).done();
    let of_schedule: Vec<Value> =
        runs(&desk).into_iter().filter(|run| run["status"] != "abandoned").collect();
    assert_eq!(of_schedule.len(), 1, "{of_schedule:#?}");
    let run_key = of_schedule[0]["run_key"].clone();
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "finished", run_key])]);
}

#[test]
fn a_claimed_schedule_without_a_run_is_taken_up() {
    let desk = with_schedule();
    change_schedule(&desk, |schedule| claimed(schedule, 7));
    let worked = work(&desk, DUE).done().json();
    assert_eq!(
        (&worked[0]["outcome"], &worked[0]["run_key"]),
        (&json!("finished"), &json!("export-000007"))
    );
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "finished", "export-000007"])]);
}

#[test]
fn a_second_taker_burns_the_number_before_it_gives_the_schedule_back() {
    let desk = with_schedule();
    desk.arrears(&["run", "export", "--setup", "DAILY", "--as-of", "2099-11-30"]).done();
    change_run(&desk, "export-000001", RunStatus::Running);
    change_schedule(&desk, |schedule| claimed(schedule, 7));
    assert_eq!(work(&desk, DUE).done().json()[0]["outcome"], "postponed");
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "waiting", null])]);
    let burnt = runs(&desk).into_iter().find(|run| run["run_key"] == "export-000007").unwrap();
    assert_eq!(burnt["status"], "abandoned", "whoever is slow cannot create it any more");
    change_run(&desk, "export-000001", RunStatus::Finished);
    let worked = work(&desk, DUE).done().json();
    assert_eq!(worked[0]["outcome"], "finished", "{worked:#}");
    assert_ne!(worked[0]["run_key"], "export-000007");
}

#[test]
fn a_run_that_was_killed_is_left_unless_it_is_asked_for() {
    let desk = with_schedule();
    change_schedule(&desk, |schedule| claimed(schedule, 1));
    create_run(&desk, 1, Some("schedule-000001"));
    assert_eq!(work(&desk, DUE).done().json()[0]["outcome"], "under-way");
    let said = desk.arrears(&["schedule", "work", "--now", DUE]).done();
    said.says(&["is under way, or was killed", "runs resume export-000001"]);
    let resumed = desk.arrears(&["--json", "schedule", "work", "--resume", "--now", DUE]).done();
    assert_eq!(resumed.json()[0]["outcome"], "finished");
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "finished", "export-000001"])]);
    assert_eq!(runs(&desk).len(), 1);
}

#[test]
fn the_end_of_a_run_is_noted_by_the_next_worker() {
    let desk = with_schedule();
    work(&desk, DUE).done();
    change_schedule(&desk, |schedule| schedule.status = ScheduleStatus::Started);
    assert_eq!(work(&desk, DUE).done().json()[0]["outcome"], "noted");
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "finished", "export-000001"])]);
    assert_eq!(runs(&desk).len(), 1);

    let desk = with_schedule();
    change_schedule(&desk, |schedule| claimed(schedule, 1));
    create_run(&desk, 1, Some("schedule-000001"));
    desk.arrears(&["runs", "abandon", "export-000001"]).done();
    let worked = work(&desk, DUE).exits(1).json();
    assert_eq!(worked[0]["outcome"], "failed", "{worked:#}");
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "failed", "export-000001"])]);
}

#[test]
fn a_run_of_another_that_has_the_key_is_none_of_the_schedule() {
    let desk = with_schedule();
    create_run(&desk, 1, None);
    change_run(&desk, "export-000001", RunStatus::Finished);
    change_schedule(&desk, |schedule| claimed(schedule, 1));
    let worked = work(&desk, DUE).done().json();
    assert_eq!(worked[0]["run_key"], "export-000002", "{worked:#}");
    assert_eq!(statuses(&desk), [json!(["schedule-000001", "finished", "export-000002"])]);
}
