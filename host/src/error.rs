//! What can go wrong, in the words of the person who has to mend it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::contract::{CONTRACT_VERSION, Fault};

/// Why a host could not be made or a plugin was not admitted.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The WebAssembly engine does not start on this machine.
    #[error("the plugin engine cannot be set up on this machine")]
    Engine(#[source] wasmtime::Error),
    /// The thread that measures deadlines does not start.
    #[error("the thread that measures plugin deadlines cannot be started")]
    Ticker(#[source] std::io::Error),
    /// The artifact cache cannot be used.
    #[error("the plugin cache {path} cannot be used: {reason}")]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The file of a component cannot be read.
    #[error("the component {path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The component is larger than the limit.
    #[error(
        "the component has {bytes} bytes, more than the {bytes_max} that are allowed: build it optimised for size and stripped of names"
    )]
    TooLarge {
        /// Size of the file.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The component is made of more than it may be.
    #[error("the component has {found} {what}, more than the {most} that are allowed: {advice}")]
    TooComplex {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// How much there is, as far as it was read.
        found: u64,
        /// The limit.
        most: u64,
        /// What to do.
        advice: &'static str,
    },
    /// The file is not WebAssembly.
    #[error("the file is not WebAssembly: name the `.wasm` file of a component")]
    NotWasm,
    /// The file is a core module.
    #[error(
        "the file is a core module, not a component: wrap it with `wasm-tools component new` or `wit_component::ComponentEncoder`"
    )]
    CoreModule,
    /// The file ends early or is damaged.
    #[error(
        "the component is damaged or truncated at byte {offset} of {bytes} ({reason}): copy or build it again"
    )]
    Malformed {
        /// Where reading failed.
        offset: usize,
        /// Size of the file.
        bytes: usize,
        /// What the parser says.
        reason: String,
    },
    /// The component is made for another world.
    #[error(
        "the component does not export {interface} (it exports {exports}): build it for the world `plugin` of that package",
        interface = crate::contract::ACTION
    )]
    WrongWorld {
        /// What it exports instead, separated by commas, or "nothing".
        exports: String,
    },
    /// The component speaks a version that this host does not.
    #[error(
        "the component speaks {interface}@{found}, but this host {CONTRACT_VERSION} and its patches: build it against that version of the contract",
        interface = crate::contract::ACTION
    )]
    WrongVersion {
        /// The version in the name of its export.
        found: String,
    },
    /// The component wants something that no plugin gets.
    #[error(
        "the component imports {import}, which no plugin is given; only {log} is: build it for wasm32-unknown-unknown, without clock, files, network and randomness",
        log = crate::contract::IMPORTS[0]
    )]
    ForbiddenImport {
        /// The name of the import.
        import: String,
    },
    /// The component does not compile.
    #[error(
        "the component cannot be compiled ({0}): build it again, and hold it against `wasm-tools validate`"
    )]
    Compile(String),
    /// There is no artifact, and this build has no compiler.
    #[error(
        "the cache holds no artifact of {digest}, and this build has no compiler: compile it where the plugin is published"
    )]
    NoArtifact {
        /// Digest of the component.
        digest: String,
    },
    /// The component that was admitted is gone, or another one is in its place.
    #[error(
        "the component {digest} is not among the agency's components any more, or was altered: add it again with `arrears plugin add FILE`"
    )]
    NoComponent {
        /// Its digest.
        digest: String,
    },
    /// The file of a registered artifact cannot be read.
    #[error(
        "the artifact {file} of plugin {plugin} is missing: {reason}; have `plugin-admit` admit the component again"
    )]
    ArtifactMissing {
        /// The file.
        file: String,
        /// The plugin's id and version.
        plugin: String,
        /// Where it was looked for, and what came of it.
        reason: String,
    },
    /// The file is not the one that was registered.
    #[error(
        "the artifact {file} of plugin {plugin} was altered or is cut off: its digest is not {digest}, as registered; have `plugin-admit` admit the component again"
    )]
    ArtifactAltered {
        /// The file.
        file: String,
        /// The plugin's id and version.
        plugin: String,
        /// The digest that was registered.
        digest: String,
    },
    /// The artifact was compiled for another release, target or configuration.
    #[error(
        "the artifact {file} of plugin {plugin} is for another host: this one loads {ours}-*.cwasm (release of wasmtime, target, revision); have `plugin-admit` admit the component again"
    )]
    ArtifactOfAnotherHost {
        /// The file.
        file: String,
        /// The plugin's id and version.
        plugin: String,
        /// What the names of this host's artifacts of the component begin with.
        ours: String,
    },
    /// An artifact is what was registered, and wasmtime does not take it.
    #[error(
        "the artifact {file} of plugin {plugin} cannot be used: {reason}; have `plugin-admit` admit the component again"
    )]
    Artifact {
        /// The file.
        file: String,
        /// The plugin's id and version.
        plugin: String,
        /// Why.
        reason: String,
    },
    /// The types of the exports or imports differ from the contract's.
    #[error(
        "the component's types are not those of the contract ({reason}): build it against the unchanged WIT package"
    )]
    WrongTypes {
        /// The first difference.
        reason: String,
    },
    /// The plugin failed while it was asked what it is.
    #[error("the plugin fails in `describe`: {0}")]
    Describe(Failure),
    /// The plugin describes itself differently each time.
    #[error("the plugin describes itself differently the second time: `describe` must be constant")]
    Unsteady,
    /// The plugin's description breaks a rule.
    #[error("the plugin's description is wrong: {field} {reason}")]
    Descriptor {
        /// The field of the descriptor.
        field: &'static str,
        /// What is wrong with it and what to do.
        reason: String,
    },
}

impl HostError {
    /// Whether the plugin is right, and its compiled form is missing or is of another
    /// host.
    #[must_use]
    pub fn is_artifact(&self) -> bool {
        matches!(
            self,
            Self::Artifact { .. }
                | Self::ArtifactMissing { .. }
                | Self::ArtifactAltered { .. }
                | Self::ArtifactOfAnotherHost { .. }
                | Self::NoArtifact { .. }
        )
    }
}

/// Characters that are kept of what a plugin or a tool says, to quote it in a message.
const QUOTED_CHARS_MAX: usize = 400;

/// The beginning of a text that a plugin has a hand in, to quote it in a message: in one
/// line, and without what a terminal would obey.
pub(crate) fn quoted(text: &str) -> String {
    let clean = |c: char| match c {
        '\n' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let mut kept: String = text.chars().take(QUOTED_CHARS_MAX).map(clean).collect();
    if kept.len() < text.len() {
        kept.push_str("...");
    }
    kept
}

/// Why a configuration was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The settings are no JSON object.
    #[error("the settings are no JSON object: {reason}")]
    NotJson {
        /// What the parser says.
        reason: String,
    },
    /// The settings break the plugin's schema.
    #[error("{}", join(.0))]
    Settings(Vec<Violation>),
    /// The plugin refuses the configuration.
    #[error("{} ({})", .0.message, .0.code)]
    Fault(Fault),
    /// The plugin failed while it checked the configuration.
    #[error("the plugin fails in `check-config`: {0}")]
    Failure(Failure),
}

fn join(violations: &[Violation]) -> String {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

/// One place of the settings that breaks the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer into the settings; empty for the whole.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            formatter.write_str(&self.message)
        } else {
            write!(formatter, "{}: {}", self.pointer, self.message)
        }
    }
}

/// Why there is no verdict for a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseError {
    /// The plugin says that it cannot be done: a person can mend it.
    Fault(Fault),
    /// The plugin did not do its work: a defect of the plugin.
    Failure(Failure),
}

impl fmt::Display for CaseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => write!(formatter, "{} ({})", fault.message, fault.code),
            Self::Failure(failure) => failure.fmt(formatter),
        }
    }
}

/// A defect of a plugin that the sandbox has contained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which rule it broke.
    pub kind: FailureKind,
    /// What happened, with the limit if there was one.
    pub message: String,
    /// The last lines that it logged as errors: the text of a panic.
    pub last_words: Vec<String>,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), last_words: Vec::new() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if !self.last_words.is_empty() {
            write!(formatter, "; it said: {}", self.last_words.join(" | "))?;
        }
        Ok(())
    }
}

/// Which rule a plugin broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// It trapped: a panic, an `unreachable`, an access out of bounds.
    Trap,
    /// It called itself too deep.
    Stack,
    /// It used up its fuel.
    Fuel,
    /// It hit the deadline.
    Deadline,
    /// It wanted more memory than it may have.
    Memory,
    /// It returned more bytes than it may.
    Output,
    /// It broke the contract: its decisions do not answer the subjects, or an
    /// effect is not granted or out of range.
    Contract,
    /// It was not called, because it had hit its limits on too many others.
    Stopped,
    /// It was not called, because two subjects of the request have one key.
    /// This is the caller's mistake and no strike.
    DuplicateSubject,
    /// It could not be started: the machine lacks the resources, or, at its
    /// admission, its types are not the contract's.
    Start,
}
