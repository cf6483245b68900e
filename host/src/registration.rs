//! Plugins that one host compiles and others load.
//!
//! A host with a compiler admits a component and gives its [`Artifact`], which goes
//! where the others find it, and its [`Registration`], which goes where nobody else may
//! write. A host without a compiler loads what the registration says, and nothing else.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::artifact::{blake3, blake3_of_file, stem};
use crate::contract::Descriptor;
use crate::error::HostError;

/// Digits of an artifact's digest in its name: enough that two do not meet.
const DIGEST_DIGITS: usize = 16;

/// A compiled component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its file's name: what it was compiled from and for, and a part of its digest.
    pub file: String,
    /// Digest of its bytes: "blake3:" and 64 hexadecimal digits.
    pub digest: String,
    /// Machine code, as wasmtime writes it.
    pub bytes: Vec<u8>,
}

impl Artifact {
    pub(crate) fn of(component_digest: &str, bytes: Vec<u8>) -> Self {
        let digest = blake3(&bytes);
        let file = format!("{}{}", stem(component_digest), end_of_name(&digest));
        Self { file, digest, bytes }
    }
}

/// What the name of an artifact with this digest ends with.
fn end_of_name(digest: &str) -> String {
    let hex = digest.trim_start_matches("blake3:");
    format!("-{}.cwasm", &hex[..DIGEST_DIGITS])
}

/// Whether an artifact of this name, whatever its component, is one for this host.
pub(crate) fn is_name_for_this_host(file: &str) -> bool {
    file.contains(&format!("{}-", stem("")))
}

/// Whether an artifact of this name may have this digest.
pub(crate) fn is_name_of(file: &str, digest: &str) -> bool {
    file.ends_with(&end_of_name(digest))
}

/// A plugin that was admitted, and what its artifact must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Digest of the component: "sha256:" and 64 hexadecimal digits.
    pub digest: String,
    /// The name of the artifact's file.
    pub artifact: String,
    /// Digest of the artifact: "blake3:" and 64 hexadecimal digits.
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
        blake3(bytes) == self.artifact_digest
    }

    /// The plugin's id and version.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.descriptor.id, self.descriptor.version)
    }

    /// The digest of the file, which may be loaded.
    pub(crate) fn verify(&self, path: &Path) -> Result<String, HostError> {
        self.verify_name()?;
        let digest = blake3_of_file(path)
            .map_err(|error| self.missing(format!("{}: {error}", path.display())))?;
        self.verify_digest(&digest)?;
        Ok(digest)
    }

    /// Nothing if the artifact is one for this host.
    pub(crate) fn verify_name(&self) -> Result<(), HostError> {
        if self.is_for_this_host() {
            return Ok(());
        }
        Err(HostError::ArtifactOfAnotherHost {
            file: self.artifact.clone(),
            plugin: self.name(),
            ours: stem(&self.digest),
        })
    }

    /// Nothing if it is the digest of the artifact.
    pub(crate) fn verify_digest(&self, digest: &str) -> Result<(), HostError> {
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
