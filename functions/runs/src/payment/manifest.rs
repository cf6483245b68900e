//! The index of what a run has written: reports, files, control totals, and the
//! proof that they agree with the ledger. Who finds it finds all of them.

use super::bank::BankSums;
use super::reconcile::Proof;
use super::sums::Sums;
use crate::delivery;
use crate::error::RunError;
use arrears_domain::Date;
use arrears_storage::Store;
use serde::{Deserialize, Serialize};

/// The index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The run.
    pub run_key: String,
    /// The payment profile.
    pub profile: String,
    /// The number of the stored setup that has it.
    pub setup_version: u32,
    /// The base date for payment.
    pub base_date: Date,
    /// When the money is to come.
    pub collection_date: Date,
    /// Reports and files.
    pub files: Vec<FileEntry>,
    /// What is collected.
    pub sums: Sums,
    /// The control totals of the bank's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankSums>,
    /// That report, files and ledger agree; none if nothing was posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// A report or a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// `report`, `payment-file` or `bank-file`.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

impl Manifest {
    /// Writes the index; one that an earlier attempt has written must say the same.
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
