//! `arrears placement`: import, list.

use super::run::date;
use super::{Draft, lines_in, write_whole};
use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::render;
use crate::session::Session;
use arrears_domain::{Date, DelinquencyId};
use arrears_runs::placement::{self, Options, Wanted};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What agencies have.
#[derive(Debug, Subcommand)]
pub enum Placement {
    /// Take in a file that came back from a collection agency: a CSV of payments
    /// and ends
    ///
    /// The first line names the columns, in any order: account, status and
    /// reference; delinquency, amount, currency, date and reason as needed. The
    /// status is acknowledged, partial-payment, full-payment, recalled, closed or
    /// rejected. A line that comes again changes nothing; one that is refused
    /// changes nothing, the others stand, and the exit code is 1.
    Import(Import),
    /// List the delinquencies that collection agencies have
    List(List),
}

/// Which file.
#[derive(Debug, Args)]
pub struct Import {
    /// The file; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The collection agency from which it comes
    #[arg(long, value_name = "CODE")]
    collection_agency: String,
    /// The business date of lines that have none; today in the agency's time zone
    /// if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
    /// Write the answer to every line to this file, as CSV; readable for its owner
    /// only
    #[arg(long, value_name = "PATH")]
    answers: Option<PathBuf>,
}

/// Which placements.
#[derive(Debug, Args)]
pub struct List {
    /// Only what this collection agency has
    #[arg(long, value_name = "CODE")]
    collection_agency: Option<String>,
    /// Only this delinquency
    #[arg(long, value_name = "ID")]
    delinquency: Option<DelinquencyId>,
    /// Show all that agencies were told, also of what they have given back
    #[arg(long)]
    all: bool,
}

/// Does it.
///
/// # Errors
/// A file cannot be read, there is no setup or no such agency, or the store fails.
pub async fn placement(session: &Session, wanted: &Placement) -> Result<Status, CommandError> {
    match wanted {
        Placement::Import(wanted) => import(session, wanted).await,
        Placement::List(List { collection_agency, delinquency, all }) => {
            let wanted = Wanted {
                collection_agency: collection_agency.clone(),
                delinquency: delinquency.clone(),
                all: *all,
            };
            let listed = placement::list(&session.store().await?, &wanted).await?;
            session.output.answer(&listed, || render::placement::list(&listed))?;
            Ok(Status::Done)
        }
    }
}

async fn import(session: &Session, wanted: &Import) -> Result<Status, CommandError> {
    let answers = wanted.answers.as_deref();
    if answers.is_some_and(|answers| is_same_file(answers, &wanted.file)) {
        let message = "`--answers` names the file that is to be imported; name another";
        return Err(CommandError::Usage(message.to_owned()));
    }
    let lines = lines_in(&wanted.file)?;
    let (store, stored) = session.active().await?;
    let options = Options { collection_agency: wanted.collection_agency.clone(), on: wanted.on };
    let mut draft = answers.map(write_whole).transpose()?;
    let sheet = draft.as_mut().map(|draft| -> &mut (dyn Write + Send) { draft });
    let progress = Progress::new("applying lines", None, session.may_draw());
    let at = |lines| progress.at(lines);
    let report = placement::import(&store, &stored, lines, &options, sheet, &at).await?;
    drop(progress);
    draft.map_or(Ok(()), Draft::keep)?;
    session
        .output
        .answer(&report, || render::placement::imported(&report, answers, &session.prompt()))?;
    Ok(if report.outcomes.refused == 0 { Status::Done } else { Status::Incomplete })
}

/// Whether both are there, and one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let paths = [one, other].map(|path| path.canonicalize().ok());
    paths[0].is_some() && paths[0] == paths[1]
}
