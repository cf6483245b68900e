//! `arrears book`: import, export, generate.

use super::run::date;
use super::{lines_in, read_text, write_whole};
use crate::failure::{CommandError, Status};
use crate::output;
use crate::progress::Progress;
use crate::render::number::{count, counted};
use crate::session::Session;
use arrears_domain::Date;
use arrears_domain::setup::Source;
use arrears_runs::book::{self, ColumnMap, Format, GeneratedAccount, Generator, ImportReport};
use arrears_storage::document::Line;
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Rejected lines that the text shows; `--json` has more of them.
const REJECTED_SHOWN: usize = 20;

/// The date around which a book is made up unless another is named. It is fixed
/// so that the same seed gives the same book on any day.
const GENERATED_AS_OF: &str = "2026-02-02";

/// What to do with books.
#[derive(Debug, Subcommand)]
pub enum Book {
    /// Take in a book of JSON Lines or CSV; bad lines are reported, good ones kept
    Import(Import),
    /// Write the book as it stands now, sorted, as JSON Lines
    Export(Export),
    /// Make up a book that fits the setup, as JSON Lines
    Generate(Generate),
}

/// What to take in.
#[derive(Debug, Args)]
pub struct Import {
    /// The file; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which column of a CSV is which field, in TOML
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

/// Where to write it.
#[derive(Debug, Args)]
pub struct Export {
    /// The file to write, readable for its owner only; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to make up.
#[derive(Debug, Args)]
pub struct Generate {
    /// How many accounts
    #[arg(long, value_name = "N")]
    accounts: u64,
    /// The same seed gives the same book
    #[arg(long, value_name = "N")]
    seed: u64,
    /// The date around which records become due
    #[arg(long, value_name = "DATE", value_parser = date, default_value = GENERATED_AS_OF)]
    as_of: Date,
    /// The setup that the book shall fit; the active one if not given
    #[arg(long, value_name = "FILE")]
    setup: Option<PathBuf>,
    /// The file to write, readable for its owner only; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// A file or the store fails.
pub async fn book(session: &Session, book: &Book) -> Result<Status, CommandError> {
    match book {
        Book::Import(wanted) => import(session, wanted).await,
        Book::Export(wanted) => export(session, wanted).await,
        Book::Generate(wanted) => generate(session, wanted).await,
    }
}

async fn import(session: &Session, wanted: &Import) -> Result<Status, CommandError> {
    let format = format(wanted)?;
    let reader = lines_in(&wanted.file)?;
    let (store, stored) = session.active().await?;
    let progress = Progress::new("importing lines", None, session.may_draw());
    let report =
        book::import(&store, &stored, reader, &format, &|lines| progress.at(lines)).await?;
    drop(progress);
    session.output.answer(&report, || imported(&report))?;
    Ok(if report.rejected_count == 0 { Status::Done } else { Status::Incomplete })
}

fn format(wanted: &Import) -> Result<Format, CommandError> {
    match &wanted.map {
        Some(map) => {
            let columns = ColumnMap::parse(&read_text(map)?).map_err(book::ImportError::from)?;
            Ok(Format::Csv(columns))
        }
        None if wanted.file.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv")) => {
            Err(CommandError::Usage(format!(
                "`{}` is a CSV: add --map FILE, which says which column is which field",
                wanted.file.display()
            )))
        }
        None => Ok(Format::JsonLines),
    }
}

fn imported(report: &ImportReport) -> String {
    let kinds: Vec<String> =
        report.imported.iter().map(|(kind, lines)| format!("{} {kind}", count(*lines))).collect();
    let kept: u64 = report.imported.values().sum();
    let list = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let mut text = format!("{} taken in{list}.\n", counted(kept, "line", "lines"));
    if report.rejected_count == 0 {
        return text;
    }
    text.push_str(&format!("{} not:\n", counted(report.rejected_count, "line was", "lines were")));
    for rejected in report.rejected.iter().take(REJECTED_SHOWN) {
        text.push_str(&format!("  line {}: {}\n", rejected.line, rejected.reason));
    }
    let more = report.rejected_count.saturating_sub(REJECTED_SHOWN as u64);
    if more > 0 {
        text.push_str(&format!("  and {}\n", counted(more, "more line", "more lines")));
    }
    text.push_str("Correct these lines and import them by themselves; the others are stored.\n");
    text
}

async fn export(session: &Session, wanted: &Export) -> Result<Status, CommandError> {
    let out = lines_out(session, wanted.out.as_deref())?;
    let store = session.store().await?;
    let Some(path) = out else {
        let mut stdout = output::Stream::new();
        book::export(&store, &mut stdout).await?;
        stdout.flush().map_err(CommandError::Stdout)?;
        return Ok(Status::Done);
    };
    let mut file = write_whole(path)?;
    let lines = book::export(&store, &mut file).await?;
    file.keep()?;
    written(session, lines, path)
}

/// A book is many JSON documents; with `--json` it must go to a file.
fn lines_out<'a>(
    session: &Session,
    out: Option<&'a Path>,
) -> Result<Option<&'a Path>, CommandError> {
    if session.output.is_json() && out.is_none() {
        return Err(CommandError::Usage(
            "a book is many JSON documents, and --json writes one: name a file with --out"
                .to_owned(),
        ));
    }
    Ok(out)
}

fn written(session: &Session, lines: u64, path: &Path) -> Result<Status, CommandError> {
    session.output.answer(&json!({"lines": lines, "out": path}), || {
        format!("{} written to {}.\n", counted(lines, "line", "lines"), path.display())
    })?;
    Ok(Status::Done)
}

async fn generate(session: &Session, wanted: &Generate) -> Result<Status, CommandError> {
    let out = lines_out(session, wanted.out.as_deref())?;
    let setup = match &wanted.setup {
        Some(path) => {
            let source = Source { name: path.display().to_string(), text: read_text(path)? };
            let sources = vec![source];
            match arrears_domain::setup::read(&sources) {
                Ok(checked) => checked.setup,
                Err(mistakes) => return Err(CommandError::Mistakes { sources, mistakes }),
            }
        }
        None => {
            let (_, stored) = session.active().await?;
            stored.prepared.setup.clone()
        }
    };
    let accounts = Generator::new(&setup, wanted.accounts, wanted.seed, wanted.as_of);
    let Some(path) = out else {
        let mut stdout = output::Stream::new();
        write_accounts(accounts, &mut stdout)
            .and_then(|_| stdout.flush())
            .map_err(CommandError::Stdout)?;
        return Ok(Status::Done);
    };
    let mut file = write_whole(path)?;
    let lines =
        write_accounts(accounts, &mut file).map_err(|source| super::unwritable(path, source))?;
    file.keep()?;
    written(session, lines, path)
}

/// Writes accounts as lines of a book, and says how many lines they have.
///
/// # Errors
/// They cannot be written.
pub fn write_accounts(
    accounts: impl IntoIterator<Item = GeneratedAccount>,
    out: &mut impl Write,
) -> io::Result<u64> {
    let mut lines = 0;
    for made in accounts {
        let own = [Line::Contact((&made.contact).into()), Line::Account((&made.account).into())];
        let records = made.delinquencies.iter().map(|it| Line::Delinquency(it.into()));
        for line in own.into_iter().chain(records) {
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
            lines += 1;
        }
    }
    Ok(lines)
}
