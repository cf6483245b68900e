//! Uploads that a run has begun. They are written down before anything is
//! uploaded, so that a later attempt can give up what an earlier one has left:
//! it would be stored, and paid for, unseen.

use super::sink::Sink;
use crate::error::RunError;
use arrears_domain::setup::Compression;
use arrears_storage::{Order, Store};
use serde::{Deserialize, Serialize};

/// An upload that was begun.
#[derive(Debug, Serialize, Deserialize)]
struct BegunUpload {
    key: String,
    upload_id: String,
}

fn uploads_of(run_key: &str) -> String {
    format!("upload#{run_key}")
}

/// Begins a file of a run.
pub(crate) async fn begin(
    store: &Store,
    run_key: &str,
    key: &str,
    compression: Compression,
) -> Result<Sink, RunError> {
    let sink = Sink::begin(store, key, compression).await?;
    let begun = BegunUpload { key: key.to_owned(), upload_id: sink.upload_id().to_owned() };
    store.create_document(&uploads_of(run_key), &begun.upload_id, &begun).await?;
    Ok(sink)
}

/// Gives up what attempts of the run have uploaded and not published. What is
/// published stays.
pub(crate) async fn abort(store: &Store, run_key: &str) -> Result<(), RunError> {
    let partition = uploads_of(run_key);
    let begun: Vec<BegunUpload> = store.documents(&partition, "", Order::Ascending, None).await?;
    for BegunUpload { key, upload_id } in begun {
        store.abort_upload(&key, &upload_id).await?;
        let found: Option<(BegunUpload, _)> = store.document(&partition, &upload_id).await?;
        if let Some((_, revision)) = found {
            store.delete_document(&partition, &upload_id, revision).await?;
        }
    }
    Ok(())
}
