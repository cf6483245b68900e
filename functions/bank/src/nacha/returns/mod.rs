//! Files of returns: which of our entries came back, and why.

mod line;
mod read;

pub use read::read_returns;

use arrears_domain::Date;
use std::io;

/// What a file of returns says, in the order in which it says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnFile {
    /// When the bank made it.
    pub created_on: Date,
    /// Tells the files of one day apart.
    pub file_id_modifier: String,
    /// The bank that made it, by its number.
    pub immediate_origin: String,
    /// Entries that came back.
    pub returns: Vec<Return>,
    /// Notifications of change: entries that were taken, with data that is to be
    /// corrected before the next ones.
    pub changes: Vec<Change>,
}

/// What both say of the entry that they answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The line of the entry in the file, from 1.
    pub line: u64,
    /// The trace of the entry as it was sent: fifteen digits, see
    /// [`trace`](super::trace). By this it is found.
    pub original_trace: String,
    /// The trace of the answer itself.
    pub trace: String,
    /// The transaction code of the answer, such as 26 for a debit of a checking
    /// account, and 21 for a credit.
    pub transaction_code: u8,
    /// Whether what comes back was a debit: the code's last digit says so.
    pub is_debit: bool,
    /// In cents of the United States, which ACH moves alone. Nothing for a
    /// prenote and for a notification of change.
    pub amount_minor_units: i64,
    /// The individual id of the entry.
    pub individual_id: String,
    /// The name of the entry.
    pub name: String,
    /// The bank that held the account, as the entry named it: eight digits.
    pub original_rdfi: String,
    /// The standard entry class of the batch, such as `PPD`; that of
    /// notifications of change is `COR`.
    pub sec: String,
    /// The company of the batch.
    pub company_id: String,
}

/// An entry that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// The entry.
    pub answer: Answer,
    /// Why, such as `R01`; see [`reason`](super::reason).
    pub code: String,
    /// When the account holder died, with R14 and R15, if the bank tells.
    pub date_of_death: Option<Date>,
    /// What the bank adds in its own words; mostly nothing.
    pub information: String,
}

/// A notification of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry.
    pub answer: Answer,
    /// What is to be corrected, such as `C01`; see [`reason`](super::reason).
    pub code: String,
    /// The right data, in the form of its code.
    pub corrected_data: String,
}

/// Why a file of returns is not taken. Nothing of it is: a file that was cut or
/// changed on its way is fetched anew.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes do not come.
    #[error("line {line} cannot be read: {source}")]
    Io {
        /// The line.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// More than a record.
    #[error("line {line} has more than 94 characters; a record has 94, and a line of its own")]
    TooLong {
        /// The line.
        line: u64,
    },
    /// Another record should stand here.
    #[error("line {line} begins with {found:?}; expected {expected}")]
    Record {
        /// The line.
        line: u64,
        /// What kind of record it is.
        found: char,
        /// What should be there.
        expected: String,
    },
    /// A field has something else than it should.
    #[error(
        "line {line}, characters {from} to {to}: the {field} is {found:?}; expected {expected}"
    )]
    Field {
        /// The line.
        line: u64,
        /// The field.
        field: &'static str,
        /// Its first character, from 1.
        from: usize,
        /// Its last character.
        to: usize,
        /// What it has.
        found: String,
        /// What it should have.
        expected: &'static str,
    },
    /// A control does not agree with what stands before it.
    #[error(
        "line {line}: the {what} of the {summed} is {stated} in its control, and its records come \
         to {counted}; something is missing or changed: get the file from the bank again"
    )]
    Totals {
        /// The line of the control.
        line: u64,
        /// What it sums up: the batch or the file.
        summed: &'static str,
        /// Which of its sums.
        what: &'static str,
        /// What the control says.
        stated: u64,
        /// What it should say.
        counted: u64,
    },
    /// The end is missing.
    #[error(
        "the file ends after line {line}; expected {expected}: it was cut, get it from the bank again"
    )]
    Cut {
        /// The last line that is there.
        line: u64,
        /// What should come.
        expected: String,
    },
}
