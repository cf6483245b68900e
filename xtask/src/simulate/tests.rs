//! What must hold of every simulation.

use crate::simulate::bill::{Bill, FUNCTION_TIME, READ_UNIT, TRANSITION, WRITE_UNIT};
use crate::simulate::limits::{INDEX_SHARDS, TABLE_NEW_UNITS, TABLE_QUOTA_UNITS, max_concurrency};
use crate::simulate::measured::Figures;
use crate::simulate::outcome::{Outcome, PortionOrder, Scenario, Shares};
use crate::simulate::report::{COLUMNS, report};
use crate::simulate::run::run;

pub fn figures() -> Figures {
    Figures::parse(include_str!("../../../tests/figures/capacity.json")).unwrap()
}

fn outcome(scenario: &Scenario) -> Outcome {
    run(&figures(), scenario).unwrap()
}

/// A run over a warm table, with as many functions as fill it.
fn warm(records: u64) -> Scenario {
    let concurrency = max_concurrency(TABLE_QUOTA_UNITS, INDEX_SHARDS, &figures());
    Scenario::new(records, TABLE_QUOTA_UNITS, concurrency)
}

fn new(records: u64) -> Scenario {
    Scenario::new(records, TABLE_NEW_UNITS, 2)
}

fn binds(scenario: &Scenario) -> &'static str {
    Shares::of(&figures(), scenario, &outcome(scenario)).binds()
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let scenario = warm(200_000);
    assert_eq!(outcome(&scenario), outcome(&scenario));
    let other = outcome(&Scenario { seed: 7, ..scenario.clone() });
    assert_ne!(other.table, outcome(&scenario).table);
    assert_eq!(other.records, 200_000);
}

#[test]
fn every_record_is_done_once() {
    for records in [0, 1, 15, 16, 17, 199, 3_201, 80_001, 100_007] {
        for scenario in [warm(records), new(records)] {
            let outcome = outcome(&scenario);
            assert_eq!(outcome.records, records);
            let own = figures().chunk_write_units_milli / figures().chunk_records;
            let units = records * (figures().record_write_units_milli + own);
            assert_eq!(outcome.table.units_milli, units);
        }
    }
}

#[test]
fn a_run_of_one_record_and_of_none() {
    let one = outcome(&new(1));
    assert_eq!((one.records, one.chunks, one.portions, one.concurrency), (1, 1, 1, 1));
    assert_eq!((one.calls, one.transitions), (3, 9));
    let none = outcome(&new(0));
    assert_eq!((none.records, none.portions, none.work_us), (0, 0, 0));
    assert_eq!(none.calls, 2);
}

#[test]
fn more_capacity_is_never_slower() {
    let of = |units, shards, concurrency| Scenario {
        index_shards: shards,
        quota_units: 80_000,
        ..Scenario::new(300_000, units, concurrency)
    };
    let wall = |scenario: &Scenario| outcome(scenario).wall_us();
    // Waits are drawn by lot, so that two runs that are as fast differ by a little.
    let is_no_slower = |more: u64, less: u64| more <= less + less / 50;
    for units in [4_000, 10_000, 40_000] {
        for concurrency in [1, 2, 4, 7] {
            let base = wall(&of(units, 16, concurrency));
            assert!(is_no_slower(wall(&of(units * 2, 16, concurrency)), base), "{units}");
            assert!(is_no_slower(wall(&of(units, 32, concurrency)), base), "{units}");
        }
        // The plan takes as long, and the last portions leave functions idle.
        let base = wall(&of(units, 16, units / 3_000));
        assert!(wall(&of(units * 2, 32, units / 1_500)) < base * 3 / 4, "{units}");
    }
}

#[test]
fn limits_bind_as_they_should() {
    let full = outcome(&warm(1_000_000));
    assert_eq!(binds(&warm(1_000_000)), "the table");
    // 6.015 units each of 40,000 a second.
    let least_us = 1_000_000 * 6_015 / 40_000 * 1_000;
    assert!((least_us..least_us * 5 / 4).contains(&full.work_us), "{}", full.work_us);

    let one = Scenario { max_concurrency: 1, ..warm(200_000) };
    assert_eq!(binds(&one), "the functions");
    // 500 a second, since one function works in one shard.
    let least_us = 200_000 / 500 * 1_000_000;
    assert!((least_us..least_us * 5 / 4).contains(&outcome(&one).work_us));

    let shards = Scenario { index_shards: 4, ..warm(200_000) };
    assert_eq!(binds(&shards), "the index");
    assert!(outcome(&shards).table.index_refused > outcome(&shards).table.table_refused);
    assert!(outcome(&shards).work_us >= 200_000 / 2_000 * 1_000_000);

    assert_eq!(binds(&warm(1_000)), "its start");
}

#[test]
fn portions_of_one_shard_in_a_row_write_to_one_shard() {
    let in_turn = outcome(&warm(1_000_000));
    let order = PortionOrder::ShardAfterShard;
    let in_a_row = outcome(&Scenario { order, ..warm(1_000_000) });
    assert_eq!(in_turn.records, in_a_row.records);
    assert!(in_a_row.work_us > 4 * in_turn.work_us);
}

#[test]
fn a_call_stops_before_its_end_and_another_goes_on() {
    // A chunk takes 100 s of a core: 25 chunks do not fit in a call.
    let figures = Figures { chunk_cpu_us: 100_000_000, ..figures() };
    let outcome = run(&figures, &warm(80_000)).unwrap();
    assert_eq!((outcome.records, outcome.portions), (80_000, 16));
    assert!(outcome.calls > 2 * outcome.portions);
    // The second of two chunks begins 60 s before the end at the latest.
    let again = (outcome.calls - 2 - outcome.portions) * 2;
    assert_eq!(outcome.transitions, 5 + outcome.portions * 4 + again);
}

#[test]
fn a_table_that_is_far_too_small_is_given_up() {
    let error = run(&figures(), &Scenario::new(200_000, 500, 14)).unwrap_err();
    assert!(error.to_string().contains("was throttled in 7 calls"), "{error}");
}

#[test]
fn calls_that_are_throttled_to_the_end_are_repeated() {
    let outcome = run(&figures(), &Scenario::new(10_000, TABLE_NEW_UNITS, 14)).unwrap();
    assert!(outcome.failed_calls > 0);
    assert_eq!(outcome.records, 10_000);
}

#[test]
fn a_plan_that_takes_longer_than_a_function_is_refused() {
    let error = run(&figures(), &warm(30_000_000)).unwrap_err();
    assert!(error.to_string().contains("split the run"), "{error}");
}

#[test]
fn a_bill_adds_up() {
    let scenario = warm(100_000);
    let outcome = outcome(&scenario);
    let bill = Bill::of(&figures(), &outcome);
    let sum: u64 = bill.items.iter().map(|item| item.price.of(item.quantity)).sum();
    assert_eq!(bill.micro_dollars(), sum);
    let quantity = |name| bill.items.iter().find(|item| item.name == name).unwrap().quantity;
    // The table bills what it took.
    let writes = quantity("table writes") + quantity("index writes");
    let spread = outcome.table.units_milli;
    // A chunk that is not full has its own record all the same.
    assert!((spread..=spread + outcome.chunks * 3_000).contains(&writes));
    assert_eq!(quantity("index writes"), 100_000 * 2_000);
    assert_eq!(quantity("state machine"), outcome.transitions);
}

#[test]
fn prices_are_those_of_the_reference() {
    // A million of 8 and 2 units, as in the published table: $6.25.
    assert_eq!(WRITE_UNIT.of(10_000_000_000), 6_250_000);
    assert_eq!(READ_UNIT.of(37_500_000), 4_688);
    // 1,000 s with 1.73 GB: $0.023.
    assert_eq!(FUNCTION_TIME.of(1_000_000 * 1_769), 23_034);
    assert_eq!(TRANSITION.of(600), 15_000);
    // Half a micro-dollar is rounded up, and nothing costs nothing.
    assert_eq!((WRITE_UNIT.of(800), WRITE_UNIT.of(799), WRITE_UNIT.of(0)), (1, 0, 0));
}

#[test]
fn ten_million_records_take_less_than_an_hour_over_a_warm_table() {
    let scenario = COLUMNS[0].scenario(&figures(), 10_000_000);
    let outcome = outcome(&scenario);
    assert_eq!(outcome.records, 10_000_000);
    assert!(outcome.wall_us() < 60 * 60 * 1_000_000);
}

#[test]
fn the_report_names_every_figure_and_what_binds() {
    let report = report(&figures(), &[10_000]).unwrap();
    for source in figures().sources {
        assert!(report.contains(&source.what), "{}", source.name);
    }
    assert!(report.contains("what binds"));
    assert!(report.contains("10,000,000 records in under 60 minutes"));
}
