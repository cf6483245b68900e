//! Giving a book back: every line as it stands now, sorted by type and id, so
//! that two states can be compared with `diff`.

use super::import::ImportError;
use crate::error::RunError;
use crate::sorted::Sorter;
use arrears_storage::Store;
use arrears_storage::document::Line;
use futures::TryStreamExt;
use std::io::Write;

/// Writes the agency's book, and says how many lines it has.
///
/// # Errors
/// The store cannot be read, or the lines cannot be written.
pub async fn export(store: &Store, out: &mut impl Write) -> Result<u64, ImportError> {
    let mut sorter = Sorter::default();
    let mut pages = store.scan();
    while let Some(page) = pages.try_next().await? {
        for line in page {
            sorter.push(sort_key(&line), text(&line)?).map_err(ImportError::Write)?;
        }
    }
    let mut written = 0;
    for entry in sorter.sorted().map_err(ImportError::Write)? {
        entry.and_then(|(_, line)| writeln!(out, "{line}")).map_err(ImportError::Write)?;
        written += 1;
    }
    Ok(written)
}

fn text(line: &Line) -> Result<String, ImportError> {
    serde_json::to_string(line).map_err(|error| RunError::Document(error).into())
}

/// A key of text, so that it can be kept beside the line in a part.
fn sort_key(line: &Line) -> String {
    let (order, id) = line.sort_key();
    format!("{order}\t{id}")
}
