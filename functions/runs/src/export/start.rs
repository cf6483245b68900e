//! What may be asked of export runs: start, resume, abandon, rehearse, replay.

use super::coordinator::{Work, complete};
use super::lock;
use super::manifest::SumsDocument;
use super::parameters::Parameters;
use super::record::{ExportRecord, Stage};
use super::replay::Replayer;
use super::template::FileTotals;
use crate::catalog::Catalog;
use crate::delivery::uploads;
use crate::error::RunError;
use crate::record::{RunKind, RunRecord, RunStatus, Totals};
use crate::run::{Observer, Replay, key, now};
use crate::setups::{self, Stored};
use crate::{ledger, message};
use arrears_domain::setup::ExportSetup;
use arrears_domain::{Date, RunKey};
use arrears_storage::{Revision, Store};
use std::sync::Arc;

/// What may be asked of an export run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The code of the export setup.
    pub export_setup: String,
    /// What is asked of the records.
    pub parameters: Parameters,
    /// The business date.
    pub as_of: Date,
    /// Lets the run be dated before the last one.
    pub allow_back_dated: bool,
    /// The schedule that starts it, with the number that it has set aside.
    pub schedule: Option<(String, u32)>,
}

/// What a run would come to.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// The counts.
    pub totals: Totals,
    /// What the files would have.
    pub sums: SumsDocument,
}

/// Starts a run and works until it is finished.
///
/// # Errors
/// The run is refused, and nothing is written; or the store fails on the way,
/// and `resume` goes on.
pub async fn start(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    start_reserved(store, catalog, options, None, observer).await
}

/// The same under a number that was set aside.
///
/// # Errors
/// As [`start`]; or there is a run of that number already.
pub(crate) async fn start_reserved(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
    reserved: Option<&ledger::Reserved>,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let stored = setups::active(store, catalog).await?;
    let export = export_setup(&stored, &options.export_setup)?;
    options.parameters.selection(&stored.prepared.setup, export)?;
    let latest_as_of =
        ledger::latest_as_of(store, RunKind::Export, options.as_of, options.allow_back_dated)
            .await?;
    lock::ensure_free(store).await?;
    let export = ExportRecord {
        export_setup: export.code.clone(),
        collection_agency: export.collection_agency.clone(),
        parameters: options.parameters.clone(),
        schedule: options.schedule.as_ref().map(|(id, _)| id.clone()),
        ..ExportRecord::default()
    };
    let record = |run_key: RunKey, number| RunRecord {
        latest_as_of,
        export: Some(Box::new(export.clone())),
        ..RunRecord::begun(RunKind::Export, (&run_key, number), options.as_of, stored.version)
    };
    let (record, revision) = match options.schedule {
        Some((_, number)) => {
            ledger::create_numbered_run(store, RunKind::Export, number, record).await?
        }
        None => ledger::create_run(store, RunKind::Export, reserved, record).await?,
    };
    tracing::info!(run_key = record.run_key, "{}", message::started(&record));
    complete(store, stored, record, revision, observer).await
}

/// Goes on with a run that was killed or that failed on the way.
///
/// # Errors
/// The run has ended; or the store fails again.
pub async fn resume(
    store: &Store,
    catalog: &Catalog,
    record: RunRecord,
    revision: Revision,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let stored = setups::version(store, catalog, record.setup_version).await?;
    complete(store, stored, record, revision, observer).await
}

/// Gives a run up whose files have not begun to leave; its agency is free for
/// another.
///
/// # Errors
/// The run has ended, or the ledger has been told; or the store fails.
pub async fn abandon(store: &Store, run_key: &str) -> Result<RunRecord, RunError> {
    let (mut record, revision) = ledger::run(store, run_key).await?;
    let stage = record.export.as_ref().map(|export| export.stage);
    match (record.status, stage) {
        (RunStatus::Finished, _) => {
            return Err(RunError::AlreadyFinished { run_key: record.run_key });
        }
        // It was killed while it was given up, perhaps.
        (RunStatus::Abandoned, _) => {
            uploads::abort(store, &record.run_key).await?;
            return Ok(record);
        }
        (_, Some(Stage::Reading | Stage::Selecting | Stage::Uploading)) => {}
        _ => return Err(RunError::CannotAbandon { run_key: record.run_key }),
    }
    record.status = RunStatus::Abandoned;
    record.completed_at = Some(now());
    ledger::update_run(store, &record, revision).await?;
    uploads::abort(store, &record.run_key).await?;
    Ok(record)
}

/// Selects and renders as a run would, and writes nothing.
///
/// # Errors
/// The run would be refused, or the store cannot be read.
pub async fn rehearse(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
) -> Result<Rehearsal, RunError> {
    let stored = setups::active(store, catalog).await?;
    let record = RunRecord {
        export: Some(Box::new(ExportRecord {
            export_setup: options.export_setup.clone(),
            parameters: options.parameters.clone(),
            ..ExportRecord::default()
        })),
        ..RunRecord::begun(RunKind::Export, (&key("rehearsal")?, 0), options.as_of, stored.version)
    };
    let work =
        Work { store, stored: &stored, export: export_setup(&stored, &options.export_setup)? };
    let (planned, sums) = work.select(&record, None, None).await?;
    Ok(Rehearsal { totals: planned.totals, sums })
}

/// Renders a finished run again from its plan.
///
/// # Errors
/// The plan cannot be read, or the store fails.
pub async fn replay(
    store: &Store,
    catalog: &Catalog,
    record: &RunRecord,
    observer: &dyn Observer,
) -> Result<Replay, RunError> {
    let stored = setups::version(store, catalog, record.setup_version).await?;
    let asked = record.export.clone().unwrap_or_default();
    let work = Work { store, stored: &stored, export: export_setup(&stored, &asked.export_setup)? };
    observer.planned(asked.sums.records);
    let mut replayer = Replayer {
        templates: work.templates()?,
        facts: Arc::new(work.facts(record)),
        totals: FileTotals::default(),
        as_of: record.as_of,
    };
    replayer.replay(store, record, observer).await
}

/// What an export setup writes of made-up records.
///
/// # Errors
/// There is no such export setup.
pub fn sample(stored: &Stored, code: &str) -> Result<String, RunError> {
    let export = export_setup(stored, code)?;
    let templates = stored.prepared.templates(&export.code);
    Ok(templates.map(|templates| templates.sample()).unwrap_or_default())
}

/// An export setup by its code.
///
/// # Errors
/// There is none.
pub fn export_setup<'a>(stored: &'a Stored, code: &str) -> Result<&'a ExportSetup, RunError> {
    let known = &stored.prepared.setup.export_setups;
    known.get(code).ok_or_else(|| RunError::UnknownExportSetup {
        code: code.to_owned(),
        known: known.keys().cloned().collect::<Vec<_>>().join(", "),
    })
}
