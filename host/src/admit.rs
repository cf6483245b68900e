//! Admission: the gate that each plugin passes once, built-in or not, and the
//! plugin that has passed it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value;
use wasmtime::component::Component;

use crate::artifact::{Cache, blake3_of_file, sha256};
use crate::batch::{Performed, Usage, perform, perform_nothing, shorten};
use crate::bindings::PluginPre;
use crate::call::{State, call};
use crate::check::Grant;
use crate::contract::{Configuration, Context, Descriptor, Subject};
use crate::engine::Sandbox;
use crate::error::{CaseError, ConfigError, Failure, FailureKind, HostError, quoted};
use crate::limits::Limits;
use crate::registration::{Artifact, Registration};
use crate::schema::{Reference, Schema};
use crate::{descriptor, gate, registration};

/// How a plugin came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// True if it was compiled; false if its artifact was in the cache.
    pub compiled: bool,
    /// Whether its artifact is in the cache now. If not, the next host
    /// compiles it again: the cache is off, full or not writable.
    pub cached: bool,
    /// Time of the admission.
    pub wall: Duration,
}

/// A plugin that may be called. Cheap to clone; calls from several threads do
/// not disturb each other.
#[derive(Clone)]
pub struct Plugin {
    inner: Arc<Inner>,
}

struct Inner {
    sandbox: Arc<Sandbox>,
    limits: Arc<Limits>,
    guest: PluginPre<State>,
    descriptor: Descriptor,
    /// Made when it is needed first: a run checks no settings.
    schema: OnceLock<Result<Schema, String>>,
    digest: String,
    admission: Admission,
}

/// Reads a component; see [`Host::read`](crate::Host::read). What the system says of a
/// file's size is not relied on: a pipe has none, and a device no end.
pub(crate) fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, HostError> {
    let unreadable = |error: io::Error| HostError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let bytes_max = limits.component_bytes_max;
    let file = File::open(path).map_err(unreadable)?;
    let said = file.metadata().map_err(unreadable)?.len();
    let said = usize::try_from(said).unwrap_or(usize::MAX);
    if said > bytes_max {
        return Err(HostError::TooLarge { bytes: said, bytes_max });
    }
    let mut wasm = Vec::with_capacity(said + 1);
    file.take(bytes_max as u64 + 1).read_to_end(&mut wasm).map_err(unreadable)?;
    if wasm.len() > bytes_max {
        return Err(HostError::TooLarge { bytes: wasm.len(), bytes_max });
    }
    Ok(wasm)
}

/// Admits a component; see [`Host::admit`](crate::Host::admit).
pub(crate) fn admit(
    sandbox: &Arc<Sandbox>,
    limits: &Arc<Limits>,
    cache: Option<&Cache>,
    wasm: &[u8],
) -> Result<Plugin, HostError> {
    Ok(admit_component(sandbox, limits, cache, wasm)?.0)
}

/// Admits a component, and gives its compiled form; see
/// [`Host::compile`](crate::Host::compile).
pub(crate) fn compile_for_others(
    sandbox: &Arc<Sandbox>,
    limits: &Arc<Limits>,
    wasm: &[u8],
) -> Result<(Plugin, Registration, Artifact), HostError> {
    let (plugin, component) = admit_component(sandbox, limits, None, wasm)?;
    let bytes = component.serialize().map_err(uncompiled)?;
    let artifact = Artifact::of(plugin.digest(), bytes);
    let registration = Registration {
        digest: plugin.digest().to_owned(),
        artifact: artifact.file.clone(),
        artifact_digest: artifact.digest.clone(),
        descriptor: plugin.descriptor().clone(),
    };
    Ok((plugin, registration, artifact))
}

fn admit_component(
    sandbox: &Arc<Sandbox>,
    limits: &Arc<Limits>,
    cache: Option<&Cache>,
    wasm: &[u8],
) -> Result<(Plugin, Component), HostError> {
    let begin = Instant::now();
    gate::check(wasm, limits)?;
    let digest = sha256(wasm);
    let (component, compiled, cached) = component(sandbox, limits, cache, wasm, &digest)?;
    let guest = instantiate_pre(sandbox, &component)?;
    let descriptor = describe(sandbox, limits, &guest)?;
    descriptor::check(&descriptor, limits)?;
    let schema = Schema::new(&descriptor.config_schema, limits)
        .map_err(|reason| descriptor::wrong("config-schema", reason))?;
    let inner = Inner {
        sandbox: Arc::clone(sandbox),
        limits: Arc::clone(limits),
        guest,
        descriptor,
        schema: OnceLock::from(Ok(schema)),
        digest,
        admission: Admission { compiled, cached, wall: begin.elapsed() },
    };
    Ok((Plugin { inner: Arc::new(inner) }, component))
}

/// Machine code of which nobody has said yet that it is registered: it cannot be called.
pub struct Found {
    digest: String,
    guest: PluginPre<State>,
    wall: Duration,
}

/// Loads a registered plugin from its artifact; see [`Host::load`](crate::Host::load).
pub(crate) fn load(
    sandbox: &Arc<Sandbox>,
    limits: &Arc<Limits>,
    registration: &Registration,
    path: &Path,
) -> Result<Plugin, HostError> {
    let begin = Instant::now();
    let digest = registration.verify(path)?;
    let loaded = machine_code(sandbox, path).map_err(|reason| registration.unusable(reason))?;
    let guest = instantiate_pre(sandbox, &loaded)?;
    let found = Found { digest, guest, wall: begin.elapsed() };
    adopt(sandbox, limits, registration, found)
}

/// Loads an artifact that is whole; see [`Host::find`](crate::Host::find).
pub(crate) fn find(sandbox: &Sandbox, path: &Path) -> Option<Found> {
    let begin = Instant::now();
    let file = path.file_name()?.to_str()?;
    if !registration::is_name_for_this_host(file) {
        return None;
    }
    let digest = blake3_of_file(path).ok()?;
    if !registration::is_name_of(file, &digest) {
        return None;
    }
    let guest = instantiate_pre(sandbox, &machine_code(sandbox, path).ok()?).ok()?;
    Some(Found { digest, guest, wall: begin.elapsed() })
}

/// Makes a plugin of machine code that was found; see [`Host::adopt`](crate::Host::adopt).
pub(crate) fn adopt(
    sandbox: &Arc<Sandbox>,
    limits: &Arc<Limits>,
    registration: &Registration,
    found: Found,
) -> Result<Plugin, HostError> {
    registration.verify_name()?;
    registration.verify_digest(&found.digest)?;
    let inner = Inner {
        sandbox: Arc::clone(sandbox),
        limits: Arc::clone(limits),
        guest: found.guest,
        descriptor: registration.descriptor.clone(),
        schema: OnceLock::new(),
        digest: registration.digest.clone(),
        admission: Admission { compiled: false, cached: true, wall: found.wall },
    };
    Ok(Plugin { inner: Arc::new(inner) })
}

/// Maps an artifact that is whole.
fn machine_code(sandbox: &Sandbox, path: &Path) -> Result<Component, String> {
    // SAFETY: the file lies in a folder that only its owner may write, who writes nothing there
    // that has not the digest of its registration; it is whole, and not called before its
    // digest is the registered one. Wasmtime checks that target, configuration and the major
    // number of the release are its own; the whole release is in the name.
    #[expect(unsafe_code, reason = "loading machine code is what an artifact is for")]
    let loaded = unsafe { Component::deserialize_file(&sandbox.engine, path) };
    loaded.map_err(|error| format!("{error:#}"))
}

fn instantiate_pre(
    sandbox: &Sandbox,
    component: &Component,
) -> Result<PluginPre<State>, HostError> {
    let pre = sandbox.linker.instantiate_pre(component).and_then(PluginPre::new);
    pre.map_err(|error| HostError::WrongTypes { reason: quoted(&format!("{error:#}")) })
}

fn uncompiled(error: wasmtime::Error) -> HostError {
    HostError::Compile(quoted(&format!("{error:#}")))
}

/// The compiled component, whether it had to be compiled, and whether it is in
/// the cache.
fn component(
    sandbox: &Sandbox,
    limits: &Limits,
    cache: Option<&Cache>,
    wasm: &[u8],
    digest: &str,
) -> Result<(Component, bool, bool), HostError> {
    if let Some(artifact) = cache.and_then(|cache| cache.load(digest)) {
        // SAFETY: the artifact was written by `Cache::store` into a folder that
        // only its owner may write, and its digest is that of what was written.
        // Wasmtime checks that release, target and configuration are its own.
        #[expect(unsafe_code, reason = "loading machine code is what the cache is for")]
        let loaded = unsafe { Component::deserialize(&sandbox.engine, artifact) };
        if let Ok(component) = loaded {
            return Ok((component, false, true));
        }
    }
    gate::check_code(wasm, limits)?;
    let component = compile(sandbox, wasm, digest)?;
    let stored = cache.is_some_and(|cache| {
        component.serialize().is_ok_and(|artifact| cache.store(digest, &artifact).is_ok())
    });
    Ok((component, true, stored))
}

#[cfg(feature = "compile")]
fn compile(sandbox: &Sandbox, wasm: &[u8], _digest: &str) -> Result<Component, HostError> {
    Component::from_binary(&sandbox.engine, wasm).map_err(uncompiled)
}

#[cfg(not(feature = "compile"))]
fn compile(_sandbox: &Sandbox, _wasm: &[u8], digest: &str) -> Result<Component, HostError> {
    Err(HostError::NoArtifact { digest: digest.to_owned() })
}

/// Asks the plugin what it is, twice. The first instantiation is the trial: a
/// difference in the types of values shows only now.
fn describe(
    sandbox: &Sandbox,
    limits: &Limits,
    guest: &PluginPre<State>,
) -> Result<Descriptor, HostError> {
    let called = call(sandbox, guest, limits, limits.describe_fuel_max, |store, guest| {
        let action = guest.arrears_action_action();
        Ok((action.call_describe(&mut *store)?, action.call_describe(store)?))
    });
    match called.result {
        Ok((first, second)) if first == second => Ok(first),
        Ok(_) => Err(HostError::Unsteady),
        Err(failure) if failure.kind == FailureKind::Start => {
            Err(HostError::WrongTypes { reason: failure.message })
        }
        Err(failure) => Err(HostError::Describe(failure)),
    }
}

impl Plugin {
    /// What the plugin says of itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.inner.descriptor
    }

    /// Digest of its component: "sha256:" and 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// How it came in.
    #[must_use]
    pub fn admission(&self) -> Admission {
        self.inner.admission
    }

    /// Checks how an agency has configured an action: the settings against the
    /// plugin's schema, then the whole by the plugin itself.
    ///
    /// # Errors
    /// [`ConfigError`] names each place that breaks the schema, or says what
    /// the plugin says. A failure of the plugin is an error as well.
    pub fn check_config(&self, configuration: &Configuration) -> Result<(), ConfigError> {
        let settings = settings(&configuration.settings)?;
        let violations = self.schema()?.violations(&settings);
        if !violations.is_empty() {
            return Err(ConfigError::Settings(violations));
        }
        let limits = self.limits();
        let fuel = limits.check_config_fuel_max;
        let called = call(self.sandbox(), self.guest(), limits, fuel, |store, guest| {
            guest.arrears_action_action().call_check_config(store, configuration)
        });
        match called.result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fault)) => Err(ConfigError::Fault(shorten(fault, limits))),
            Err(failure) => Err(ConfigError::Failure(failure)),
        }
    }

    /// The definitions that settings name, by the `x-arrears-ref` marks in the
    /// plugin's schema. Values that are no texts are left out: the schema says
    /// what is wrong with them.
    ///
    /// # Errors
    /// [`ConfigError::NotJson`] if the settings are no JSON object.
    pub fn references(&self, settings_json: &str) -> Result<Vec<Reference>, ConfigError> {
        let settings = settings(settings_json)?;
        Ok(self.schema()?.references(&settings))
    }

    fn schema(&self) -> Result<&Schema, ConfigError> {
        let Inner { schema, descriptor, limits, .. } = &*self.inner;
        let schema = schema.get_or_init(|| Schema::new(&descriptor.config_schema, limits));
        schema.as_ref().map_err(|reason| {
            // Its admission has looked at the same schema.
            let message = format!("its config-schema {reason}");
            ConfigError::Failure(Failure::new(FailureKind::Contract, message))
        })
    }

    /// Performs the action for each subject. It never fails as a whole: what
    /// goes wrong is the outcome of the subjects that it went wrong for.
    ///
    /// Subjects go through in batches, each in a fresh sandbox. A batch that
    /// fails is halved until the subject that does it is found.
    #[must_use]
    pub fn perform(
        &self,
        grant: &Grant,
        context: &Context,
        configuration: &Configuration,
        subjects: &[Subject],
    ) -> Performed {
        perform(self, grant, context, configuration, subjects)
    }

    /// Calls `perform` without a subject, which no run does: it shows what a call costs
    /// before its first subject, and a plugin that answers for subjects it was not given.
    ///
    /// # Errors
    /// [`CaseError::Fault`] if the plugin refuses the configuration,
    /// [`CaseError::Failure`] if it breaks a rule.
    pub fn perform_nothing(
        &self,
        context: &Context,
        configuration: &Configuration,
    ) -> Result<Usage, CaseError> {
        perform_nothing(self, context, configuration)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.inner.sandbox
    }

    pub(crate) fn guest(&self) -> &PluginPre<State> {
        &self.inner.guest
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Plugin")
            .field("id", &self.inner.descriptor.id)
            .field("version", &self.inner.descriptor.version)
            .field("digest", &self.inner.digest)
            .finish_non_exhaustive()
    }
}

fn settings(json: &str) -> Result<Value, ConfigError> {
    let not_json = |reason: String| ConfigError::NotJson { reason };
    let value: Value = serde_json::from_str(json).map_err(|error| not_json(error.to_string()))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(not_json("it is another kind of value".to_owned()))
    }
}
