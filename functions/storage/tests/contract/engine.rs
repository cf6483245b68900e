//! Where this suite runs: on the engines inside this process.

use arrears_storage::{CommitOutcome, Location, StorageError};
use std::path::{Path, PathBuf};

/// The engines on a folder.
pub struct Engine(PathBuf);

impl Engine {
    pub fn on(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    pub fn location(&self) -> Location {
        Location::Embedded(self.0.clone())
    }

    pub fn agency(&self) -> String {
        "default".to_owned()
    }
}

/// What the engine says that a transaction of so many units consumed.
pub fn transaction_units(units: u64) -> u64 {
    units
}

/// What it says that a write consumed in the index.
pub fn index_units(units: u64) -> u64 {
    units
}

/// Whether a transaction was refused since it is too large.
pub fn is_too_large(committed: Result<CommitOutcome, StorageError>) -> bool {
    let text = committed.unwrap_err().to_string();
    assert!(text.contains("TransactWriteItems") && text.contains("4"), "{text}");
    true
}

/// What became of an upload that was published.
pub fn published(ended: Result<(), StorageError>) -> Result<(), StorageError> {
    ended
}

/// Whether the upload of the file is said to be gone.
pub fn is_gone(error: &StorageError, of: &str) -> bool {
    matches!(error, StorageError::NoUpload { key } if key == of)
}

/// Whether of several writers at the same time more than one may win here.
pub fn is_unfair() -> bool {
    false
}
