//! `arrears plugin`: what an agency does with plugins. What their vendors do is in
//! `command/kit`.

mod add;
mod trust;

use super::unreadable;
use crate::components::BUILT_IN;
use crate::failure::{CommandError, Status};
use crate::render;
use crate::session::Session;
use arrears_host::{Host, HostError, Plugin as Admitted};
use arrears_runs::RunError;
use arrears_runs::catalog::Catalog;
use arrears_runs::registry::{self, RegistryError};
use arrears_storage::Store;
use clap::{Args, Subcommand};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// List the plugins that perform actions: who made them, what they may do, how they behave
    List(List),
    /// Show what a plugin is, needs and takes
    Inspect(Inspect),
    /// Verify, admit and activate a component that a vendor has signed
    Add(add::Add),
    /// Make a component the active one that was added before
    Activate(Which),
    /// Make the component active again that was active before
    Rollback(Id),
    /// Stop calling a component: records that need it wait
    Quarantine(trust::Quarantine),
    /// Call a component again that was in quarantine; its strikes are forgotten
    Release(Which),
    /// Trust a key no more: what it signed is put in quarantine
    Revoke(trust::Revoke),
    /// Whom the agency trusts
    #[command(subcommand)]
    Trust(trust::Trust),
    /// What vendors do.
    #[command(flatten)]
    Kit(super::kit::Kit),
}

/// Which plugins.
#[derive(Debug, Args)]
pub struct List {
    /// Also those that are not active
    #[arg(long)]
    all: bool,
}

/// Which plugin.
#[derive(Debug, Args)]
pub struct Inspect {
    /// A component file, or the id or an action type of a plugin
    #[arg(value_name = "FILE|ID")]
    plugin: String,
}

/// Which component.
#[derive(Debug, Args)]
pub struct Which {
    /// The id of a plugin, for its active component, or the first digits of a digest
    #[arg(value_name = "ID|DIGEST")]
    component: String,
}

/// Which plugin.
#[derive(Debug, Args)]
pub struct Id {
    /// The id of the plugin
    #[arg(value_name = "ID")]
    id: String,
}

/// Does it.
///
/// # Errors
/// There is no such plugin, or it is refused; or the store fails.
pub async fn plugin(session: &Session, plugin: &Plugin) -> Result<Status, CommandError> {
    match plugin {
        Plugin::List(wanted) => list(session, wanted).await,
        Plugin::Inspect(wanted) => inspect(session, wanted).await,
        Plugin::Add(wanted) => add::add(session, wanted).await,
        Plugin::Activate(which) => add::activate(session, &which.component).await,
        Plugin::Rollback(Id { id }) => add::rollback(session, id).await,
        Plugin::Quarantine(wanted) => trust::quarantine(session, wanted).await,
        Plugin::Release(which) => trust::release(session, &which.component).await,
        Plugin::Revoke(wanted) => trust::revoke(session, wanted).await,
        Plugin::Trust(wanted) => trust::trust(session, wanted).await,
        Plugin::Kit(wanted) => super::kit::kit(session, wanted),
    }
}

async fn list(session: &Session, wanted: &List) -> Result<Status, CommandError> {
    let built_in = session.built_in()?;
    let Some(store) = session.store_if_any().await? else {
        let rows = render::plugins::built_in(&built_in);
        session.output.answer(&rows, || render::plugins::list(&rows))?;
        return Ok(Status::Done);
    };
    let known = registry::known(&store).await?;
    let active = registry::list(&store).await?;
    let runs = arrears_runs::ledger::runs(&store).await?;
    let rows = render::plugins::rows(&built_in, &known, &active, &runs, wanted.all);
    session.output.answer(&rows, || render::plugins::list(&rows))?;
    Ok(Status::Done)
}

async fn inspect(session: &Session, wanted: &Inspect) -> Result<Status, CommandError> {
    let host = session.host()?;
    let (admitted, component) = find(session, &host, &wanted.plugin).await?;
    let inspected = render::plugin::Inspected::new(&admitted, &component);
    session.output.answer(&inspected.document(), || inspected.render())?;
    Ok(Status::Done)
}

fn admit(host: &Host, name: &str, component: &[u8]) -> Result<Admitted, CommandError> {
    host.admit(component).map_err(|source| {
        CommandError::Run(RunError::Plugin { name: name.to_owned(), source: Box::new(source) })
    })
}

/// The component of a file; one that is too large is not read.
fn read(host: &Host, path: &Path) -> Result<Vec<u8>, CommandError> {
    host.read(path).map_err(|error| match error {
        HostError::Unreadable { reason, .. } => unreadable(path, io::Error::other(reason)),
        source => {
            let name = path.display().to_string();
            CommandError::Run(RunError::Plugin { name, source: Box::new(source) })
        }
    })
}

/// A component with its bytes: of a file, built in, or of the agency.
async fn find(
    session: &Session,
    host: &Host,
    wanted: &str,
) -> Result<(Admitted, Vec<u8>), CommandError> {
    let path = Path::new(wanted);
    if path.is_file() {
        let component = read(host, path)?;
        return Ok((admit(host, wanted, &component)?, component));
    }
    let is_wanted = |admitted: &Admitted| {
        let descriptor = admitted.descriptor();
        descriptor.id == wanted || descriptor.actions.iter().any(|action| action == wanted)
    };
    for (name, component) in BUILT_IN {
        let admitted = admit(host, name, component)?;
        if is_wanted(&admitted) {
            return Ok((admitted, component.to_vec()));
        }
    }
    if let Some(store) = session.store_if_any().await?
        && let Some(plugins) = session.plugins(&store)
    {
        let catalog = session.catalog(&store).await?;
        let found = catalog.plugins().find(|installed| is_wanted(&installed.plugin));
        if let Some(installed) = found {
            let component = registry::component(&plugins, installed.plugin.digest()).await?;
            return Ok((installed.plugin.clone(), component));
        }
    }
    Err(CommandError::Missing {
        what: format!("`{wanted}` is neither a file nor a plugin"),
        hint: "`arrears plugin list` shows the plugins".to_owned(),
    })
}

/// The digest of the component that somebody means. A built-in one is made known, so that
/// something can be said of it.
async fn meant(session: &Session, store: &Store, wanted: &str) -> Result<String, CommandError> {
    match registry::resolve(store, wanted).await {
        Err(RunError::Registry(RegistryError::UnknownPlugin { .. })) => {}
        resolved => return Ok(resolved?),
    }
    let built_in = session.built_in()?;
    let found = built_in.plugins().find(|it| it.plugin.descriptor().id == wanted);
    let unknown = || RunError::Registry(RegistryError::UnknownPlugin { name: wanted.to_owned() });
    let plugin = &found.ok_or_else(unknown)?.plugin;
    registry::remember_built_in(store, plugin.digest(), plugin.descriptor()).await?;
    Ok(plugin.digest().to_owned())
}

/// The digests of the components that this program carries.
fn built_in_digests(built_in: &Catalog) -> BTreeSet<String> {
    built_in.plugins().map(|installed| installed.plugin.digest().to_owned()).collect()
}
