//! Lines and their fields.

use super::ReadError;
use crate::nacha::record::RECORD_CHARACTERS;
use arrears_domain::Date;
use std::io::{BufRead, Read};

/// The most bytes that are read for a line: more than 94 characters can have in
/// any encoding, and little enough to hold if somebody gives us another file.
const LINE_BYTES_MAX: u64 = 1_024;

/// Reads the lines of a file, without those that are blank.
pub(super) struct Lines<R> {
    reader: R,
    /// The number of the line that was read last.
    pub number: u64,
}

/// A record, filled up with blanks: some banks leave out those at its end.
#[derive(Debug)]
pub(super) struct Line {
    /// From 1.
    pub number: u64,
    characters: Vec<char>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, number: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Option<Line>, ReadError> {
        loop {
            let line = self.number + 1;
            let mut bytes = Vec::with_capacity(RECORD_CHARACTERS + 2);
            let mut limited = Read::take(&mut self.reader, LINE_BYTES_MAX);
            let read = limited.read_until(b'\n', &mut bytes);
            if read.map_err(|source| ReadError::Io { line, source })? == 0 {
                return Ok(None);
            }
            self.number = line;
            let is_whole = bytes.ends_with(b"\n") || (bytes.len() as u64) < LINE_BYTES_MAX;
            if !is_whole {
                return Err(ReadError::TooLong { line });
            }
            // What is at the end of a line or a file of old: CR, LF and Ctrl-Z.
            let end = bytes.iter().rposition(|byte| !b" \r\n\x1a".contains(byte));
            if let Some(last) = end {
                bytes.truncate(last + 1);
                return Line::new(line, &bytes).map(Some);
            }
        }
    }
}

impl Line {
    fn new(number: u64, bytes: &[u8]) -> Result<Self, ReadError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // What we send is ASCII; what others write may be anything. A character
        // for each byte is what the format means; only a line that is too long
        // that way was counted in characters.
        let is_longer = bytes.len() > RECORD_CHARACTERS;
        let mut characters: Vec<char> = match std::str::from_utf8(bytes) {
            Ok(text) if is_longer => text.chars().collect(),
            _ => bytes.iter().copied().map(char::from).collect(),
        };
        if characters.len() > RECORD_CHARACTERS {
            return Err(ReadError::TooLong { line: number });
        }
        characters.resize(RECORD_CHARACTERS, ' ');
        Ok(Self { number, characters })
    }

    /// What kind of record it is.
    pub(super) fn kind(&self) -> char {
        self.characters[0]
    }

    /// Whether it only fills a block.
    pub(super) fn is_padding(&self) -> bool {
        self.characters.iter().all(|character| *character == '9')
    }

    /// The error that another record was expected.
    pub(super) fn unexpected(&self, expected: impl Into<String>) -> ReadError {
        ReadError::Record { line: self.number, found: self.kind(), expected: expected.into() }
    }

    /// A text without the blanks around it; places count from 1, as in the rules.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let field: String = self.characters[from - 1..to].iter().collect();
        field.trim().to_owned()
    }

    /// A field of digits only.
    pub(super) fn digits(
        &self,
        field: &'static str,
        from: usize,
        to: usize,
    ) -> Result<String, ReadError> {
        let text: String = self.characters[from - 1..to].iter().collect();
        if text.chars().all(|character| character.is_ascii_digit()) {
            return Ok(text);
        }
        Err(self.wrong(field, (from, to), "digits only"))
    }

    /// A number.
    pub(super) fn number(
        &self,
        field: &'static str,
        from: usize,
        to: usize,
    ) -> Result<u64, ReadError> {
        let digits = self.digits(field, from, to)?;
        digits.parse().map_err(|_| self.wrong(field, (from, to), "a number"))
    }

    /// A date, `YYMMDD`, of this century.
    pub(super) fn date(&self, field: &'static str, from: usize) -> Result<Date, ReadError> {
        let (place, expected) = ((from, from + 5), "a date, YYMMDD");
        let wrong = |_| self.wrong(field, place, expected);
        let digits = self.digits(field, place.0, place.1).map_err(wrong)?;
        Date::parse_from_str(&format!("20{digits}"), "%Y%m%d")
            .map_err(|_| self.wrong(field, place, expected))
    }

    /// A letter and two digits.
    pub(super) fn code(&self, letter: char, expected: &'static str) -> Result<String, ReadError> {
        let code = self.text(4, 6);
        let digits = code.strip_prefix(letter).unwrap_or_default();
        if digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(code);
        }
        Err(self.wrong("code", (4, 6), expected))
    }

    /// The error that a field has something else.
    pub(super) fn wrong(
        &self,
        field: &'static str,
        (from, to): (usize, usize),
        expected: &'static str,
    ) -> ReadError {
        let found = self.text(from, to);
        ReadError::Field { line: self.number, field, from, to, found, expected }
    }
}
