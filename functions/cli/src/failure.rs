//! Why a command failed, how it is said, and the exit code.

use crate::output::Output;
use crate::render::mistake::{self, MistakeDocument};
use arrears_domain::setup::{Mistake, Source};
use arrears_host::HostError;
use arrears_kit::KitError;
use arrears_kit::build::BuildError;
use arrears_runs::RunError;
use arrears_runs::book::ImportError;
use arrears_runs::events::StreamError;
use arrears_runs::placement;
use arrears_runs::registry::RegistryError;
use arrears_storage::StorageError;
use arrears_triggers::TriggerError;
use serde::Serialize;
use std::error::Error;
use std::io;

/// The request failed.
const FAILED: u8 = 1;
/// The command was not understood.
const USAGE: u8 = 2;

/// How a command ended that could give its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// All of it was done.
    Done,
    /// Something of it was not, and the answer says what: exit code 1.
    Incomplete,
}

impl Status {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Incomplete => FAILED,
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A run, or what surrounds it.
    #[error(transparent)]
    Run(RunError),
    /// A book, on its way in or out.
    #[error(transparent)]
    Book(ImportError),
    /// A file of events.
    #[error(transparent)]
    Events(StreamError),
    /// A file of a collection agency.
    #[error(transparent)]
    Placement(placement::ImportError),
    /// The store.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A schedule or a queue of AWS.
    #[error(transparent)]
    Trigger(#[from] TriggerError),
    /// A run was not scheduled, since AWS was not told to start it.
    #[error("AWS could not be told to start the run, so that {id} {became}")]
    NotTold {
        /// The schedule.
        id: String,
        /// What has become of it, and what to do.
        became: String,
        /// Why.
        #[source]
        source: Box<TriggerError>,
    },
    /// A schedule was called off, and AWS does not know.
    #[error(
        "{id} is cancelled and will not run, but its schedule on AWS could not be deleted; the same \
         command deletes it, or it deletes itself when it is due"
    )]
    StillOnAws {
        /// The schedule.
        id: String,
        /// Why.
        #[source]
        source: Box<TriggerError>,
    },
    /// The sandbox.
    #[error(transparent)]
    Host(#[from] HostError),
    /// What a vendor's command does.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// A vendor's project does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A setup has mistakes.
    #[error("{}", mistake::count(.mistakes))]
    Mistakes {
        /// The files that were read.
        sources: Vec<Source>,
        /// All of them.
        mistakes: Vec<Mistake>,
    },
    /// A file of this machine.
    #[error("`{path}` cannot be {operation}")]
    File {
        /// Which file.
        path: String,
        /// `read` or `written`.
        operation: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Something was named that is not there.
    #[error("{what}; {hint}")]
    Missing {
        /// What is not there.
        what: String,
        /// What to do.
        hint: String,
    },
    /// The arguments do not go together.
    #[error("{0}")]
    Usage(String),
    /// Stdout cannot be written.
    #[error("the answer cannot be written to stdout")]
    Stdout(#[source] io::Error),
    /// An answer cannot be written as JSON.
    #[error("the answer cannot be written as JSON")]
    Document(#[source] serde_json::Error),
}

impl From<RunError> for CommandError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Storage(error) => Self::Storage(error),
            error => Self::Run(error),
        }
    }
}

impl From<ImportError> for CommandError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Run(error) => error.into(),
            error => Self::Book(error),
        }
    }
}

impl From<StreamError> for CommandError {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Run(error) => error.into(),
            error => Self::Events(error),
        }
    }
}

impl From<placement::ImportError> for CommandError {
    fn from(error: placement::ImportError) -> Self {
        match error {
            placement::ImportError::Run(error) => error.into(),
            error => Self::Placement(error),
        }
    }
}

/// The `error` of a JSON document.
#[derive(Debug, Serialize)]
struct ErrorDocument {
    code: &'static str,
    message: String,
    causes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mistakes: Vec<MistakeDocument>,
}

#[derive(Debug, Serialize)]
struct Failed {
    error: ErrorDocument,
}

impl CommandError {
    /// A stable word, for scripts.
    fn code(&self) -> &'static str {
        match self {
            Self::Run(error) => run_code(error),
            Self::Book(_) => "book",
            Self::Events(_) => "events",
            Self::Placement(placement::ImportError::UnknownAgency { .. }) => "unknown-agency",
            Self::Placement(_) => "placement",
            Self::Storage(StorageError::Unreachable { .. }) => "unreachable",
            Self::Storage(StorageError::Engine { .. }) => "data-unusable",
            Self::Storage(StorageError::NoObject { .. }) => "unknown-file",
            Self::Storage(StorageError::NoSetup { .. }) => "unknown-setup",
            Self::Storage(_) => "storage",
            Self::Trigger(TriggerError::Environment { .. }) => "no-environment",
            Self::Trigger(TriggerError::Unreachable { .. }) => "unreachable",
            Self::Trigger(_) => "trigger",
            Self::NotTold { .. } => "not-scheduled",
            Self::StillOnAws { .. } => "still-on-aws",
            Self::Host(_) => "plugin-refused",
            Self::Kit(error) => error.code(),
            Self::Build(error) => error.code(),
            Self::Mistakes { .. } => "setup-mistakes",
            Self::File { .. } => "local-file",
            Self::Missing { .. } => "not-found",
            Self::Usage(_) => "usage",
            Self::Stdout(_) | Self::Document(_) => "output",
        }
    }

    /// What to do about it, where the message alone would leave a newcomer
    /// without AWS at a loss.
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Storage(
                StorageError::Unreachable { .. }
                | StorageError::NotSent { .. }
                | StorageError::TableMissing { .. },
            )
            | Self::Trigger(TriggerError::Environment { .. }) => {
                Some("to work without AWS, in a folder of this machine, add `--data DIR`")
            }
            _ => None,
        }
    }

    /// The exit code.
    fn exit_code(&self) -> u8 {
        if matches!(self, Self::Usage(_)) { USAGE } else { FAILED }
    }

    /// Says what happened, on stderr and, if JSON was asked for, as the one
    /// document on stdout. Gives the exit code.
    pub fn report(&self, output: Output) -> u8 {
        let causes = causes(self);
        if output.is_json() {
            let mistakes = match self {
                Self::Mistakes { sources, mistakes } => mistake::documents(sources, mistakes),
                _ => Vec::new(),
            };
            let (code, message) = (self.code(), self.to_string());
            let hint = self.hint();
            let error = ErrorDocument { code, message, causes, hint, mistakes };
            // If stdout is gone, stderr and the exit code still tell.
            if let Err(unwritten) = output.document(&Failed { error }) {
                eprintln!("error: {unwritten}");
            }
            return self.exit_code();
        }
        if let Self::Mistakes { sources, mistakes } = self {
            eprint!("{}", mistake::render(sources, mistakes));
        }
        eprintln!("error: {self}");
        for cause in causes {
            eprintln!("  because: {cause}");
        }
        if let Some(hint) = self.hint() {
            eprintln!("  hint: {hint}");
        }
        self.exit_code()
    }
}

fn run_code(error: &RunError) -> &'static str {
    match error {
        RunError::Plugin { .. }
        | RunError::SameActionType { .. }
        | RunError::Registry(RegistryError::NotAdmitted { .. }) => "plugin-refused",
        RunError::Registry(RegistryError::Untrusted { .. } | RegistryError::Barred { .. }) => {
            "untrusted"
        }
        RunError::Registry(RegistryError::TrustFile { .. }) => "bad-trust",
        RunError::Registry(RegistryError::UnknownKey { .. }) => "unknown-key",
        RunError::Registry(RegistryError::UnknownPlugin { .. })
        | RunError::Registry(RegistryError::AmbiguousPlugin { .. }) => "unknown-plugin",
        RunError::Registry(RegistryError::NoFormerPlugin { .. }) => "no-former-plugin",
        RunError::Registry(RegistryError::Quarantined { .. }) => "quarantined",
        RunError::Registry(RegistryError::NoPluginBucket { .. }) => "no-plugin-bucket",
        RunError::Registry(RegistryError::NothingToShadow) => "nothing-to-shadow",
        RunError::NoSetup { .. } => "no-setup",
        RunError::FeatureOff { .. } => "feature-off",
        RunError::BackDated { .. } => "back-dated",
        RunError::OutOfBounds { .. } => "out-of-bounds",
        RunError::UnknownRun { .. } => "unknown-run",
        RunError::AlreadyFinished { .. } => "already-finished",
        RunError::NotFinished { .. } => "not-finished",
        RunError::Journal { .. } => "damaged-journal",
        RunError::OtherPlugin { .. } => "other-plugin",
        RunError::UnknownExportSetup { .. } => "unknown-export-setup",
        RunError::Parameter { .. } => "bad-parameter",
        RunError::ExportUnderWay { .. } => "export-under-way",
        RunError::CannotAbandon { .. } => "cannot-abandon",
        RunError::FileDiffers { .. } => "file-differs",
        RunError::UnknownPaymentProfile { .. } => "unknown-payment-profile",
        RunError::NotForCollection { .. } => "not-for-collection",
        RunError::PeriodClosed { .. } => "period-closed",
        RunError::NoProposal { .. } => "no-proposal",
        RunError::IsProposal { .. } => "is-proposal",
        RunError::NotInProposal { .. } => "not-in-proposal",
        RunError::CannotForce { .. } => "cannot-force",
        RunError::ProposalChanged { .. } => "proposal-changed",
        RunError::LimitPassed { .. } => "limit-passed",
        RunError::NotReconciled { .. } => "not-reconciled",
        RunError::UnknownPayment { .. } => "unknown-payment",
        RunError::NothingPosted { .. } => "nothing-posted",
        RunError::BankFile { .. } => "bank-file",
        RunError::Returns { .. } => "bad-returns",
        RunError::SeveralDeadLetters { .. } => "several-dead-letters",
        RunError::UnknownDeadLetter { .. } => "unknown-dead-letter",
        _ => "run",
    }
}

/// The chain of sources, outermost first, each said once: a source that only
/// repeats what is above it is left out.
fn causes(error: &dyn Error) -> Vec<String> {
    let mut said = vec![error.to_string()];
    let mut next = error.source();
    while let Some(source) = next {
        let text = source.to_string();
        if !said.iter().any(|above| above.contains(&text)) {
            said.push(text);
        }
        next = source.source();
    }
    said.split_off(1)
}

/// An error with its causes, in one line.
pub fn in_words(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    words.extend(causes(error));
    words.join(": ")
}

/// Says what clap found wrong, or shows the help that was asked for. Gives the
/// exit code.
pub fn report_usage(error: &clap::Error, output: Output) -> u8 {
    if output.is_json() && error.use_stderr() {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default();
        let message = message.trim_start_matches("error: ").to_owned();
        let error = ErrorDocument {
            code: "usage",
            message,
            causes: Vec::new(),
            hint: None,
            mistakes: Vec::new(),
        };
        if let Err(unwritten) = output.document(&Failed { error }) {
            eprintln!("error: {unwritten}");
        }
    } else if let Err(unwritten) = error.print() {
        tracing::debug!("nobody reads: {unwritten}");
    }
    if error.use_stderr() { USAGE } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        #[source]
        source: Option<Box<Layer>>,
    }

    fn chain(texts: &[&'static str]) -> Layer {
        let source = (texts.len() > 1).then(|| Box::new(chain(&texts[1..])));
        Layer { text: texts[0], source }
    }

    #[test]
    fn a_cause_is_said_once() {
        let error = chain(&["cannot load: disk full", "disk full", "write failed", "write failed"]);
        assert_eq!(causes(&error), ["write failed"]);
    }
}
