//! What is wrong with a template, and where; and why a template that is right
//! could not be filled in.

use arrears_domain::{AccountId, DelinquencyId};
use std::error::Error as _;
use std::fmt;

/// The parts of a file, each with a template of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Before all records.
    Header,
    /// Once for each record.
    Record,
    /// After all records.
    Trailer,
}

impl Part {
    /// All of them, in the order of a file.
    pub const ALL: [Self; 3] = [Self::Header, Self::Record, Self::Trailer];

    /// The key of an export setup that holds the part's template.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Record => "record",
            Self::Trailer => "trailer",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with a template, found before anything is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateMistake {
    /// Whose template.
    pub part: Part,
    /// Where in the part's text, in bytes.
    pub offset: usize,
    /// How much of the text, in bytes.
    pub length: usize,
    /// The line of the part's text, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl TemplateMistake {
    pub(super) fn new(
        part: Part,
        source: &str,
        offset: usize,
        length: usize,
        what: (String, Option<String>),
    ) -> Self {
        let offset = offset.min(source.len());
        let length = length.min(source.len() - offset);
        // An offset is a place between bytes; a line ends before its line break.
        let before = source.as_bytes().get(..offset).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let (message, hint) = what;
        Self { part, offset, length, line, message, hint }
    }

    /// The mistake that the engine has found.
    pub(super) fn of(part: Part, source: &str, error: &minijinja::Error) -> Self {
        let place = error.range().unwrap_or_else(|| line_range(source, error.line().unwrap_or(1)));
        Self::new(part, source, place.start, place.len(), in_words(error))
    }
}

fn line_range(source: &str, line: usize) -> std::ops::Range<usize> {
    let start: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let length = source[start..].lines().next().map_or(0, str::len);
    start..start + length
}

/// Why a part of a file could not be written. Nothing of it has been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {part} template, line {line}{}: {message}", of_record(.record.as_ref()))]
pub struct RenderError {
    /// Whose template.
    pub part: Part,
    /// The line of the template, from 1.
    pub line: usize,
    /// Which record it was; none for a header or a trailer.
    pub record: Option<(AccountId, DelinquencyId)>,
    /// What is wrong with which value, and what to do.
    pub message: String,
}

fn of_record(record: Option<&(AccountId, DelinquencyId)>) -> String {
    record.map_or_else(String::new, |(account, delinquency)| {
        format!(", account {account}, delinquency {delinquency}")
    })
}

impl RenderError {
    pub(super) fn of(
        part: Part,
        record: Option<(AccountId, DelinquencyId)>,
        error: &minijinja::Error,
    ) -> Self {
        let message = match in_words(error) {
            (message, Some(hint)) => format!("{message}; {hint}"),
            (message, None) => message,
        };
        Self { part, line: error.line().unwrap_or(1), record, message }
    }
}

/// What our own errors carry through the engine.
#[derive(Debug, thiserror::Error)]
#[error("{hint}")]
struct Fault {
    of_data: bool,
    hint: String,
}

/// The template is wrong, whatever the record.
pub(super) fn template_fault(message: String, hint: &str) -> minijinja::Error {
    fault(message, hint, false)
}

/// The template and this record do not go together; others may.
pub(super) fn data_fault(message: String, hint: &str) -> minijinja::Error {
    fault(message, hint, true)
}

fn fault(message: String, hint: &str, of_data: bool) -> minijinja::Error {
    minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message)
        .with_source(Fault { of_data, hint: hint.to_owned() })
}

fn source_fault(error: &minijinja::Error) -> Option<&Fault> {
    error.source()?.downcast_ref()
}

/// Whether another record could be written with the same template.
pub(super) fn is_of_data(error: &minijinja::Error) -> bool {
    source_fault(error).is_some_and(|fault| fault.of_data)
}

/// An error of the engine in our words: what is wrong, and what to do.
pub(super) fn in_words(error: &minijinja::Error) -> (String, Option<String>) {
    use minijinja::ErrorKind;
    let detail = || error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    if let Some(fault) = source_fault(error) {
        return (detail(), Some(fault.hint.clone()));
    }
    let (message, hint) = match error.kind() {
        ErrorKind::OutOfFuel => (
            "the template takes too many steps".to_owned(),
            "shorten its loops; a record is written in a few hundred steps",
        ),
        ErrorKind::WriteFailure => (
            format!("more than {} bytes are written at once", super::OUTPUT_BYTES_MAX),
            "write less: the limit keeps one record from filling the file",
        ),
        ErrorKind::UndefinedError => (
            "a value is used that has not been set".to_owned(),
            "set it before, in each branch that leads here",
        ),
        _ => return (detail(), None),
    };
    (message, Some(hint.to_owned()))
}

/// A value as messages show it: its beginning.
pub(super) fn shown(text: &str) -> String {
    const SHOWN_CHARACTERS_MAX: usize = 40;
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(SHOWN_CHARACTERS_MAX).collect();
    if characters.next().is_none() { start } else { format!("{start}...") }
}
