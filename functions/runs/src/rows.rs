//! Rows of a CSV file, however it is damaged: one that cannot be read says why,
//! and those after it are read. Memory holds one, and no more of it than a limit.

use crate::lines::{Line, Lines, Unreadable};
use csv::{ByteRecord, ReaderBuilder, StringRecord};
use std::collections::VecDeque;
use std::io::BufRead;

/// A row under the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// As many cells as the header has, or why they cannot be read.
    pub cells: Result<StringRecord, RowError>,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RowError {
    /// It has more cells than the header, or fewer.
    #[error("the row has {cells} cells; the header has {header}")]
    Cells {
        /// How many it has.
        cells: usize,
        /// How many the header has.
        header: usize,
    },
    /// It is in another encoding.
    #[error("the row is not UTF-8")]
    NotUtf8,
    /// It is longer than any row.
    #[error("the row is longer than {limit} bytes")]
    TooLong {
        /// The most bytes of a row.
        limit: usize,
    },
    /// A quote is opened that no line closes within the limit.
    #[error("the row opens a quote that is not closed; write a quote within a cell twice")]
    OpenQuote,
    /// It is several rows for whoever takes a carriage return for the end of a
    /// line, and one row for whoever does not.
    #[error(
        "the row has a carriage return outside of quotes with more after it; end each line with \
         a line feed, or with carriage return and line feed"
    )]
    CarriageReturn,
}

/// Why the rows of a file cannot be read at all.
#[derive(Debug)]
pub(crate) enum HeaderError {
    /// The file cannot be read.
    Unreadable(Unreadable),
    /// The header cannot be understood.
    Header(RowError),
}

/// Reads the rows of a file.
pub(crate) struct Rows<R> {
    lines: Lines<R>,
    limit: usize,
    cells: usize,
    /// Lines that were taken for a part of the row before them.
    waiting: VecDeque<Line>,
}

impl<R: BufRead> Rows<R> {
    /// Reads the header, which is empty if the file is.
    pub(crate) fn open(reader: R, limit: usize) -> Result<(StringRecord, Self), HeaderError> {
        let lines = Lines::new(reader, limit);
        let mut rows = Self { lines, limit, cells: 0, waiting: VecDeque::new() };
        let Some(first) = rows.next_line().map_err(HeaderError::Unreadable)? else {
            return Ok((StringRecord::new(), rows));
        };
        let header = rows.row(first).map_err(HeaderError::Unreadable)?;
        let header = header.and_then(|bytes| cells(&bytes)).map_err(HeaderError::Header)?;
        rows.cells = header.len();
        Ok((header, rows))
    }

    /// The next row that is not blank; none at the end.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Unreadable> {
        let Some(first) = self.next_line()? else { return Ok(None) };
        let line = first.number;
        let header = self.cells;
        let cells = self.row(first)?.and_then(|bytes| cells(&bytes)).and_then(|cells| {
            let wrong = || RowError::Cells { cells: cells.len(), header };
            if cells.len() == header { Ok(cells) } else { Err(wrong()) }
        });
        Ok(Some(Row { line, cells }))
    }

    fn next_line(&mut self) -> Result<Option<Line>, Unreadable> {
        match self.waiting.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next_line(),
        }
    }

    /// A row from its first line: with those after it, as long as a quote is
    /// open. If it stays open, they are rows of their own.
    fn row(&mut self, first: Line) -> Result<Result<Vec<u8>, RowError>, Unreadable> {
        let too_long = || RowError::TooLong { limit: self.limit };
        if first.is_too_long {
            // A file that ends lines with carriage returns is one long line.
            let is_returned = cells(&first.bytes) == Err(RowError::CarriageReturn);
            return Ok(Err(if is_returned { RowError::CarriageReturn } else { too_long() }));
        }
        let mut bytes = first.bytes;
        // A mark of UTF-8 before the header is no letter of it.
        let own = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let mut at = At::Beginning.after(own);
        let mut taken = VecDeque::new();
        while at == At::Quoted {
            let next = self.next_line()?;
            let goes_on = next.as_ref().is_some_and(|line| {
                !line.is_too_long && bytes.len() + 1 + line.bytes.len() <= self.limit
            });
            if let Some(line) = next {
                bytes.push(b'\n');
                bytes.extend_from_slice(&line.bytes);
                at = at.after(&line.bytes);
                taken.push_back(line);
            }
            if !goes_on {
                taken.append(&mut self.waiting);
                self.waiting = taken;
                return Ok(Err(RowError::OpenQuote));
            }
        }
        Ok(Ok(bytes))
    }
}

/// Where in a row a reader stands: a quote counts where a cell begins, and twice
/// within quotes it is a letter.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Beginning,
    Cell,
    Quoted,
    Closed,
}

impl At {
    fn after(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |at, byte| match (at, byte) {
            (Self::Beginning | Self::Closed, b'"') => Self::Quoted,
            (Self::Quoted, b'"') => Self::Closed,
            (Self::Quoted, _) => Self::Quoted,
            (_, b',') => Self::Beginning,
            _ => Self::Cell,
        })
    }
}

fn cells(bytes: &[u8]) -> Result<StringRecord, RowError> {
    let mut csv = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut cells = StringRecord::new();
    // Bytes in memory can be read; what can be wrong with them is their encoding.
    csv.read_record(&mut cells).map_err(|_| RowError::NotUtf8)?;
    // What is left would be lost.
    let has_more = csv.read_byte_record(&mut ByteRecord::new()).map_err(|_| RowError::NotUtf8)?;
    if has_more { Err(RowError::CarriageReturn) } else { Ok(cells) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 24;

    /// Rows with the lines on which they begin.
    type Read = Vec<(u64, Result<Vec<String>, RowError>)>;

    fn read(text: &[u8]) -> Read {
        let (header, mut rows) = Rows::open(text, LIMIT).unwrap();
        assert_eq!(header, vec!["a", "b"]);
        let mut read = Vec::new();
        while let Some(Row { line, cells }) = rows.next_row().unwrap() {
            read.push((line, cells.map(|it| it.iter().map(str::to_owned).collect())));
        }
        read
    }

    #[test]
    fn rows_are_read_and_those_that_cannot_be_are_told() {
        let cells = |a: &str, b: &str| Ok(vec![a.to_owned(), b.to_owned()]);
        let wrong = |cells| Err(RowError::Cells { cells, header: 2 });
        let long = Err(RowError::TooLong { limit: LIMIT });
        let returned = Err(RowError::CarriageReturn);
        let cases: [(&[u8], Read); 12] = [
            (b"a,b\r\n1,2\r\n\r\n3,\r\n", vec![(2, cells("1", "2")), (4, cells("3", ""))]),
            (b"\xef\xbb\xbfa,b\n1,2", vec![(2, cells("1", "2"))]),
            (b"\xef\xbb\xbf\"a\",b\n1,2", vec![(2, cells("1", "2"))]),
            (b"a,b\n1\n1,2,3\n4,5", vec![(2, wrong(1)), (3, wrong(3)), (4, cells("4", "5"))]),
            (b"a,b\n\xff,2\n4,5", vec![(2, Err(RowError::NotUtf8)), (3, cells("4", "5"))]),
            (b"a,b\n1234567890123456789012345,2\n4,5", vec![(2, long), (3, cells("4", "5"))]),
            (
                b"a,b\n\"say \"\"x,\"\"\",\"2\n3\"\n4,5\"",
                vec![(2, cells("say \"x,\"", "2\n3")), (4, cells("4", "5\""))],
            ),
            // A carriage return is a part of a quoted cell, and else no end of a line.
            (b"a,b\n1,\"2\r3\"\r\n4,5\r", vec![(2, cells("1", "2\r3")), (3, cells("4", "5"))]),
            (b"a,b\n1,2\r3,4\n5,6", vec![(2, returned.clone()), (3, cells("5", "6"))]),
            (
                b"a,b\n1,2\r\"3\",456789012345678901234\n5,6",
                vec![(2, returned), (3, cells("5", "6"))],
            ),
            // A quote that is never closed costs its own row only.
            (
                b"a,b\n\"1,2\n4,5\n6,7",
                vec![(2, Err(RowError::OpenQuote)), (3, cells("4", "5")), (4, cells("6", "7"))],
            ),
            (
                b"a,b\n\"1,2\n12345678,12345678\n6,7\n\"8\",9",
                vec![
                    (2, Err(RowError::OpenQuote)),
                    (3, cells("12345678", "12345678")),
                    (4, cells("6", "7")),
                    (5, cells("8", "9")),
                ],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_file_without_a_header_is_told() {
        let (header, mut rows) = Rows::open(b"\n\n".as_slice(), LIMIT).unwrap();
        assert_eq!((header.len(), rows.next_row().unwrap()), (0, None));
        let found = Rows::open(b"\xff".as_slice(), LIMIT).map(|_| ());
        assert!(matches!(found, Err(HeaderError::Header(RowError::NotUtf8))), "{found:?}");
        for text in ["a,b\r1,2\r", "a,b\r1,2\r3,4\r5,6\r7,8\r9,10\r11,12\r"] {
            let found = Rows::open(text.as_bytes(), LIMIT).map(|_| ());
            let is_told = matches!(found, Err(HeaderError::Header(RowError::CarriageReturn)));
            assert!(is_told, "{text}: {found:?}");
        }
    }
}
