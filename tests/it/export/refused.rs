//! What a run does not do, and says so.

use super::{AS_OF, account, asked, exported, house, ledger, visible};
use crate::kill::fused;
use arrears_e2e::House;
use arrears_runs::RunError;
use arrears_runs::export::{self, Parameters};
use arrears_runs::record::RunStatus;
use arrears_runs::run::{self, Unobserved};
use arrears_storage::Fuse;
use std::path::{Path, PathBuf};

/// What cannot be written of one record is that record's error; the next run
/// tries again.
#[tokio::test(flavor = "multi_thread")]
async fn an_amount_too_wide_for_its_column_is_one_error() {
    let house = house().await;
    let wide = account(70, "PLACED", "C-1")
        .map(|line| format!("{line}\n").replace("7000.30", "7000000.30"));
    assert_eq!(house.import(&wide.concat()).await.rejected, []);
    let run = exported(&house, "NARROW", AS_OF).await.unwrap();
    let totals = run.totals.unwrap();
    assert_eq!((totals.processed, totals.errors), (6, 1));
    let error = &totals.first_errors[0];
    assert_eq!((error.delinquency.as_str(), error.code.as_str()), ("D-70", "RENDER_FAILED"));
    assert!(error.message.contains("700000030"), "{}", error.message);
    assert!(ledger(&house.store).await.iter().all(|entry| entry.delinquency != "D-70"));
    let run = exported(&house, "CSV", "2026-02-03").await.unwrap();
    assert_eq!(run.totals.unwrap().processed, 1, "the record that could not be told");
}

/// A destination that refuses the finished file: nothing can be seen, the run
/// is not finished, and it goes on once the way is free.
#[tokio::test(flavor = "multi_thread")]
async fn a_destination_that_refuses_writes_is_tried_again_by_resume() {
    let house = house().await;
    // Where the folder of the files should be, there is a file.
    let export = house.folder.path().join("objects/arrears/test/export");
    std::fs::create_dir_all(&export).unwrap();
    let in_the_way = export.join("northstar");
    std::fs::write(&in_the_way, "in the way").unwrap();
    exported(&house, "CSV", AS_OF).await.unwrap_err();
    let run = arrears_runs::ledger::runs(&house.store).await.unwrap().remove(0);
    assert_eq!(run.status, RunStatus::Running);
    std::fs::remove_file(&in_the_way).unwrap();
    assert!(visible(&house.store).await.is_empty());
    let refused = exported(&house, "XML", AS_OF).await.unwrap_err();
    assert!(matches!(refused, RunError::ExportUnderWay { .. }), "{refused}");

    let run = run::resume(&house.store, &house.catalog, &run.run_key, &Unobserved).await.unwrap();
    assert_eq!(run.totals.unwrap().processed, 6);
    assert_eq!(visible(&house.store).await.len(), 2);
    assert_eq!(ledger(&house.store).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_setup_does_not_have_is_refused_before_anything_is_written() {
    let house = house().await;
    let parameter = |parameters| export::Options { parameters, ..asked("CSV", AS_OF) };
    let text = |text: &str| vec![text.to_owned()];
    let cases = [
        (asked("CVS", AS_OF), "no export setup `CVS`"),
        (parameter(Parameters { schemes: text("PLACD"), ..Parameters::default() }), "`PLACD`"),
        (parameter(Parameters { milestones: text("NO"), ..Parameters::default() }), "AGENCY"),
        (parameter(Parameters { agencies: text("NO"), ..Parameters::default() }), "NORTHSTAR"),
        (parameter(Parameters { kinds: text("loan"), ..Parameters::default() }), "address-lien"),
        (
            parameter(Parameters { min_balance: Some("1e3".into()), ..Parameters::default() }),
            "write digits",
        ),
        (
            parameter(Parameters {
                min_balance: Some("9".into()),
                max_balance: Some("1".into()),
                ..Parameters::default()
            }),
            "nothing is between it and 1",
        ),
        (
            parameter(Parameters {
                condition: Some("account.clas == 'x'".into()),
                ..Parameters::default()
            }),
            "did you mean account.class?",
        ),
    ];
    for (options, expected) in cases {
        let refused = export::start(&house.store, &house.catalog, &options, &Unobserved).await;
        let message = refused.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(arrears_runs::ledger::runs(&house.store).await.unwrap(), []);
    let earlier = exported(&house, "CSV", AS_OF).await.unwrap();
    let refused = exported(&house, "CSV", "2026-02-01").await.unwrap_err().to_string();
    assert!(refused.contains(&earlier.run_key), "{refused}");
}

/// Files that lie below a folder and whose names contain a text.
fn find(folder: &Path, text: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => find(&path, text),
        false if path.to_string_lossy().contains(text) => vec![path],
        false => Vec::new(),
    });
    found.collect()
}

/// A house whose run was killed as soon as it had its plan.
async fn planned() -> House {
    for requests_max in 10.. {
        let house = house().await;
        let store = fused(house.folder.path(), Fuse::new(requests_max, false)).await.unwrap();
        let killed = export::start(&store, &house.catalog, &asked("CSV", AS_OF), &Unobserved).await;
        assert!(killed.is_err(), "the run was to be killed");
        let run = arrears_runs::ledger::runs(&house.store).await.unwrap().pop();
        if run.is_some_and(|run| run.plan.is_some()) {
            return house;
        }
    }
    unreachable!("every run has a plan at last")
}

/// A plan that was damaged is not exported from.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_plan_stops_the_run() {
    let house = planned().await;
    let run = arrears_runs::ledger::runs(&house.store).await.unwrap().remove(0);
    assert_eq!(ledger(&house.store).await, []);
    let plans = find(house.folder.path(), "plan-1.jsonl.zst");
    let plan = plans.iter().find(|path| path.ends_with("plan-1.jsonl.zst")).unwrap();
    let mut bytes = std::fs::read(plan).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(plan, bytes).unwrap();
    let resumed = run::resume(&house.store, &house.catalog, &run.run_key, &Unobserved).await;
    let message = resumed.unwrap_err().to_string();
    assert!(message.contains("plan-1.jsonl.zst"), "{message}");
    assert_eq!(ledger(&house.store).await, []);
    assert!(visible(&house.store).await.is_empty());
}
