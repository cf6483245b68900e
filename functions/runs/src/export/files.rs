//! The files of an export run, made from its plan.
//!
//! All of them are uploaded before the ledger is told anything, and none can be
//! seen before it has been told all: a destination that refuses writes is met
//! while nothing has happened, and a file that an agency can fetch is one of
//! which the ledger knows each line.

use super::manifest::{FileEntry, SumsDocument};
use super::plan::{PlanLine, PlanReader};
use super::progress::Progress;
use super::sink::{Sealed, Sink};
use crate::error::RunError;
use arrears_domain::Date;
use arrears_domain::setup::{Compression, ExportSetup};
use arrears_storage::{Order, Store};
use serde::{Deserialize, Serialize};

/// How the files of a run are called.
pub(super) struct Naming<'a> {
    pub(super) export: &'a ExportSetup,
    pub(super) run_key: &'a str,
    pub(super) as_of: Date,
}

impl Naming<'_> {
    /// The folder of the run below the destination.
    fn folder(&self) -> String {
        format!("export/{}/{}", self.export.prefix, self.run_key)
    }

    /// The key of a file: `export/northstar/weekly/export-000007/NORTHSTAR-2026-02-02.csv`;
    /// with a number in it where files are split.
    pub(super) fn file(&self, number: u32) -> String {
        let (folder, ExportSetup { code, extension, .. }) = (self.folder(), self.export);
        let part = match self.export.split_records {
            Some(_) => format!("-{number:04}"),
            None => String::new(),
        };
        let compressed = match self.export.compression {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Zstd => ".zst",
        };
        format!("{folder}/{code}-{}{part}.{extension}{compressed}", self.as_of)
    }

    /// The key of the manifest.
    pub(super) fn manifest(&self) -> String {
        format!("{}/manifest.json", self.folder())
    }
}

/// A file that is uploaded and not published.
pub(super) struct Waiting {
    sealed: Sealed,
    pub(super) entry: FileEntry,
}

/// An upload that was begun, so that a later attempt can abort it.
#[derive(Debug, Serialize, Deserialize)]
struct BegunUpload {
    key: String,
    upload_id: String,
}

fn uploads_of(run_key: &str) -> String {
    format!("upload#{run_key}")
}

/// Uploads all files of a plan. `progress` is told how many records have been
/// written.
pub(super) async fn upload(
    store: &Store,
    naming: &Naming<'_>,
    plan_key: &str,
    progress: &mut Progress<'_>,
) -> Result<Vec<Waiting>, RunError> {
    abort_begun(store, naming.run_key).await?;
    let mut plan = PlanReader::open(store, plan_key).await?;
    let (mut waiting, mut open, mut records) = (Vec::new(), None, 0);
    while let Some(line) = plan.next().await? {
        open = match (line, open) {
            (PlanLine::Opens { file, text }, None) => {
                let mut file = begin(store, naming, file).await?;
                file.write(text.as_bytes()).await?;
                Some(file)
            }
            (PlanLine::Record(record), Some(mut file)) => {
                file.write(record.text.as_bytes()).await?;
                records += 1;
                progress.at(records).await?;
                Some(file)
            }
            (PlanLine::Closes { text, totals }, Some(mut file)) => {
                file.write(text.as_bytes()).await?;
                waiting.push(seal(file, naming, totals).await?);
                None
            }
            _ => return Err(RunError::Plan { key: plan_key.to_owned() }),
        };
    }
    match open {
        None => Ok(waiting),
        Some(_) => Err(RunError::Plan { key: plan_key.to_owned() }),
    }
}

async fn begin(store: &Store, naming: &Naming<'_>, number: u32) -> Result<Sink, RunError> {
    let key = naming.file(number);
    let sink = Sink::begin(store, &key, naming.export.compression).await?;
    let begun = BegunUpload { key, upload_id: sink.upload_id().to_owned() };
    let (partition, sort) = (uploads_of(naming.run_key), begun.upload_id.clone());
    store.create_document(&partition, &sort, &begun).await?;
    Ok(sink)
}

async fn seal(sink: Sink, naming: &Naming<'_>, sums: SumsDocument) -> Result<Waiting, RunError> {
    let key = sink.key().to_owned();
    let sealed = sink.seal().await?;
    let compression = naming.export.compression;
    let entry = FileEntry::new(key, sealed.bytes, &sealed.sha256, compression, sums);
    Ok(Waiting { sealed, entry })
}

/// Makes the files visible.
pub(super) async fn publish(store: &Store, waiting: Vec<Waiting>) -> Result<(), RunError> {
    for file in waiting {
        file.sealed.publish(store).await?;
    }
    Ok(())
}

/// Gives up what earlier attempts of the run have uploaded and not published:
/// it would be stored, and paid for, unseen.
pub(super) async fn abort_begun(store: &Store, run_key: &str) -> Result<(), RunError> {
    let partition = uploads_of(run_key);
    let begun: Vec<BegunUpload> = store.documents(&partition, "", Order::Ascending, None).await?;
    for BegunUpload { key, upload_id } in begun {
        store.abort_upload(&key, &upload_id).await?;
        forget(store, &partition, &upload_id).await?;
    }
    Ok(())
}

async fn forget(store: &Store, partition: &str, upload_id: &str) -> Result<(), RunError> {
    let found: Option<(BegunUpload, _)> = store.document(partition, upload_id).await?;
    if let Some((_, revision)) = found {
        store.delete_document(partition, upload_id, revision).await?;
    }
    Ok(())
}
