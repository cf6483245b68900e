//! `arrears events`: apply, dead-letters, redrive, discard.

pub mod queues;

use super::lines_in;
use super::run::date;
use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::render;
use crate::session::Session;
use arrears_domain::Date;
use arrears_runs::events::{self, Answer, Outcome};
use clap::{ArgGroup, Args, Subcommand};
use queues::Queues;
use serde::Serialize;
use std::path::PathBuf;

/// What to do with events.
#[derive(Debug, Subcommand)]
pub enum Events {
    /// Apply a file of events, CloudEvents 1.0 in JSON, one a line
    ///
    /// An event that was applied before changes nothing. One that cannot be
    /// applied is parked in the dead-letter list, the others stand, and the exit
    /// code is 1.
    Apply(Apply),
    /// List the events that could not be applied, with the reasons
    DeadLetters,
    /// Apply events of the dead-letter list again
    ///
    /// On AWS, `--all` also moves back what lies in the dead-letter queues that
    /// ARREARS_DEAD_LETTER_QUEUE_URLS names.
    Redrive(Redrive),
    /// Take an event out of the dead-letter list for good
    Discard(Letter),
}

/// Which events.
#[derive(Debug, Args)]
pub struct Apply {
    /// The file; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Which events, and when.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["id", "all"])))]
pub struct Redrive {
    /// The id in the list, or the event's own
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// All of the list
    #[arg(long)]
    all: bool,
    /// Date them anew
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
}

/// Which event.
#[derive(Debug, Args)]
pub struct Letter {
    /// The id in the list, or the event's own
    #[arg(value_name = "ID")]
    id: String,
}

/// Does it.
///
/// # Errors
/// A file cannot be read, there is no setup or no such event, or the store fails.
pub async fn events(session: &Session, wanted: &Events) -> Result<Status, CommandError> {
    match wanted {
        Events::Apply(Apply { file }) => {
            let lines = lines_in(file)?;
            let applier = session.applier().await?;
            let progress = Progress::new("applying events", None, session.may_draw());
            let report =
                events::apply_lines(&applier, lines, &|events| progress.at(events)).await?;
            drop(progress);
            session
                .output
                .answer(&report, || render::event::applied(&report, &session.prompt()))?;
            Ok(if report.parked == 0 { Status::Done } else { Status::Incomplete })
        }
        Events::DeadLetters => {
            let letters = events::list(&session.store().await?).await?;
            session
                .output
                .answer(&letters, || render::event::letters(&letters, &session.prompt()))?;
            Ok(Status::Done)
        }
        Events::Redrive(wanted) => redrive(session, wanted).await,
        Events::Discard(Letter { id }) => {
            let letter = events::discard(&session.store().await?, id).await?;
            session.output.answer(&letter, || render::event::discarded(&letter))?;
            Ok(Status::Done)
        }
    }
}

/// What came of all of it, where there are queues.
#[derive(Debug, Serialize)]
struct Everything<'a> {
    answers: &'a [Answer],
    #[serde(flatten)]
    queues: &'a Queues,
}

async fn redrive(session: &Session, wanted: &Redrive) -> Result<Status, CommandError> {
    let applier = session.applier().await?;
    let answers = events::redrive(&applier, wanted.id.as_deref(), wanted.on).await?;
    let queues = if wanted.all { queues::redrive(session).await } else { None };
    let text = || render::event::redriven(&answers, &session.prompt());
    match &queues {
        Some(queues) => {
            let document = Everything { answers: &answers, queues };
            session.output.answer(&document, || text() + &render::event::queue::queues(queues))?;
        }
        None => session.output.answer(&answers, text)?,
    }
    let is_parked = |answer: &Answer| matches!(answer.outcome, Outcome::Parked { .. });
    let is_done = !answers.iter().any(is_parked) && queues.is_none_or(|it| it.are_done());
    Ok(if is_done { Status::Done } else { Status::Incomplete })
}
