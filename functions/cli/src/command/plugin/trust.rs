//! `arrears plugin trust`, `revoke`, `quarantine`, `release`: whom the agency trusts, and
//! what it does not let run.

use crate::command::read_text;
use crate::failure::{CommandError, Status};
use crate::render;
use crate::session::Session;
use arrears_runs::registry;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with the trust.
#[derive(Debug, Subcommand)]
pub enum Trust {
    /// Make a trust file the agency's trust; what it no longer allows is put in quarantine
    Load(File),
    /// Find the mistakes of a trust file
    Check(File),
    /// Show whom the agency trusts, and which keys it has revoked
    Show,
}

/// Which file.
#[derive(Debug, Args)]
pub struct File {
    /// The trust file, in TOML
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Whom to trust no more.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The public key, or the name of a vendor for all of its keys
    #[arg(value_name = "KEY|VENDOR")]
    key: String,
    /// Why, for those who meet it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// What to call no more.
#[derive(Debug, Args)]
pub struct Quarantine {
    /// The id of a plugin, for its active component, or the first digits of a digest
    #[arg(value_name = "ID|DIGEST")]
    component: String,
    /// Why, for those who meet it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Does it.
///
/// # Errors
/// The file has a mistake; or the store fails.
pub async fn trust(session: &Session, wanted: &Trust) -> Result<Status, CommandError> {
    match wanted {
        Trust::Load(File { file }) => {
            let text = read_text(file)?;
            let name = file.display().to_string();
            // A file with a mistake shall not even make a folder.
            registry::read_trust(&name, &text)?;
            let store = session.store_or_new().await?;
            let judged = registry::load_trust(&store, &name, &text).await?;
            session.output.answer(&judged, || {
                format!("{name} is the trust of the agency.\n{}", render::plugins::judged(&judged))
            })?;
        }
        Trust::Check(File { file }) => {
            let name = file.display().to_string();
            let (trust, _) = registry::read_trust(&name, &read_text(file)?)?;
            session.output.answer(&trust, || {
                format!("{name} is good.\n{}", render::plugins::trust(&trust))
            })?;
        }
        Trust::Show => {
            let store = session.store().await?;
            let stored = registry::stored_trust(&store).await?;
            session.output.answer(&stored, || render::plugins::stored_trust(stored.as_ref()))?;
        }
    }
    Ok(Status::Done)
}

/// Trusts a key no more.
///
/// # Errors
/// There is no such key; or the store fails.
pub async fn revoke(session: &Session, wanted: &Revoke) -> Result<Status, CommandError> {
    let Revoke { key, reason } = wanted;
    let judged = registry::revoke(&session.store().await?, key, reason).await?;
    session.output.answer(&judged, || {
        format!("{key} is trusted no more.\n{}", render::plugins::judged(&judged))
    })?;
    Ok(Status::Done)
}

/// Puts a component in quarantine.
///
/// # Errors
/// There is no such component; or the store fails.
pub async fn quarantine(session: &Session, wanted: &Quarantine) -> Result<Status, CommandError> {
    let store = session.store().await?;
    let digest = super::meant(session, &store, &wanted.component).await?;
    let known = registry::quarantine(&store, &digest, &wanted.reason).await?;
    session.output.answer(&known, || {
        format!("Plugin {} is in quarantine: records that need it wait.\n", known.name())
    })?;
    Ok(Status::Done)
}

/// Lets a component out of quarantine.
///
/// # Errors
/// There is no such component; or the store fails.
pub async fn release(session: &Session, component: &str) -> Result<Status, CommandError> {
    let store = session.store().await?;
    let digest = super::meant(session, &store, component).await?;
    let known = registry::release(&store, &digest).await?;
    session.output.answer(&known, || {
        format!(
            "Plugin {} may be called again. Records that waited are looked at by the next run; \
             events that were parked wait for `arrears events redrive`.\n",
            known.name()
        )
    })?;
    Ok(Status::Done)
}
