//! What the function that admits components has said of one, for whoever put it there.

use super::error::RegistryError;
use super::record::{Active, change};
use crate::error::RunError;
use crate::run::now;
use arrears_storage::{Revision, Store};
use serde::{Deserialize, Serialize};

const PARTITION: &str = "plugin-outcome";

/// What became of a component that was put into the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Outcome {
    key: String,
    at: String,
    #[serde(flatten)]
    result: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Added(Active),
    Refused(String),
}

/// Notes what became of a component. That the store failed is no answer: it is tried again.
pub(super) async fn note(
    store: &Store,
    digest: &str,
    key: &str,
    added: &Result<Active, RunError>,
) -> Result<(), RunError> {
    let result = match added {
        Ok(active) => Answer::Added(active.clone()),
        Err(RunError::Storage(_)) => return Ok(()),
        Err(error) => Answer::Refused(crate::chain(error)),
    };
    let outcome = Outcome { key: key.to_owned(), at: now(), result };
    change(store, (PARTITION, digest), |_| Ok(outcome.clone())).await.map(drop)
}

/// What became of a component that was put to this key; none while nothing was said.
///
/// # Errors
/// The store fails. That the component was refused is part of the answer.
pub async fn outcome(
    store: &Store,
    digest: &str,
    key: &str,
) -> Result<Option<Result<Active, RunError>>, RunError> {
    let found: Option<(Outcome, Revision)> = store.document(PARTITION, digest).await?;
    let found = found.filter(|(outcome, _)| outcome.key == key);
    Ok(found.map(|(Outcome { key, result, .. }, _)| match result {
        Answer::Added(active) => Ok(active),
        Answer::Refused(reason) => {
            Err(RunError::Registry(RegistryError::NotAdmitted { key, reason }))
        }
    }))
}
