//! The table as a run meets it: token buckets for the table and for each shard of the
//! index, and a table that grows as it is used.

use crate::simulate::limits::TABLE_DOUBLES_AFTER_S;

const SECOND_US: u64 = 1_000_000;

/// What a bucket holds, in parts of what a second fills it with. DynamoDB lends more of
/// what was not used before, but promises nothing.
const BUCKETS_PER_SECOND: u64 = 10;

/// Tokens are millionths of a thousandth of a unit, so that a rate times a time is exact.
const TOKENS_PER_MILLI: u64 = SECOND_US;

/// Fills with time up to a brim.
#[derive(Debug, Clone)]
struct Bucket {
    /// Thousandths of a unit a second, which is tokens a microsecond.
    rate_milli: u64,
    tokens: u64,
    filled_at_us: u64,
}

impl Bucket {
    fn new(units: u64) -> Self {
        let rate_milli = units * 1_000;
        Self { rate_milli, tokens: Self::brim(rate_milli), filled_at_us: 0 }
    }

    fn brim(rate_milli: u64) -> u64 {
        rate_milli * (SECOND_US / BUCKETS_PER_SECOND)
    }

    /// Fills up, and gives the tokens that ran in or over.
    fn fill(&mut self, now_us: u64) -> u64 {
        let gained = (now_us - self.filled_at_us).saturating_mul(self.rate_milli);
        self.tokens = self.tokens.saturating_add(gained).min(Self::brim(self.rate_milli));
        self.filled_at_us = now_us;
        gained
    }

    fn has(&self, milli: u64) -> bool {
        self.tokens >= milli * TOKENS_PER_MILLI
    }

    fn take(&mut self, milli: u64) {
        self.tokens -= milli * TOKENS_PER_MILLI;
    }
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was made.
    Committed,
    /// The table takes no more this moment.
    TableThrottled,
    /// The shard of the index takes no more this moment; the table's write is refused.
    IndexThrottled,
}

/// What the table was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// Write units, in thousandths.
    pub units_milli: u64,
    /// Those of the busiest second.
    pub peak_second_milli: u64,
    /// Transactions that the table refused.
    pub table_refused: u64,
    /// Transactions that the index refused.
    pub index_refused: u64,
    /// Seconds of the clock in which something was refused.
    pub throttled_s: u64,
    /// What it would have taken until the last transaction, in thousandths of a unit.
    pub offered_milli: u64,
}

/// The table with its index.
#[derive(Debug, Clone)]
pub struct Table {
    table: Bucket,
    shards: Vec<Bucket>,
    quota_units: u64,
    /// When the time began after which the table may be larger.
    grown_at_us: u64,
    minute: Interval,
    /// Of the busiest minute since then.
    peak_minute_milli: u64,
    second: Interval,
    throttled: Interval,
    offered_tokens: u128,
    usage: Use,
}

/// What was counted in the current second or minute.
#[derive(Debug, Clone, Default)]
struct Interval {
    number: u64,
    count: u64,
}

impl Interval {
    /// Counts in an interval, and gives what it has so far.
    fn add(&mut self, number: u64, count: u64) -> u64 {
        if self.number != number {
            *self = Self { number, count: 0 };
        }
        self.count += count;
        self.count
    }
}

impl Table {
    /// A table that takes so many units a second now, and at most its quota later.
    pub fn new(units: u64, quota_units: u64, shards: u64, shard_units: u64) -> Self {
        let shards = (0..shards).map(|_| Bucket::new(shard_units)).collect();
        Self {
            table: Bucket::new(units.min(quota_units)),
            shards,
            quota_units,
            grown_at_us: 0,
            minute: Interval::default(),
            peak_minute_milli: 0,
            second: Interval::default(),
            throttled: Interval { number: u64::MAX, count: 0 },
            offered_tokens: 0,
            usage: Use::default(),
        }
    }

    /// Sends a transaction. Time never goes back.
    pub fn commit(&mut self, now_us: u64, shard: usize, units: u64, index_units: u64) -> Answer {
        self.grow(now_us);
        self.offered_tokens += u128::from(self.table.fill(now_us));
        self.shards[shard].fill(now_us);
        if !self.shards[shard].has(index_units) {
            self.usage.index_refused += 1;
            self.refused(now_us);
            return Answer::IndexThrottled;
        }
        if !self.table.has(units) {
            self.usage.table_refused += 1;
            self.refused(now_us);
            return Answer::TableThrottled;
        }
        self.shards[shard].take(index_units);
        self.table.take(units);
        self.usage.units_milli += units;
        let second = self.second.add(now_us / SECOND_US, units);
        self.usage.peak_second_milli = self.usage.peak_second_milli.max(second);
        let minute = self.minute.add(now_us / (60 * SECOND_US), units);
        self.peak_minute_milli = self.peak_minute_milli.max(minute);
        Answer::Committed
    }

    fn refused(&mut self, now_us: u64) {
        if self.throttled.add(now_us / SECOND_US, 1) == 1 {
            self.usage.throttled_s += 1;
        }
    }

    /// After each half hour the table takes twice what its busiest minute took.
    fn grow(&mut self, now_us: u64) {
        if now_us - self.grown_at_us < TABLE_DOUBLES_AFTER_S * SECOND_US {
            return;
        }
        self.offered_tokens += u128::from(self.table.fill(now_us));
        let doubled = self.peak_minute_milli * 2 / 60;
        let grown = self.table.rate_milli.max(doubled).min(self.quota_units * 1_000);
        self.table.rate_milli = grown;
        self.grown_at_us = now_us;
        self.peak_minute_milli = 0;
    }

    /// What it was asked for, until now.
    pub fn usage(&self) -> Use {
        let offered = self.offered_tokens / u128::from(TOKENS_PER_MILLI);
        let offered_milli = u64::try_from(offered).unwrap_or(u64::MAX);
        Use { offered_milli, ..self.usage.clone() }
    }

    /// Write units a second that it takes by now.
    pub fn units(&self) -> u64 {
        self.table.rate_milli / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends 6 units each millisecond for so many seconds, and gives how many committed.
    fn send(table: &mut Table, from_s: u64, seconds: u64, shards: usize) -> u64 {
        let times = (from_s * 1_000..(from_s + seconds) * 1_000).enumerate();
        let answers = times.map(|(n, ms)| table.commit(ms * 1_000, n % shards, 6_000, 2_000));
        answers.filter(|answer| *answer == Answer::Committed).count() as u64
    }

    #[test]
    fn a_table_takes_its_units_and_what_is_in_the_bucket() {
        let mut table = Table::new(4_000, 40_000, 16, 1_000);
        let committed = send(&mut table, 0, 30, 16);
        assert!(((4_000 * 29) / 6..=(4_000 * 30 + 400) / 6).contains(&committed), "{committed}");
        assert_eq!(table.usage().units_milli, committed * 6_000);
        assert!(table.usage().peak_second_milli <= 4_400_000);
        assert_eq!((table.usage().index_refused, table.usage().throttled_s), (0, 30));
        assert_eq!(table.usage().table_refused, 30_000 - committed);
    }

    #[test]
    fn a_shard_of_the_index_holds_the_table_back() {
        let mut table = Table::new(40_000, 40_000, 16, 1_000);
        let committed = send(&mut table, 0, 30, 1);
        assert!(((1_000 * 29) / 2..=(1_000 * 30 + 100) / 2).contains(&committed), "{committed}");
        assert_eq!((table.usage().table_refused, table.usage().throttled_s), (0, 30));
    }

    #[test]
    fn a_table_doubles_what_it_took_half_an_hour_after() {
        let mut table = Table::new(4_000, 10_000, 16, 1_000);
        send(&mut table, 0, 120, 16);
        assert_eq!(table.units(), 4_000);
        send(&mut table, 1_799, 1, 16);
        assert_eq!(table.units(), 4_000);
        send(&mut table, 1_800, 60, 16);
        // 6,000 a second were asked for, and 4,000 were taken.
        assert!((7_900..=8_100).contains(&table.units()), "{}", table.units());
        // 6,000 a second were taken since; twice that is above the quota.
        send(&mut table, 3_600, 1, 16);
        assert_eq!(table.units(), 10_000);
        // A quiet half hour takes nothing away.
        send(&mut table, 7_200, 1, 16);
        assert_eq!(table.units(), 10_000);
    }
}
