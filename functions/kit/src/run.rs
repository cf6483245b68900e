//! A case once, to be looked at.

use arrears_host::{Plugin, Usage};
use serde::Serialize;
use serde_json::Value;

use crate::case::{self, Case};

/// What came of a case, and what it cost.
#[derive(Debug, Serialize)]
pub struct Ran {
    /// The case's file.
    pub file: String,
    /// What it shows.
    pub about: String,
    /// The decisions, or why the config was refused, in the shape of a case's `expect`.
    pub outcome: Value,
    /// Rules of the contract that the plugin broke.
    pub defects: Vec<String>,
    /// Subjects.
    pub subjects: u64,
    /// Instructions of the whole request.
    pub fuel: u64,
    /// What the plugin declares that a subject may cost.
    pub fuel_per_item_declared: u64,
    /// The most linear memory that the plugin had.
    pub memory_high_water_bytes: usize,
    /// Time in the sandbox, its start included.
    pub wall_us: u64,
    /// What the plugin wrote for the operator.
    pub log: Vec<Line>,
}

/// A line of a plugin's log.
#[derive(Debug, Serialize)]
pub struct Line {
    /// `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// The text.
    pub message: String,
}

/// Puts a case through a plugin. What the case expects is not looked at.
#[must_use]
pub fn run(plugin: &Plugin, case: &Case) -> Ran {
    let outcome = case::perform(plugin, case);
    let Usage { cases, fuel, wall, memory_high_water_bytes, .. } = outcome.usage;
    Ran {
        file: case.path.display().to_string(),
        about: case.about.clone(),
        outcome: outcome.found,
        defects: outcome.defects,
        subjects: cases,
        fuel,
        fuel_per_item_declared: plugin.descriptor().fuel_per_item,
        memory_high_water_bytes,
        wall_us: u64::try_from(wall.as_micros()).unwrap_or(u64::MAX),
        log: outcome.log.into_iter().map(Line::from).collect(),
    }
}

impl From<arrears_host::LogLine> for Line {
    fn from(line: arrears_host::LogLine) -> Self {
        use arrears_host::contract::Level;
        let level = match line.level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        Self { level, message: line.message }
    }
}
