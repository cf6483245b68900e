//! One export run for each collection agency at a time: the ledger of an agency
//! is written by one hand.

use crate::error::RunError;
use crate::ledger;
use crate::record::RunStatus;
use arrears_storage::{Revision, Store};
use serde::{Deserialize, Serialize};

const PARTITION: &str = "export-lock";

/// Which run holds an agency's ledger, or held it last.
#[derive(Debug, Serialize, Deserialize)]
struct Lock {
    run_key: String,
}

/// Refuses if another run of the agency is under way.
pub(super) async fn ensure_free(store: &Store, agency: &str) -> Result<(), RunError> {
    match holder(store, agency).await? {
        Some((lock, _)) => refuse_if_under_way(store, agency, &lock).await,
        None => Ok(()),
    }
}

/// Takes the agency's ledger for a run; the run that has it keeps it.
pub(super) async fn take(store: &Store, agency: &str, run_key: &str) -> Result<(), RunError> {
    let own = Lock { run_key: run_key.to_owned() };
    loop {
        match holder(store, agency).await? {
            None => match store.create_document(PARTITION, agency, &own).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_already_exists() => {}
                Err(error) => return Err(error.into()),
            },
            Some((lock, _)) if lock.run_key == run_key => return Ok(()),
            Some((lock, revision)) => {
                refuse_if_under_way(store, agency, &lock).await?;
                let taken = store.replace_document(PARTITION, agency, revision, &own).await?;
                if taken.is_some() {
                    return Ok(());
                }
            }
        }
    }
}

async fn holder(store: &Store, agency: &str) -> Result<Option<(Lock, Revision)>, RunError> {
    Ok(store.document(PARTITION, agency).await?)
}

async fn refuse_if_under_way(store: &Store, agency: &str, lock: &Lock) -> Result<(), RunError> {
    let (record, _) = ledger::run(store, &lock.run_key).await?;
    match record.status {
        RunStatus::Finished | RunStatus::Abandoned => Ok(()),
        RunStatus::Planning | RunStatus::Running => Err(RunError::ExportUnderWay {
            agency: agency.to_owned(),
            run_key: lock.run_key.clone(),
        }),
    }
}
