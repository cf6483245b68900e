//! What is simulated, and what it comes to.

use crate::simulate::limits::{INDEX_SHARDS, PARTITION_UNITS, TABLE_QUOTA_UNITS};
use crate::simulate::measured::Figures;
use crate::simulate::table::Use;

/// In which order the portions stand in the list that the map reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortionOrder {
    /// One of each shard in turn.
    InTurn,
    /// All of a shard, then all of the next.
    ShardAfterShard,
}

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Due records.
    pub records: u64,
    /// Write units a second that the table takes when the run begins.
    pub table_units: u64,
    /// Those that it takes at most.
    pub quota_units: u64,
    /// Shards of the index.
    pub index_shards: u64,
    /// Write units a second of one of them.
    pub shard_units: u64,
    /// Functions at a time.
    pub max_concurrency: u64,
    /// The order of the portions.
    pub order: PortionOrder,
    /// Decides the waits.
    pub seed: u64,
}

impl Scenario {
    /// A run of so many records over a table that takes so many units.
    pub fn new(records: u64, table_units: u64, max_concurrency: u64) -> Self {
        Self {
            records,
            table_units,
            quota_units: TABLE_QUOTA_UNITS.max(table_units),
            index_shards: INDEX_SHARDS,
            shard_units: PARTITION_UNITS,
            max_concurrency,
            order: PortionOrder::InTurn,
            seed: 6,
        }
    }
}

/// What a simulated run comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Records whose transaction was made, each once.
    pub records: u64,
    /// Chunks and portions of them.
    pub chunks: u64,
    /// See [`Self::chunks`].
    pub portions: u64,
    /// Functions at a time, at most.
    pub concurrency: u64,
    /// Wall time of the first state.
    pub plan_us: u64,
    /// Of the map.
    pub work_us: u64,
    /// Of the last state.
    pub finish_us: u64,
    /// Calls of functions.
    pub calls: u64,
    /// Calls that ended with `Throttled`.
    pub failed_calls: u64,
    /// What functions are billed for.
    pub function_ms: u64,
    /// State transitions.
    pub transitions: u64,
    /// What the table was asked for.
    pub table: Use,
    /// Write units a second that it takes in the end.
    pub table_units_after: u64,
}

impl Outcome {
    /// Wall time of the run.
    pub fn wall_us(&self) -> u64 {
        self.plan_us + self.work_us + self.finish_us
    }
}

/// How much of each limit a run used while its portions were worked on, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Of what the table took.
    pub table: u64,
    /// Of what all shards of the index take.
    pub index: u64,
    /// Of what so many functions can do, each in one shard of the index.
    pub functions: u64,
}

/// A limit of which less is used does not bind: the run waits for something else.
const BINDS_PERCENT: u64 = 60;

impl Shares {
    /// Those of a run.
    pub fn of(figures: &Figures, scenario: &Scenario, outcome: &Outcome) -> Self {
        let percent = |part: u64, whole: u128| {
            let share = u128::from(part) * 100 / whole.max(1);
            u64::try_from(share).unwrap_or(u64::MAX)
        };
        let index_milli = outcome.records * figures.record_index_units_milli;
        let in_shards = |shards: u64| {
            u128::from(shards * scenario.shard_units) * u128::from(outcome.work_us) / 1_000
        };
        Self {
            table: percent(outcome.table.units_milli, u128::from(outcome.table.offered_milli)),
            index: percent(index_milli, in_shards(scenario.index_shards)),
            functions: percent(index_milli, in_shards(outcome.concurrency)),
        }
    }

    /// The limit that is used most.
    pub fn binds(&self) -> &'static str {
        let Self { table, index, functions } = *self;
        let named = [(index, "the index"), (functions, "the functions"), (table, "the table")];
        match named.into_iter().max() {
            Some((percent, name)) if percent >= BINDS_PERCENT => name,
            _ => "its start",
        }
    }
}
