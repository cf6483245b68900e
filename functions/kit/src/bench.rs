//! What a subject costs, in batches of several sizes, of several components side by side.

use std::time::Duration;

use arrears_host::{Grant, Plugin, Subject};
use serde::Serialize;

use crate::case::Case;

/// Sizes of batches that are measured.
pub const BATCHES: [u32; 3] = [1, 10, 100];

/// Requests that are measured at the least; their median counts.
const REPEATS_MIN: usize = 5;
/// Requests are repeated until they took so long, ...
const WALL_MIN: Duration = Duration::from_millis(100);
/// ... but no more often than this.
const REPEATS_MAX: usize = 1_000;

/// One case of one component in batches of one size.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// The component, as it was named.
    pub component: String,
    /// The case's file.
    pub case: String,
    /// Subjects in a request.
    pub batch: u32,
    /// Instructions of a subject: those of the request, start of the plugin included, by
    /// its subjects.
    pub fuel_per_subject: u64,
    /// The same of time: the median of all repeats.
    pub wall_ns_per_subject: u64,
    /// The most linear memory that the plugin had.
    pub memory_high_water_bytes: usize,
    /// Subjects of the request for which there was no decision: the figure is that of a
    /// failure.
    pub defects: usize,
}

/// Measures a component with the cases whose config it takes and that have subjects. The
/// subjects of a case are repeated until they fill the batch.
#[must_use]
pub fn bench(name: &str, plugin: &Plugin, cases: &[Case], batches: &[u32]) -> Vec<Measured> {
    let is_measurable = |case: &&Case| {
        !case.subjects.is_empty() && plugin.check_config(&case.configuration).is_ok()
    };
    let mut measured = Vec::new();
    for case in cases.iter().filter(is_measurable) {
        for batch in batches {
            measured.push(measure(name, plugin, case, *batch));
        }
    }
    measured
}

fn measure(name: &str, plugin: &Plugin, case: &Case, batch: u32) -> Measured {
    let subjects = filled(case, batch);
    let grant = Grant::of(plugin.descriptor());
    let request = || plugin.perform(&grant, &case.context, &case.configuration, &subjects);
    // The first one warms up, and is the same as all others but for its time.
    let first = request();
    let mut walls = Vec::new();
    let mut wall = Duration::ZERO;
    while walls.len() < REPEATS_MIN || (wall < WALL_MIN && walls.len() < REPEATS_MAX) {
        walls.push(request().usage.wall);
        wall += walls[walls.len() - 1];
    }
    walls.sort_unstable();
    let median = walls[walls.len() / 2];
    Measured {
        component: name.to_owned(),
        case: case.path.display().to_string(),
        batch,
        fuel_per_subject: first.usage.fuel / u64::from(batch),
        wall_ns_per_subject: u64::try_from(median.as_nanos()).unwrap_or(u64::MAX)
            / u64::from(batch),
        memory_high_water_bytes: first.usage.memory_high_water_bytes,
        defects: first.strikes.len(),
    }
}

fn filled(case: &Case, batch: u32) -> Vec<Subject> {
    let subjects = case.subjects.iter().cycle().zip(0..batch);
    subjects
        .map(|(subject, number)| Subject {
            key: format!("{}/{number}", subject.key),
            ..subject.clone()
        })
        .collect()
}
