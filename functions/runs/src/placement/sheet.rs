//! The answers to all lines of a file, as a file.

use super::answer::LineAnswer;
use std::io::{self, Write};

/// The columns, in their order.
const COLUMNS: [&str; 8] =
    ["line", "account", "delinquency", "status", "reference", "outcome", "code", "message"];

/// Writes answers as CSV, one after the other, and keeps none.
pub(super) struct Sheet<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> Sheet<W> {
    /// Begins with the columns.
    pub(super) fn begin(out: W) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(COLUMNS)?;
        Ok(Self { csv })
    }

    pub(super) fn answer(&mut self, answer: &LineAnswer) -> io::Result<()> {
        let (said, outcome) = (&answer.said, &answer.outcome);
        let cell = |cell: &Option<String>| cell.clone().unwrap_or_default();
        self.csv.write_record([
            answer.line.to_string(),
            cell(&said.account),
            cell(&said.delinquency),
            cell(&said.status),
            cell(&said.reference),
            outcome.as_str().to_owned(),
            outcome.code().unwrap_or_default().to_owned(),
            outcome.message(),
        ])?;
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}
