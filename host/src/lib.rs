//! Runs milestone actions as sandboxed WebAssembly components.
//!
//! A plugin is a component of the world `arrears:action/plugin` (see `wit/`).
//! This crate admits one after a look at its imports, exports and types, calls
//! it for batches of subjects, and hands back what it decided, checked against
//! what the agency has granted. It holds every plugin, built-in or not, to the
//! same [`Limits`]; what a plugin does wrong becomes an outcome of the subject
//! that it did it for, and harms no other.
//!
//! It does not know what an effect means, commits nothing, and knows neither
//! billing nor AWS. It keeps no count of strikes: a caller decides when a
//! plugin has had enough of them.
//!
//! ```no_run
//! use arrears_host::{Configuration, Context, Grant, Host, HostOptions, Subject};
//!
//! # fn subjects() -> Vec<Subject> { Vec::new() }
//! # fn context() -> Context { panic!("only compiled") }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::new(HostOptions::default())?;
//! let plugin = host.admit(&host.read("one-off-penalty.wasm".as_ref())?)?;
//! let configuration = Configuration {
//!     settings: r#"{"line_item_type": "LATE", "percent": "1.5"}"#.to_owned(),
//!     definitions: Vec::new(),
//! };
//! plugin.check_config(&configuration)?;
//! let grant = Grant::of(plugin.descriptor());
//! let performed = plugin.perform(&grant, &context(), &configuration, &subjects());
//! for (subject, case) in subjects().iter().zip(&performed.cases) {
//!     println!("{}: {case:?}", subject.account);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! In reading order: [`contract`] is the language, the gate and admission let a
//! plugin in, a batch is a number of calls, and a checker reads what comes back.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bindings;
pub mod contract;

mod error;
mod limits;

mod engine;

mod admit;
mod artifact;
mod descriptor;
mod gate;
mod registration;
mod schema;
pub mod trust;

mod batch;
mod call;
mod check;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use admit::{Admission, Found, Plugin};
pub use batch::{Case, Performed, Strike, Usage};
pub use call::LogLine;
pub use check::Grant;
pub use contract::{Configuration, Context, Descriptor, Effect, EffectKind, Fault, Subject};
pub use error::{CaseError, ConfigError, Failure, FailureKind, HostError, Violation};
pub use limits::Limits;
pub use registration::{Artifact, Registration};
pub use schema::Reference;

use artifact::{Cache, open_private};
use engine::Sandbox;

/// How a host is set up.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// What plugins may use and say.
    pub limits: Limits,
    /// A folder for compiled plugins, made if it is missing. It must be one
    /// that no other user can write into, since what lies in it is run.
    pub artifact_cache: Option<PathBuf>,
}

/// The place where plugins run. One for a process; it may be used from several
/// threads at once, and is cheap to clone.
#[derive(Clone)]
pub struct Host {
    sandbox: Arc<Sandbox>,
    limits: Arc<Limits>,
    cache: Option<Cache>,
}

impl Host {
    /// Sets up the engine.
    ///
    /// # Errors
    /// [`HostError::Engine`] and [`HostError::Ticker`] if this machine cannot
    /// run plugins, [`HostError::Cache`] if the folder cannot be used.
    pub fn new(options: HostOptions) -> Result<Self, HostError> {
        let cache = options.artifact_cache.map(Cache::open).transpose()?;
        let sandbox = Sandbox::new(&options.limits)?;
        Ok(Self { sandbox: Arc::new(sandbox), limits: Arc::new(options.limits), cache })
    }

    /// Reads a component from a file, and no further than the largest that is admitted.
    ///
    /// # Errors
    /// [`HostError::TooLarge`]; [`HostError::Unreadable`] if the file cannot be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, HostError> {
        admit::read(path, &self.limits)
    }

    /// Admits a component: reads what it imports and exports, compiles it or
    /// takes its artifact from the cache, starts it once, asks it what it is,
    /// and checks the answer.
    ///
    /// # Errors
    /// The variants of [`HostError`] from [`HostError::TooLarge`] on, each with
    /// what its author has to do.
    pub fn admit(&self, wasm: &[u8]) -> Result<Plugin, HostError> {
        admit::admit(&self.sandbox, &self.limits, self.cache.as_ref(), wasm)
    }

    /// Admits a component for hosts that have no compiler: gives the plugin, what it is
    /// registered as, and the artifact that they load.
    ///
    /// # Errors
    /// As [`Host::admit`]; [`HostError::NoArtifact`] if this host has no compiler.
    pub fn compile(&self, wasm: &[u8]) -> Result<(Plugin, Registration, Artifact), HostError> {
        admit::compile_for_others(&self.sandbox, &self.limits, wasm)
    }

    /// Loads a plugin that another host has compiled, from a file in a folder that only
    /// its owner may write. What admission found out is taken from the registration, so
    /// that this takes a fraction of a millisecond.
    ///
    /// # Errors
    /// [`HostError::ArtifactMissing`], [`HostError::ArtifactAltered`],
    /// [`HostError::ArtifactOfAnotherHost`]; [`HostError::Artifact`] if wasmtime itself
    /// refuses it.
    pub fn load(&self, registration: &Registration, path: &Path) -> Result<Plugin, HostError> {
        admit::load(&self.sandbox, &self.limits, registration, path)
    }

    /// Loads an artifact for this host from a folder that only its owner may write, before
    /// it is known whether it is registered, so that both happen at the same time. The
    /// file's digest must begin as its own name says; else, and whenever it cannot be loaded,
    /// there is nothing. What is found cannot be called: [`Host::adopt`] makes a plugin of it.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<Found> {
        admit::find(&self.sandbox, path)
    }

    /// Makes a plugin of machine code that was found, if it is what is registered.
    ///
    /// # Errors
    /// [`HostError::ArtifactAltered`].
    pub fn adopt(&self, registration: &Registration, found: Found) -> Result<Plugin, HostError> {
        admit::adopt(&self.sandbox, &self.limits, registration, found)
    }

    /// What plugins may use and say.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// What a component is known by: "sha256:" and 64 hexadecimal digits of its digest.
#[must_use]
pub fn digest(wasm: &[u8]) -> String {
    artifact::sha256(wasm)
}

/// Makes a folder for artifacts that only its owner may write into, or finds that it is
/// one: what lies in it is run.
///
/// # Errors
/// [`HostError::Cache`] if it cannot be made, or if another user could write into it.
pub fn private_folder(folder: &Path) -> Result<(), HostError> {
    open_private(folder).map_err(|reason| HostError::Cache { path: folder.to_owned(), reason })
}

#[cfg(all(test, feature = "compile"))]
mod load_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_its_plugins_may_be_shared_by_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Host>();
        shared::<Plugin>();
        shared::<Performed>();
    }
}
