//! What a function writes to its standard output and error.
//!
//! It goes to files, not to pipes: what was written before an answer is there when
//! the answer is, and a function never waits for somebody to read.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::identity;

/// One of the two streams of a process.
pub struct Log {
    file: File,
}

impl Log {
    /// A file in the folder that is kept; without a folder, one that has no name and
    /// is gone with this process.
    pub fn create(folder: Option<&Path>, name: &str) -> Result<Self> {
        let path = match folder {
            Some(folder) => {
                fs::create_dir_all(folder)
                    .with_context(|| format!("{} cannot be made", folder.display()))?;
                folder.join(name)
            }
            None => unnamed(),
        };
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        if folder.is_none() {
            fs::remove_file(&path)
                .with_context(|| format!("{} cannot be removed", path.display()))?;
        }
        Ok(Self { file })
    }

    /// The same file, for a process to write to.
    pub fn stdio(&self) -> Result<Stdio> {
        Ok(Stdio::from(self.file.try_clone().context("a log cannot be handed to the function")?))
    }

    /// All that was written so far.
    pub fn text(&self) -> String {
        let mut bytes = Vec::new();
        let mut part = vec![0; 64 * 1024];
        // Read by position: the writer's own position is not moved.
        while let Ok(read @ 1..) = self.file.read_at(&mut part, bytes.len() as u64) {
            bytes.extend_from_slice(&part[..read]);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn unnamed() -> PathBuf {
    std::env::temp_dir().join(format!("function-log-{}", identity::request_id()))
}
