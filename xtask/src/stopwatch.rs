//! Says what is being done, and how long each part took.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The parts of a command, in the order in which they were done. What it
/// prints goes to stderr: stdout belongs to the programs that are started.
#[derive(Default)]
pub struct Stopwatch {
    parts: Vec<(&'static str, Duration)>,
}

impl Stopwatch {
    /// Does a part of a command. An error names the part.
    pub fn part<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("==> {name}");
        let start = Instant::now();
        let result = work();
        self.parts.push((name, start.elapsed()));
        result.with_context(|| format!("{name} failed"))
    }

    /// Prints a line for each part.
    pub fn report(&self) {
        let total = self.parts.iter().map(|(_, took)| *took).sum();
        for (name, took) in self.parts.iter().copied().chain([("in all", total)]) {
            eprintln!("{name:<28} {:>8.1} s", took.as_secs_f64());
        }
    }
}
