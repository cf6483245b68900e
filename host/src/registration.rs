//! Plugins that one host compiles and others load.
//!
//! A host with a compiler admits a component and gives its [`Artifact`], which goes
//! where the others find it, and its [`Registration`], which goes where nobody else may
//! write. A host without a compiler loads what the registration says, and nothing else.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::artifact::{sha256, sha256_of_file, stem};
use crate::contract::Descriptor;
use crate::error::HostError;

/// Digits of an artifact's digest in its name: enough that two do not meet.
const DIGEST_DIGITS: usize = 16;

/// A compiled component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its file's name: what it was compiled from and for, and a part of its digest.
    pub file: String,
    /// Digest of its bytes: "sha256:" and 64 hexadecimal digits.
    pub digest: String,
    /// Machine code, as wasmtime writes it.
    pub bytes: Vec<u8>,
}

impl Artifact {
    pub(crate) fn of(component_digest: &str, bytes: Vec<u8>) -> Self {
        let digest = sha256(&bytes);
        let hex = digest.trim_start_matches("sha256:");
        let file = format!("{}-{}.cwasm", stem(component_digest), &hex[..DIGEST_DIGITS]);
        Self { file, digest, bytes }
    }
}

/// A plugin that was admitted, and what its artifact must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Digest of the component.
    pub digest: String,
    /// The name of the artifact's file.
    pub artifact: String,
    /// Digest of the artifact.
    pub artifact_digest: String,
    /// What the plugin said of itself when it was admitted.
    pub descriptor: Descriptor,
}

impl Registration {
    /// What the registration that this host makes of a component is called: the component,
    /// and all that an artifact is bound to. Those of another release are called otherwise,
    /// so that both stay while one release takes over from another.
    #[must_use]
    pub fn name_for_this_host(component_digest: &str) -> String {
        stem(component_digest)
    }

    /// Whether a host of this release, target and configuration may load the artifact.
    #[must_use]
    pub fn is_for_this_host(&self) -> bool {
        self.artifact.starts_with(&format!("{}-", stem(&self.digest)))
    }

    /// Whether these are the artifact's bytes.
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        sha256(bytes) == self.artifact_digest
    }

    /// The plugin's id and version.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.descriptor.id, self.descriptor.version)
    }

    /// Nothing if the file may be loaded.
    pub(crate) fn verify(&self, path: &Path) -> Result<(), HostError> {
        if !self.is_for_this_host() {
            return Err(HostError::ArtifactOfAnotherHost {
                file: self.artifact.clone(),
                plugin: self.name(),
                ours: stem(&self.digest),
            });
        }
        let digest = sha256_of_file(path)
            .map_err(|error| self.missing(format!("{}: {error}", path.display())))?;
        if digest == self.artifact_digest { Ok(()) } else { Err(self.altered()) }
    }

    /// The error of an artifact that is not where it was looked for.
    #[must_use]
    pub fn missing(&self, reason: String) -> HostError {
        HostError::ArtifactMissing { file: self.artifact.clone(), plugin: self.name(), reason }
    }

    /// The error of bytes that are not those of the artifact.
    #[must_use]
    pub fn altered(&self) -> HostError {
        HostError::ArtifactAltered {
            file: self.artifact.clone(),
            plugin: self.name(),
            digest: self.artifact_digest.clone(),
        }
    }

    pub(crate) fn unusable(&self, reason: String) -> HostError {
        HostError::Artifact { file: self.artifact.clone(), plugin: self.name(), reason }
    }
}
