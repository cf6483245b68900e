//! A file of events, one a line.

use super::batch::{Answer, Applier, Outcome};
use super::cloud_event::{EVENT_BYTES_MAX, read, too_large};
use crate::error::RunError;
use crate::lines::{Lines, Unreadable};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

/// Lines that are applied together: enough to make batches of plugin calls
/// cheap, few enough that memory stays flat.
const BATCH_LINES: usize = 500;

/// The most answers that a report repeats.
const PARKED_SHOWN_MAX: usize = 100;

/// What became of a file of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EventsReport {
    /// Events read; empty lines do not count.
    pub events: u64,
    /// Applied.
    pub applied: u64,
    /// Applied before.
    pub duplicates: u64,
    /// Parked in the dead-letter list.
    pub parked: u64,
    /// The same by reason.
    pub parked_by_code: BTreeMap<String, u64>,
    /// The first that were parked, with their lines.
    pub first_parked: Vec<(u64, Answer)>,
    /// Records that changed.
    pub changes: u64,
    /// Effects by kind.
    pub effects: BTreeMap<String, u64>,
}

/// Why a file of events could not be applied to its end. What was applied
/// stands; the same file may be applied again.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The file cannot be read.
    #[error("line {line} cannot be read: {source}")]
    Read {
        /// From 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Applies each line, and says what became of them.
///
/// # Errors
/// The lines cannot be read, or the store fails.
pub async fn apply_lines(
    applier: &Applier,
    lines: impl BufRead,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<EventsReport, StreamError> {
    let mut report = EventsReport::default();
    let mut lines = Lines::new(lines, EVENT_BYTES_MAX);
    let mut batch = Vec::with_capacity(BATCH_LINES);
    let mut numbers = Vec::with_capacity(BATCH_LINES);
    loop {
        let unreadable = |it: Unreadable| StreamError::Read { line: it.line, source: it.source };
        let Some(line) = lines.next_line().map_err(unreadable)? else { break };
        numbers.push(line.number);
        batch.push(if line.is_too_long {
            too_large(line.bytes)
        } else {
            read(line.bytes, applier.zone())
        });
        if batch.len() == BATCH_LINES {
            let answers = applier.apply(std::mem::take(&mut batch)).await?;
            report.count(std::mem::take(&mut numbers), answers);
            progress(report.events);
        }
    }
    let answers = applier.apply(batch).await?;
    report.count(numbers, answers);
    progress(report.events);
    Ok(report)
}

impl EventsReport {
    fn count(&mut self, numbers: Vec<u64>, answers: Vec<Answer>) {
        for (number, answer) in numbers.into_iter().zip(answers) {
            self.events += 1;
            match &answer.outcome {
                Outcome::Applied(done) => {
                    self.applied += 1;
                    self.changes += done.changes.len() as u64;
                    for effect in &done.effects {
                        *self.effects.entry(effect.clone()).or_default() += 1;
                    }
                }
                Outcome::Duplicate => self.duplicates += 1,
                Outcome::Parked { code, .. } => {
                    self.parked += 1;
                    *self.parked_by_code.entry(code.clone()).or_default() += 1;
                    if self.first_parked.len() < PARKED_SHOWN_MAX {
                        self.first_parked.push((number, answer));
                    }
                }
            }
        }
    }
}
