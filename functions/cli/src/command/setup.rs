//! `arrears setup`: check, load, show, diff.

use super::read_text;
use crate::failure::{CommandError, Status};
use crate::render;
use crate::render::mistake::{self, MistakeDocument};
use crate::session::Session;
use arrears_domain::setup::diff::{Change, Difference};
use arrears_domain::setup::{Mistake, Severity, Source};
use arrears_runs::RunError;
use arrears_runs::catalog::Catalog;
use arrears_runs::prepare::Prepared;
use arrears_runs::setups::{self, Stored};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What to do with setups.
#[derive(Debug, Subcommand)]
pub enum Setup {
    /// Check a setup and show every mistake in it, with file, line and column
    Check(Files),
    /// Check a setup, store it under the next number and make it the active one
    Load(Files),
    /// Show a stored setup
    Show(Show),
    /// Say what differs between two setups
    Diff(Diff),
}

/// The files of one setup.
#[derive(Debug, Args)]
pub struct Files {
    /// TOML files; several are read as one setup
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Which setup to show, and how much of it.
#[derive(Debug, Args)]
pub struct Show {
    /// A stored setup by its number, instead of the active one
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Show the actions of each scheme instead
    #[arg(long)]
    actions: bool,
}

/// Which setups to compare.
#[derive(Debug, Args)]
pub struct Diff {
    /// A file, or the number of a stored setup
    #[arg(value_name = "A")]
    from: String,
    /// A file, or the number of a stored setup
    #[arg(value_name = "B")]
    to: String,
}

/// Does it.
///
/// # Errors
/// The setup has mistakes, a file cannot be read, or the store fails.
pub async fn setup(session: &Session, setup: &Setup) -> Result<Status, CommandError> {
    match setup {
        Setup::Check(files) => check(session, &files.files).await,
        Setup::Load(files) => load(session, &files.files).await,
        Setup::Show(wanted) => show(session, wanted).await,
        Setup::Diff(wanted) => diff(session, wanted).await,
    }
}

/// The answer of `setup check`.
#[derive(Serialize)]
struct Checked {
    errors: usize,
    warnings: usize,
    mistakes: Vec<MistakeDocument>,
}

async fn check(session: &Session, files: &[PathBuf]) -> Result<Status, CommandError> {
    let sources = sources(files)?;
    let (prepared, mistakes) = match Prepared::read(&sources, &catalog_if_any(session).await?) {
        Ok((prepared, warnings)) => (Some(prepared), warnings),
        Err(mistakes) => (None, mistakes),
    };
    let warnings = mistakes.iter().filter(|it| it.severity == Severity::Warning).count();
    let answer = Checked {
        errors: mistakes.len() - warnings,
        warnings,
        mistakes: mistake::documents(&sources, &mistakes),
    };
    if !session.output.is_json() {
        eprint!("{}", mistake::render(&sources, &mistakes));
    }
    session.output.answer(&answer, || match &prepared {
        Some(prepared) => {
            format!("The setup is good: {}.\n", render::setup::sizes(&prepared.setup))
        }
        None => format!("{}.\n", capital(&mistake::count(&mistakes))),
    })?;
    Ok(if prepared.is_some() { Status::Done } else { Status::Incomplete })
}

/// The answer of `setup load`.
#[derive(Serialize)]
struct Loaded {
    version: u32,
    unchanged: bool,
    moved_dates: u64,
    warnings: Vec<MistakeDocument>,
}

async fn load(session: &Session, files: &[PathBuf]) -> Result<Status, CommandError> {
    let sources = sources(files)?;
    let catalog = catalog_if_any(session).await?;
    // A setup with mistakes shall not even make a folder.
    Prepared::read(&sources, &catalog).map_err(|mistakes| refused(&sources, mistakes))?;
    let store = session.store_or_new().await?;
    let loaded = setups::load(&store, &catalog, &sources).await;
    let loaded = loaded.map_err(|error| with_sources(&sources, error))?;
    if !session.output.is_json() {
        eprint!("{}", mistake::render(&sources, &loaded.warnings));
    }
    let answer = Loaded {
        version: loaded.version,
        unchanged: loaded.unchanged,
        moved_dates: loaded.moved_dates,
        warnings: mistake::documents(&sources, &loaded.warnings),
    };
    session.output.answer(&answer, || render::setup::loaded(&loaded))?;
    Ok(Status::Done)
}

/// The plugins of the agency; where it has no data yet, and on a machine that reaches none,
/// the built-in ones.
async fn catalog_if_any(session: &Session) -> Result<Catalog, CommandError> {
    match session.store_if_any().await? {
        Some(store) => session.catalog(&store).await,
        None => session.built_in(),
    }
}

/// An error of what reads a setup: its mistakes are shown with their lines.
pub fn with_sources(sources: &[Source], error: RunError) -> CommandError {
    match error {
        RunError::Setup { mistakes } => refused(sources, mistakes),
        error => error.into(),
    }
}

fn refused(sources: &[Source], mistakes: Vec<Mistake>) -> CommandError {
    CommandError::Mistakes { sources: sources.to_vec(), mistakes }
}

async fn show(session: &Session, wanted: &Show) -> Result<Status, CommandError> {
    let store = session.store().await?;
    let catalog = session.catalog(&store).await?;
    let stored = match wanted.version {
        Some(version) => setups::version(&store, &catalog, version).await?,
        None => setups::active(&store, &catalog).await?,
    };
    let Stored { version, prepared } = &stored;
    if wanted.actions {
        let document = render::setup::actions_document(*version, &prepared.setup);
        session.output.answer(&document, || render::setup::actions(*version, &prepared.setup))?;
    } else {
        let sources = store.setup(*version).await?;
        let document = render::setup::document(*version, &prepared.setup, &sources);
        session.output.answer(&document, || render::setup::show(*version, &prepared.setup))?;
    }
    Ok(Status::Done)
}

async fn diff(session: &Session, wanted: &Diff) -> Result<Status, CommandError> {
    let from = either(session, &wanted.from).await?;
    let to = either(session, &wanted.to).await?;
    let differences = arrears_domain::setup::diff(&from, &to);
    let documents: Vec<_> = differences.iter().map(document).collect();
    session.output.answer(&documents, || match differences.as_slice() {
        [] => format!("{} and {} say the same.\n", wanted.from, wanted.to),
        _ => differences.iter().map(|it| format!("{it}\n")).collect(),
    })?;
    Ok(Status::Done)
}

/// The setup in a file, or the stored one of that number.
async fn either(session: &Session, text: &str) -> Result<arrears_domain::Setup, CommandError> {
    let path = Path::new(text);
    if let (false, Ok(version)) = (path.exists(), text.parse()) {
        let store = session.store().await?;
        let stored = setups::version(&store, &session.catalog(&store).await?, version).await?;
        return Ok(stored.prepared.setup.clone());
    }
    let sources = sources(&[path.to_owned()])?;
    match arrears_domain::setup::read(&sources) {
        Ok(checked) => Ok(checked.setup),
        Err(mistakes) => Err(refused(&sources, mistakes)),
    }
}

/// One difference as plain data.
#[derive(Serialize)]
struct DifferenceDocument<'a> {
    place: &'a [String],
    change: &'static str,
    property: Option<&'static str>,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

fn document(difference: &Difference) -> DifferenceDocument<'_> {
    let place = difference.place.as_slice();
    let whole = |change| DifferenceDocument { place, change, property: None, from: None, to: None };
    match &difference.change {
        Change::Added => whole("added"),
        Change::Removed => whole("removed"),
        Change::Changed { property, from, to } => DifferenceDocument {
            property: Some(property),
            from: from.as_deref(),
            to: to.as_deref(),
            ..whole("changed")
        },
    }
}

/// The files of one setup.
///
/// # Errors
/// One cannot be read.
pub fn sources(files: &[PathBuf]) -> Result<Vec<Source>, CommandError> {
    let source =
        |path: &PathBuf| Ok(Source { name: path.display().to_string(), text: read_text(path)? });
    files.iter().map(source).collect()
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
