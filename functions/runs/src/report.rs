//! A run as its viewers see it: the JSON of `runs show`, and what the text is
//! rendered from.

use crate::export::ExportRecord;
use crate::payment::PaymentRecord;
use crate::record::{
    PlanRecord, PluginUse, ProcessUse, RecordError, RunKind, RunRecord, RunStatus, Totals,
};
use arrears_storage::Capacity;
use serde::Serialize;
use std::collections::BTreeMap;

/// A run, with its totals as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// The key, `collections-000007`.
    pub run_key: String,
    /// The number.
    pub number: u32,
    /// Which kind of run it is.
    pub kind: RunKind,
    /// The business date.
    pub as_of: arrears_domain::Date,
    /// How far it has come.
    pub status: RunStatus,
    /// The setup that decided it.
    pub setup_version: u32,
    /// Parallel workers.
    pub threads: u32,
    /// Accounts in a chunk.
    pub commit_number: u32,
    /// When it was initiated, in UTC.
    pub initiated_at: String,
    /// When it was completed, in UTC.
    pub completed_at: Option<String>,
    /// Wall time of the attempt that finished it.
    pub duration_ms: u64,
    /// What was planned.
    pub plan: Option<PlanRecord>,
    /// Chunks that are done.
    pub chunks_done: u64,
    /// Delinquencies that moved on.
    pub processed: u64,
    /// Delinquencies that became errors.
    pub errors: u64,
    /// Delinquencies that stay.
    pub omitted: u64,
    /// The same by reason.
    pub omitted_by_reason: BTreeMap<String, u64>,
    /// Moves: `RES: REMIND -> FINAL`.
    pub moves: BTreeMap<String, u64>,
    /// Effects by kind.
    pub effects: BTreeMap<String, u64>,
    /// What was charged, in minor units, by currency.
    pub charged_minor_units: BTreeMap<String, i64>,
    /// The first errors; all of them are in the journal.
    pub first_errors: Vec<RecordError>,
    /// What each step and action cost.
    pub processes: BTreeMap<String, ProcessUse>,
    /// What each plugin used, by digest.
    pub plugins: BTreeMap<String, PluginUse>,
    /// Request units and their price on AWS.
    pub capacity: CapacityReport,
    /// Keys of the files that the run wrote.
    pub files: Vec<String>,
    /// What only an export run has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<Box<ExportRecord>>,
    /// What only a payment collection run has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<Box<PaymentRecord>>,
}

/// Request units and their price on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CapacityReport {
    /// Thousandths of a read unit.
    pub read_units_milli: u64,
    /// Thousandths of a write unit.
    pub write_units_milli: u64,
    /// The price in millionths of a dollar, on-demand in us-east-1.
    pub price_micro_dollars: u64,
}

impl RunReport {
    /// The report of a run from its record and the totals of its chunks.
    #[must_use]
    pub fn new(record: &RunRecord, chunks: &[Totals], files: Vec<String>) -> Self {
        let summed = || {
            let mut totals = Totals::default();
            chunks.iter().for_each(|chunk| totals.add(chunk));
            totals
        };
        let totals = record.totals.clone().unwrap_or_else(summed);
        let capacity = Capacity {
            read_units_milli: totals.capacity.read_units_milli,
            write_units_milli: totals.capacity.write_units_milli,
            requests: 0,
        };
        Self {
            run_key: record.run_key.clone(),
            number: record.number,
            kind: record.kind,
            as_of: record.as_of,
            status: record.status,
            setup_version: record.setup_version,
            threads: record.threads,
            commit_number: record.commit_number,
            initiated_at: record.initiated_at.clone(),
            completed_at: record.completed_at.clone(),
            duration_ms: record.duration_ms,
            plan: record.plan.clone(),
            chunks_done: chunks.len() as u64,
            processed: totals.processed,
            errors: totals.errors,
            omitted: totals.omitted,
            omitted_by_reason: totals.omitted_by_reason,
            moves: totals.moves,
            effects: totals.effects,
            charged_minor_units: totals.charged_minor_units,
            first_errors: totals.first_errors,
            processes: totals.processes,
            plugins: totals.plugins,
            capacity: CapacityReport {
                read_units_milli: capacity.read_units_milli,
                write_units_milli: capacity.write_units_milli,
                price_micro_dollars: capacity.price_micro_dollars(),
            },
            files,
            export: record.export.clone(),
            payment: record.payment.clone(),
        }
    }
}

/// The report of a stored run.
///
/// # Errors
/// There is no such run, or the store fails.
pub async fn report(
    store: &arrears_storage::Store,
    run_key: &str,
) -> Result<RunReport, crate::RunError> {
    use arrears_domain::Identifier;
    let (record, _) = crate::ledger::run(store, run_key).await?;
    let unknown = || crate::RunError::UnknownRun { run_key: run_key.to_owned() };
    let key = arrears_domain::RunKey::parse(&record.run_key).map_err(|_| unknown())?;
    let chunks: Vec<Totals> = crate::ledger::summaries(store, &key)
        .await?
        .into_iter()
        .map(|summary| summary.totals)
        .collect();
    let own = store.list_objects(&format!("runs/{key}/")).await?;
    let exported = record.export.iter().filter_map(|it| it.manifest.clone());
    let folder = record.payment.iter().map(|it| format!("payment/{}/{key}/", it.profile)).next();
    let paid = match folder {
        Some(folder) => store.list_objects(&folder).await?,
        None => Vec::new(),
    };
    let paid = paid.into_iter().map(|object| object.key);
    let files = exported.chain(paid).chain(own.into_iter().map(|object| object.key)).collect();
    Ok(RunReport::new(&record, &chunks, files))
}
