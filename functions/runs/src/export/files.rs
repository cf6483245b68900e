//! The files of an export run, made from its plan.
//!
//! All of them are uploaded before the ledger is told anything, and none can be
//! seen before it has been told all: a destination that refuses writes is met
//! while nothing has happened, and a file that an agency can fetch is one of
//! which the ledger knows each line.

use super::decide::FILES_MAX;
use super::manifest::{FileEntry, SumsDocument};
use super::plan::{PlanLine, PlanReader};
use super::record::Progress;
use crate::delivery::{Sealed, Sink, uploads};
use crate::error::RunError;
use crate::ledger;
use crate::record::RunKind;
use arrears_domain::setup::{Compression, ExportSetup, Mistake};
use arrears_domain::{Date, Identifier, Setup};
use arrears_storage::{Store, UPLOAD_KEY_BYTES_MAX};

/// The highest number of a run that its key was made for.
const RUN_NUMBER_MAX: u32 = 999_999;

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

/// Export setups whose files would have keys that the store does not take, which
/// depends on the agency too.
pub(crate) fn keys_too_long(store: &Store, setup: &Setup) -> Vec<Mistake> {
    let mistake = |export: &ExportSetup| {
        let run_key = ledger::run_key(RunKind::Export, RUN_NUMBER_MAX).ok()?;
        let naming = Naming { export, run_key: run_key.as_str(), as_of: Date::default() };
        let key = format!("{}/{}", store.agency(), naming.file(FILES_MAX));
        let too_many = key.len().checked_sub(UPLOAD_KEY_BYTES_MAX).filter(|it| *it > 0)?;
        let message =
            format!("the files of export setup `{}` would have too long keys", export.code);
        let hint =
            format!("such as `{key}`: shorten its `prefix` or its `code` by {too_many} characters");
        Some(Mistake::error("too-long-keys", export.span, message).hint(hint))
    };
    setup.export_setups.values().filter_map(mistake).collect()
}

/// A file that is uploaded and not published.
pub(super) struct Waiting {
    sealed: Sealed,
    pub(super) entry: FileEntry,
}

/// Uploads all files of a plan. `progress` is told how many records have been
/// written.
pub(super) async fn upload(
    store: &Store,
    naming: &Naming<'_>,
    plan_key: &str,
    progress: &mut Progress<'_>,
) -> Result<Vec<Waiting>, RunError> {
    let mut plan = PlanReader::open(store, plan_key).await?;
    let (mut waiting, mut open, mut records) = (Vec::new(), None, 0);
    while let Some(line) = plan.next().await? {
        open = match (line, open) {
            (PlanLine::Opens { file, text }, None) => {
                let (key, compression) = (naming.file(file), naming.export.compression);
                let mut file = uploads::begin(store, naming.run_key, &key, compression).await?;
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
            // What could not be told is in no file.
            (PlanLine::Error(_), open) => open,
            _ => return Err(RunError::Plan { key: plan_key.to_owned() }),
        };
    }
    match open {
        None => Ok(waiting),
        Some(_) => Err(RunError::Plan { key: plan_key.to_owned() }),
    }
}

async fn seal(sink: Sink, naming: &Naming<'_>, sums: SumsDocument) -> Result<Waiting, RunError> {
    let key = sink.key().to_owned();
    let sealed = sink.seal().await?;
    let compression = naming.export.compression;
    let entry = FileEntry::new(key, sealed.bytes, &sealed.sha256, compression, sums);
    Ok(Waiting { sealed, entry })
}

/// Makes the files visible.
pub(super) async fn publish(
    store: &Store,
    waiting: Vec<Waiting>,
    progress: &mut Progress<'_>,
) -> Result<(), RunError> {
    for (number, file) in (1..).zip(waiting) {
        file.sealed.publish(store).await?;
        progress.at(number).await?;
    }
    Ok(())
}
