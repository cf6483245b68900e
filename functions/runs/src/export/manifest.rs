//! The index of a run's files. It is the last thing that is written beside them:
//! who finds it finds all of them.

use super::parameters::Parameters;
use super::template::FileTotals;
use crate::delivery;
use crate::error::RunError;
use arrears_domain::setup::Compression;
use arrears_domain::{Date, Money};
use arrears_storage::Store;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The index of a run's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The run.
    pub run_key: String,
    /// The export setup.
    pub export_setup: String,
    /// The number of the stored setup that has it.
    pub setup_version: u32,
    /// The collection agency that the files are for.
    pub collection_agency: String,
    /// The business date.
    pub as_of: Date,
    /// What was asked of the records.
    pub parameters: Parameters,
    /// The files, in order.
    pub files: Vec<FileEntry>,
    /// What all of them have.
    pub totals: SumsDocument,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its key.
    pub key: String,
    /// Its size as delivered.
    pub bytes: u64,
    /// SHA-256 of its bytes as delivered, in hex.
    pub sha256: String,
    /// `none`, `gzip` or `zstd`.
    pub compression: String,
    /// What it has.
    #[serde(flatten)]
    pub sums: SumsDocument,
}

/// What a file has, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumsDocument {
    /// Records.
    pub records: u64,
    /// Those that are new to the agency.
    pub new: u64,
    /// Those of which it has news.
    pub update: u64,
    /// Those that it is to give back.
    pub recall: u64,
    /// The sum of their balances, decimal text by currency.
    pub balance: BTreeMap<String, String>,
}

impl From<&FileTotals> for SumsDocument {
    fn from(totals: &FileTotals) -> Self {
        let balance = totals.balance_minor_units.iter().map(|(currency, minor_units)| {
            let amount = Money::from_minor_units(*minor_units, *currency);
            (currency.code().to_owned(), amount.to_string())
        });
        let FileTotals { records, new, update, recall, .. } = *totals;
        Self { records, new, update, recall, balance: balance.collect() }
    }
}

impl FileEntry {
    pub(super) fn new(
        key: String,
        bytes: u64,
        sha256: &str,
        compression: Compression,
        sums: SumsDocument,
    ) -> Self {
        let compression = compression.as_str().to_owned();
        Self { key, bytes, sha256: sha256.to_owned(), compression, sums }
    }
}

impl Manifest {
    /// Writes the index; one that an earlier attempt has written must say the
    /// same.
    pub(super) async fn put(&self, store: &Store, key: &str) -> Result<(), RunError> {
        delivery::put_same(store, key, self).await
    }

    /// Reads an index by its key.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub async fn get(store: &Store, key: &str) -> Result<Self, RunError> {
        delivery::get_document(store, key).await
    }
}
