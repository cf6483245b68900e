//! What an instance of a function keeps between its invocations: the connections, the
//! sandbox, the plugins that it has loaded.

use crate::environment::Environment;
use crate::failure::Failure;
use arrears_domain::AgencyId;
use arrears_host::{Host, HostOptions};
use arrears_runs::RunError;
use arrears_runs::catalog::Catalog;
use arrears_runs::record::RunRecord;
use arrears_runs::registry::{Loading, Registry};
use arrears_runs::setups::{self, Stored};
use arrears_storage::{Store, sdk_config};
use arrears_triggers::bus::Bus;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long loaded plugins are taken for the active ones: a plugin that is activated is
/// in use everywhere after this time, and an instance does not ask at each invocation.
const CATALOG_FRESH: Duration = Duration::from_secs(60);

/// The most sets of plugins that are kept for runs that have begun with others.
const PINNED_MAX: usize = 4;

/// What an instance keeps.
pub struct Site {
    /// The agency's table and files.
    pub store: Store,
    /// The agency's components and artifacts.
    pub plugins: Store,
    /// The sandbox.
    pub host: Host,
    /// Where artifacts are kept.
    pub artifacts: PathBuf,
    /// How long before the deadline an invocation stops taking up work.
    pub stop_before_deadline: Duration,
    /// The bucket of the files, for the state machine.
    pub bucket: String,
    /// The digests of the components that came with this release.
    pub built_in: BTreeSet<String>,
    bus: Option<Bus>,
    loaded: Mutex<Loaded>,
}

#[derive(Default)]
struct Loaded {
    /// What the instance began to load when it started.
    loading: Option<Loading>,
    active: Option<(Instant, Arc<Catalog>)>,
    pinned: Vec<(BTreeMap<String, String>, Arc<Catalog>)>,
}

/// The sandbox, and what it begins to load. If it cannot begin, whoever needs the plugins
/// tries again, and says why it fails.
async fn sandbox(artifacts: PathBuf, agency: AgencyId) -> Result<(Host, Option<Loading>), Failure> {
    let made = tokio::task::spawn_blocking(|| Host::new(HostOptions::default())).await;
    let made = made.map_err(|panicked| Failure::panicked(&panicked.to_string()))?;
    let host = made.map_err(|error| Failure::internal(arrears_runs::chain(&error)))?;
    let loading = Loading::begin(&host, &artifacts, &agency).ok();
    Ok((host, loading))
}

impl Site {
    /// Connects as the environment says. Nothing is asked of AWS yet.
    ///
    /// # Errors
    /// This machine cannot run plugins.
    pub async fn connect(environment: Environment) -> Result<Self, Failure> {
        let Environment {
            agency,
            table,
            bucket,
            plugin_bucket,
            event_bus,
            artifacts,
            built_in,
            ..
        } = environment;
        // Both take milliseconds of the start, and the one does not wait for the other.
        let sandbox = tokio::spawn(sandbox(artifacts.clone(), agency.clone()));
        // One for all clients: it reads the certificates that are trusted.
        let config = sdk_config().await;
        let bus = event_bus.map(|name| Bus::new(&config, &name));
        let store = Store::on_aws(&config, &table, &bucket, agency);
        let plugins = store.with_bucket(&plugin_bucket);
        let (host, loading) =
            sandbox.await.map_err(|panicked| Failure::panicked(&panicked.to_string()))??;
        let stop_before_deadline = environment.stop_before_deadline;
        let loaded = Mutex::new(Loaded { loading, ..Loaded::default() });
        Ok(Self {
            store,
            plugins,
            host,
            artifacts,
            stop_before_deadline,
            bucket,
            built_in,
            bus,
            loaded,
        })
    }

    /// What admits components for the agency.
    pub fn registry(&self) -> Registry<'_> {
        let Self { store, plugins, host, built_in, .. } = self;
        Registry { store, plugins, host, built_in }
    }

    /// The active plugins.
    ///
    /// # Errors
    /// One cannot be loaded, or the store fails.
    pub async fn catalog(&self) -> Result<Arc<Catalog>, RunError> {
        let mut loaded = self.loaded.lock().await;
        if let Some((since, catalog)) = &loaded.active
            && since.elapsed() < CATALOG_FRESH
        {
            return Ok(Arc::clone(catalog));
        }
        let loading = match loaded.loading.take() {
            Some(loading) => loading,
            None => self.load()?,
        };
        let catalog = loading.active(&self.store, &self.plugins).await?;
        let catalog = Arc::new(catalog);
        loaded.active = Some((Instant::now(), Arc::clone(&catalog)));
        Ok(catalog)
    }

    fn load(&self) -> Result<Loading, RunError> {
        Loading::begin(&self.host, &self.artifacts, self.store.agency())
    }

    /// The active setup. If the plugins at hand do not fit it, they may have been loaded
    /// before it was: they are loaded again.
    ///
    /// # Errors
    /// There is no setup, or the active plugins do not fit it; or the store fails.
    pub async fn setup(&self) -> Result<Stored, RunError> {
        match setups::active(&self.store, &*self.catalog().await?).await {
            Err(RunError::StoredSetup { .. }) => {
                self.forget_active().await;
                setups::active(&self.store, &*self.catalog().await?).await
            }
            found => found,
        }
    }

    /// Loads the active plugins while the instance starts. What fails here is tried again,
    /// and told, at the first invocation.
    pub async fn prepare(&self) {
        if let Err(error) = self.catalog().await {
            tracing::warn!("plugins are not loaded yet: {}", arrears_runs::chain(&error));
        }
    }

    /// The plugins that a run has begun with, which may be others than the active ones.
    ///
    /// # Errors
    /// One cannot be loaded, or the store fails.
    pub async fn catalog_of(&self, run: &RunRecord) -> Result<Arc<Catalog>, RunError> {
        // What an export run or a payment collection run was decided with is in its plan.
        if run.plugins.is_empty() {
            return self.catalog().await;
        }
        let mut loaded = self.loaded.lock().await;
        if let Some((_, catalog)) = loaded.pinned.iter().find(|(pinned, _)| *pinned == run.plugins)
        {
            return Ok(Arc::clone(catalog));
        }
        let pinned = self.load()?.pinned(&self.store, &self.plugins, &run.plugins).await?;
        let pinned = Arc::new(pinned);
        if loaded.pinned.len() == PINNED_MAX {
            loaded.pinned.remove(0);
        }
        loaded.pinned.push((run.plugins.clone(), Arc::clone(&pinned)));
        Ok(pinned)
    }

    /// Forgets which plugins are active: they have changed.
    pub async fn forget_active(&self) {
        self.loaded.lock().await.active = None;
    }

    /// Tells the bus of an event, if there is a bus.
    ///
    /// # Errors
    /// The bus does not take it.
    pub async fn publish(&self, event: &Value, trace: Option<&str>) -> Result<(), Failure> {
        match &self.bus {
            Some(bus) => Ok(bus.publish(event, trace).await?),
            None => Ok(()),
        }
    }
}
