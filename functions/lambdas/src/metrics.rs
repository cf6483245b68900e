//! Metrics: one line of the embedded metric format for each chunk, on stdout, from
//! which CloudWatch takes them
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
//!
//! One line a chunk, not one a record: a line of 300 bytes costs $0.15 a million.

use arrears_domain::Date;
use arrears_runs::record::{ChunkSummary, RunRecord, Totals};
use serde_json::{Map, Value, json};
use std::time::Duration;

const NAMESPACE: &str = "Arrears";

/// Where metrics go, and what all of them have in common.
#[derive(Debug, Clone)]
pub struct Metrics {
    agency: String,
    kind: String,
}

/// A metric: its name, its unit and its value.
type Metric = (&'static str, &'static str, u64);

impl Metrics {
    /// Metrics of an agency and a kind of work: `collections`, `events` and so on.
    #[must_use]
    pub fn new(agency: &str, kind: &str) -> Self {
        Self { agency: agency.to_owned(), kind: kind.to_owned() }
    }

    /// What a chunk came to.
    pub fn chunk(&self, run: &RunRecord, summary: &ChunkSummary, took: Duration) {
        let mut metrics = totals(&summary.totals);
        metrics.push(("ChunkDurationMs", "Milliseconds", milliseconds(took)));
        metrics.push(("RunAgeSeconds", "Seconds", run.age(chrono::Utc::now()).as_secs()));
        if let Some(oldest) = summary.oldest_due_on {
            metrics.push(("OldestDueDays", "Count", days(oldest, run.as_of)));
        }
        let about = [("run_key", json!(run.run_key)), ("chunk", json!(summary.chunk))];
        self.put(&metrics, &about);
    }

    /// That a run is under way, or has come to its end.
    pub fn run(&self, run: &RunRecord, is_finished: bool) {
        let mut metrics = vec![("RunAgeSeconds", "Seconds", run.age(chrono::Utc::now()).as_secs())];
        if is_finished {
            let errors = run.totals.as_ref().map_or(0, |totals| totals.errors);
            metrics.push(("RunFinished", "Count", 1));
            metrics.push(("RunDurationMs", "Milliseconds", run.duration_ms));
            metrics.push(("RunErrors", "Count", errors));
        }
        self.put(&metrics, &[("run_key", json!(run.run_key))]);
    }

    /// What a run without chunks came to, as if it were one.
    pub fn whole(&self, run: &RunRecord) {
        let Some(all) = &run.totals else { return };
        let mut metrics = totals(all);
        metrics.push(("ChunkDurationMs", "Milliseconds", run.duration_ms));
        self.put(&metrics, &[("run_key", json!(run.run_key))]);
    }

    /// Counts by name.
    pub fn counts(&self, counts: &[(&'static str, u64)]) {
        let metrics: Vec<Metric> =
            counts.iter().map(|(name, count)| (*name, "Count", *count)).collect();
        self.put(&metrics, &[]);
    }

    fn put(&self, metrics: &[Metric], about: &[(&str, Value)]) {
        let now = chrono::Utc::now().timestamp_millis();
        println!("{}", self.line(now, metrics, about));
    }

    fn line(&self, timestamp_ms: i64, metrics: &[Metric], about: &[(&str, Value)]) -> Value {
        let named: Vec<Value> =
            metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": timestamp_ms,
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Agency", "Kind"]],
                    "Metrics": named,
                }],
            }),
        );
        line.insert("Agency".to_owned(), json!(self.agency));
        line.insert("Kind".to_owned(), json!(self.kind));
        line.extend(metrics.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
        line.extend(about.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Object(line)
    }
}

fn totals(totals: &Totals) -> Vec<Metric> {
    let plugins = totals.plugins.values();
    let sum = |of: fn(&arrears_runs::record::PluginUse) -> u64| plugins.clone().map(of).sum();
    let units = |milli: u64| milli.div_ceil(1_000);
    vec![
        ("Processed", "Count", totals.processed),
        ("Errors", "Count", totals.errors),
        ("Omitted", "Count", totals.omitted),
        ("PluginFuel", "Count", sum(|it| it.fuel)),
        ("PluginDurationMs", "Milliseconds", sum(|it| it.duration_us) / 1_000),
        ("PluginStrikes", "Count", sum(|it| it.strikes)),
        ("PluginsQuarantined", "Count", sum(|it| u64::from(it.is_quarantined))),
        ("PluginWithheld", "Count", sum(|it| it.withheld)),
        ("ReadUnits", "Count", units(totals.capacity.read_units_milli)),
        ("WriteUnits", "Count", units(totals.capacity.write_units_milli)),
    ]
}

fn days(from: Date, until: Date) -> u64 {
    u64::try_from((until - from).num_days()).unwrap_or(0)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_metrics_and_has_their_values() {
        let metrics = Metrics::new("river", "collections");
        let about = [("run_key", json!("collections-000001"))];
        let line = metrics.line(1_000, &[("Processed", "Count", 7)], &about);
        let expected = json!({
            "_aws": {
                "Timestamp": 1_000,
                "CloudWatchMetrics": [{
                    "Namespace": "Arrears",
                    "Dimensions": [["Agency", "Kind"]],
                    "Metrics": [{ "Name": "Processed", "Unit": "Count" }],
                }],
            },
            "Agency": "river",
            "Kind": "collections",
            "Processed": 7,
            "run_key": "collections-000001",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn what_is_due_tomorrow_is_not_late() {
        let date = |text: &str| text.parse().unwrap();
        assert_eq!(days(date("2026-01-30"), date("2026-02-02")), 3);
        assert_eq!(days(date("2026-02-03"), date("2026-02-02")), 0);
    }
}
