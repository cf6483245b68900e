//! What a bank answers to a file before it collects: the customer payment
//! status report, `pain.002`.

mod bounded;
mod read;
mod walk;

pub use read::read_status;

use arrears_domain::Money;
use std::io;

/// The versions that are read. They name what we look for alike.
const VERSIONS: [&str; 4] =
    ["pain.002.001.10", "pain.002.001.03", "pain.002.002.03", "pain.002.003.03"];

/// The status of what is not collected.
const REJECTED: &str = "RJCT";

/// What a status report says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusReport {
    /// The id of the report, by which it is known when it comes again.
    pub id: String,
    /// The id of the file that it answers.
    pub original_message_id: String,
    /// The kind of that file, such as `pain.008.001.08`.
    pub original_message_type: String,
    /// The status of the whole file, such as `RJCT` or `PART`, if the bank gives
    /// it one.
    pub status: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The bank's own words; mostly empty.
    pub information: String,
    /// Batches that the bank has something to say of, in its order.
    pub batches: Vec<BatchStatus>,
}

/// What it says of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchStatus {
    /// The id that the batch had in the file.
    pub id: String,
    /// The status of the whole batch.
    pub status: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The bank's own words; mostly empty.
    pub information: String,
    /// Debits that the bank has something to say of, in its order.
    pub transactions: Vec<TransactionStatus>,
}

/// What it says of a debit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TransactionStatus {
    /// The id by which the debit is found. The format lets a bank leave it out,
    /// and then a person has to find it.
    pub end_to_end_id: Option<String>,
    /// Its status. One that has none in a batch or a file that is rejected is
    /// rejected with it.
    pub status: Option<String>,
    /// Why: a code of ISO 20022 such as `AC04`, or one of the bank's own.
    pub reason: Option<String>,
    /// The bank's own words; mostly empty.
    pub information: String,
    /// The amount, if the bank repeats it.
    pub amount: Option<Money>,
    /// The mandate, if the bank repeats it.
    pub mandate_id: Option<String>,
    /// The line on which it ends in the report, from 1.
    pub line: u64,
}

/// One thing that is not collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection<'a> {
    /// Everything in the file.
    Message(&'a StatusReport),
    /// Everything in a batch.
    Batch(&'a BatchStatus),
    /// One debit of a batch.
    Transaction(&'a BatchStatus, &'a TransactionStatus),
}

impl StatusReport {
    /// Whether everything in the file is rejected.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.status.as_deref() == Some(REJECTED)
    }

    /// What is not collected, from the file to the single debit. A debit can be
    /// among them several times, by itself and as part of a batch or of the file:
    /// the narrowest one has the best reason.
    pub fn rejections(&self) -> impl Iterator<Item = Rejection<'_>> {
        let message = self.is_rejected().then_some(Rejection::Message(self));
        let batches = self.batches.iter().flat_map(|batch| {
            let rejected = batch.transactions.iter().filter(|it| it.is_rejected());
            let transactions = rejected.map(move |it| Rejection::Transaction(batch, it));
            batch.is_rejected().then_some(Rejection::Batch(batch)).into_iter().chain(transactions)
        });
        message.into_iter().chain(batches)
    }
}

impl BatchStatus {
    /// Whether everything in the batch is rejected.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.status.as_deref() == Some(REJECTED)
    }
}

impl TransactionStatus {
    /// Whether the debit is rejected.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.status.as_deref() == Some(REJECTED)
    }
}

/// Why a status report is not taken. Nothing of it is: half a report would leave
/// debits for collected that are not.
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
    /// It is not well-formed XML.
    #[error("line {line} is no XML: {message}; get the file from the bank again")]
    Xml {
        /// The line.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// It declares types or entities, which status reports never do.
    #[error(
        "line {line} declares a document type; a status report has none: do not trust the file"
    )]
    DocumentType {
        /// The line.
        line: u64,
    },
    /// Another encoding than UTF-8.
    #[error("the file is in {0}; SEPA files are in UTF-8")]
    Encoding(String),
    /// It is another document.
    #[error(
        "line {line} begins {found}; expected a status report: {} of one of the namespaces {}",
        walk::ROOT,
        namespaces()
    )]
    OtherDocument {
        /// The line.
        line: u64,
        /// What it is.
        found: String,
    },
    /// Something that a report has to have is not there.
    #[error("the <{parent}> that ends on line {line} has no <{element}>; every report has it")]
    Missing {
        /// The line.
        line: u64,
        /// What should be there.
        element: &'static str,
        /// Where it should be.
        parent: &'static str,
    },
    /// Something is there twice.
    #[error("line {line} has a second <{element}> in one place; expected one")]
    Twice {
        /// The line.
        line: u64,
        /// What is there twice.
        element: &'static str,
    },
    /// A value that is none.
    #[error("line {line}: <{element}> is {found:?}; expected {expected}")]
    Value {
        /// The line.
        line: u64,
        /// The element.
        element: &'static str,
        /// The value, its start.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// More than a report can be.
    #[error("line {line}: {what}; no report of a bank is like that")]
    TooLarge {
        /// The line.
        line: u64,
        /// What is too large.
        what: &'static str,
    },
}

fn namespaces() -> String {
    VERSIONS.map(|version| format!("{}{version}", walk::NAMESPACE_START)).join(", ")
}
