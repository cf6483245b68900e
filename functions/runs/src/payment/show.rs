//! A run as its report tells it, with what was said of a proposal since.

use super::edit::{ProposalEdit, list};
use super::manifest::Manifest;
use crate::error::RunError;
use crate::ledger;
use crate::record::{RunKind, RunStatus};
use arrears_storage::Store;
use serde::Serialize;

/// A run's report, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The run.
    pub run_key: String,
    /// Whether it is a proposal that waits to be executed.
    pub is_waiting: bool,
    /// The index of its files, with sums and proof.
    pub manifest: Manifest,
    /// The details report as text.
    pub report: String,
    /// What operators have said of the proposal.
    pub edits: Vec<ProposalEdit>,
}

/// Shows a run.
///
/// # Errors
/// There is no such run, or it has no report yet; or the store fails.
pub async fn show(store: &Store, run_key: &str) -> Result<Shown, RunError> {
    let (record, _) = ledger::run(store, run_key).await?;
    let index = record.payment.as_ref().and_then(|payment| payment.manifest.clone());
    let (RunKind::Payment, Some(index)) = (record.kind, index) else {
        return Err(RunError::NoReport(run_key.to_owned()));
    };
    let manifest = Manifest::get(store, &index).await?;
    let of_text = |key: &&String| key.ends_with(".txt");
    let report = manifest.files.iter().map(|file| &file.key).find(of_text);
    let report = match report {
        Some(key) => store.get_object(key).await?.to_vec(),
        None => Vec::new(),
    };
    Ok(Shown {
        run_key: record.run_key,
        is_waiting: record.status == RunStatus::Proposed,
        manifest,
        report: String::from_utf8_lossy(&report).into_owned(),
        edits: list(store, run_key).await?,
    })
}
