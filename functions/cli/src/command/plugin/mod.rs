//! `arrears plugin`: list, inspect.

use super::unreadable;
use crate::components::BUILT_IN;
use crate::failure::{CommandError, Status};
use crate::render;
use crate::session::Session;
use arrears_host::{Host, Plugin as Admitted};
use arrears_runs::RunError;
use clap::{Args, Subcommand};
use std::path::Path;

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// List the plugins that perform actions
    List,
    /// Show what a plugin is, needs and takes
    Inspect(Inspect),
}

/// Which plugin.
#[derive(Debug, Args)]
pub struct Inspect {
    /// A component file, or the id or an action type of a built-in plugin
    #[arg(value_name = "FILE|ID")]
    plugin: String,
}

/// Does it.
///
/// # Errors
/// There is no such plugin, or it is refused.
pub fn plugin(session: &Session, plugin: &Plugin) -> Result<Status, CommandError> {
    let host = session.host()?;
    match plugin {
        Plugin::List => {
            let admitted = BUILT_IN
                .iter()
                .map(|(name, component)| admit(&host, name, component))
                .collect::<Result<Vec<_>, _>>()?;
            let documents: Vec<_> = admitted.iter().map(render::plugin::row).collect();
            session.output.answer(&documents, || render::plugin::list(&admitted))?;
        }
        Plugin::Inspect(inspect) => {
            let (admitted, component) = find(&host, &inspect.plugin)?;
            let inspected = render::plugin::Inspected::new(&admitted, &component);
            session.output.answer(&inspected.document(), || inspected.render())?;
        }
    }
    Ok(Status::Done)
}

fn admit(host: &Host, name: &str, component: &[u8]) -> Result<Admitted, CommandError> {
    host.admit(component).map_err(|source| {
        CommandError::Run(RunError::Plugin { name: name.to_owned(), source: Box::new(source) })
    })
}

fn find(host: &Host, wanted: &str) -> Result<(Admitted, Vec<u8>), CommandError> {
    let path = Path::new(wanted);
    if path.is_file() {
        let component = std::fs::read(path).map_err(|source| unreadable(path, source))?;
        return Ok((admit(host, wanted, &component)?, component));
    }
    for (name, component) in BUILT_IN {
        let admitted = admit(host, name, component)?;
        let descriptor = admitted.descriptor();
        if descriptor.id == wanted || descriptor.actions.iter().any(|action| action == wanted) {
            return Ok((admitted, component.to_vec()));
        }
    }
    Err(CommandError::Missing {
        what: format!("`{wanted}` is neither a file nor a plugin"),
        hint: "`arrears plugin list` shows the plugins".to_owned(),
    })
}
