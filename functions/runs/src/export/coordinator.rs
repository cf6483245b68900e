//! What carries an export run from wherever it stands to its end.

use super::decide::Decider;
use super::files::{self, Naming, Waiting};
use super::gather::Accounts;
use super::manifest::{FileEntry, Manifest, SumsDocument};
use super::plan::{self, PlanWriter};
use super::record::{Progress, Stage};
use super::select::{Planned, select};
use super::start::export_setup;
use super::template::{FileFacts, FileTotals, Templates};
use super::{enter, lock};
use crate::delivery::uploads;
use crate::error::RunError;
use crate::message;
use crate::record::{PlanRecord, RunRecord, RunStatus, Totals};
use crate::run::{Observer, key, now};
use crate::setups::Stored;
use arrears_domain::setup::ExportSetup;
use arrears_storage::{Revision, Store};
use std::sync::Arc;
use std::time::Instant;

/// Carries a run from wherever it stands to its end.
pub(super) async fn complete(
    store: &Store,
    stored: Stored,
    record: RunRecord,
    revision: Revision,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let started = Instant::now();
    // What a run consumes is its own.
    let store = &store.metered();
    let asked = record.export.clone().unwrap_or_default();
    let export = export_setup(&stored, &asked.export_setup)?;
    let work = Work { store, stored: &stored, export };
    let mut progress = Progress::new(store, observer, record, revision);
    if let Err(refused) = lock::take(store, &progress.record.run_key).await {
        // Another run was quicker. This one has done nothing.
        if matches!(refused, RunError::ExportUnderWay { .. }) && asked.stage == Stage::Reading {
            progress.part().is_refused = true;
            give_up(store, &mut progress).await?;
        }
        return Err(refused);
    }
    if let Err(error) = work.complete(&mut progress, started).await {
        // The run is bound to its setup: it could never be gone on with.
        if matches!(error, RunError::Template(_) | RunError::TooManyFiles { .. }) {
            give_up(store, &mut progress).await?;
        }
        return Err(error);
    }
    tracing::info!(run_key = progress.record.run_key, "{}", message::finished(&progress.record));
    Ok(progress.record)
}

/// Ends a run of which nothing has left.
async fn give_up(store: &Store, progress: &mut Progress<'_>) -> Result<(), RunError> {
    progress.record.status = RunStatus::Abandoned;
    progress.record.completed_at = Some(now());
    progress.write().await?;
    uploads::abort(store, &progress.record.run_key).await
}

/// A run with what it needs.
pub(super) struct Work<'a> {
    pub(super) store: &'a Store,
    pub(super) stored: &'a Stored,
    pub(super) export: &'a ExportSetup,
}

impl Work<'_> {
    async fn complete(
        &self,
        progress: &mut Progress<'_>,
        started: Instant,
    ) -> Result<(), RunError> {
        progress.may_stop().await?;
        uploads::abort(self.store, &progress.record.run_key).await?;
        if progress.record.status == RunStatus::Planning {
            self.plan(progress).await?;
            progress.may_stop().await?;
        }
        let mut totals = progress.record.totals.clone().unwrap_or_default();
        let (run_key, as_of) = (progress.record.run_key.clone(), progress.record.as_of);
        let naming = Naming { export: self.export, run_key: &run_key, as_of };
        let records = progress.part().sums.records;
        let attempt = progress.record.plan.as_ref().map_or(1, |plan| plan.attempt);
        let plan_key = plan::key(&run_key, attempt);

        let stage = Instant::now();
        // The ledger was told by an earlier attempt: that is not to be undone.
        let is_forward = progress.part().stage >= Stage::Entering;
        let entered = if is_forward { progress.part().entered } else { 0 };
        if !is_forward {
            progress.stage(Stage::Uploading, Some(records)).await?;
        }
        let waiting = files::upload(self.store, &naming, &plan_key, progress).await?;
        totals.process("Upload", records, stage.elapsed());

        let stage = Instant::now();
        progress.stage(Stage::Entering, Some(records)).await?;
        enter::enter(self.store, &plan_key, entered, progress).await?;
        totals.process("Ledger", records, stage.elapsed());

        let stage = Instant::now();
        progress.stage(Stage::Publishing, Some(waiting.len() as u64)).await?;
        let manifest = self.publish(progress, &naming, waiting).await?;
        totals.process("Publish", manifest.files.len() as u64, stage.elapsed());

        self.finish(progress, &naming, &manifest, totals, started).await
    }

    /// Decides and renders everything.
    async fn plan(&self, progress: &mut Progress<'_>) -> Result<(), RunError> {
        // The attempt is counted before it writes, so that no two share a name.
        progress.record.plan_attempts += 1;
        progress.stage(Stage::Reading, None).await?;
        let stage = Instant::now();
        let attempt = progress.record.plan_attempts;
        let record = progress.record.clone();
        let key = plan::key(&record.run_key, attempt);
        let mut plan = PlanWriter::begin(self.store, &record.run_key, &key).await?;
        let (mut planned, sums) = self.select(&record, Some(&mut plan), Some(progress)).await?;
        plan.publish(self.store).await?;
        planned.totals.process("Select", planned.totals.selected(), stage.elapsed());
        let record = &mut progress.record;
        record.plan = Some(PlanRecord {
            attempt,
            chunks: planned.files,
            accounts: 0,
            delinquencies: planned.totals.selected(),
        });
        record.totals = Some(planned.totals);
        record.status = RunStatus::Running;
        progress.part().sums = sums;
        progress.write().await
    }

    pub(super) async fn select(
        &self,
        record: &RunRecord,
        plan: Option<&mut PlanWriter>,
        mut progress: Option<&mut Progress<'_>>,
    ) -> Result<(Planned, SumsDocument), RunError> {
        let prepared = &self.stored.prepared;
        let asked = record.export.as_ref().map(|it| it.parameters.clone()).unwrap_or_default();
        let selection = asked.selection(&prepared.setup, self.export)?;
        let run_key = key(&record.run_key)?;
        let with_history = selection.changed_since.is_some();
        let mut accounts =
            Accounts::read(self.store, with_history, progress.as_deref_mut()).await?;
        if let Some(progress) = progress.as_deref_mut() {
            progress.stage(Stage::Selecting, None).await?;
        }
        let mut decider = Decider {
            setup: &prepared.setup,
            selection: &selection,
            templates: self.templates()?,
            run_key: &run_key,
            as_of: record.as_of,
            split_records: self.export.split_records,
            facts: Arc::new(self.facts(record)),
            totals: FileTotals::default(),
            all: FileTotals::default(),
            is_open: false,
        };
        let planned = select(self.store, &mut accounts, &mut decider, plan, progress).await?;
        Ok((planned, SumsDocument::from(&decider.all)))
    }

    pub(super) fn templates(&self) -> Result<&Arc<Templates>, RunError> {
        let code = &self.export.code;
        self.stored.prepared.templates(code).ok_or_else(|| RunError::UnknownExportSetup {
            code: code.clone(),
            known: String::new(),
        })
    }

    /// What the templates are told of the files; none is open yet.
    pub(super) fn facts(&self, record: &RunRecord) -> FileFacts {
        let setup = &self.stored.prepared.setup;
        let code = &self.export.collection_agency;
        let name = setup.collection_agencies.get(code).map(|agency| agency.name.clone());
        FileFacts {
            run_key: record.run_key.clone(),
            run_number: record.number,
            as_of: record.as_of,
            setup: self.export.code.clone(),
            agency_code: self.store.agency().to_string(),
            agency_name: setup.agency_name.clone(),
            collection_agency_code: code.clone(),
            collection_agency_name: name.unwrap_or_default(),
            file_number: 0,
        }
    }

    async fn publish(
        &self,
        progress: &mut Progress<'_>,
        naming: &Naming<'_>,
        waiting: Vec<Waiting>,
    ) -> Result<Manifest, RunError> {
        let entries: Vec<FileEntry> = waiting.iter().map(|file| file.entry.clone()).collect();
        files::publish(self.store, waiting, progress).await?;
        let (setup_version, as_of) = (self.stored.version, progress.record.as_of);
        let run_key = progress.record.run_key.clone();
        let export = progress.part();
        let manifest = Manifest {
            run_key,
            export_setup: export.export_setup.clone(),
            setup_version,
            collection_agency: export.collection_agency.clone(),
            as_of,
            parameters: export.parameters.clone(),
            files: entries,
            totals: export.sums.clone(),
        };
        manifest.put(self.store, &naming.manifest()).await?;
        Ok(manifest)
    }

    async fn finish(
        &self,
        progress: &mut Progress<'_>,
        naming: &Naming<'_>,
        manifest: &Manifest,
        mut totals: Totals,
        started: Instant,
    ) -> Result<(), RunError> {
        uploads::abort(self.store, naming.run_key).await?;
        totals.capacity.consumed(&self.store.capacity());
        let export = progress.part();
        export.stage = Stage::Done;
        export.files = manifest.files.len() as u64;
        export.manifest = Some(naming.manifest());
        let record = &mut progress.record;
        record.totals = Some(totals);
        record.status = RunStatus::Finished;
        record.completed_at = Some(now());
        record.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        progress.write().await
    }
}
