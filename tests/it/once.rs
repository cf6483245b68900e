//! Everything happens once: kills, retries, two runs at a time.

use crate::kill::{at_each_request, due, fused, left_behind};
use arrears_domain::{Identifier, decide};
use arrears_e2e::{House, catalog, copy_folder, date, open, options};
use arrears_runs::catalog::Catalog;
use arrears_runs::chunk::{self, RunContext};
use arrears_runs::record::{RunRecord, RunStatus, Totals};
use arrears_runs::run::{self, Options, Unobserved};
use arrears_runs::{RunError, ledger, plan, setups};
use arrears_storage::document::Line;
use arrears_storage::{DUE_SHARDS, DueClass, Fuse};
use std::path::Path;

const SETUP: &str = include_str!("house.toml");
const BILLS_SETUP: &str = include_str!("bills.toml");
const AS_OF: &str = "2026-02-02";

/// Seven accounts; one has two records, one is on hold, two share a contact.
fn book() -> String {
    let mut lines = vec![r#"{"type":"contact","id":"C-1","name":"R. Vance"}"#.to_owned()];
    for number in 1..=7 {
        lines.push(format!(
            r#"{{"type":"account","id":"A-{number}","contact":"C-1","currency":"USD","balance":"{number}00.00"}}"#
        ));
        let hold = number == 4;
        lines.push(format!(
            r#"{{"type":"delinquency","id":"D-{number}","account":"A-{number}","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-10","balance":"{number}00.00","hold":{hold}}}"#
        ));
    }
    lines.push(
        r#"{"type":"delinquency","id":"L-1","account":"A-1","kind":"address-lien","scheme":"RES","milestone":"FINAL","entered_on":"2026-01-10","balance":"50.00"}"#
            .to_owned(),
    );
    lines.join("\n")
}

/// Six accounts with bills: unpaid, with records or without, paid, and not due.
fn unpaid_bills() -> String {
    let account = |id: &str, balance: &str| {
        format!(
            r#"{{"type":"account","id":"{id}","contact":"C-1","currency":"USD","balance":"{balance}"}}"#
        )
    };
    let bill = |id: &str, account: &str, due: &str| {
        format!(
            r#"{{"type":"transaction","id":"{id}","account":"{account}","bill_type":"WATER","date":"2026-01-01","due_date":"{due}","amount":"50.00","marker":"unallocated"}}"#
        )
    };
    let record = |account: &str, balance: &str, items: &str| {
        format!(
            r#"{{"type":"delinquency","id":"D-{account}","account":"{account}","kind":"bill-type","bill_type":"WATER","scheme":"WATER","milestone":"LATE","entered_on":"2026-01-20","balance":"{balance}"{items}}}"#
        )
    };
    let lines = [
        r#"{"type":"contact","id":"C-1","name":"R. Vance"}"#.to_owned(),
        account("BEGINS", "50.00"),
        bill("JAN", "BEGINS", "2026-01-15"),
        account("BEGINS-TOO", "100.00"),
        bill("JAN", "BEGINS-TOO", "2026-01-15"),
        bill("FEB", "BEGINS-TOO", "2026-02-15"),
        account("JOINS", "100.00"),
        bill("JAN", "JOINS", "2026-01-15"),
        bill("LATE", "JOINS", "2026-01-30"),
        record("JOINS", "50.00", r#","items":["JAN"],"hold":true"#),
        account("MOVES", "50.00"),
        record("MOVES", "50.00", ""),
        account("ENDS", "0.00"),
        record("ENDS", "0.00", ""),
        account("WAITS", "50.00"),
        bill("FEB", "WAITS", "2026-02-15"),
    ];
    lines.join("\n")
}

async fn house() -> House {
    House::with(catalog(&[]), SETUP, &book()).await
}

fn counts(run: &RunRecord) -> Totals {
    let totals = run.totals.clone().unwrap();
    Totals {
        processes: Default::default(),
        plugins: Default::default(),
        capacity: Default::default(),
        ..totals
    }
}

/// Runs until the fuse blows, then goes on as an operator would; says whether it
/// blew.
async fn killed_and_resumed(
    folder: &Path,
    catalog: &Catalog,
    fuse: Fuse,
    options: &Options,
) -> (RunRecord, bool) {
    let first = match fused(folder, fuse).await {
        Ok(store) => run::start(&store, catalog, options, &Unobserved).await,
        Err(error) => Err(error.into()),
    };
    let store = open(folder).await;
    let runs = ledger::runs(&store).await.unwrap();
    match (first, runs.last()) {
        (Ok(run), _) => (run, false),
        (Err(_), Some(run)) if run.status == RunStatus::Finished => (run.clone(), true),
        (Err(_), Some(run)) => {
            (run::resume(&store, catalog, &run.run_key, &Unobserved).await.unwrap(), true)
        }
        (Err(_), None) => (run::start(&store, catalog, options, &Unobserved).await.unwrap(), true),
    }
}

/// A run is killed at each of its requests, before the request and after it,
/// and resumed. Each time it ends as if nothing had happened.
async fn killed_anywhere_it_ends_the_same(house: &House, options: &Options, processed: u64) {
    let alone = tempfile::tempdir().unwrap();
    copy_folder(house.folder.path(), alone.path());
    let store = open(alone.path()).await;
    let run = run::start(&store, &house.catalog, options, &Unobserved).await.unwrap();
    assert_eq!(counts(&run).processed, processed);
    let expected = (left_behind(&store).await, due(&store).await);
    let work = async |folder: &Path, fuse| {
        let (again, was_killed) = killed_and_resumed(folder, &house.catalog, fuse, options).await;
        assert_eq!(counts(&again), counts(&run));
        was_killed
    };
    at_each_request(house, 50, work, async |store, requests_max| {
        let found = (left_behind(store).await, due(store).await);
        assert_eq!(found, expected, "killed after {requests_max} requests");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_request_ends_as_if_it_had_not_been() {
    killed_anywhere_it_ends_the_same(&house().await, &options(AS_OF), 7).await;
}

/// Delinquencies begin once, items join once, and the marks stand where they
/// would.
#[tokio::test(flavor = "multi_thread")]
async fn a_delinquency_run_killed_at_any_request_ends_as_if_it_had_not_been() {
    let house = House::with(catalog(&[]), BILLS_SETUP, &unpaid_bills()).await;
    // Two begin, one is joined, one moves on, one is resolved.
    let mut options = Options::delinquency(date("2026-02-02"));
    options.steps.decrement_and_resolve = true;
    killed_anywhere_it_ends_the_same(&house, &options, 5).await;
}

/// A run that is killed after it has moved all records and before it has counted
/// any of them: the requests up to the first summary.
async fn killed_before_counting(house: &House) -> String {
    for requests_max in 40.. {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(house.folder.path(), folder.path());
        let store = fused(folder.path(), Fuse::new(requests_max, false)).await.unwrap();
        let options = Options { threads: Some(1), commit_number: Some(100), ..options(AS_OF) };
        let killed = run::start(&store, &house.catalog, &options, &Unobserved).await;
        assert!(killed.is_err(), "no request between the last move and the summary");
        let store = open(folder.path()).await;
        let moved = left_behind(&store).await.matches(r#""type":"transition""#).count();
        if moved == 7 {
            // Do the same in the house itself.
            let fuse = Fuse::new(requests_max, false);
            let store = fused(house.folder.path(), fuse).await.unwrap();
            run::start(&store, &house.catalog, &options, &Unobserved).await.unwrap_err();
            break;
        }
    }
    ledger::runs(&house.store).await.unwrap()[0].run_key.clone()
}

/// What came between does not make a resumed run forget what it has done.
#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_run_knows_its_own_work_whatever_came_between() {
    let house = house().await;
    let key = killed_before_counting(&house).await;
    // The billing system sends its old book again, and another run goes by.
    assert_eq!(house.import(&book()).await.rejected, []);
    let between = house.run("2026-02-20").await.unwrap();
    assert_eq!(counts(&between).processed, 6, "those at FINAL go on, however old the book was");
    let before = left_behind(&house.store).await;
    let run = run::resume(&house.store, &house.catalog, &key, &Unobserved).await.unwrap();
    assert_eq!((counts(&run).processed, counts(&run).omitted), (7, 1));
    assert_eq!(left_behind(&house.store).await, before, "nothing is done a second time");
}

/// One record that the table refuses does not stop the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_written_is_one_error() {
    let house = house().await;
    // The account's currency is changed under its record, which is charged.
    let euros = r#"{"type":"account","id":"A-3","currency":"EUR","balance":"300.00"}"#;
    assert_eq!(house.import(euros).await.rejected, []);
    let run = counts(&house.run(AS_OF).await.unwrap());
    assert_eq!((run.processed, run.errors, run.omitted), (6, 1, 1));
    assert_eq!(run.first_errors[0].code, "NO_ACCOUNT_TO_CHARGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_advance_each_record_once() {
    let house = house().await;
    let other = open(house.folder.path()).await;
    let options = options(AS_OF);
    let (first, second) = tokio::join!(
        run::start(&house.store, &house.catalog, &options, &Unobserved),
        run::start(&other, &house.catalog, &options, &Unobserved),
    );
    let (first, second) = (counts(&first.unwrap()), counts(&second.unwrap()));
    assert_eq!(first.processed + second.processed, 7, "{first:?} {second:?}");
    assert_eq!((first.errors, second.errors), (0, 0));

    let alone = self::house().await;
    alone.run(AS_OF).await.unwrap();
    assert_eq!(left_behind(&house.store).await, left_behind(&alone.store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_delivered_twice_counts_and_writes_the_same() {
    let house = house().await;
    let run = house.run(AS_OF).await.unwrap();
    let stored = setups::version(&house.store, &house.catalog, 1).await.unwrap();
    let before = left_behind(&house.store).await;
    let context = RunContext {
        store: house.store.clone(),
        prepared: stored.prepared,
        setup_version: 1,
        run_key: Identifier::parse(&run.run_key).unwrap(),
        as_of: date(AS_OF),
        steps: run.steps,
        quarantined: Default::default(),
    };
    let mut again = Totals::default();
    for shard in 0..DUE_SHARDS {
        for chunk in plan::read(&house.store, &context.run_key, 1, shard).await.unwrap() {
            let summary = chunk::work(&context, &chunk).await.unwrap().unwrap();
            assert_eq!(summary.attempt, 2);
            again.add(&summary.totals);
        }
    }
    assert_eq!((again.processed, again.omitted), (7, 1));
    assert_eq!(again.effects, counts(&run).effects);
    assert_eq!(left_behind(&house.store).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_keeps_the_setup_that_it_started_with() {
    let alone = house().await;
    alone.run(AS_OF).await.unwrap();

    let house = house().await;
    let longer = SETUP.replace("duration = 10", "duration = 20");
    // The table takes some twenty requests before the first chunk is committed.
    let (store, options) = (fused(house.folder.path(), Fuse::new(50, false)).await, options(AS_OF));
    let killed = run::start(&store.unwrap(), &house.catalog, &options, &Unobserved).await;
    assert!(killed.is_err(), "the run was to be killed");
    let loaded = house.load(&longer).await.unwrap();
    assert!(loaded.moved_dates > 0);
    let key = ledger::runs(&house.store).await.unwrap()[0].run_key.clone();
    let run = run::resume(&house.store, &house.catalog, &key, &Unobserved).await.unwrap();
    assert_eq!(run.setup_version, 1);
    assert_eq!(left_behind(&house.store).await, left_behind(&alone.store).await);

    // What the run wrote under the former setup follows the present one.
    // As soon as the next run asks for it.
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    assert!(setups::ensure_indexed(&house.store, &stored).await.unwrap() > 0);
    for line in house.export().await.lines() {
        let Line::Delinquency(line) = serde_json::from_str(line).unwrap() else { continue };
        let record = line.to_delinquency(arrears_domain::Currency::parse("USD").unwrap()).unwrap();
        let decide::Due::On(on) = decide::due(&stored.prepared.setup, &record) else {
            panic!("{} has a fixed duration", record.id)
        };
        let shard = arrears_storage::due_shard(&record.account);
        let selection = vec![(DueClass::Collections, date("2030-01-01"))];
        let keys = plan::selected(&house.store, &selection, shard).await.unwrap();
        let found = keys.iter().find(|key| key.delinquency() == Some(&record.id)).unwrap();
        assert_eq!(found.eligible_on, Some(on), "{}", record.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_finished_or_bound_to_other_plugins_is_not_resumed() {
    let house = house().await;
    let run = house.run(AS_OF).await.unwrap();
    let again = run::resume(&house.store, &house.catalog, &run.run_key, &Unobserved).await;
    assert!(matches!(again, Err(RunError::AlreadyFinished { .. })), "{again:?}");

    let (mut record, revision) = ledger::run(&house.store, &run.run_key).await.unwrap();
    record.status = RunStatus::Running;
    record.plugins.insert("log".to_owned(), "sha256:other".to_owned());
    ledger::update_run(&house.store, &record, revision).await.unwrap();
    let other = run::resume(&house.store, &house.catalog, &run.run_key, &Unobserved).await;
    assert!(matches!(other, Err(RunError::OtherPlugin { .. })), "{other:?}");
}
