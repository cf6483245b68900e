//! One export run at a time: the ledger of placements is written by one hand.
//!
//! Not one for each collection agency: what an agency is told depends on whether
//! another one has the record.

use crate::error::RunError;
use crate::ledger;
use crate::record::RunStatus;
use arrears_storage::{Revision, Store};
use serde::{Deserialize, Serialize};

/// Where it is written who holds the ledger.
const LOCK: (&str, &str) = ("export-lock", "ledger");

/// Which run holds the ledger, or held it last.
#[derive(Debug, Serialize, Deserialize)]
struct Lock {
    run_key: String,
}

/// Refuses if an export run is under way.
///
/// # Errors
/// [`RunError::ExportUnderWay`], or the store fails.
pub async fn ensure_free(store: &Store) -> Result<(), RunError> {
    match holder(store).await? {
        Some((lock, _)) => refuse_if_under_way(store, &lock).await,
        None => Ok(()),
    }
}

/// Takes the ledger for a run; the run that has it keeps it.
pub(super) async fn take(store: &Store, run_key: &str) -> Result<(), RunError> {
    let own = Lock { run_key: run_key.to_owned() };
    loop {
        match holder(store).await? {
            None => match store.create_document(LOCK.0, LOCK.1, &own).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_already_exists() => {}
                Err(error) => return Err(error.into()),
            },
            Some((lock, _)) if lock.run_key == run_key => return Ok(()),
            Some((lock, revision)) => {
                refuse_if_under_way(store, &lock).await?;
                let taken = store.replace_document(LOCK.0, LOCK.1, revision, &own).await?;
                if taken.is_some() {
                    return Ok(());
                }
            }
        }
    }
}

async fn holder(store: &Store) -> Result<Option<(Lock, Revision)>, RunError> {
    Ok(store.document(LOCK.0, LOCK.1).await?)
}

async fn refuse_if_under_way(store: &Store, lock: &Lock) -> Result<(), RunError> {
    let (record, _) = ledger::run(store, &lock.run_key).await?;
    match record.status {
        RunStatus::Finished | RunStatus::Abandoned => Ok(()),
        RunStatus::Planning | RunStatus::Running | RunStatus::Proposed => {
            Err(RunError::ExportUnderWay { run_key: lock.run_key.clone() })
        }
    }
}
