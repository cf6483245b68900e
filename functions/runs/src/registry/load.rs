//! Registered plugins are loaded: from the folder of artifacts, and from the bucket if
//! they are not there.

use super::admit::artifact_key;
use super::known::{self, Known};
use super::record;
use crate::catalog::Catalog;
use crate::error::RunError;
use arrears_domain::AgencyId;
use arrears_host::{Found, Host, HostError, Plugin, Registration, private_folder};
use arrears_storage::{StorageError, Store};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::task::JoinHandle;

/// Artifacts that are fetched at a time: a function that starts waits for them.
const FETCHED_AT_ONCE: usize = 16;

/// What lies in the folder, by its file's name.
type InFolder = BTreeMap<String, Found>;

/// The plugins of an agency where there is no compiler, being loaded: what lies in the folder
/// already is loaded while the caller asks what is registered.
pub struct Loading {
    host: Host,
    folder: PathBuf,
    in_folder: JoinHandle<InFolder>,
}

impl Loading {
    /// Begins with what is in the agency's part of the folder.
    ///
    /// # Errors
    /// The folder cannot be made, or others may write into it.
    pub fn begin(host: &Host, folder: &Path, agency: &AgencyId) -> Result<Self, RunError> {
        let folder = folder.join(agency.to_string());
        private_folder(&folder).map_err(|error| refused("artifacts", error))?;
        let in_folder = {
            let (host, folder) = (host.clone(), folder.clone());
            tokio::task::spawn_blocking(move || in_folder(&host, &folder))
        };
        Ok(Self { host: host.clone(), folder, in_folder })
    }

    /// The active plugins, ready for use.
    ///
    /// # Errors
    /// An artifact is missing or cannot be loaded; or the store fails.
    pub async fn active(self, store: &Store, plugins: &Store) -> Result<Catalog, RunError> {
        // Each takes a moment of the start of a function, and neither waits for the other.
        let (active, mut registered, known) = futures::try_join!(
            record::list(store),
            record::registrations(store),
            known::known(store)
        )?;
        if active.iter().any(|it| !registered.contains_key(&it.digest)) {
            // One was admitted between the two.
            registered = record::registrations(store).await?;
        }
        let digests = active.into_iter().map(|active| active.digest).collect();
        self.all(plugins, registered, &known, digests).await
    }

    /// The plugins that a run has begun with: digest by action type.
    ///
    /// # Errors
    /// As [`Loading::active`].
    pub async fn pinned(
        self,
        store: &Store,
        plugins: &Store,
        pinned: &BTreeMap<String, String>,
    ) -> Result<Catalog, RunError> {
        let (registered, known) =
            futures::try_join!(record::registrations(store), known::known(store))?;
        let digests = pinned.values().cloned().collect();
        self.all(plugins, registered, &known, digests).await
    }

    async fn all(
        self,
        plugins: &Store,
        mut registered: BTreeMap<String, Registration>,
        known: &BTreeMap<String, Known>,
        digests: BTreeSet<String>,
    ) -> Result<Catalog, RunError> {
        let Self { host, folder, in_folder } = self;
        // If that panicked, all is fetched, and what panics again does so here.
        let mut in_folder = in_folder.await.unwrap_or_default();
        let mut loads = Vec::new();
        for digest in &digests {
            let no_artifact = || refused(digest, HostError::NoArtifact { digest: digest.clone() });
            let registration = registered.remove(digest).ok_or_else(no_artifact)?;
            let found = in_folder.remove(&registration.artifact);
            let (host, folder) = (&host, &folder);
            loads.push(async move {
                // What is not there, or is not what it should be, is fetched.
                match found.map(|found| host.adopt(&registration, found)) {
                    Some(Ok(plugin)) => Ok(plugin),
                    _ => fetch(plugins, host, folder, &registration).await,
                }
            });
        }
        let loaded: Vec<Plugin> =
            stream::iter(loads).buffered(FETCHED_AT_ONCE).try_collect().await?;
        let granted = loaded.into_iter().map(|plugin| match known.get(plugin.digest()) {
            Some(known) => Ok((plugin, known.grant.clone())),
            // Whoever admits writes both, the grant first.
            None => Err(refused(
                plugin.digest(),
                HostError::NoArtifact { digest: plugin.digest().to_owned() },
            )),
        });
        Catalog::of(granted.collect::<Result<Vec<_>, _>>()?)
    }
}

/// Loads what is in the folder for this host: on all processors, each of which takes the
/// next file when it has done one.
fn in_folder(host: &Host, folder: &Path) -> InFolder {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    let next = AtomicUsize::new(0);
    let load = || {
        let mut loaded = Vec::new();
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            loaded.extend(host.find(path).map(|found| (name, found)));
        }
        loaded
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let others = 1..processors.min(paths.len());
        let others: Vec<_> = others.map(|_| scope.spawn(load)).collect();
        let own = load();
        // What one of them has not come to, by a panic, is fetched.
        let others = others.into_iter().filter_map(|other| other.join().ok()).flatten();
        own.into_iter().chain(others).collect()
    })
}

/// Fetches the artifact of a plugin, and loads it.
async fn fetch(
    plugins: &Store,
    host: &Host,
    folder: &Path,
    registration: &Registration,
) -> Result<Plugin, RunError> {
    let path = folder.join(&registration.artifact);
    let wrong = |error| refused(&registration.name(), error);
    if registration.is_for_this_host() {
        let key = artifact_key(&registration.artifact);
        let bytes = match plugins.get_object(&key).await {
            Ok(bytes) => bytes,
            Err(StorageError::NoObject { .. }) => {
                let reason = format!("the bucket of plugins has no {key}");
                return Err(wrong(registration.missing(reason)));
            }
            Err(error) => return Err(error.into()),
        };
        if !registration.is_of(&bytes) {
            return Err(wrong(registration.altered()));
        }
        write_private(&path, &bytes).map_err(|error| unusable_folder(folder, &error))?;
    }
    host.load(registration, &path).map_err(wrong)
}

fn refused(name: &str, source: HostError) -> RunError {
    RunError::Plugin { name: name.to_owned(), source: Box::new(source) }
}

fn unusable_folder(folder: &Path, error: &io::Error) -> RunError {
    let source = HostError::Cache { path: folder.to_owned(), reason: error.to_string() };
    refused("artifacts", source)
}

/// Writes a file whole under its name, or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let draft = path.with_extension(format!("{}-{serial}.draft", std::process::id()));
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let written = file.open(&draft).and_then(|mut file| file.write_all(bytes));
    let written = written.and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // What remains of it would be read by no one.
        let _removed = fs::remove_file(&draft);
    }
    written
}
