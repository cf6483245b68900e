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

/// A key and its line. Neither holds a line break.
pub(crate) type Entry = (String, String);

/// Takes entries in any order, and gives them back in that of their keys.
#[derive(Default)]
pub(crate) struct Sorter {
    entries: Vec<Entry>,
    bytes: usize,
    parts: Vec<BufReader<File>>,
}

impl Sorter {
    /// Takes an entry.
    ///
    /// # Errors
    /// The temporary folder cannot be written.
    pub(crate) fn push(&mut self, key: String, line: String) -> io::Result<()> {
        self.bytes += key.len() + line.len() + ENTRY_BYTES;
        self.entries.push((key, line));
        if self.bytes >= PART_BYTES {
            self.parts.push(write_part(&mut self.entries)?);
            self.bytes = 0;
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
        let mut sources: Vec<Source> = std::iter::once(rest).chain(parts).collect();
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (at, source) in sources.iter_mut().enumerate() {
            if let Some(entry) = source.next() {
                heads.push(Reverse((entry?, at)));
            }
        }
        Ok(Sorted { sources, heads })
    }
}

/// Writes sorted entries to a temporary file that is gone when it is closed: the
/// key and the line, in turns.
fn write_part(entries: &mut Vec<Entry>) -> io::Result<BufReader<File>> {
    entries.sort_unstable();
    let mut writer = BufWriter::new(tempfile::tempfile()?);
    for (key, line) in entries.drain(..) {
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

    #[test]
    fn more_than_memory_holds_comes_back_in_order() {
        let mut sorter = Sorter::default();
        let line = "x".repeat(PART_BYTES / 1_000);
        // Every number below 3,501 once: 7 and 3,501 have no common divisor.
        for step in 0..3_501_u32 {
            let number = step * 7 % 3_501;
            sorter.push(format!("{number:04}"), format!("{line}{number}")).unwrap();
        }
        assert_eq!(sorter.parts.len(), 3, "parts were written");
        let mut expected = 0;
        for entry in sorter.sorted().unwrap() {
            let (key, line) = entry.unwrap();
            assert_eq!(key, format!("{expected:04}"));
            assert!(line.ends_with(&format!("x{expected}")));
            expected += 1;
        }
        assert_eq!(expected, 3_501);
    }
}
