//! Stored setups: immutable, numbered, one of them active.

use crate::catalog::Catalog;
use crate::error::RunError;
use crate::export;
use crate::prepare::Prepared;
use arrears_domain::setup::{Mistake, Source};
use arrears_storage::Store;
use std::sync::Arc;

/// A stored setup, ready for use.
#[derive(Clone)]
pub struct Stored {
    /// Its number.
    pub version: u32,
    /// The setup with its plugins.
    pub prepared: Arc<Prepared>,
}

impl Stored {
    /// The zone of the agency's dates.
    #[must_use]
    pub fn zone(&self) -> chrono_tz::Tz {
        // The setup has been checked; a zone that this build does not know is
        // meant as UTC.
        self.prepared.setup.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC)
    }

    /// Today, in the agency's zone.
    #[must_use]
    pub fn today(&self) -> arrears_domain::Date {
        chrono::Utc::now().with_timezone(&self.zone()).date_naive()
    }
}

/// What loading a setup came to.
#[derive(Debug)]
pub struct Loaded {
    /// Its number.
    pub version: u32,
    /// Whether it is the one that was active already.
    pub unchanged: bool,
    /// What somebody should look at.
    pub warnings: Vec<Mistake>,
    /// Delinquencies whose date of eligibility is another one now.
    pub moved_dates: u64,
}

/// Checks a setup whole, stores it under the next number and makes it the
/// active one. The dates of eligibility of all open records follow it.
///
/// # Errors
/// The setup has mistakes, and nothing is stored; or the store fails.
pub async fn load(
    store: &Store,
    catalog: &Catalog,
    sources: &[Source],
) -> Result<Loaded, RunError> {
    let (prepared, warnings) =
        Prepared::read(sources, catalog).map_err(|mistakes| RunError::Setup { mistakes })?;
    let too_long = export::keys_too_long(store, &prepared.setup);
    if !too_long.is_empty() {
        return Err(RunError::Setup { mistakes: too_long });
    }
    let texts: Vec<(String, String)> =
        sources.iter().map(|source| (source.name.clone(), source.text.clone())).collect();
    if let Some(active) = store.active_setup().await?
        && store.setup(active.version).await? == texts
    {
        let moved_dates = index_if_needed(store, &prepared, active).await?;
        return Ok(Loaded { version: active.version, unchanged: true, warnings, moved_dates });
    }
    let version = store.put_setup(&texts).await?;
    let active = store.activate(version).await?;
    let moved_dates = index(store, &prepared, active).await?;
    Ok(Loaded { version, unchanged: false, warnings, moved_dates })
}

/// The active setup.
///
/// # Errors
/// There is none, it cannot be used, or the store fails.
pub async fn active(store: &Store, catalog: &Catalog) -> Result<Stored, RunError> {
    match store.active_setup().await? {
        Some(active) => version(store, catalog, active.version).await,
        None => Err(RunError::NoSetup { agency: store.agency().to_string() }),
    }
}

/// Makes the due index follow the active setup, if it does not yet: loading was
/// killed, or something was written under the former setup since.
///
/// # Errors
/// The store fails.
pub async fn ensure_indexed(store: &Store, stored: &Stored) -> Result<u64, RunError> {
    match store.active_setup().await? {
        Some(active) if active.version == stored.version => {
            index_if_needed(store, &stored.prepared, active).await
        }
        _ => Ok(0),
    }
}

/// A stored setup by its number.
///
/// # Errors
/// It does not exist, cannot be used with the plugins at hand, or the store fails.
pub async fn version(store: &Store, catalog: &Catalog, version: u32) -> Result<Stored, RunError> {
    let sources: Vec<Source> =
        store.setup(version).await?.into_iter().map(|(name, text)| Source { name, text }).collect();
    let (prepared, _) = Prepared::read(&sources, catalog).map_err(|mistakes| {
        let first = mistakes.first().map_or_else(String::new, |mistake| mistake.message.clone());
        RunError::StoredSetup { version, first }
    })?;
    Ok(Stored { version, prepared: Arc::new(prepared) })
}

/// Notes that records were written under another setup than the active one, so
/// that the due index is put right before anything relies on it.
///
/// # Errors
/// The store fails.
pub async fn note_writes_under(store: &Store, version: u32) -> Result<(), RunError> {
    if let Some(active) = store.active_setup().await?
        && active.version != version
    {
        store.note_unindexed().await?;
    }
    Ok(())
}

async fn index_if_needed(
    store: &Store,
    prepared: &Prepared,
    active: arrears_storage::ActiveSetup,
) -> Result<u64, RunError> {
    if active.indexed { Ok(0) } else { index(store, prepared, active).await }
}

/// Makes the due index follow a setup. If something was noted meanwhile, the
/// index stays marked, and is put right again before the next run.
async fn index(
    store: &Store,
    prepared: &Prepared,
    active: arrears_storage::ActiveSetup,
) -> Result<u64, RunError> {
    let setup = &prepared.setup;
    let moved = store
        .rewrite_due_index(|delinquency| arrears_domain::decide::due(setup, delinquency))
        .await?;
    store.mark_indexed(active).await?;
    Ok(moved)
}
