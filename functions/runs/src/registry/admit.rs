//! A component comes in: trusted, checked, compiled, registered.

use super::error::RegistryError;
use super::known::{self, Known, Origin};
use super::record::{self, Active};
use super::{Registry, outcome, trust};
use crate::error::RunError;
use crate::step::StepError;
use arrears_host::trust::not_an_imitation;
use arrears_host::{Descriptor, Grant, Host, HostError, Plugin, Registration};
use arrears_storage::{ObjectBody, ObjectEntry, StorageError, Store};
use serde::Serialize;

/// Where operators put components in the bucket of plugins.
pub const COMPONENTS: &str = "components/";

/// What the name of a signature ends in, after the name of its component.
pub const SIGNATURE: &str = ".minisig";

/// Where artifacts are in the bucket of plugins.
const ARTIFACTS: &str = "artifacts/";

/// The key of an artifact.
pub(super) fn artifact_key(file: &str) -> String {
    format!("{ARTIFACTS}{file}")
}

/// The key of a component that was admitted.
pub(super) fn kept_key(digest: &str) -> String {
    format!("{ARTIFACTS}{}.wasm", digest.trim_start_matches("sha256:"))
}

/// The names that are tried for an artifact whose name is taken by something else.
const COPIES_MAX: u32 = 100;

/// A component that wants to come in.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// What it is called, for messages: a file, or a key of the bucket.
    pub name: &'a str,
    /// The component.
    pub wasm: &'a [u8],
    /// The text of its signature, if there is one.
    pub signature: Option<&'a str>,
    /// When it was put into the bucket, in milliseconds since 1970, if it came that way.
    pub put_at_ms: Option<i64>,
}

/// What became of all components.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Readmitted {
    /// Those that were admitted: of each plugin one is active.
    pub admitted: Vec<Active>,
    /// Those that were refused: the key, and why.
    pub refused: Vec<(String, String)>,
}

impl Registry<'_> {
    /// Admits a component and makes it the active one of its plugin. Whatever this writes
    /// may be written again; what is active is changed last.
    ///
    /// # Errors
    /// The component is not trusted, or refused, or in quarantine; or another active plugin
    /// performs one of its actions; or the store fails.
    pub async fn add(&self, submission: &Submission<'_>) -> Result<Active, RunError> {
        let published = self.publisher(submission).await?;
        let admitted = self.register(submission, published).await?;
        self.activate(&admitted).await
    }

    /// Whether a component would be added: it is trusted and passes the gate. Nothing is
    /// written.
    ///
    /// # Errors
    /// As [`Registry::add`].
    pub async fn trusted(&self, submission: &Submission<'_>) -> Result<Trusted, RunError> {
        let Submission { name, wasm, .. } = *submission;
        let published = self.publisher(submission).await?;
        let admitted = tokio::task::block_in_place(|| self.host.admit(wasm));
        let plugin = admitted.map_err(|error| refused(name, error))?;
        let known = known_as(name, published, (plugin.digest(), plugin.descriptor()))?;
        known::ensure_free(self.store, plugin.digest()).await?;
        Ok(Trusted { plugin, grant: known.grant })
    }

    async fn activate(&self, admitted: &Active) -> Result<Active, RunError> {
        known::ensure_free(self.store, &admitted.digest).await?;
        record::activate(self.store, admitted).await
    }

    /// Compiles a component and registers it, so that it can be loaded by its digest.
    async fn register(
        &self,
        submission: &Submission<'_>,
        published: Published,
    ) -> Result<Active, RunError> {
        let Submission { name, wasm, put_at_ms, .. } = *submission;
        // To compile takes a second or so; other tasks must not wait.
        let compiled = tokio::task::block_in_place(|| self.host.compile(wasm));
        let (_, mut registration, artifact) = compiled.map_err(|error| refused(name, error))?;
        let about = (registration.digest.as_str(), &registration.descriptor);
        let known = known_as(name, published, about)?;
        self.keep(&registration.digest, wasm).await?;
        self.put_artifact(&mut registration, artifact.bytes.into()).await?;
        known::remember(self.store, &known).await?;
        record::register(self.store, &registration).await?;
        Ok(Active::of(&registration, put_at_ms))
    }

    /// Who has published the component: it came with this product, or a trusted vendor has
    /// signed it.
    async fn publisher(&self, submission: &Submission<'_>) -> Result<Published, RunError> {
        let Submission { name, wasm, signature, .. } = *submission;
        ensure_size(self.host, name, wasm.len())?;
        if self.built_in.contains(&arrears_host::digest(wasm)) {
            return Ok(Published::BuiltIn);
        }
        let (vendor, key) = trust::verify(self.store, name, (wasm, signature)).await?;
        Ok(Published::Signed { vendor: Box::new(vendor), key })
    }

    /// Keeps a component under its digest: the bucket's own may be replaced by the next
    /// version while runs go on that have begun with this one, and after an upgrade of the
    /// sandbox they need it compiled again.
    async fn keep(&self, digest: &str, wasm: &[u8]) -> Result<(), RunError> {
        match self.plugins.put_object_new(&kept_key(digest), wasm.to_vec()).await {
            Err(error) if !error.is_already_exists() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Puts an artifact where nothing else is. Files are written once; one that was altered
    /// keeps its name, and the artifact gets another.
    async fn put_artifact(
        &self,
        registration: &mut Registration,
        body: ObjectBody,
    ) -> Result<(), RunError> {
        let name = registration.artifact.clone();
        let stem = name.trim_end_matches(".cwasm");
        for copy in 1..=COPIES_MAX {
            if copy > 1 {
                registration.artifact = format!("{stem}-{copy}.cwasm");
            }
            let key = artifact_key(&registration.artifact);
            match self.plugins.put_object_new(&key, body.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) if !error.is_already_exists() => return Err(error.into()),
                Err(_) if registration.is_of(&self.plugins.get_object(&key).await?) => {
                    return Ok(());
                }
                Err(_) => {}
            }
        }
        // Nobody but whoever admits may write there, and it has written none of these.
        Err(refused(&registration.name(), registration.altered()))
    }

    /// Admits a component of the bucket of plugins, by its key. Its signature is beside it.
    ///
    /// # Errors
    /// As [`Registry::add`]; or there is no such component.
    pub async fn add_object(&self, key: &str) -> Result<Active, RunError> {
        if !key.starts_with(COMPONENTS) || !key.ends_with(".wasm") {
            let reason = format!("{key} is no component; put it to {COMPONENTS}NAME.wasm");
            return Err(RunError::Step(StepError::Request { reason }));
        }
        let found = self.plugins.list_objects(key).await?;
        let Some(object) = found.into_iter().find(|object| object.key == key) else {
            let reason = format!("{key} is not in the bucket of plugins any more");
            return Err(RunError::Step(StepError::Request { reason }));
        };
        let (wasm, signature) = self.fetch(&object).await?;
        let added = self.add(&submission(&object, &wasm, signature.as_deref())).await;
        outcome::note(self.store, &arrears_host::digest(&wasm), key, &added).await?;
        added
    }

    /// Admits every component of the bucket again, and every one that was admitted before:
    /// after an upgrade of the sandbox their artifacts are of another one. What is active
    /// stays so, even if the bucket has another version of it; where nothing is, or its
    /// component is gone, the last by key becomes active.
    ///
    /// # Errors
    /// The store fails. That a component is refused is part of the answer.
    pub async fn readmit_all(&self) -> Result<Readmitted, RunError> {
        let mut readmitted = Readmitted::default();
        let mut keys = Vec::new();
        for object in self.plugins.list_objects(COMPONENTS).await? {
            if !object.key.ends_with(".wasm") {
                continue;
            }
            let registered = self.register_again(&object).await;
            if let Some(admitted) = readmitted.take(&object.key, registered)? {
                keys.push((object.key, admitted));
            }
        }
        let now: Vec<String> =
            keys.iter().map(|(_, admitted)| kept_key(&admitted.digest)).collect();
        for object in self.plugins.list_objects(ARTIFACTS).await? {
            if object.key.ends_with(".wasm") && !now.contains(&object.key) {
                let registered = self.register_again(&object).await;
                readmitted.take(&object.key, registered)?;
            }
        }
        let active = record::list(self.store).await?;
        let of_bucket = |it: &Active| keys.iter().any(|(_, other)| other.digest == it.digest);
        for (key, admitted) in &keys {
            let is_of_it = |it: &&Active| it.id == admitted.id;
            let activated = match active.iter().find(is_of_it).is_some_and(&of_bucket) {
                true => Ok(()),
                false => self.activate(admitted).await.map(drop),
            };
            if readmitted.take(key, activated)?.is_some() {
                readmitted.admitted.push(admitted.clone());
            }
        }
        Ok(readmitted)
    }

    /// Registers a component for this release of the sandbox. One that was admitted before
    /// stays what it is, with its grant and its quarantine.
    async fn register_again(&self, object: &ObjectEntry) -> Result<Active, RunError> {
        let (wasm, signature) = self.fetch(object).await?;
        let submission = submission(object, &wasm, signature.as_deref());
        let published = match known::find(self.store, &arrears_host::digest(&wasm)).await? {
            Some(known) => Published::Before(Box::new(known)),
            None => self.publisher(&submission).await?,
        };
        self.register(&submission, published).await
    }

    /// A component with its signature, unless its size alone would have it refused.
    async fn fetch(&self, object: &ObjectEntry) -> Result<(Vec<u8>, Option<String>), RunError> {
        let bytes = usize::try_from(object.bytes).unwrap_or(usize::MAX);
        ensure_size(self.host, &object.key, bytes)?;
        let wasm = self.plugins.get_object(&object.key).await?.into();
        Ok((wasm, self.signature(&object.key).await?))
    }

    /// The signature beside a component, if there is one.
    async fn signature(&self, key: &str) -> Result<Option<String>, RunError> {
        match self.plugins.get_object(&format!("{key}{SIGNATURE}")).await {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(StorageError::NoObject { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// A component that may be added, and what it may do then.
pub struct Trusted {
    /// The admitted component.
    pub plugin: Plugin,
    /// What it may do.
    pub grant: Grant,
}

/// Refuses a component by its size alone, before anybody reads it.
fn ensure_size(host: &Host, name: &str, bytes: usize) -> Result<(), RunError> {
    let bytes_max = host.limits().component_bytes_max;
    match bytes > bytes_max {
        true => Err(refused(name, HostError::TooLarge { bytes, bytes_max })),
        false => Ok(()),
    }
}

/// The bytes of a component that was admitted.
///
/// # Errors
/// There is none of this digest; or the store fails.
pub async fn component(plugins: &Store, digest: &str) -> Result<Vec<u8>, RunError> {
    match plugins.get_object(&kept_key(digest)).await {
        Ok(wasm) if arrears_host::digest(&wasm) == digest => Ok(wasm.into()),
        Ok(_) | Err(StorageError::NoObject { .. }) => {
            Err(refused(digest, HostError::NoComponent { digest: digest.to_owned() }))
        }
        Err(error) => Err(error.into()),
    }
}

/// Who has published a component that is being looked at.
enum Published {
    BuiltIn,
    Before(Box<Known>),
    Signed { vendor: Box<arrears_host::trust::Vendor>, key: String },
}

/// What the agency will know of the component, if it lets it do what it declares.
fn known_as(
    name: &str,
    published: Published,
    (digest, descriptor): (&str, &Descriptor),
) -> Result<Known, RunError> {
    let untrusted =
        |source| RunError::Registry(RegistryError::Untrusted { name: name.to_owned(), source });
    let (origin, grant) = match published {
        Published::Before(known) => return Ok(*known),
        Published::BuiltIn => (Origin::BuiltIn, Grant::of(descriptor)),
        Published::Signed { vendor, key } => {
            not_an_imitation(descriptor, &super::BUILT_IN_ACTIONS).map_err(untrusted)?;
            let grant = vendor.grant(descriptor).map_err(untrusted)?;
            (Origin::Vendor { vendor: vendor.name, key }, grant)
        }
    };
    Ok(Known::new(digest, descriptor, origin, grant))
}

fn submission<'a>(
    object: &'a ObjectEntry,
    wasm: &'a [u8],
    signature: Option<&'a str>,
) -> Submission<'a> {
    Submission { name: &object.key, wasm, signature, put_at_ms: object.modified_at_ms }
}

fn refused(name: &str, source: HostError) -> RunError {
    RunError::Plugin { name: name.to_owned(), source: Box::new(source) }
}

impl Readmitted {
    /// What came of one of them. If it was refused, nothing, and the reason is kept.
    fn take<T>(&mut self, key: &str, result: Result<T, RunError>) -> Result<Option<T>, RunError> {
        match result {
            Ok(done) => Ok(Some(done)),
            Err(error @ RunError::Storage(_)) => Err(error),
            Err(error) => {
                self.refused.push((key.to_owned(), crate::chain(&error)));
                Ok(None)
            }
        }
    }
}
