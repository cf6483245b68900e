//! Sorting more lines than memory should hold: sorted parts go to temporary
//! files and are merged from there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

/// Bytes of keys and lines that are sorted in memory at a time. A book of ten
/// thousand accounts fills it, so that a larger one needs no more.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// What an entry costs beside its texts: two strings in a vector.
const ENTRY_BYTES: usize = 2 * size_of::<String>();

/// Bytes that are read ahead of each part: there may be hundreds of parts.
const READ_AHEAD_BYTES: usize = 16 * 1024;

/// The most parts at a time: each is an open file. More are merged into one.
const PARTS_MAX: usize = 64;

/// A key and its line. Neither holds a line break.
pub(crate) type Entry = (String, String);

/// Takes entries in any order, and gives them back in that of their keys.
pub(crate) struct Sorter {
    part_bytes: usize,
    entries: Vec<Entry>,
    bytes: usize,
    parts: Vec<BufReader<File>>,
}

impl Default for Sorter {
    fn default() -> Self {
        Self::in_parts_of(PART_BYTES)
    }
}

impl Sorter {
    fn in_parts_of(part_bytes: usize) -> Self {
        Self { part_bytes, entries: Vec::new(), bytes: 0, parts: Vec::new() }
    }

    /// Takes an entry.
    ///
    /// # Errors
    /// The temporary folder cannot be written.
    pub(crate) fn push(&mut self, key: String, line: String) -> io::Result<()> {
        self.bytes += key.len() + line.len() + ENTRY_BYTES;
        self.entries.push((key, line));
        if self.bytes >= self.part_bytes {
            self.entries.sort_unstable();
            self.parts.push(write_part(self.entries.drain(..).map(Ok))?);
            self.bytes = 0;
        }
        if self.parts.len() == PARTS_MAX {
            let parts = std::mem::take(&mut self.parts);
            self.parts.push(write_part(merged(parts.into_iter().map(read_part).collect())?)?);
        }
        Ok(())
    }

    /// The entries, sorted by key, then by line.
    ///
    /// # Errors
    /// A temporary file cannot be read.
    pub(crate) fn sorted(mut self) -> io::Result<Sorted> {
        self.entries.sort_unstable();
        let rest: Source = Box::new(self.entries.into_iter().map(Ok));
        let parts = self.parts.into_iter().map(read_part);
        merged(std::iter::once(rest).chain(parts).collect())
    }
}

/// What sorted sources come to together.
fn merged(mut sources: Vec<Source>) -> io::Result<Sorted> {
    let mut heads = BinaryHeap::with_capacity(sources.len());
    for (at, source) in sources.iter_mut().enumerate() {
        if let Some(entry) = source.next() {
            heads.push(Reverse((entry?, at)));
        }
    }
    Ok(Sorted { sources, heads })
}

/// Writes sorted entries to a temporary file that is gone when it is closed: the
/// key and the line, in turns.
fn write_part(entries: impl Iterator<Item = io::Result<Entry>>) -> io::Result<BufReader<File>> {
    let mut writer = BufWriter::new(tempfile::tempfile()?);
    for entry in entries {
        let (key, line) = entry?;
        writeln!(writer, "{key}\n{line}")?;
    }
    let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::with_capacity(READ_AHEAD_BYTES, file))
}

fn read_part(part: BufReader<File>) -> Source {
    let mut lines = part.lines();
    Box::new(std::iter::from_fn(move || {
        let key = lines.next()?;
        let line = lines.next()?;
        Some(key.and_then(|key| Ok((key, line?))))
    }))
}

type Source = Box<dyn Iterator<Item = io::Result<Entry>> + Send>;

/// Entries in order.
pub(crate) struct Sorted {
    sources: Vec<Source>,
    /// The first entry of each source that has any left.
    heads: BinaryHeap<Reverse<(Entry, usize)>>,
}

impl Iterator for Sorted {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((entry, at)) = self.heads.pop()?;
        match self.sources[at].next() {
            Some(Ok(next)) => self.heads.push(Reverse((next, at))),
            Some(Err(error)) => return Some(Err(error)),
            None => {}
        }
        Some(Ok(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number below `many` once, in lines of so many bytes: 7 and `many`
    /// have no common divisor.
    fn come_back_in_order(many: u32, line_bytes: usize, parts: usize) {
        let mut sorter = Sorter::in_parts_of(10_000);
        let line = "x".repeat(line_bytes);
        for step in 0..many {
            let number = step * 7 % many;
            sorter.push(format!("{number:05}"), format!("{line}{number}")).unwrap();
        }
        assert_eq!(sorter.parts.len(), parts, "parts were written");
        let mut expected = 0;
        for entry in sorter.sorted().unwrap() {
            let (key, line) = entry.unwrap();
            assert_eq!(key, format!("{expected:05}"));
            assert!(line.ends_with(&format!("x{expected}")));
            expected += 1;
        }
        assert_eq!(expected, many);
    }

    #[test]
    fn more_than_memory_holds_comes_back_in_order() {
        come_back_in_order(351, 50, 3);
    }

    #[test]
    fn more_parts_than_files_may_be_open_are_merged() {
        // Two lines fill a part: 64 parts become one, and 32 follow.
        come_back_in_order(191, 5_000, 32);
    }
}
