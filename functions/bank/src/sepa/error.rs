//! Why a file of direct debits is not written.

use super::check::IDENTIFIER_CHARACTERS_MAX;
use arrears_domain::Date;
use std::io;

/// The most characters of a bad text that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 40;

/// Why a debit, a batch or a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// An id that banks do not take.
    #[error("the {field} `{shown}` {problem}")]
    Identifier {
        /// Which id.
        field: &'static str,
        /// The id, its start.
        shown: String,
        /// What is wrong with it.
        problem: IdentifierProblem,
    },
    /// An amount in another currency.
    #[error(
        "debit `{end_to_end_id}` is {amount}: a SEPA direct debit is in EUR; collect it by \
         another method"
    )]
    Currency {
        /// The debit.
        end_to_end_id: String,
        /// The amount, with its currency.
        amount: String,
    },
    /// An amount that is nothing, negative or too large.
    #[error(
        "debit `{end_to_end_id}` is {amount}: a SEPA direct debit is of 0.01 to 999999999.99 EUR"
    )]
    Amount {
        /// The debit.
        end_to_end_id: String,
        /// The amount, with its currency.
        amount: String,
    },
    /// A name of which no letter is left in Latin script.
    #[error(
        "the {field} `{shown}` has no letter or digit that a bank can process; write the name in \
         Latin letters"
    )]
    Name {
        /// Whose name.
        field: &'static str,
        /// The name, its start.
        shown: String,
    },
    /// An address whose country is none.
    #[error(
        "the address of {whose} is in `{country}`, which is no country; write two capital letters, such as DE"
    )]
    Country {
        /// Whose address.
        whose: String,
        /// What stands there.
        country: String,
    },
    /// A mandate that is younger than its debit.
    #[error(
        "mandate `{mandate_id}` is signed on {signed_on}, after the collection on \
         {collection_date}; check the date of signature"
    )]
    SignedLater {
        /// The mandate.
        mandate_id: String,
        /// When it is signed.
        signed_on: Date,
        /// When the money is to come.
        collection_date: Date,
    },
    /// A date that ISO 8601 cannot write with four digits of the year.
    #[error("the {what} is {date}; a year is between 1 and 9999")]
    Date {
        /// Which date.
        what: &'static str,
        /// The date.
        date: Date,
    },
    /// The time of creation is none.
    #[error(
        "`{0}` is no time of creation; write one such as 2026-02-02T08:00:00, perhaps with Z or \
         +01:00 after it"
    )]
    CreatedAt(String),
    /// A batch or a file without debits, which the format does not have.
    #[error("{0} has no debits or no amount; leave it out")]
    Empty(String),
    /// More than the format counts.
    #[error("{0} has more debits, or a larger sum, than the format can say; split it")]
    TooLarge(String),
    /// A second batch with an id.
    #[error("there is a batch `{0}` already; each needs an id of its own")]
    DuplicateBatch(String),
    /// A debit before the first batch.
    #[error("debit `{0}` comes before the first batch; begin the batch that it belongs to")]
    NoBatch(String),
    /// The head says otherwise than what follows.
    #[error(
        "{whose} was announced with {said_transactions} debits of {said_sum} EUR in all and has \
         {found_transactions} of {found_sum} EUR; nothing may be sent before both agree"
    )]
    Totals {
        /// Which batch, or the file.
        whose: String,
        /// Debits according to the head.
        said_transactions: u64,
        /// Their sum according to the head.
        said_sum: String,
        /// Debits written.
        found_transactions: u64,
        /// Their sum.
        found_sum: String,
    },
    /// The file cannot be written. What there is of it is worth nothing.
    #[error("the file of direct debits cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// What is wrong with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierProblem {
    /// Nothing.
    #[error("is empty")]
    Empty,
    /// Too long.
    #[error("has {0} characters; banks take at most {IDENTIFIER_CHARACTERS_MAX}")]
    TooLong(usize),
    /// A character that not every bank can process.
    #[error("has the character {0:?}; banks take letters without accents, digits and /-?:().,'+")]
    Character(char),
    /// A space at an end, which readers drop.
    #[error("begins or ends with a space, which is lost on the way")]
    Space,
    /// Slashes where SEPA forbids them.
    #[error("begins or ends with a slash or has two in a row, which banks refuse")]
    Slash,
}

impl FileError {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Identifier { .. } => "SEPA_IDENTIFIER",
            Self::Currency { .. } => "SEPA_CURRENCY",
            Self::Amount { .. } => "SEPA_AMOUNT",
            Self::Name { .. } => "SEPA_NAME",
            Self::Country { .. } => "SEPA_COUNTRY",
            Self::SignedLater { .. } => "MANDATE_SIGNED_LATER",
            Self::Date { .. } => "SEPA_DATE",
            Self::CreatedAt(_) => "SEPA_CREATED_AT",
            Self::Empty(_) => "SEPA_EMPTY",
            Self::TooLarge(_) => "SEPA_TOO_LARGE",
            Self::DuplicateBatch(_) => "SEPA_DUPLICATE_BATCH",
            Self::NoBatch(_) => "SEPA_NO_BATCH",
            Self::Totals { .. } => "SEPA_TOTALS",
            Self::Io(_) => "SEPA_IO",
        }
    }
}

/// The start of a text, with nothing in it that a terminal would act on.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(SHOWN_CHARACTERS_MAX) {
        match character {
            '\'' | '"' | '\\' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}
