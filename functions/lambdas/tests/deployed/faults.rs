//! The real binaries over a store that misbehaves on a seed.

use super::{AS_OF, SETUP, book, execute, start};
use arrears_e2e::deployed::Deployed;
use arrears_e2e::{House, catalog};
use arrears_runs::ledger;
use arrears_storage::{Misbehaving, Served};
use serde_json::json;

/// How often the state machine tries again before a person would have to look.
const TRIES_MAX: u32 = 40;

async fn history(house: &House) -> Vec<String> {
    let book = house.export().await;
    let lines = book.lines().filter(|line| line.contains(r#""type":"transition""#));
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_store_does_each_record_advances_once() {
    let alone = House::with(catalog(&[]), SETUP, &book(12)).await;
    alone.run(AS_OF).await.unwrap();
    let expected = history(&alone).await;
    for seed in [1, 2] {
        let house = House::with(catalog(&[]), SETUP, &book(12)).await;
        let misbehaving = Misbehaving::new(seed);
        misbehaving.behave().await;
        let served = Served::misbehaving(house.folder.path(), &misbehaving).unwrap();
        let deployed = Deployed::behind(house, served).await;
        super::admit(&deployed).await;
        misbehaving.misbehave();
        let request = json!({"kind": "collections", "as_of": AS_OF});
        let mut told = Vec::new();
        let mut finished = None;
        for _ in 0..TRIES_MAX {
            let mut instance = start(&deployed, "collections-run").await;
            match execute(&deployed, &mut instance, "arn:a", request.clone()).await {
                Ok(answer) => {
                    finished = Some(answer);
                    break;
                }
                Err(error) => told.push(format!("{}: {}", error.error_type, error.error_message)),
            }
        }
        misbehaving.behave().await;
        assert!(finished.is_some(), "seed {seed}: {told:#?}");
        assert!(misbehaving.requests() > 0);
        assert_eq!(history(&deployed.house).await, expected, "seed {seed}: {told:#?}");
        let run = ledger::runs(&deployed.house.store).await.unwrap().pop().unwrap();
        assert_eq!(run.totals.unwrap().processed, 12, "seed {seed}");
    }
}
