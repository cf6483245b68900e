//! Tools of other people: started, and what they say kept.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{BuildError, Language};

/// A program of a toolchain, run in the folder of a project.
pub(super) struct Tool {
    command: Command,
    language: Language,
    install: &'static str,
}

/// What a tool printed.
pub(super) struct Said {
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Tool {
    /// `install` is what to do if there is no such program.
    pub(super) fn new(
        program: impl AsRef<OsStr>,
        folder: &Path,
        language: Language,
        install: &'static str,
    ) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null());
        Self { command, language, install }
    }

    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(super) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(super) fn without_env(mut self, names: &[&str]) -> Self {
        for name in names {
            self.command.env_remove(name);
        }
        self
    }

    /// Runs it to its end.
    pub(super) fn run(mut self) -> Result<Said, BuildError> {
        let output = match self.command.output() {
            Ok(output) => output,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(self.missing(format!("`{}`", self.program())));
            }
            Err(error) => return Err(self.failed("it cannot be started", error.to_string())),
        };
        let said = Said {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        if output.status.success() {
            return Ok(said);
        }
        Err(self.failed(&output.status.to_string(), said.all()))
    }

    /// Says that a tool is missing: this one, or one that it needs.
    pub(super) fn missing(&self, tool: String) -> BuildError {
        BuildError::MissingTool { tool, language: self.language, install: self.install }
    }

    fn failed(&self, status: &str, output: String) -> BuildError {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
        BuildError::Failed { command: words.join(" "), status: status.to_owned(), output }
    }

    fn program(&self) -> std::borrow::Cow<'_, str> {
        self.command.get_program().to_string_lossy()
    }
}

impl Said {
    /// Both of it: some tools write what is wrong to one, and some to the other.
    pub(super) fn all(&self) -> String {
        [self.stdout.trim_end(), self.stderr.trim_end()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
