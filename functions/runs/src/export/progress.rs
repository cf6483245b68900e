//! How far an export run has come: told to whoever watches it, and kept in its
//! record for whoever looks later.

use super::record::{ExportRecord, Stage};
use crate::error::RunError;
use crate::ledger;
use crate::record::RunRecord;
use crate::run::Observer;
use arrears_storage::{Revision, Store};
use std::time::{Duration, Instant};

/// How often the record is written while a stage goes on: a clerk who asks
/// again after two seconds sees that it does.
const EVERY: Duration = Duration::from_secs(2);

/// The record of a run that is under way, and who watches it.
pub(super) struct Progress<'a> {
    store: &'a Store,
    observer: &'a dyn Observer,
    pub(super) record: RunRecord,
    revision: Revision,
    written_at: Instant,
}

impl<'a> Progress<'a> {
    pub(super) fn new(
        store: &'a Store,
        observer: &'a dyn Observer,
        record: RunRecord,
        revision: Revision,
    ) -> Self {
        Self { store, observer, record, revision, written_at: Instant::now() }
    }

    /// The part of the record that only export runs have.
    pub(super) fn export(&mut self) -> &mut ExportRecord {
        self.record.export.get_or_insert_default()
    }

    /// Writes the record as it is now.
    ///
    /// # Errors
    /// The store fails, or another process works on the run.
    pub(super) async fn write(&mut self) -> Result<(), RunError> {
        self.revision = ledger::update_run(self.store, &self.record, self.revision).await?;
        self.written_at = Instant::now();
        Ok(())
    }

    /// A stage begins, in which so many records are looked at, if that is known.
    pub(super) async fn stage(&mut self, stage: Stage, total: Option<u64>) -> Result<(), RunError> {
        self.observer.stage(stage.as_str(), total);
        let export = self.export();
        (export.stage, export.done, export.total) = (stage, 0, total);
        self.write().await
    }

    /// So many have been looked at by now.
    pub(super) async fn at(&mut self, done: u64) -> Result<(), RunError> {
        let before = self.export().done;
        self.observer.looked_at(done.saturating_sub(before));
        self.export().done = done;
        if self.written_at.elapsed() >= EVERY { self.write().await } else { Ok(()) }
    }
}
