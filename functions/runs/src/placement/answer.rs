//! What became of each line, and of all of them.

use super::line::Said;
use super::refusal::Refused;
use crate::events::{Done, Outcome};
use arrears_domain::Money;
use serde::Serialize;
use std::collections::BTreeMap;

/// The most refused lines that a report repeats; all are counted.
const REFUSED_SHOWN_MAX: usize = 100;
/// The most answers that a report has.
const ANSWERS_MAX: usize = 1_000;
/// Under which name lines are counted whose status is none.
const NO_STATUS: &str = "not understood";

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum LineOutcome {
    /// It is applied, and written; or what it says was so already.
    Applied {
        /// What it did; none if it was so already.
        #[serde(flatten)]
        done: Option<Done>,
        /// What somebody should know of it.
        remarks: Vec<String>,
    },
    /// It was applied before; nothing was written.
    Duplicate,
    /// It is not applied.
    Refused {
        /// A stable word.
        code: String,
        /// What happened, and what to do.
        message: String,
        /// Its id in the dead-letter list, if it waits there: what was read, and
        /// then refused by the rules of events, does.
        dead_letter: Option<String>,
    },
}

/// What is answered to a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineAnswer {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What it says.
    #[serde(flatten)]
    pub said: Said,
    /// The id of the event that it is, if it was understood.
    pub event: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: LineOutcome,
}

/// Lines by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// Applied.
    pub applied: u64,
    /// Applied before.
    pub duplicates: u64,
    /// Not applied.
    pub refused: u64,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The agency from which it came.
    pub collection_agency: String,
    /// Lines read; empty ones and the header do not count.
    pub lines: u64,
    /// All of them by outcome.
    pub outcomes: Outcomes,
    /// The same by status.
    pub by_status: BTreeMap<String, Outcomes>,
    /// Lines that are refused, by reason.
    pub refused_by_code: BTreeMap<String, u64>,
    /// Those of them that wait in the dead-letter list.
    pub parked: u64,
    /// What was paid to the agency by the lines that are applied now, in minor
    /// units, by currency.
    pub taken_in_minor_units: BTreeMap<String, i64>,
    /// The first lines that are refused.
    pub first_refused: Vec<LineAnswer>,
    /// The first answers, in the order of the file.
    pub answers: Vec<LineAnswer>,
}

impl LineOutcome {
    /// The answer to an event, with what there is to say beside it.
    pub(super) fn of(outcome: Outcome, remarks: Vec<String>) -> Self {
        match outcome {
            Outcome::Applied(done) => Self::Applied { done: Some(done), remarks },
            Outcome::Duplicate => Self::Duplicate,
            Outcome::Parked { code, message, dead_letter } => {
                Self::Refused { code, message, dead_letter: Some(dead_letter) }
            }
        }
    }

    /// Its word, as in JSON.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::Duplicate => "duplicate",
            Self::Refused { .. } => "refused",
        }
    }

    /// The stable word of a refusal.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Applied { .. } | Self::Duplicate => None,
        }
    }

    /// What somebody should know of it: remarks, or why it is refused and where
    /// it waits; empty if there is nothing to say.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Applied { remarks, .. } => remarks.join("; "),
            Self::Duplicate => String::new(),
            Self::Refused { message, dead_letter: None, .. } => message.clone(),
            Self::Refused { message, dead_letter: Some(id), .. } => {
                format!("{message}; it waits as dead letter {id}")
            }
        }
    }
}

impl From<&Refused> for LineOutcome {
    fn from(refused: &Refused) -> Self {
        let (code, message) = (refused.code().to_owned(), refused.to_string());
        Self::Refused { code, message, dead_letter: None }
    }
}

impl Outcomes {
    fn count(&mut self, outcome: &LineOutcome) {
        *match outcome {
            LineOutcome::Applied { .. } => &mut self.applied,
            LineOutcome::Duplicate => &mut self.duplicates,
            LineOutcome::Refused { .. } => &mut self.refused,
        } += 1;
    }
}

impl ImportReport {
    /// Counts an answer; `paid` is what its line says was paid.
    pub(super) fn count(&mut self, answer: LineAnswer, paid: Option<Money>) {
        self.lines += 1;
        self.outcomes.count(&answer.outcome);
        let status = answer.said.status_word().unwrap_or(NO_STATUS);
        self.by_status.entry(status.to_owned()).or_default().count(&answer.outcome);
        match &answer.outcome {
            LineOutcome::Applied { .. } => {
                if let Some(paid) = paid {
                    let currency = paid.currency().code().to_owned();
                    let sum = self.taken_in_minor_units.entry(currency).or_default();
                    // A sum that no account could have stays at the most there is.
                    *sum = sum.saturating_add(paid.minor_units());
                }
            }
            LineOutcome::Duplicate => {}
            LineOutcome::Refused { code, dead_letter, .. } => {
                *self.refused_by_code.entry(code.clone()).or_default() += 1;
                self.parked += u64::from(dead_letter.is_some());
                if self.first_refused.len() < REFUSED_SHOWN_MAX {
                    self.first_refused.push(answer.clone());
                }
            }
        }
        if self.answers.len() < ANSWERS_MAX {
            self.answers.push(answer);
        }
    }
}
