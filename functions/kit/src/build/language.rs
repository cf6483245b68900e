//! The languages that there is a recipe for.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::BuildError;

/// A language that there is a recipe for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// On the SDK of `plugins/sdk`, with cargo.
    Rust,
    /// With componentize-js.
    Js,
    /// With componentize-py.
    Python,
    /// With clang and wasi-libc.
    C,
}

impl Language {
    /// What the project in a folder is written in, by its files.
    ///
    /// # Errors
    /// [`BuildError::NoProject`] if they are those of no language, [`BuildError::File`] if
    /// the folder cannot be read.
    pub fn of(project: &Path) -> Result<Self, BuildError> {
        let has = |name: &str| project.join(name).is_file();
        if has("Cargo.toml") {
            Ok(Self::Rust)
        } else if has("package.json") {
            Ok(Self::Js)
        } else if has("requirements.txt") && has("app.py") {
            Ok(Self::Python)
        } else if !sources(project, "c")?.is_empty() {
            Ok(Self::C)
        } else {
            Err(BuildError::NoProject { folder: project.to_owned() })
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rust => "Rust",
            Self::Js => "JavaScript",
            Self::Python => "Python",
            Self::C => "C",
        })
    }
}

/// The names of the files of a folder with this extension, sorted.
pub(super) fn sources(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, BuildError> {
    let unreadable = || BuildError::file(folder, "read");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable())? {
        let path = entry.map_err(unreadable())?.path();
        if path.extension() == Some(OsStr::new(extension)) && path.is_file() {
            names.extend(path.file_name().map(PathBuf::from));
        }
    }
    names.sort();
    Ok(names)
}
