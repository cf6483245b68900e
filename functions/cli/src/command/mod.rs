//! The commands, one file for each. In reading order: the machine and its setup,
//! books, runs, what happens outside of runs, what people look at, the demo.

pub mod kit;
pub mod plugin;
pub mod setup;

pub mod book;

pub mod run;
mod run_export;
mod run_payment;
pub mod runs;

pub mod export;
pub mod schedule;

mod typed_event;

pub mod agreement;
mod collected;
pub mod delinquency;
pub mod events;
pub mod payment;

pub mod placement;

pub mod account;
pub mod eligible;
pub mod files;

pub mod demo;

use crate::arguments::{Arguments, Command};
use crate::failure::{CommandError, Status};
use crate::session::Session;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Does what was typed.
///
/// # Errors
/// The command could not give its answer.
pub async fn dispatch(arguments: Arguments) -> Result<Status, CommandError> {
    let session = Session::new(arguments.global);
    match arguments.command {
        Command::Demo(demo) => demo::demo(session, &demo).await,
        Command::Setup(setup) => setup::setup(&session, &setup).await,
        Command::Book(book) => book::book(&session, &book).await,
        Command::Run(run) => run::run(&session, &run).await,
        Command::Runs(runs) => runs::runs(&session, &runs).await,
        Command::Export(wanted) => export::export(&session, &wanted).await,
        Command::Schedule(wanted) => schedule::schedule(&session, &wanted).await,
        Command::Events(events) => events::events(&session, &events).await,
        Command::Payment(payment) => payment::payment(&session, &payment).await,
        Command::Delinquency(wanted) => delinquency::delinquency(&session, &wanted).await,
        Command::Arrangement(wanted) => agreement::arrangement(&session, &wanted).await,
        Command::Promise(wanted) => agreement::promise(&session, &wanted).await,
        Command::Dispute(wanted) => agreement::dispute(&session, &wanted).await,
        Command::Placement(wanted) => placement::placement(&session, &wanted).await,
        Command::Account(account) => account::account(&session, &account).await,
        Command::Eligible(eligible) => eligible::eligible(&session, &eligible).await,
        Command::Files(files) => files::files(&session, &files).await,
        Command::Plugin(plugin) => plugin::plugin(&session, &plugin).await,
    }
}

/// A text file of this machine.
fn read_text(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|source| unreadable(path, source))
}

/// The lines of a file of this machine; `-` is stdin.
fn lines_in(path: &Path) -> Result<Box<dyn BufRead>, CommandError> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    Ok(Box::new(BufReader::new(file)))
}

fn unreadable(path: &Path, source: io::Error) -> CommandError {
    CommandError::File { path: path.display().to_string(), operation: "read", source }
}

fn unwritable(path: &Path, source: io::Error) -> CommandError {
    CommandError::File { path: path.display().to_string(), operation: "written", source }
}

/// A file of this machine that is there whole, or not at all: written beside
/// its place, and moved there by [`Draft::keep`].
struct Draft {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

/// Begins a file.
fn write_whole(path: &Path) -> Result<Draft, CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let draft = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
    let draft = draft.map_err(|source| unwritable(path, source))?;
    Ok(Draft { path: path.to_owned(), writer: BufWriter::new(draft) })
}

impl Draft {
    /// Moves the file to its place; an older one there is replaced.
    fn keep(self) -> Result<(), CommandError> {
        let failed = |source| unwritable(&self.path, source);
        let draft = self.writer.into_inner().map_err(|error| failed(error.into_error()))?;
        draft.as_file().sync_data().map_err(failed)?;
        draft.persist(&self.path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
