//! DynamoDB and S3 inside this process, on a folder.
//!
//! Both engines are reached through the AWS SDK clients, whose HTTP connector
//! is replaced: a request never leaves the process and needs no credentials.
//! So there is one storage code path, and what the tests prove about it holds
//! for AWS as far as the engines are faithful.
//!
//! The folder: `table.sqlite` (with SQLite's `-wal` and `-shm` beside it),
//! `objects/<bucket>/...`, and `objects.lock`. Two processes may use one
//! folder at the same time.

mod dynamodb;
mod fuse;
mod s3;

pub(crate) use dynamodb::Engine;
pub use fuse::Fuse;
pub(crate) use s3::Objects;

use std::path::{Path, PathBuf};

/// What keeps an engine from working: the disk, the folder, another process.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the data in `{}` cannot be used: {reason}", directory.display())]
pub(crate) struct EngineError {
    /// The folder of the data.
    pub directory: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl EngineError {
    pub(crate) fn new(directory: &Path, reason: impl ToString) -> Self {
        Self { directory: directory.to_owned(), reason: reason.to_string() }
    }
}
