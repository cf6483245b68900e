//! The lines of a book in the order of their accounts: what runs read that look at
//! the whole book.
//!
//! The table is scanned once, in no order; sorting brings together what belongs
//! together. A key is the account's id, a tab, and which part of the account the line
//! is.

use crate::error::RunError;
use crate::progress::{Progress, Staged};
use crate::sorted::{Entry, Sorted, Sorter};
use arrears_storage::Store;
use arrears_storage::document::Line;
use futures::TryStreamExt;
use serde::de::DeserializeOwned;
use std::io;
use std::iter::Peekable;

/// Reads the lines of these types that `entry` keeps. `progress` is told how many
/// lines have been read.
pub(crate) async fn read<P: Staged>(
    store: &Store,
    types: &'static [&'static str],
    entry: fn(&Line) -> Result<Option<Entry>, RunError>,
    mut progress: Option<&mut Progress<'_, P>>,
) -> Result<Peekable<Sorted>, RunError> {
    let mut sorter = Sorter::default();
    let mut lines = 0;
    let mut pages = store.scan_types(types);
    while let Some(page) = pages.try_next().await? {
        lines += page.len() as u64;
        tokio::task::block_in_place(|| {
            page.iter().try_for_each(|line| match entry(line)? {
                Some((key, line)) => sorter.push(key, line).map_err(RunError::Sort),
                None => Ok(()),
            })
        })?;
        if let Some(progress) = progress.as_deref_mut() {
            progress.at(lines).await?;
        }
    }
    let sorted = tokio::task::block_in_place(|| sorter.sorted()).map_err(RunError::Sort)?;
    Ok(sorted.peekable())
}

/// Whether the next line is the account's; an error is met by whoever reads it.
pub(crate) fn is_of(next: &io::Result<Entry>, account: &str) -> bool {
    next.as_ref().map_or(true, |(key, _)| split(key).0 == account)
}

/// The account and the part of a key.
pub(crate) fn split(key: &str) -> (&str, &str) {
    key.split_once('\t').unwrap_or((key, ""))
}

/// The document of a line.
pub(crate) fn parse<T: DeserializeOwned>(line: &str) -> Result<T, RunError> {
    serde_json::from_str(line).map_err(RunError::Document)
}
