//! File, ledger and run agree, wherever a run is killed.

use super::{AS_OF, NAMES, asked, exported, house, ledger, other, visible};
use crate::kill::{at_each_request, fused, left_behind};
use arrears_e2e::{House, open};
use arrears_runs::RunError;
use arrears_runs::export::{self, Stage};
use arrears_runs::record::{RunRecord, RunStatus};
use arrears_runs::run::{self, Unobserved};
use arrears_storage::{Fuse, Store};
use std::collections::BTreeMap;
use std::path::Path;

/// Nothing that an agency could fetch says more than the ledger knows, and the
/// ledger's entries belong to a run that is not finished before its files are
/// there.
async fn nothing_is_half_done(store: &Store) {
    let (files, entries) = (visible(store).await, ledger(store).await);
    if !files.is_empty() {
        assert_eq!(entries.len(), NAMES.len(), "a file can be seen: {:?}", files.keys());
    }
    for run in arrears_runs::ledger::runs(store).await.unwrap() {
        let index = files.keys().filter(|key| key.ends_with("manifest.json")).count();
        if run.status == RunStatus::Finished {
            assert_eq!((entries.len(), index), (NAMES.len(), 1), "the run says it is finished");
        }
        let stage = run.export.as_ref().unwrap().stage;
        assert!(entries.is_empty() || stage >= Stage::Entering, "{stage:?}");
    }
}

/// Exports until the fuse blows, then goes on as an operator would; says whether
/// it blew.
async fn killed_and_resumed(house: &House, folder: &Path, fuse: Fuse, setup: &str) -> bool {
    let first = match fused(folder, fuse).await {
        Ok(store) => export::start(&store, &house.catalog, &asked(setup, AS_OF), &Unobserved).await,
        Err(error) => Err(error.into()),
    };
    let store = open(folder).await;
    nothing_is_half_done(&store).await;
    let last = arrears_runs::ledger::runs(&store).await.unwrap().pop();
    let ended: RunRecord = match (&first, last) {
        (Ok(_), last) => last.unwrap(),
        (Err(_), Some(run)) if run.status == RunStatus::Finished => run,
        (Err(_), Some(run)) => {
            run::resume(&store, &house.catalog, &run.run_key, &Unobserved).await.unwrap()
        }
        (Err(_), None) => {
            let options = asked(setup, AS_OF);
            export::start(&store, &house.catalog, &options, &Unobserved).await.unwrap()
        }
    };
    assert_eq!(ended.status, RunStatus::Finished);
    assert_eq!(ended.totals.unwrap().processed, NAMES.len() as u64);
    first.is_err()
}

/// The files, without the number of the run that wrote them.
async fn files(store: &Store) -> BTreeMap<String, String> {
    let unnumbered = |text: &str| text.replace("export-000002", "export-000001");
    let files = visible(store)
        .await
        .into_iter()
        .map(|(key, bytes)| (unnumbered(&key), unnumbered(&String::from_utf8_lossy(&bytes))));
    // The digests of files that name another run are others.
    files.filter(|(key, _)| !key.ends_with("manifest.json")).collect()
}

async fn killed_anywhere_all_agree(setup: &str, requests_min: u64) {
    let house = house().await;
    let alone = super::house().await;
    exported(&alone, setup, AS_OF).await.unwrap();
    let expected = (left_behind(&alone.store).await, files(&alone.store).await);
    let work = async |folder: &Path, fuse| killed_and_resumed(&house, folder, fuse, setup).await;
    at_each_request(&house, requests_min, work, async |store, requests_max| {
        nothing_is_half_done(store).await;
        let found = (left_behind(store).await, files(store).await);
        assert_eq!(found, expected, "killed after {requests_max} requests");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_request_leaves_file_ledger_and_run_agreed() {
    killed_anywhere_all_agree("CSV", 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_several_files_killed_at_any_request_publishes_each_of_them() {
    // Three files of two records; not compressed, so that they can be compared.
    killed_anywhere_all_agree("PARTS", 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_tell_each_record_once() {
    let (house, options) = (house().await, asked("CSV", AS_OF));
    let other = other(&house).await;
    let (first, second) = tokio::join!(
        export::start(&house.store, &house.catalog, &options, &Unobserved),
        export::start(&other, &house.catalog, &options, &Unobserved),
    );
    // One is refused, or comes so late that there is nothing left to tell.
    let told: u64 = [&first, &second]
        .into_iter()
        .filter_map(|run| run.as_ref().ok())
        .map(|run| run.totals.as_ref().unwrap().processed)
        .sum();
    assert_eq!(told, NAMES.len() as u64, "{first:?} {second:?}");
    for run in [first, second] {
        assert!(matches!(run, Ok(_) | Err(RunError::ExportUnderWay { .. })), "{run:?}");
    }
    let entries = ledger(&house.store).await;
    assert!(entries.iter().all(|entry| entry.action == "NEW" && entry.sequence == 1));
    assert_eq!(entries.len(), NAMES.len());
}

/// A run that was killed keeps its agency's ledger until somebody decides.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_resumed_or_abandoned_before_another_begins() {
    let house = house().await;
    let killed = async |requests_max| {
        let store = fused(house.folder.path(), Fuse::new(requests_max, false)).await.unwrap();
        let options = asked("CSV", AS_OF);
        export::start(&store, &house.catalog, &options, &Unobserved).await.unwrap_err();
    };
    killed(18).await;
    let run = arrears_runs::ledger::runs(&house.store).await.unwrap().pop().unwrap();
    let refused = exported(&house, "XML", AS_OF).await.unwrap_err();
    assert!(refused.to_string().contains(&format!("runs resume {}", run.run_key)), "{refused}");
    // What another agency is told depends on what this one has.
    let refused = exported(&house, "SOUTH-CSV", AS_OF).await;
    assert!(matches!(refused, Err(RunError::ExportUnderWay { .. })), "{refused:?}");

    let abandoned = export::abandon(&house.store, &run.run_key).await.unwrap();
    assert_eq!(abandoned.status, RunStatus::Abandoned);
    let resumed = run::resume(&house.store, &house.catalog, &run.run_key, &Unobserved).await;
    assert!(matches!(resumed, Err(RunError::AlreadyFinished { .. })), "{resumed:?}");
    let run = exported(&house, "CSV", AS_OF).await.unwrap();
    assert_eq!(run.totals.unwrap().processed, NAMES.len() as u64);
    let again = export::abandon(&house.store, &run.run_key).await;
    assert!(matches!(again, Err(RunError::AlreadyFinished { .. })), "{again:?}");
}

/// The SDK sends a request again whose answer was lost: as if each had been.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_every_request_is_sent_twice_ends_the_same() {
    for setup in ["CSV", "PARTS"] {
        let alone = house().await;
        exported(&alone, setup, AS_OF).await.unwrap();
        let house = house().await;
        let store = fused(house.folder.path(), Fuse::repeating()).await.unwrap();
        let options = asked(setup, AS_OF);
        export::start(&store, &house.catalog, &options, &Unobserved).await.unwrap();
        assert_eq!(left_behind(&house.store).await, left_behind(&alone.store).await);
        assert_eq!(files(&house.store).await, files(&alone.store).await);
    }
}
