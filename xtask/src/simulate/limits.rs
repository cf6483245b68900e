//! What AWS documents: limits of the services that a run goes through.
//!
//! They are defaults of an account in us-east-1. A quota can be raised on request;
//! what one partition takes cannot.

use crate::simulate::measured::Figures;

/// Write units a second that a new on-demand table takes
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>).
pub const TABLE_NEW_UNITS: u64 = 4_000;

/// The default quota of a table. On-demand tables have it for the table and for each
/// index; to count the index's units with the table's, as we do, is the careful reading
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>).
pub const TABLE_QUOTA_UNITS: u64 = 40_000;

/// A table takes at once up to twice of what it had to take before; more may be
/// throttled within this time of the peak (the page of [`TABLE_NEW_UNITS`]).
pub const TABLE_DOUBLES_AFTER_S: u64 = 30 * 60;

/// Write units a second of one partition, and so of one partition key
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
pub const PARTITION_UNITS: u64 = 1_000;

/// Partition keys of the index for one class of what is due: `DUE_SHARDS` of
/// `functions/storage`.
pub const INDEX_SHARDS: u64 = 16;

/// How long a function may run
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub const FUNCTION_MS: u64 = 15 * 60 * 1_000;

/// Memory that comes with one whole vCPU
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>).
pub const VCPU_MEMORY_MB: u64 = 1_769;

/// Functions of an account that run at a time; new accounts may have fewer
/// (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>).
pub const FUNCTIONS_AT_A_TIME: u64 = 1_000;

/// Children of a Map Run that run at a time
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>).
pub const CHILDREN_AT_A_TIME: u64 = 10_000;

/// Executions that may be started a second, once a bucket of 1,300 is empty (the same
/// page). Whether children of a Map Run count is not said; here they do.
pub const CHILDREN_PER_SECOND: u64 = 300;

/// Transitions of a child that needs one call: its start, the call, the choice, the end.
pub const CHILD_TRANSITIONS: u64 = 4;

/// Further transitions for each call after the first: the choice, the call.
pub const AGAIN_TRANSITIONS: u64 = 2;

/// Transitions of the state machine itself: start, plan, choice, map, finish.
pub const RUN_TRANSITIONS: u64 = 5;

/// How often a transaction is sent, and its waits: `functions/storage/src/retry.rs`.
pub const ATTEMPTS_MAX: u32 = 10;
const WAIT_FIRST_US: u64 = 10_000;
const WAIT_MAX_US: u64 = 2_000_000;

/// The wait before the attempt after the given one, before half of it is left to chance.
pub fn wait_us(attempt: u32) -> u64 {
    (WAIT_FIRST_US << (attempt.saturating_sub(1)).min(16)).min(WAIT_MAX_US)
}

/// How often the state machine calls a throttled function again, and its first wait,
/// which doubles.
pub const CALLS_AGAIN_MAX: u32 = 6;
/// See [`CALLS_AGAIN_MAX`].
pub const CALL_AGAIN_US: u64 = 2_000_000;

/// How many functions fill a table: docs/SCALE.md has the formula, and so has the
/// Terraform module.
///
/// A function works in one shard of the index at a time, which takes
/// [`PARTITION_UNITS`]; so many records a second at most. More functions than shards
/// would share shards.
pub fn max_concurrency(table_units: u64, index_shards: u64, figures: &Figures) -> u64 {
    let shard_records = (PARTITION_UNITS * 1_000 / figures.record_index_units_milli).max(1);
    let table_records = table_units * 1_000 / figures.record_write_units_milli;
    table_records.div_ceil(shard_records).clamp(1, index_shards)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_those_of_the_storage() {
        let waits: Vec<u64> = (1..=10).map(|attempt| wait_us(attempt) / 1_000).collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000]);
        assert_eq!(wait_us(40), WAIT_MAX_US);
    }

    #[test]
    fn the_formula_of_the_guide() {
        let text = include_str!("../../../tests/figures/capacity.json");
        let figures = Figures::parse(text).unwrap();
        let of = |units| max_concurrency(units, INDEX_SHARDS, &figures);
        assert_eq!([of(1), of(4_000), of(8_000), of(40_000), of(400_000)], [1, 2, 3, 14, 16]);
    }
}
