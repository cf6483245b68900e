//! What the requests consumed, and what that costs on AWS.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::ops::Add;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Price of a write request unit: $0.625 a million, on-demand, us-east-1
/// (<https://aws.amazon.com/dynamodb/pricing/on-demand/>, since November 2024).
pub const WRITE_UNIT_NANO_DOLLARS: u64 = 625;

/// Price of a read request unit: $0.125 a million, from the same page.
pub const READ_UNIT_NANO_DOLLARS: u64 = 125;

/// Consumed capacity. An eventually consistent read takes half a unit, so
/// units are counted in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Read request units, in thousandths.
    pub read_units_milli: u64,
    /// Write request units, in thousandths; those of the index included.
    pub write_units_milli: u64,
    /// Requests to DynamoDB.
    pub requests: u64,
}

impl Capacity {
    /// The price in micro-dollars, half a one rounded up.
    #[must_use]
    pub fn price_micro_dollars(&self) -> u64 {
        // Thousandths of units times nano-dollars: a million to the micro-dollar.
        let total = u128::from(self.read_units_milli) * u128::from(READ_UNIT_NANO_DOLLARS)
            + u128::from(self.write_units_milli) * u128::from(WRITE_UNIT_NANO_DOLLARS);
        u64::try_from((total + 500_000) / 1_000_000).unwrap_or(u64::MAX)
    }

    /// Read request units, rounded up.
    #[must_use]
    pub fn read_units(&self) -> u64 {
        self.read_units_milli.div_ceil(1_000)
    }

    /// Write request units, rounded up.
    #[must_use]
    pub fn write_units(&self) -> u64 {
        self.write_units_milli.div_ceil(1_000)
    }
}

impl Add for Capacity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            read_units_milli: self.read_units_milli + other.read_units_milli,
            write_units_milli: self.write_units_milli + other.write_units_milli,
            requests: self.requests + other.requests,
        }
    }
}

/// Adds up over the tasks of a scope.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    read_units_milli: AtomicU64,
    write_units_milli: AtomicU64,
    requests: AtomicU64,
}

impl Meter {
    pub(crate) fn capacity(&self) -> Capacity {
        Capacity {
            read_units_milli: self.read_units_milli.load(Relaxed),
            write_units_milli: self.write_units_milli.load(Relaxed),
            requests: self.requests.load(Relaxed),
        }
    }

    pub(crate) fn read<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.requests.fetch_add(1, Relaxed);
        self.read_units_milli.fetch_add(units_milli(consumed), Relaxed);
    }

    pub(crate) fn wrote<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.requests.fetch_add(1, Relaxed);
        self.write_units_milli.fetch_add(units_milli(consumed), Relaxed);
    }
}

/// The service reports units as a float, in halves; they are whole from here on.
fn units_milli<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> u64 {
    consumed
        .into_iter()
        .filter_map(|capacity| capacity.capacity_units)
        .map(|units| (units * 1_000.0).round() as u64)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_is_exact_in_integers() {
        // A million transitions of 4 table and 2 index units: $3.75.
        let capacity = Capacity { write_units_milli: 6_000_000_000, ..Capacity::default() };
        assert_eq!(capacity.price_micro_dollars(), 3_750_000);
        // Eight halves of a read unit: half a micro-dollar, rounded up.
        let capacity = Capacity { read_units_milli: 4_000, ..Capacity::default() };
        assert_eq!(capacity.price_micro_dollars(), 1);
        assert_eq!(capacity.read_units(), 4);
    }

    #[test]
    fn a_meter_adds_up() {
        let meter = Meter::default();
        let half = ConsumedCapacity::builder().capacity_units(0.5).build();
        meter.read([&half, &half]);
        meter.wrote([&ConsumedCapacity::builder().capacity_units(6.0).build()]);
        let expected = Capacity { read_units_milli: 1_000, write_units_milli: 6_000, requests: 2 };
        assert_eq!(meter.capacity(), expected);
    }
}
