//! Lines of a file, however long: memory holds one, and no more of it than a
//! limit.

use std::io::{self, BufRead, Read};

/// A line, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1.
    pub number: u64,
    /// Its bytes; of a line that is too long, the first.
    pub bytes: Vec<u8>,
    /// Whether there was more of it than the limit.
    pub is_too_long: bool,
}

/// Reads lines of at most so many bytes.
pub(crate) struct Lines<R> {
    reader: R,
    limit: usize,
    number: u64,
}

/// Why a line cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// From 1.
    pub line: u64,
    /// Why.
    pub source: io::Error,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, number: 0 }
    }

    /// The next line that is not blank; none at the end.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line>, Unreadable> {
        loop {
            self.number += 1;
            let number = self.number;
            let unreadable = |source| Unreadable { line: number, source };
            let mut bytes = Vec::new();
            // One more than the longest, so that a longer one shows.
            let mut limited = Read::take(&mut self.reader, self.limit as u64 + 1);
            if limited.read_until(b'\n', &mut bytes).map_err(unreadable)? == 0 {
                return Ok(None);
            }
            let is_too_long = bytes.len() > self.limit && !bytes.ends_with(b"\n");
            if is_too_long {
                skip_line(&mut self.reader).map_err(unreadable)?;
                bytes.truncate(self.limit);
            }
            let trimmed = bytes.trim_ascii();
            if !trimmed.is_empty() {
                return Ok(Some(Line { number, bytes: trimmed.to_vec(), is_too_long }));
            }
        }
    }
}

/// Passes over the rest of a line.
fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return Ok(());
        }
        match available.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                reader.consume(end + 1);
                return Ok(());
            }
            None => {
                let length = available.len();
                reader.consume(length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_long_ones_are_cut() {
        let text = b"one\r\n\n  \n1234567890\n12345678\nlast".as_slice();
        let mut lines = Lines::new(text, 8);
        let mut read = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            let text = String::from_utf8(line.bytes).unwrap();
            read.push((line.number, text, line.is_too_long));
        }
        let expected =
            [(1, "one", false), (4, "12345678", true), (5, "12345678", false), (6, "last", false)];
        let expected = expected.map(|(number, text, long)| (number, text.to_owned(), long));
        assert_eq!(read, expected);
    }
}
