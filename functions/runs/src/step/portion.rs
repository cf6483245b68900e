//! Portions: some chunks of a plan that are worked on one after the other.
//!
//! A chunk is small, so that a killed one is soon done again. A state machine that
//! started a function for each would spend more on starting than on working.

use crate::delivery::put_same;
use crate::error::RunError;
use crate::plan;
use crate::record::{RunKind, RunRecord};
use crate::run::key;
use arrears_storage::{DUE_SHARDS, Store};
use serde::{Deserialize, Serialize};

/// Records in a portion, about: chunks are added until there are so many. With a
/// thousand records a second a portion takes some seconds, and starting a function
/// for it costs less than a hundredth of what its records cost.
pub const PORTION_RECORDS: u64 = 5_000;

/// Some chunks of a plan, in one shard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// The run.
    pub run_key: String,
    /// Its number, from 1.
    pub portion: u32,
    /// The shard of the plan that has its chunks.
    pub shard: u32,
    /// The number of its first chunk.
    pub first_chunk: u32,
    /// The number of its last chunk.
    pub last_chunk: u32,
    /// Records in all of them.
    pub records: u64,
}

/// Writes the portions of a planned run down, and gives the object's key and how many
/// there are. The same plan has the same portions.
pub(super) async fn write(store: &Store, record: &RunRecord) -> Result<(String, u32), RunError> {
    let portions = match record.kind {
        RunKind::Collections | RunKind::Delinquency => cut(store, record).await?,
        RunKind::Export | RunKind::Payment => vec![whole(record)],
    };
    let attempt = record.plan.as_ref().map_or(0, |plan| plan.attempt);
    let object = format!("runs/{}/portions-{attempt}.json", record.run_key);
    put_same(store, &object, &portions).await?;
    Ok((object, u32::try_from(portions.len()).unwrap_or(u32::MAX)))
}

/// A run that is not cut.
fn whole(record: &RunRecord) -> Portion {
    Portion {
        run_key: record.run_key.clone(),
        portion: 1,
        shard: 0,
        first_chunk: 1,
        last_chunk: 1,
        records: record.plan.as_ref().map_or(0, |plan| plan.delinquencies),
    }
}

async fn cut(store: &Store, record: &RunRecord) -> Result<Vec<Portion>, RunError> {
    let (run_key, attempt) =
        (key(&record.run_key)?, record.plan.as_ref().map_or(1, |it| it.attempt));
    let mut shards = Vec::new();
    for shard in 0..DUE_SHARDS {
        let chunks = plan::read(store, &run_key, attempt, shard).await?;
        let sizes = chunks.iter().map(|chunk| (chunk.number, chunk.keys.len() as u64));
        shards.push(group(&record.run_key, shard, sizes));
    }
    Ok(in_turn(shards))
}

/// The portions of one shard's chunks, of which the numbers and sizes are given.
fn group(run_key: &str, shard: u32, chunks: impl Iterator<Item = (u32, u64)>) -> Vec<Portion> {
    let mut portions: Vec<Portion> = Vec::new();
    for (number, records) in chunks {
        match portions.last_mut().filter(|open| open.records < PORTION_RECORDS) {
            Some(open) => {
                open.last_chunk = number;
                open.records += records;
            }
            None => portions.push(Portion {
                run_key: run_key.to_owned(),
                portion: 0,
                shard,
                first_chunk: number,
                last_chunk: number,
                records,
            }),
        }
    }
    portions
}

/// The first portion of each shard, then the second, and so on, numbered. A state
/// machine takes them in this order; those that are worked on at a time then write to
/// different partitions of the due index, each of which takes 1,000 units a second.
fn in_turn(shards: Vec<Vec<Portion>>) -> Vec<Portion> {
    let mut shards: Vec<_> = shards.into_iter().map(Vec::into_iter).collect();
    let mut portions = Vec::new();
    loop {
        let before = portions.len();
        portions.extend(shards.iter_mut().filter_map(Iterator::next));
        if portions.len() == before {
            break;
        }
    }
    for (number, portion) in (1..).zip(&mut portions) {
        portion.portion = number;
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_are_whole_chunks_of_one_shard_and_shards_have_their_turns() {
        let portions = in_turn(vec![
            group("collections-000001", 0, [(1, 4_000), (2, 1_500), (3, 10)].into_iter()),
            group("collections-000001", 1, [].into_iter()),
            group("collections-000001", 2, [(4, 9_000), (5, 1)].into_iter()),
        ]);
        let cut: Vec<_> = portions
            .iter()
            .map(|it| (it.portion, it.shard, it.first_chunk..=it.last_chunk, it.records))
            .collect();
        assert_eq!(
            cut,
            [(1, 0, 1..=2, 5_500), (2, 2, 4..=4, 9_000), (3, 0, 3..=3, 10), (4, 2, 5..=5, 1)]
        );
    }
}
