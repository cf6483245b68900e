//! Giving a book back: every line as it stands now, sorted by type and id, so
//! that two states can be compared with `diff`.

use super::import::ImportError;
use crate::error::RunError;
use arrears_storage::Store;
use arrears_storage::document::Line;
use futures::TryStreamExt;
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

/// Lines sorted in memory at a time; beyond it, sorted parts are merged from
/// temporary files. At half a kilobyte a line this is about 100 MB.
pub const SORT_LINES_MAX: usize = 200_000;

/// Writes the agency's book, and says how many lines it has.
///
/// # Errors
/// The store cannot be read, or the lines cannot be written.
pub async fn export(store: &Store, out: &mut impl Write) -> Result<u64, ImportError> {
    let mut parts = Vec::new();
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut pages = store.scan();
    while let Some(page) = pages.try_next().await? {
        for line in page {
            lines.push((sort_key(&line), text(&line)?));
        }
        if lines.len() >= SORT_LINES_MAX {
            parts.push(write_part(&mut lines).map_err(ImportError::Write)?);
        }
    }
    lines.sort_unstable();
    merge(parts, lines, out).map_err(ImportError::Write)
}

fn text(line: &Line) -> Result<String, ImportError> {
    serde_json::to_string(line).map_err(|error| RunError::Document(error).into())
}

/// A key of text, so that it can be kept beside the line in a part.
fn sort_key(line: &Line) -> String {
    let (order, id) = line.sort_key();
    format!("{order}\t{id}")
}

type Part = BufReader<std::fs::File>;

/// Writes sorted lines to a temporary file that is gone when it is closed: the
/// key and the line, in turns.
fn write_part(lines: &mut Vec<(String, String)>) -> std::io::Result<Part> {
    lines.sort_unstable();
    let mut writer = BufWriter::new(tempfile::tempfile()?);
    for (key, line) in lines.drain(..) {
        writeln!(writer, "{key}\n{line}")?;
    }
    let mut file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::new(file))
}

/// Keys with their lines, in order.
type Source = Box<dyn Iterator<Item = std::io::Result<(String, String)>>>;

fn merge(
    parts: Vec<Part>,
    rest: Vec<(String, String)>,
    out: &mut impl Write,
) -> std::io::Result<u64> {
    let mut sources: Vec<Source> = vec![Box::new(rest.into_iter().map(Ok))];
    for part in parts {
        let mut lines = part.lines();
        sources.push(Box::new(std::iter::from_fn(move || {
            let key = lines.next()?;
            let line = lines.next()?;
            Some(key.and_then(|key| Ok((key, line?))))
        })));
    }
    let mut heads = sources.iter_mut().map(Iterator::next).collect::<Vec<_>>();
    let mut written = 0;
    loop {
        // A failed head comes first, so that it is not passed over.
        let first = heads
            .iter()
            .enumerate()
            .filter_map(|(at, head)| head.as_ref().map(|head| (head.as_ref().ok(), at)))
            .min();
        let Some((_, at)) = first else { return Ok(written) };
        let Some(head) = std::mem::replace(&mut heads[at], sources[at].next()) else {
            return Ok(written);
        };
        writeln!(out, "{}", head?.1)?;
        written += 1;
    }
}
