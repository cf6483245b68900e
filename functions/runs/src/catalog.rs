//! The plugins that an agency has, by the action type that they perform.

use crate::error::RunError;
use arrears_host::{Grant, Host, Plugin};
use std::collections::BTreeMap;

/// The plugins that perform actions. Built-in and vendor plugins come the same
/// way and have the same rights.
#[derive(Clone, Default)]
pub struct Catalog {
    by_action_type: BTreeMap<String, Installed>,
}

/// A plugin with what the agency lets it do.
#[derive(Clone)]
pub struct Installed {
    /// The admitted plugin.
    pub plugin: Plugin,
    /// The effects and amounts that it may ask for.
    pub grant: Grant,
}

impl Catalog {
    /// Admits components, named for error messages, and grants each what it
    /// declares.
    ///
    /// # Errors
    /// A component is refused, or two perform the same action type.
    pub fn admit<'a>(
        host: &Host,
        components: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, RunError> {
        let mut catalog = Self::default();
        for (name, component) in components {
            let plugin = host.admit(component).map_err(|source| RunError::Plugin {
                name: name.to_owned(),
                source: Box::new(source),
            })?;
            let grant = Grant::of(plugin.descriptor());
            catalog.install(plugin, grant)?;
        }
        Ok(catalog)
    }

    /// Plugins that were admitted before, each with what the agency lets it do.
    ///
    /// # Errors
    /// Two perform the same action type.
    pub fn of(plugins: impl IntoIterator<Item = (Plugin, Grant)>) -> Result<Self, RunError> {
        let mut catalog = Self::default();
        for (plugin, grant) in plugins {
            catalog.install(plugin, grant)?;
        }
        Ok(catalog)
    }

    /// Adds the plugins of another catalog.
    ///
    /// # Errors
    /// Two perform the same action type.
    pub fn with(mut self, other: &Self) -> Result<Self, RunError> {
        for Installed { plugin, grant } in other.plugins() {
            self.install(plugin.clone(), grant.clone())?;
        }
        Ok(self)
    }

    /// The same with another component in the place of a plugin, or beside the others.
    ///
    /// # Errors
    /// Another plugin performs one of its actions.
    pub fn replaced(&self, plugin: Plugin, grant: Grant) -> Result<Self, RunError> {
        let id = plugin.descriptor().id.clone();
        let rest = self.plugins().filter(|it| it.plugin.descriptor().id != id);
        let rest = rest.map(|it| (it.plugin.clone(), it.grant.clone()));
        Self::of(rest.chain([(plugin, grant)]))
    }

    /// Each plugin once, by its first action type.
    pub fn plugins(&self) -> impl Iterator<Item = &Installed> {
        let is_first = |(action_type, installed): &(&String, &Installed)| {
            installed.plugin.descriptor().actions.iter().min() == Some(*action_type)
        };
        self.by_action_type.iter().filter(is_first).map(|(_, installed)| installed)
    }

    fn install(&mut self, plugin: Plugin, grant: Grant) -> Result<(), RunError> {
        for action_type in &plugin.descriptor().actions {
            let installed = Installed { plugin: plugin.clone(), grant: grant.clone() };
            if let Some(other) = self.by_action_type.insert(action_type.clone(), installed) {
                return Err(RunError::SameActionType {
                    action_type: action_type.clone(),
                    first: other.plugin.descriptor().id.clone(),
                    second: plugin.descriptor().id.clone(),
                });
            }
        }
        Ok(())
    }

    /// What performs the action type.
    #[must_use]
    pub fn get(&self, action_type: &str) -> Option<&Installed> {
        self.by_action_type.get(action_type)
    }

    /// All action types with what performs them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Installed)> {
        self.by_action_type.iter().map(|(action_type, installed)| (action_type.as_str(), installed))
    }
}
