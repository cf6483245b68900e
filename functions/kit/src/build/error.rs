//! Why a project cannot be built, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::Language;

/// Why a project cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder holds no project.
    #[error(
        "`{}` holds no project: that is a Cargo.toml (Rust), a package.json (JavaScript), an \
         app.py with its requirements.txt (Python) or a .c file (C); `arrears plugin new` makes \
         one",
        folder.display()
    )]
    NoProject {
        /// The folder.
        folder: PathBuf,
    },
    /// The project lacks something.
    #[error("`{}`: {reason}", path.display())]
    BadProject {
        /// The file or folder that is wrong or missing.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// A tool is not on this machine.
    #[error("there is no {tool}, which a project in {language} is built with: {install}")]
    MissingTool {
        /// Which one.
        tool: String,
        /// What needs it.
        language: Language,
        /// The command that installs it.
        install: &'static str,
    },
    /// A tool of the toolchain did not do its work.
    #[error("`{command}` failed ({status})\n{output}", output = output.trim_end())]
    Failed {
        /// The command as one would type it in the project's folder.
        command: String,
        /// How it ended.
        status: String,
        /// What it printed.
        output: String,
    },
    /// The module that was compiled is none of our world.
    #[error("`{}` cannot be made a component: {reason}", module.display())]
    NoComponent {
        /// The module.
        module: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be used.
    #[error("`{}` cannot be {operation}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// `read`, `written`, `made`.
        operation: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl BuildError {
    pub(super) fn file(path: &Path, operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, operation, source }
    }

    /// The stable word for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoProject { .. } => "no-project",
            Self::BadProject { .. } => "bad-project",
            Self::MissingTool { .. } => "missing-tool",
            Self::Failed { .. } => "build-failed",
            Self::NoComponent { .. } => "no-component",
            Self::File { .. } => "local-file",
        }
    }
}
