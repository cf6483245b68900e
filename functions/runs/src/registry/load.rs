//! Registered plugins are loaded: from the folder of artifacts, and from the bucket if
//! they are not there.

use super::admit::artifact_key;
use super::known::{self, Known};
use super::record;
use crate::catalog::Catalog;
use crate::error::RunError;
use arrears_host::{Host, HostError, Plugin, Registration, private_folder};
use arrears_storage::{StorageError, Store};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Artifacts that are fetched at a time: a function that starts waits for them.
const FETCHED_AT_ONCE: usize = 16;

/// The active plugins, ready for use.
///
/// # Errors
/// An artifact is missing or cannot be loaded; or the store fails.
pub async fn catalog(
    store: &Store,
    plugins: &Store,
    host: &Host,
    folder: &Path,
) -> Result<Catalog, RunError> {
    // Each takes a moment of the start of a function, and neither waits for the other.
    let (active, mut registered, known) =
        futures::try_join!(record::list(store), record::registrations(store), known::known(store))?;
    if active.iter().any(|it| !registered.contains_key(&it.digest)) {
        // One was admitted between the two.
        registered = record::registrations(store).await?;
    }
    let digests = active.into_iter().map(|active| active.digest).collect();
    Loading { plugins, host, folder }.all(registered, &known, digests).await
}

/// The plugins that a run has begun with: digest by action type.
///
/// # Errors
/// As [`catalog`].
pub async fn catalog_of(
    store: &Store,
    plugins: &Store,
    host: &Host,
    folder: &Path,
    pinned: &BTreeMap<String, String>,
) -> Result<Catalog, RunError> {
    let (registered, known) =
        futures::try_join!(record::registrations(store), known::known(store))?;
    let digests = pinned.values().cloned().collect();
    Loading { plugins, host, folder }.all(registered, &known, digests).await
}

/// From where plugins are loaded, and into what.
struct Loading<'a> {
    plugins: &'a Store,
    host: &'a Host,
    folder: &'a Path,
}

impl Loading<'_> {
    async fn all(
        &self,
        mut registered: BTreeMap<String, Registration>,
        known: &BTreeMap<String, Known>,
        digests: BTreeSet<String>,
    ) -> Result<Catalog, RunError> {
        let Self { plugins, host, folder } = *self;
        let folder = folder.join(plugins.agency().to_string());
        private_folder(&folder).map_err(|error| refused("artifacts", error))?;
        let wanted: Vec<Registration> = digests
            .iter()
            .map(|digest| {
                let no_artifact =
                    || refused(digest, HostError::NoArtifact { digest: digest.clone() });
                registered.remove(digest).ok_or_else(no_artifact)
            })
            .collect::<Result<_, _>>()?;
        // What is in the folder is loaded at once, on all processors; the rest is fetched.
        let warm = tokio::task::block_in_place(|| warm(host, &folder, &wanted));
        let loads = wanted.iter().zip(warm).map(|(registration, plugin)| {
            let folder = &folder;
            async move {
                match plugin {
                    Some(plugin) => Ok(plugin),
                    None => fetch(plugins, host, folder, registration).await,
                }
            }
        });
        let loads: Vec<_> = loads.collect();
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

/// Loads those whose artifacts are in the folder, and are what they should be.
fn warm(host: &Host, folder: &Path, wanted: &[Registration]) -> Vec<Option<Plugin>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let load = |registration: &Registration| {
        host.load(registration, &folder.join(&registration.artifact)).ok()
    };
    let share = wanted.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let mut shares = wanted.chunks(share);
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().map(load).collect::<Vec<_>>()))
            .collect();
        let mut loaded: Vec<_> = own.iter().map(load).collect();
        for other in others {
            match other.join() {
                Ok(plugins) => loaded.extend(plugins),
                Err(panicked) => std::panic::resume_unwind(panicked),
            }
        }
        loaded
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
