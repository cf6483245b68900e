//! The commands, one file for each.

pub mod account;
pub mod book;
pub mod demo;
pub mod eligible;
pub mod files;
pub mod plugin;
pub mod run;
pub mod runs;
pub mod setup;

use crate::arguments::{Arguments, Command};
use crate::failure::{CommandError, Status};
use crate::session::Session;
use std::io::{self, BufWriter, Write};
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
        Command::Account(account) => account::account(&session, &account).await,
        Command::Eligible(eligible) => eligible::eligible(&session, &eligible).await,
        Command::Files(files) => files::files(&session, &files).await,
        Command::Plugin(plugin) => plugin::plugin(&session, &plugin),
    }
}

/// A text file of this machine.
fn read_text(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|source| unreadable(path, source))
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
