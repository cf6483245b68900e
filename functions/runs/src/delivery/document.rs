//! Documents that are written once: the indexes of runs.

use crate::error::RunError;
use arrears_storage::Store;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a document; one that an earlier attempt has written must say the same.
pub(crate) async fn put_same<T: Serialize>(
    store: &Store,
    key: &str,
    document: &T,
) -> Result<(), RunError> {
    let mut bytes = serde_json::to_vec_pretty(document).map_err(RunError::Document)?;
    bytes.push(b'\n');
    match store.put_object_new(key, bytes.clone()).await {
        Ok(()) => Ok(()),
        Err(error) if error.is_already_exists() => {
            if store.get_object(key).await? == bytes {
                return Ok(());
            }
            Err(RunError::FileDiffers { key: key.to_owned() })
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads a document by its key.
pub(crate) async fn get_document<T: DeserializeOwned>(
    store: &Store,
    key: &str,
) -> Result<T, RunError> {
    let bytes = store.get_object(key).await?;
    serde_json::from_slice(&bytes).map_err(|error| RunError::Journal {
        key: key.to_owned(),
        line: error.line() as u64,
        reason: error.to_string(),
    })
}
