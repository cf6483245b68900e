//! What is paid for each month, whether anything runs or not.

use crate::simulate::bill::Price;
use crate::simulate::measured::Figures;
use crate::simulate::text::{dollars, grouped, table};

/// A GB of the table for a month (<https://aws.amazon.com/dynamodb/pricing/on-demand/>).
const TABLE_BYTE: Price = Price { micro_dollars: 250_000, per: 1 << 30, words: "$0.25 a GB" };

/// The same GB, kept for point-in-time recovery (the same page).
const RECOVERY_BYTE: Price = Price { micro_dollars: 200_000, per: 1 << 30, words: "$0.20 a GB" };

/// A GB of files (<https://aws.amazon.com/s3/pricing/>).
const FILE_BYTE: Price = Price { micro_dollars: 23_000, per: 1 << 30, words: "$0.023 a GB" };

/// A GB of logs that are kept (<https://aws.amazon.com/cloudwatch/pricing/>).
const KEPT_LOG_BYTE: Price = Price { micro_dollars: 30_000, per: 1 << 30, words: "$0.03 a GB" };

/// A key of one's own (<https://aws.amazon.com/kms/pricing/>).
const KEY: Price = Price { micro_dollars: 1_000_000, per: 1, words: "$1 each" };

/// A metric that an alarm looks at (<https://aws.amazon.com/cloudwatch/pricing/>).
const ALARM: Price = Price { micro_dollars: 100_000, per: 1, words: "$0.10 each" };

/// A dashboard (the same page). An account has three for nothing.
const DASHBOARD: Price = Price { micro_dollars: 3_000_000, per: 1, words: "$3 each" };

/// A metric of one's own in an hour of the month's 730 in which it was written (the
/// same page).
const METRIC_HOUR: Price = Price { micro_dollars: 300_000, per: 730, words: "$0.30 a month" };

/// A firing of a schedule (<https://aws.amazon.com/eventbridge/pricing/>). The first 14
/// million of a month cost nothing.
const SCHEDULE: Price = Price { micro_dollars: 1_000_000, per: 1_000_000, words: "$1 a million" };

/// A request to a queue (<https://aws.amazon.com/sqs/pricing/>). The first million of a
/// month costs nothing.
const QUEUE_REQUEST: Price =
    Price { micro_dollars: 400_000, per: 1_000_000, words: "$0.40 a million" };

/// Lambda asks a quiet queue with so many pollers, each of which waits 20 s
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>).
const POLLERS: u64 = 5;
const POLLS_PER_MONTH: u64 = 30 * 24 * 60 * 3;

/// A transition is an item of up to this size, and the table counts 100 bytes more for
/// each item.
const HISTORY_BYTES: u64 = 1_024 + 100;

/// What the Terraform module sets up.
mod module {
    /// Metrics that alarms of `infra/alarms.tf` look at: 44 and 2 alarms look at one
    /// each, and 4 at three.
    pub const ALARM_METRICS: u64 = 44 + 2 + 4 * 3;
    /// Queues with a function behind them.
    pub const QUEUES: u64 = 3;
    /// Kinds of runs that are scheduled each day.
    pub const DAILY_KINDS: u64 = 2;
    /// Metrics of a kind of run: `functions/lambdas/src/metrics.rs`.
    pub const METRICS_PER_KIND: u64 = 16;
}

/// What is kept: its price, and its bytes for so many records.
type Kept<'a> = (&'static str, Price, &'a dyn Fn(u64) -> u64);

/// A name, how many, the same for people, and the price.
type Row = (&'static str, u64, String, Price);

/// What one run of each size leaves behind, a month of it.
pub fn kept(figures: &Figures, sizes: &[u64]) -> String {
    let mut head = vec!["a month of".to_owned(), "price".to_owned()];
    head.extend(sizes.iter().map(|records| format!("{} records", grouped(*records))));
    let chunks = |records: u64| records.div_ceil(figures.chunk_records);
    let history = |records: u64| records * HISTORY_BYTES;
    let files = |records: u64| records * (figures.journal_record_bytes + figures.plan_record_bytes);
    let logs = |records: u64| chunks(records) * figures.log_chunk_bytes;
    let kept: [Kept; 4] = [
        ("history in the table", TABLE_BYTE, &history),
        ("its recovery", RECOVERY_BYTE, &history),
        ("journals and plan", FILE_BYTE, &files),
        ("logs, until they expire", KEPT_LOG_BYTE, &logs),
    ];
    let rows = kept.iter().map(|(name, price, bytes)| {
        let amounts = sizes.iter().map(|records| dollars(price.of(bytes(*records))));
        [(*name).to_owned(), price.words.to_owned()].into_iter().chain(amounts).collect()
    });
    let sum = |records: u64| kept.iter().map(|(_, price, bytes)| price.of(bytes(records))).sum();
    let sums = sizes.iter().map(|records| format!("**{}**", dollars(sum(*records))));
    let last = ["**in all**".to_owned(), String::new()].into_iter().chain(sums).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).chain([last]).collect();
    table(&rows)
}

/// What stands there costs in a month in which runs of an hour start each day, and
/// nothing else happens.
pub fn standing() -> String {
    let rows = items();
    let head = ["", "a month", "price", "amount"].map(str::to_owned).to_vec();
    let total = rows.iter().map(|(_, quantity, _, price)| price.of(*quantity)).sum();
    let total = format!("**{}**", dollars(total));
    let last = vec!["**in all**".to_owned(), String::new(), String::new(), total];
    let rows = rows.into_iter().map(|(name, quantity, shown, price)| {
        vec![name.to_owned(), shown, price.words.to_owned(), dollars(price.of(quantity))]
    });
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).chain([last]).collect();
    table(&rows)
}

fn items() -> Vec<Row> {
    let metrics = module::METRICS_PER_KIND * module::DAILY_KINDS;
    let metric_hours = metrics * 30;
    let polls = module::QUEUES * POLLERS * POLLS_PER_MONTH;
    let fired = module::DAILY_KINDS * 30;
    vec![
        ("customer key", 1, "1 key".to_owned(), KEY),
        ("alarms", module::ALARM_METRICS, format!("{} metrics", module::ALARM_METRICS), ALARM),
        ("dashboard", 1, "1 dashboard".to_owned(), DASHBOARD),
        ("metrics", metric_hours, format!("{metrics} for 30 of 730 hours"), METRIC_HOUR),
        ("queues that are asked", polls, format!("{} requests", grouped(polls)), QUEUE_REQUEST),
        ("schedules", fired, format!("{fired} firings"), SCHEDULE),
    ]
}
