//! The plugins of an agency where there is a compiler: components are compiled as they are,
//! and no artifact of another process is taken.

use super::error::RegistryError;
use super::known::{self, Known, Origin};
use super::{admit, record};
use crate::catalog::Catalog;
use crate::error::RunError;
use arrears_host::{Grant, Host, Plugin};
use arrears_storage::Store;
use std::collections::{BTreeMap, BTreeSet};

/// The plugins of an agency for a process that has a compiler, and carries the built-in
/// ones with it.
#[derive(Clone, Copy)]
pub struct AtHand<'a> {
    /// The agency's table.
    pub store: &'a Store,
    /// The agency's components; none if nobody said where they are.
    pub plugins: Option<&'a Store>,
    /// The sandbox.
    pub host: &'a Host,
    /// The built-in plugins of this release.
    pub built_in: &'a Catalog,
}

impl AtHand<'_> {
    /// The active plugins. A built-in one is that of this release.
    ///
    /// # Errors
    /// A component is not to be had, or is not what was admitted; or the store fails.
    pub async fn active(&self) -> Result<Catalog, RunError> {
        self.active_of(&known::known(self.store).await?).await
    }

    async fn active_of(&self, known: &BTreeMap<String, Known>) -> Result<Catalog, RunError> {
        let mut catalog = self.built_in.clone();
        for active in record::list(self.store).await? {
            match known.get(&active.digest) {
                Some(Known { origin: Origin::BuiltIn, .. }) => {}
                Some(known) => catalog = self.add(&catalog, known).await?,
                None => {
                    return Err(RunError::Registry(RegistryError::UnknownPlugin {
                        name: active.id,
                    }));
                }
            }
        }
        Ok(catalog)
    }

    /// The active plugins, and in their place those that a run has begun with (digest by
    /// action type), as far as the agency knows them.
    ///
    /// # Errors
    /// As [`AtHand::active`].
    pub async fn pinned(&self, pinned: &BTreeMap<String, String>) -> Result<Catalog, RunError> {
        let known = known::known(self.store).await?;
        let mut catalog = self.active_of(&known).await?;
        for digest in pinned.values().collect::<BTreeSet<_>>() {
            let is_there = catalog.plugins().any(|it| it.plugin.digest() == digest);
            if let (false, Some(known)) = (is_there, known.get(digest)) {
                catalog = self.add(&catalog, known).await?;
            }
        }
        Ok(catalog)
    }

    async fn add(&self, catalog: &Catalog, known: &Known) -> Result<Catalog, RunError> {
        let (plugin, grant) = self.component(known).await?;
        catalog.replaced(plugin, grant)
    }

    /// A component that the agency knows, with what it may do.
    ///
    /// # Errors
    /// As [`AtHand::active`].
    pub async fn component(&self, known: &Known) -> Result<(Plugin, Grant), RunError> {
        let refused = |source| RunError::Plugin { name: known.name(), source: Box::new(source) };
        let plugins = self
            .plugins
            .ok_or(RunError::Registry(RegistryError::NoPluginBucket { name: known.name() }))?;
        let wasm = admit::component(plugins, &known.digest).await?;
        let admitted = tokio::task::block_in_place(|| self.host.admit(&wasm));
        Ok((admitted.map_err(refused)?, known.grant.clone()))
    }
}
