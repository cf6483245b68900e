//! `arrears plugin add`, `activate`, `rollback`: which component performs an action.

use super::built_in_digests;
use crate::command::read_text;
use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::render;
use crate::session::{Session, built_in};
use arrears_runs::registry::{self, Active, AtHand, Registry, SIGNATURE, Submission, Trusted};
use arrears_runs::run;
use arrears_storage::Store;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// How long the functions on AWS may take to admit a component, and how often they are asked
/// whether they have.
const ADMISSION: (Duration, Duration) = (Duration::from_secs(120), Duration::from_secs(1));

/// What to add.
#[derive(Debug, Args)]
pub struct Add {
    /// The component
    #[arg(value_name = "FILE")]
    component: PathBuf,
    /// Its signature; FILE.minisig if not given
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Activate nothing: try the component on the journal of a finished run, beside the one
    /// that is active, and show what differs
    #[arg(long)]
    shadow: bool,
    /// The run to try it on; the last one over records if not given
    #[arg(long, value_name = "RUN", requires = "shadow")]
    run: Option<String>,
}

impl Add {
    fn signature(&self) -> Result<Option<String>, CommandError> {
        let beside = PathBuf::from(format!("{}{SIGNATURE}", self.component.display()));
        match &self.signature {
            Some(path) => read_text(path).map(Some),
            None if beside.is_file() => read_text(&beside).map(Some),
            None => Ok(None),
        }
    }
}

/// Adds a component, or tries it.
///
/// # Errors
/// It is not trusted, or refused; or the store fails.
pub async fn add(session: &Session, wanted: &Add) -> Result<Status, CommandError> {
    let host = session.host()?;
    let wasm = super::read(&host, &wanted.component)?;
    let signature = wanted.signature()?;
    let name = wanted.component.display().to_string();
    let submission =
        Submission { name: &name, wasm: &wasm, signature: signature.as_deref(), put_at_ms: None };
    let store = session.store().await?;
    let built_in = built_in(&host)?;
    let digests = built_in_digests(&built_in);
    let plugins = session.plugins(&store).ok_or_else(no_bucket)?;
    let registry = Registry { store: &store, plugins: &plugins, host: &host, built_in: &digests };
    if wanted.shadow {
        let trusted = registry.trusted(&submission).await?;
        let at_hand =
            AtHand { store: &store, plugins: Some(&plugins), host: &host, built_in: &built_in };
        return shadow(session, &at_hand, trusted, wanted).await;
    }
    let added = match session.data() {
        Some(_) => registry.add(&submission).await?,
        None => on_aws(&registry, &submission).await?,
    };
    let known = registry::find(&store, &added.digest).await?;
    let document = render::plugins::Added { active: &added, known: known.as_ref() };
    session.output.answer(&document, || document.render(&session.prompt()))?;
    Ok(Status::Done)
}

fn no_bucket() -> CommandError {
    CommandError::Usage(
        "nothing says where the agency's components are; name the bucket of plugins with \
         `--plugin-bucket`, or a folder with `--data`"
            .to_owned(),
    )
}

/// Puts a component where the function `plugin-admit` finds it, which alone may write
/// artifacts, and waits for what it says.
async fn on_aws(
    registry: &Registry<'_>,
    submission: &Submission<'_>,
) -> Result<Active, CommandError> {
    // What the function would refuse is refused here, where somebody reads it.
    let trusted = registry.trusted(submission).await?;
    let descriptor = trusted.plugin.descriptor();
    let digest = trusted.plugin.digest();
    let asked_at = chrono::Utc::now();
    // Another key each time: a component that was refused may be welcome after the trust
    // has changed, and it is the new object that the function is told of.
    let (id, now) = (&descriptor.id, asked_at.format("%Y%m%dT%H%M%S%3fZ"));
    let key = format!("{}{id}-{now}.wasm", registry::COMPONENTS);
    if let Some(signature) = submission.signature {
        put(registry.plugins, &format!("{key}{SIGNATURE}"), signature.as_bytes().to_vec()).await?;
    }
    put(registry.plugins, &key, submission.wasm.to_vec()).await?;
    let (most, pause) = ADMISSION;
    while chrono::Utc::now().signed_duration_since(asked_at).to_std().unwrap_or_default() < most {
        if let Some(active) = registry::outcome(registry.store, digest, &key).await? {
            return Ok(active?);
        }
        tokio::time::sleep(pause).await;
    }
    Err(CommandError::Missing {
        what: format!("{key} was put, and the function `plugin-admit` has not said anything yet"),
        hint: "look at its log, and at the queue of notices with `arrears events redrive`"
            .to_owned(),
    })
}

async fn put(plugins: &Store, key: &str, bytes: Vec<u8>) -> Result<(), CommandError> {
    match plugins.put_object_new(key, bytes).await {
        Err(error) if !error.is_already_exists() => Err(error.into()),
        _ => Ok(()),
    }
}

/// Tries a component on the journal of a run.
async fn shadow(
    session: &Session,
    at_hand: &AtHand<'_>,
    trusted: Trusted,
    wanted: &Add,
) -> Result<Status, CommandError> {
    let store = at_hand.store;
    let run_key = match &wanted.run {
        Some(run_key) => run_key.clone(),
        None => run::last_over_records(store).await?,
    };
    let present = at_hand.active().await?;
    let Trusted { plugin, grant } = trusted;
    let id = plugin.descriptor().id.clone();
    let next = present.replaced(plugin, grant)?;
    let progress = Progress::new("shadow", Some(0), session.may_draw());
    let shadow = run::shadow(store, (&present, &next), &id, &run_key, &progress).await?;
    drop(progress);
    let add = format!("plugin add {}", wanted.component.display());
    session
        .output
        .answer(&shadow, || render::plugins::shadow(&shadow, &session.prompt().line(&add)))?;
    Ok(Status::Done)
}

/// Makes a component the active one.
///
/// # Errors
/// There is no such component, or it is in quarantine; or the store fails.
pub async fn activate(session: &Session, component: &str) -> Result<Status, CommandError> {
    let store = session.store().await?;
    let digest = super::meant(session, &store, component).await?;
    activated(session, &store, &registry::activate_known(&store, &digest).await?).await
}

/// Takes a plugin back to the component before.
///
/// # Errors
/// There is no such plugin, or none before it; or the store fails.
pub async fn rollback(session: &Session, id: &str) -> Result<Status, CommandError> {
    let store = session.store().await?;
    activated(session, &store, &registry::rollback(&store, id).await?).await
}

async fn activated(
    session: &Session,
    store: &Store,
    active: &Active,
) -> Result<Status, CommandError> {
    let known = registry::find(store, &active.digest).await?;
    let document = render::plugins::Added { active, known: known.as_ref() };
    session.output.answer(&document, || document.render(&session.prompt()))?;
    Ok(Status::Done)
}
