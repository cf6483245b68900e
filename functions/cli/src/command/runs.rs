//! `arrears runs`: list, show, log, resume, replay.

use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::render;
use crate::session::Session;
use arrears_domain::{Identifier, RunKey};
use arrears_runs::record::RunKind;
use arrears_runs::{RunError, ledger, message, report, run};
use arrears_storage::Store;
use clap::{Args, Subcommand};
use serde_json::json;

/// What to do with runs.
#[derive(Debug, Subcommand)]
pub enum Runs {
    /// List all runs
    List,
    /// Show the report of a run
    Show(Key),
    /// Show the messages of a run
    Log(Key),
    /// Go on with a run that was killed or failed on the way
    Resume(Key),
    /// Give up an export run or a payment collection run of which nothing has left yet,
    /// or a proposal
    Abandon(Key),
    /// Decide a finished run again from its journal, and compare bit for bit
    ///
    /// Nothing is written. The exit code is 1 if a record comes out otherwise.
    Replay(Key),
}

/// Which run.
#[derive(Debug, Args)]
pub struct Key {
    /// The run's key; of a collections run, its number will do
    #[arg(value_name = "KEY")]
    key: String,
}

impl Key {
    /// The whole key: `7` is `collections-000007`.
    fn run_key(&self) -> String {
        match self.key.parse::<u32>() {
            Ok(number) => format!("{}-{number:06}", RunKind::Collections.as_str()),
            Err(_) => self.key.clone(),
        }
    }
}

/// Does it.
///
/// # Errors
/// There is no such run, or the store fails.
pub async fn runs(session: &Session, runs: &Runs) -> Result<Status, CommandError> {
    let store = session.store().await?;
    match runs {
        Runs::List => {
            let runs = ledger::runs(&store).await?;
            session.output.answer(&runs, || render::run::list(&runs))?;
        }
        Runs::Show(key) => {
            answer_report(session, &store, &key.run_key()).await?;
        }
        Runs::Log(key) => {
            let (run, _) = ledger::run(&store, &key.run_key()).await?;
            let run_key = RunKey::parse(&run.run_key)
                .map_err(|_| RunError::UnknownRun { run_key: run.run_key.clone() })?;
            let lines = message::all(&run, &ledger::summaries(&store, &run_key).await?);
            let document = json!({"run_key": run.run_key, "messages": lines});
            session.output.answer(&document, || lines.join("\n") + "\n")?;
        }
        Runs::Resume(key) => {
            let run_key = key.run_key();
            let catalog = session.catalog_of(&store, &run_key).await?;
            let progress = Progress::new(run_key.as_str(), Some(0), session.may_draw());
            let run = run::resume(&store, &catalog, &run_key, &progress).await?;
            drop(progress);
            answer_report(session, &store, &run.run_key).await?;
        }
        Runs::Abandon(key) => {
            let run = run::abandon(&store, &key.run_key()).await?;
            answer_report(session, &store, &run.run_key).await?;
        }
        Runs::Replay(key) => {
            let catalog = session.catalog_of(&store, &key.run_key()).await?;
            let progress = Progress::new("replaying", Some(0), session.may_draw());
            let replay = run::replay(&store, &catalog, &key.run_key(), &progress).await?;
            drop(progress);
            session.output.answer(&replay, || render::replay::replay(&replay))?;
            if replay.differing > 0 {
                return Ok(Status::Incomplete);
            }
        }
    }
    Ok(Status::Done)
}

/// Answers the report of a run.
///
/// # Errors
/// There is no such run, or the store fails.
pub async fn answer_report(
    session: &Session,
    store: &Store,
    run_key: &str,
) -> Result<(), CommandError> {
    let report = report::report(store, run_key).await?;
    session.output.answer(&report, || render::run::report(&report, &session.prompt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_a_collections_run() {
        let key = |text: &str| Key { key: text.to_owned() }.run_key();
        assert_eq!(key("7"), "collections-000007");
        assert_eq!(key("000007"), "collections-000007");
        assert_eq!(key("collections-000007"), "collections-000007");
        assert_eq!(key("delinquency-000003"), "delinquency-000003");
    }
}
