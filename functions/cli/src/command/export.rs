//! `arrears export`: setups, sample, show.

use crate::failure::{CommandError, Status};
use crate::render;
use crate::session::Session;
use arrears_domain::setup::ExportSetup;
use arrears_runs::export::{self, Manifest};
use arrears_runs::{RunError, ledger};
use clap::{Args, Subcommand};

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum Export {
    /// List the export setups, or show one
    Setups(Setups),
    /// Show what an export setup writes of made-up records
    Sample(Code),
    /// Show the index of the files of an export run
    Show(Key),
}

/// Which ones.
#[derive(Debug, Args)]
pub struct Setups {
    /// The code of one
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Which one.
#[derive(Debug, Args)]
pub struct Code {
    /// The code of the export setup
    #[arg(value_name = "CODE")]
    code: String,
}

/// Which run.
#[derive(Debug, Args)]
pub struct Key {
    /// The run's key or number, or the key of the index
    #[arg(value_name = "KEY")]
    key: String,
}

/// Does it.
///
/// # Errors
/// There is no such export setup, run or index, or the store fails.
pub async fn export(session: &Session, wanted: &Export) -> Result<Status, CommandError> {
    match wanted {
        Export::Setups(Setups { code }) => {
            let (_, stored) = session.active().await?;
            let setup = &stored.prepared.setup;
            let chosen: Vec<&ExportSetup> = match code {
                Some(code) => vec![export::export_setup(&stored, code)?],
                None => setup.export_setups.values().collect(),
            };
            let documents = render::export::setup_documents(setup, &chosen);
            session.output.answer(&documents, || match (code, chosen.as_slice()) {
                (Some(_), [one]) => render::export::setup(setup, one, &session.prompt()),
                (_, several) => render::export::setups(setup, several, &session.prompt()),
            })?;
        }
        Export::Sample(Code { code }) => {
            let (_, stored) = session.active().await?;
            let sample = export::sample(&stored, code)?;
            session.output.answer(&serde_json::json!({"sample": sample}), || sample.clone())?;
        }
        Export::Show(Key { key }) => {
            let manifest = manifest(session, key).await?;
            session
                .output
                .answer(&manifest, || render::export::manifest(&manifest, &session.prompt()))?;
        }
    }
    Ok(Status::Done)
}

async fn manifest(session: &Session, key: &str) -> Result<Manifest, CommandError> {
    let store = session.store().await?;
    if key.contains('/') {
        return Ok(Manifest::get(&store, key).await?);
    }
    let run_key = match key.parse::<u32>() {
        Ok(number) => format!("export-{number:06}"),
        Err(_) => key.to_owned(),
    };
    let (record, _) = ledger::run(&store, &run_key).await?;
    let index = record.export.and_then(|export| export.manifest);
    let index = index.ok_or(RunError::NotFinished { run_key })?;
    Ok(Manifest::get(&store, &index).await?)
}
