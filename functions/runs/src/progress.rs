//! How far a run that goes by stages has come: told to whoever watches it, and kept
//! in its record for whoever looks later.

use crate::error::RunError;
use crate::ledger;
use crate::record::RunRecord;
use crate::run::Observer;
use crate::step::StepError;
use arrears_storage::{Revision, Store};
use std::marker::PhantomData;
use std::time::{Duration, Instant};

/// How often the record is written while a stage goes on: a clerk who asks
/// again after two seconds sees that it does.
const EVERY: Duration = Duration::from_secs(2);

/// The part of a run's record that says how far it has come.
pub(crate) trait Staged: Sized {
    /// Its stages.
    type Stage;

    /// The part in its record.
    fn of(record: &mut RunRecord) -> &mut Self;

    /// A stage begins, in which so many are looked at, if that is known; gives its
    /// word.
    fn begin(&mut self, stage: Self::Stage, total: Option<u64>) -> &'static str;

    /// What was looked at in this stage.
    fn done(&mut self) -> &mut u64;
}

/// The record of a run that is under way, and who watches it.
pub(crate) struct Progress<'a, P> {
    store: &'a Store,
    observer: &'a dyn Observer,
    pub(crate) record: RunRecord,
    revision: Revision,
    written_at: Instant,
    part: PhantomData<fn() -> P>,
}

impl<'a, P: Staged> Progress<'a, P> {
    pub(crate) fn new(
        store: &'a Store,
        observer: &'a dyn Observer,
        record: RunRecord,
        revision: Revision,
    ) -> Self {
        let written_at = Instant::now();
        Self { store, observer, record, revision, written_at, part: PhantomData }
    }

    /// The part of the record that says how far it has come.
    pub(crate) fn part(&mut self) -> &mut P {
        P::of(&mut self.record)
    }

    /// Writes the record as it is now.
    ///
    /// # Errors
    /// The store fails, or another process works on the run.
    pub(crate) async fn write(&mut self) -> Result<(), RunError> {
        self.revision = ledger::update_run(self.store, &self.record, self.revision).await?;
        self.written_at = Instant::now();
        Ok(())
    }

    /// A stage begins, in which so many are looked at, if that is known.
    pub(crate) async fn stage(
        &mut self,
        stage: P::Stage,
        total: Option<u64>,
    ) -> Result<(), RunError> {
        let word = self.part().begin(stage, total);
        self.observer.stage(word, total);
        self.write().await
    }

    /// The run may stop here, and goes on from here when it is resumed.
    ///
    /// # Errors
    /// [`crate::step::StepError::OutOfTime`], once the record is written; or the store fails.
    pub(crate) async fn may_stop(&mut self) -> Result<(), RunError> {
        if !self.is_out_of_time() {
            return Ok(());
        }
        // What this attempt has consumed is part of what the run does.
        let consumed = self.store.capacity();
        self.record.totals.get_or_insert_default().capacity.consumed(&consumed);
        self.write().await?;
        Err(RunError::Step(StepError::OutOfTime { run_key: self.record.run_key.clone() }))
    }

    /// Whether [`Progress::may_stop`] would stop.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.observer.is_out_of_time()
    }

    /// So many have been looked at by now.
    pub(crate) async fn at(&mut self, done: u64) -> Result<(), RunError> {
        let before = std::mem::replace(self.part().done(), done);
        self.observer.looked_at(done.saturating_sub(before));
        if self.written_at.elapsed() >= EVERY { self.write().await } else { Ok(()) }
    }
}
