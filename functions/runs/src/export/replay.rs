//! Replay of an export run: its plan is rendered again, with the setup that it
//! recorded, and every text that comes out is compared with the one that left.

use super::decide::{rendered, told};
use super::plan::{self, PlanLine, PlanReader, PlannedRecord};
use super::template::{FileFacts, FileTotals, Templates};
use crate::error::RunError;
use crate::record::RunRecord;
use crate::run::{Difference, Observer, Replay};
use arrears_domain::{Date, PlacementEntry};
use arrears_storage::Store;
use std::sync::Arc;
use std::time::Instant;

/// What the lines of a plan are rendered again with.
pub(super) struct Replayer<'a> {
    pub(super) templates: &'a Templates,
    pub(super) facts: Arc<FileFacts>,
    pub(super) totals: FileTotals,
    pub(super) as_of: Date,
}

impl Replayer<'_> {
    /// Renders all of a run's plan again.
    pub(super) async fn replay(
        &mut self,
        store: &Store,
        record: &RunRecord,
        observer: &dyn Observer,
    ) -> Result<Replay, RunError> {
        let started = Instant::now();
        let attempt = record.plan.as_ref().map_or(1, |plan| plan.attempt);
        let journal = plan::key(&record.run_key, attempt);
        let mut replay = Replay::of(record);
        replay.journals = 1;
        let mut plan = PlanReader::open(store, &journal).await?;
        let mut number = 0;
        while let Some(line) = plan.next().await? {
            number += 1;
            if matches!(line, PlanLine::Record(_)) {
                replay.records += 1;
                observer.looked_at(1);
            }
            let (account, subject) = names(&line);
            let recorded = text_of(&line);
            let again = self.again(&line).map_err(|reason| RunError::Journal {
                key: journal.clone(),
                line: number,
                reason,
            })?;
            if again != recorded {
                replay.differ(Difference {
                    journal: journal.clone(),
                    line: number,
                    account,
                    subject,
                    recorded,
                    replayed: again,
                });
            }
        }
        replay.took(started.elapsed());
        Ok(replay)
    }

    /// The text of a line as it comes out now.
    fn again(&mut self, line: &PlanLine) -> Result<String, String> {
        let text = match line {
            PlanLine::Opens { file, .. } => {
                self.facts = Arc::new(FileFacts { file_number: *file, ..(*self.facts).clone() });
                self.totals = FileTotals::default();
                rendered(|out| self.templates.header(&self.facts, out))
            }
            PlanLine::Record(record) => return self.record_again(record),
            // What could not be told was not rendered.
            PlanLine::Error(error) => return Ok(error.message.clone()),
            PlanLine::Closes { .. } => {
                rendered(|out| self.templates.trailer(&self.facts, &self.totals, out))
            }
        };
        Ok(text.unwrap_or_else(|error| error.to_string()))
    }

    fn record_again(&mut self, record: &PlannedRecord) -> Result<String, String> {
        let entry = PlacementEntry::try_from(&record.entry).map_err(|error| error.to_string())?;
        let row = Arc::new(record.inputs.row(&entry, self.as_of)?);
        let text = rendered(|out| self.templates.record(&row, &self.facts, out));
        self.totals.count(&row).map_err(|error| error.to_string())?;
        let told = told(&row.account, row.contact.as_ref(), &row.delinquency);
        let told = told.map_err(|error| error.to_string())?;
        Ok(with_digest(&told, &text.unwrap_or_else(|error| error.to_string())))
    }
}

fn text_of(line: &PlanLine) -> String {
    match line {
        PlanLine::Opens { text, .. } | PlanLine::Closes { text, .. } => text.clone(),
        PlanLine::Record(record) => with_digest(&record.entry.told, &record.text),
        PlanLine::Error(error) => error.message.clone(),
    }
}

/// A record is told again as it was only if it also counts as the same news.
fn with_digest(told: &str, text: &str) -> String {
    format!("{told} {text}")
}

fn names(line: &PlanLine) -> (String, String) {
    match line {
        PlanLine::Opens { file, .. } => (format!("file {file}"), "header".to_owned()),
        PlanLine::Record(record) => {
            (record.entry.account.clone(), record.entry.delinquency.clone())
        }
        PlanLine::Error(error) => (error.account.clone(), error.delinquency.clone()),
        PlanLine::Closes { .. } => ("the file".to_owned(), "trailer".to_owned()),
    }
}
