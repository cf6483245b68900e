//! The bill of a run, item by item, in whole micro-dollars.

use crate::simulate::limits::INDEX_SHARDS;
use crate::simulate::measured::Figures;
use crate::simulate::outcome::Outcome;
use crate::simulate::text::grouped;

/// A price: so many micro-dollars for so many of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// The micro-dollars.
    pub micro_dollars: u64,
    /// How many of it they pay for.
    pub per: u64,
    /// In words.
    pub words: &'static str,
}

/// A write request unit, on-demand, us-east-1, since November 2024: the constant of
/// `functions/storage/src/meter.rs` (<https://aws.amazon.com/dynamodb/pricing/on-demand/>).
pub const WRITE_UNIT: Price =
    Price { micro_dollars: 625_000, per: 1_000_000_000, words: "$0.625 a million" };

/// A read request unit, from the same places.
pub const READ_UNIT: Price =
    Price { micro_dollars: 125_000, per: 1_000_000_000, words: "$0.125 a million" };

/// A GB-second of a function on arm64, here for megabyte-milliseconds
/// (<https://aws.amazon.com/lambda/pricing/>).
pub const FUNCTION_TIME: Price = Price {
    micro_dollars: 133_334,
    per: 10_000 * 1_024 * 1_000,
    words: "$0.0000133334 a GB-second",
};

/// A call of a function (the same page).
pub const FUNCTION_CALL: Price =
    Price { micro_dollars: 200_000, per: 1_000_000, words: "$0.20 a million" };

/// A transition of a standard state machine
/// (<https://aws.amazon.com/step-functions/pricing/>).
pub const TRANSITION: Price = Price { micro_dollars: 25_000, per: 1_000, words: "$0.025 a 1,000" };

/// A PUT, COPY, POST or LIST of S3 Standard (<https://aws.amazon.com/s3/pricing/>).
pub const FILE_PUT: Price = Price { micro_dollars: 5_000, per: 1_000, words: "$0.005 a 1,000" };

/// A GET (the same page).
pub const FILE_GET: Price = Price { micro_dollars: 400, per: 1_000, words: "$0.0004 a 1,000" };

/// A GB of logs taken in (<https://aws.amazon.com/cloudwatch/pricing/>).
pub const LOG_BYTE: Price = Price { micro_dollars: 500_000, per: 1 << 30, words: "$0.50 a GB" };

impl Price {
    /// The price of so many, half a micro-dollar rounded up.
    pub fn of(&self, quantity: u64) -> u64 {
        let (price, per) = (u128::from(self.micro_dollars), u128::from(self.per));
        let amount = (u128::from(quantity) * price + per / 2) / per;
        u64::try_from(amount).unwrap_or(u64::MAX)
    }
}

/// An item of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is paid for.
    pub name: &'static str,
    /// How many the price is for.
    pub quantity: u64,
    /// The same, for people.
    pub shown: String,
    /// The price.
    pub price: Price,
}

impl Item {
    /// What it comes to.
    pub fn micro_dollars(&self) -> u64 {
        self.price.of(self.quantity)
    }
}

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The items.
    pub items: Vec<Item>,
}

impl Bill {
    /// The bill of a run.
    pub fn of(figures: &Figures, outcome: &Outcome) -> Self {
        let quantities = Quantities::of(figures, outcome);
        let units = |milli: u64| format!("{} units", grouped(milli.div_ceil(1_000)));
        let item = |name, quantity, shown, price| Item { name, quantity, shown, price };
        let count = |quantity: u64, what: &str| format!("{} {what}", grouped(quantity));
        let Quantities { table_milli, index_milli, reads_milli, puts, gets, log_bytes } =
            quantities;
        let memory_mb = figures.function_memory_mb;
        let items = vec![
            item("table writes", table_milli, units(table_milli), WRITE_UNIT),
            item("index writes", index_milli, units(index_milli), WRITE_UNIT),
            item("reads", reads_milli, units(reads_milli), READ_UNIT),
            item(
                "function time",
                outcome.function_ms * memory_mb,
                count(gb_seconds(figures, outcome), "GB-seconds"),
                FUNCTION_TIME,
            ),
            item("function calls", outcome.calls, count(outcome.calls, "calls"), FUNCTION_CALL),
            item(
                "state machine",
                outcome.transitions,
                count(outcome.transitions, "transitions"),
                TRANSITION,
            ),
            item("files written", puts, count(puts, "requests"), FILE_PUT),
            item("files read", gets, count(gets, "requests"), FILE_GET),
            item("logs and metrics", log_bytes, count(log_bytes, "bytes"), LOG_BYTE),
        ];
        Self { items }
    }

    /// What all items come to.
    pub fn micro_dollars(&self) -> u64 {
        self.items.iter().map(Item::micro_dollars).sum()
    }
}

/// GB-seconds, rounded.
pub fn gb_seconds(figures: &Figures, outcome: &Outcome) -> u64 {
    let megabyte_ms = outcome.function_ms * figures.function_memory_mb;
    (megabyte_ms + 512_000) / 1_024_000
}

/// What a run used.
pub struct Quantities {
    /// Write units of the table, in thousandths.
    table_milli: u64,
    /// Of the index.
    index_milli: u64,
    /// Read units.
    reads_milli: u64,
    /// Files written: the plan, the portions, the journals.
    puts: u64,
    /// Files read: the plan, by whoever cuts it and by each call; setup and artifacts.
    gets: u64,
    /// Bytes of logs, the lines of metrics among them.
    pub log_bytes: u64,
}

impl Quantities {
    /// Requests to S3.
    pub fn files(&self) -> u64 {
        self.puts + self.gets
    }
}

/// Files that a function reads before its first call: the setup and eight artifacts.
const FILES_OF_START: u64 = 9;

impl Quantities {
    /// Of a run.
    pub fn of(figures: &Figures, outcome: &Outcome) -> Self {
        let (records, chunks) = (outcome.records, outcome.chunks);
        let index_milli = records * figures.record_index_units_milli;
        let table_each = figures.record_write_units_milli - figures.record_index_units_milli;
        let table_milli = records * table_each + chunks * figures.chunk_write_units_milli;
        let summaries = (chunks * figures.summary_chunk_bytes).div_ceil(4_096) * 1_000;
        let reads_milli = records
            * (figures.record_read_units_milli + figures.due_read_units_milli)
            + chunks * figures.chunk_read_units_milli
            + summaries;
        Self {
            table_milli,
            index_milli,
            reads_milli,
            puts: INDEX_SHARDS + 1 + chunks,
            gets: INDEX_SHARDS + 1 + outcome.calls + FILES_OF_START * (outcome.concurrency + 2),
            log_bytes: chunks * figures.log_chunk_bytes + outcome.calls * figures.log_call_bytes,
        }
    }
}
