//! What commands work with: the store, the plugins, the output.

use crate::arguments::Global;
use crate::components::BUILT_IN;
use crate::failure::CommandError;
use crate::output::Output;
use arrears_host::{Host, HostError, HostOptions};
use arrears_runs::catalog::Catalog;
use arrears_runs::events::Applier;
use arrears_runs::ledger;
use arrears_runs::registry::AtHand;
use arrears_runs::setups::{self, Stored};
use arrears_storage::{Location, Store, sdk_config};
use arrears_triggers::queue::DeadLetters;
use arrears_triggers::schedule::{Schedules, Settings};
use std::path::{Path, PathBuf};

/// Where components are kept with `--data`.
const PLUGINS: &str = "plugins";

/// Everything that a command may reach for; opened when it does.
pub struct Session {
    /// Where answers go.
    pub output: Output,
    global: Global,
}

impl Session {
    /// A session as the arguments describe it.
    pub fn new(global: Global) -> Self {
        Self { output: Output::new(global.json), global }
    }

    /// Whether a progress bar may be drawn: not between log lines.
    pub fn may_draw(&self) -> bool {
        self.global.verbose == 0
    }

    /// The folder of `--data`, if there is one.
    pub fn data(&self) -> Option<&Path> {
        self.global.data.as_deref()
    }

    /// How to type a further command so that it finds the same data.
    pub fn prompt(&self) -> Prompt {
        let mut options = String::new();
        if let Some(folder) = self.data() {
            options.push_str(&format!(" --data {}", folder.display()));
        }
        let agency = self.global.agency.to_string();
        if agency != "default" {
            options.push_str(&format!(" --agency {agency}"));
        }
        Prompt { program: program(), options }
    }

    /// The same session over the data of another folder.
    pub fn over(self, folder: PathBuf) -> Self {
        Self { global: Global { data: Some(folder), ..self.global }, ..self }
    }

    /// The store, for commands that look at what is there or change it.
    ///
    /// # Errors
    /// There is no such folder, or the store cannot be reached.
    pub async fn store(&self) -> Result<Store, CommandError> {
        if let Some(folder) = self.data().filter(|folder| !folder.exists()) {
            return Err(CommandError::Missing {
                what: format!("there is no folder `{}`", folder.display()),
                hint: "`arrears setup load FILE` with the same `--data` makes one, or name another"
                    .to_owned(),
            });
        }
        self.store_or_new().await
    }

    /// The store, if the arguments name one that there is: a folder with data, or on AWS the
    /// bucket of plugins.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub async fn store_if_any(&self) -> Result<Option<Store>, CommandError> {
        let is_there = match self.data() {
            Some(folder) => folder.exists(),
            None => self.global.plugin_bucket.is_some(),
        };
        match is_there {
            true => Ok(Some(self.store().await?)),
            false => Ok(None),
        }
    }

    /// The store, for commands that may be an agency's first: a folder is made
    /// if it is missing.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub async fn store_or_new(&self) -> Result<Store, CommandError> {
        let location = match self.data() {
            Some(folder) => Location::Embedded(folder.to_owned()),
            None => Location::Aws {
                table: self.global.table.clone(),
                bucket: self.global.bucket.clone(),
            },
        };
        Ok(Store::open(location, self.global.agency.clone()).await?)
    }

    /// The store with the agency's active setup.
    ///
    /// # Errors
    /// There is no setup, or the store cannot be reached.
    pub async fn active(&self) -> Result<(Store, Stored), CommandError> {
        let store = self.store().await?;
        let stored = setups::active(&store, &self.catalog(&store).await?).await?;
        Ok((store, stored))
    }

    /// What applies events under the active setup.
    ///
    /// # Errors
    /// There is no setup, or the store cannot be reached.
    pub async fn applier(&self) -> Result<Applier, CommandError> {
        let (store, stored) = self.active().await?;
        Ok(Applier::new(store, &stored))
    }

    /// What starts scheduled runs on AWS; none with `--data`, where a worker does.
    ///
    /// # Errors
    /// The environment does not say where schedules are kept.
    pub async fn schedules(&self) -> Result<Option<Schedules>, CommandError> {
        if self.data().is_some() {
            return Ok(None);
        }
        let settings = Settings::from_environment(&self.global.agency.to_string())?;
        Ok(Some(Schedules::new(&sdk_config().await, settings)))
    }

    /// The dead-letter queues of AWS; none with `--data`, where there are no queues.
    pub async fn dead_letters(&self) -> Option<DeadLetters> {
        match self.data() {
            Some(_) => None,
            None => Some(DeadLetters::new(&sdk_config().await)),
        }
    }

    /// A host with a cache of compiled plugins, if there is a place for one.
    ///
    /// # Errors
    /// This machine cannot run plugins.
    pub fn host(&self) -> Result<Host, CommandError> {
        let folder = artifacts(self.data());
        match Host::new(HostOptions { artifact_cache: folder, ..HostOptions::default() }) {
            Err(HostError::Cache { path, reason }) => {
                tracing::warn!(
                    "compiled plugins are not kept, since {} cannot be used: {reason}",
                    path.display()
                );
                Ok(Host::new(HostOptions::default())?)
            }
            host => Ok(host?),
        }
    }

    /// The built-in plugins, admitted.
    ///
    /// # Errors
    /// This machine cannot run plugins.
    pub fn built_in(&self) -> Result<Catalog, CommandError> {
        built_in(&self.host()?)
    }

    /// The plugins that the agency has: the built-in ones, and those of vendors.
    ///
    /// # Errors
    /// This machine cannot run plugins, or one of them is not to be had.
    pub async fn catalog(&self, store: &Store) -> Result<Catalog, CommandError> {
        let host = self.host()?;
        let (built_in, plugins) = (built_in(&host)?, self.plugins(store));
        Ok(at_hand(store, plugins.as_ref(), &host, &built_in).active().await?)
    }

    /// The plugins that a run has begun with.
    ///
    /// # Errors
    /// There is no such run; or as [`Session::catalog`].
    pub async fn catalog_of(&self, store: &Store, run_key: &str) -> Result<Catalog, CommandError> {
        let host = self.host()?;
        let (built_in, plugins) = (built_in(&host)?, self.plugins(store));
        let (run, _) = ledger::run(store, run_key).await?;
        let at_hand = at_hand(store, plugins.as_ref(), &host, &built_in);
        Ok(at_hand.pinned(&run.plugins).await?)
    }

    /// Where the agency's components are; none on AWS if nobody named the bucket.
    pub fn plugins(&self, store: &Store) -> Option<Store> {
        match self.data() {
            Some(_) => Some(store.with_bucket(PLUGINS)),
            None => self.global.plugin_bucket.as_ref().map(|bucket| store.with_bucket(bucket)),
        }
    }
}

/// The built-in plugins, admitted by the host.
///
/// # Errors
/// It cannot run them.
pub fn built_in(host: &Host) -> Result<Catalog, CommandError> {
    Ok(Catalog::admit(host, BUILT_IN.iter().copied())?)
}

fn at_hand<'a>(
    store: &'a Store,
    plugins: Option<&'a Store>,
    host: &'a Host,
    built_in: &'a Catalog,
) -> AtHand<'a> {
    AtHand { store, plugins, host, built_in }
}

/// How to type a further command.
#[derive(Debug)]
pub struct Prompt {
    program: String,
    options: String,
}

impl Prompt {
    /// The whole line: `arrears runs list --data DIR`.
    pub fn line(&self, words: &str) -> String {
        format!("{} {words}{}", self.program, self.options)
    }
}

/// The program as it can be typed here: as it was called, without the present
/// folder before it. `target/debug/arrears` for who has not installed it.
fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if called.components().count() < 2 {
        return "arrears".to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    called.strip_prefix(here).unwrap_or(&called).display().to_string()
}

/// Where compiled plugins are kept: with the user's other caches, so that all
/// data folders share them; else in the data folder.
fn artifacts(data: Option<&Path>) -> Option<PathBuf> {
    let named = |variable: &str| {
        std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
    };
    let caches = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    caches
        .map(|caches| caches.join("arrears/artifacts"))
        .or_else(|| data.map(|folder| folder.join("artifacts")))
}
