//! What can go wrong, in the words of the vendor who has to mend it.

use std::io;
use std::path::{Path, PathBuf};

use arrears_host::HostError;

/// Why the kit could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// A file or folder cannot be used.
    #[error("`{}` cannot be {operation}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// `read`, `written`, `made`, `moved`.
        operation: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// No plugin may be called that.
    #[error("`{name}` cannot be the name of a plugin: {reason}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// What is to be made is there already.
    #[error("`{}` is there already: {remedy}", path.display())]
    Exists {
        /// The file or folder.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// A case cannot be read.
    #[error("{}:{line}:{column}: {at}{reason}", path.display(), at = place(pointer))]
    Case {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// JSON pointer into the case; empty for the whole.
        pointer: String,
        /// What is wrong there, and what to do.
        reason: String,
    },
    /// A folder of cases has none.
    #[error("`{}` holds no cases: put a file `NAME.json` into it for each story", folder.display())]
    NoCases {
        /// The folder.
        folder: PathBuf,
    },
    /// A key cannot be used.
    #[error("the key `{}` cannot be used: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The OCI layout is not one that this kit has packed, or was altered.
    #[error("`{}` cannot be unpacked: {reason}", path.display())]
    Layout {
        /// The file of the layout.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// A component was refused.
    #[error("`{}` was refused: {source}; `arrears plugin check` says more", path.display())]
    Refused {
        /// The component.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<HostError>,
    },
}

impl KitError {
    pub(crate) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::file(path, "read")
    }

    pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::file(path, "written")
    }

    pub(crate) fn file(path: &Path, operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, operation, source }
    }

    /// The stable word for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "local-file",
            Self::Name { .. } => "bad-name",
            Self::Exists { .. } => "exists",
            Self::Case { .. } => "bad-case",
            Self::NoCases { .. } => "no-cases",
            Self::Key { .. } => "bad-key",
            Self::Layout { .. } => "bad-layout",
            Self::Refused { .. } => "plugin-refused",
        }
    }
}

/// The words for a place in a case: nothing if it is the whole.
fn place(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!("{pointer}: ") }
}
