//! SEPA direct debit: what is asked of a bank (`pain.008.001.08`), and what it
//! answers (`pain.002`).
//!
//! A file is written entry by entry, and the totals at its head are told before
//! its entries are seen: whoever calls has counted them. [`DirectDebitWriter`]
//! counts again and refuses to finish a file that says otherwise than it does.
//! What the format cannot say is refused before a byte of it is written;
//! [`check()`] tells it beforehand.
//!
//! Names and texts are written in the Latin letters that every bank in the area
//! can process, and cut to the length that they have room for. Identifiers are
//! not: a changed identifier comes back as one that nobody knows, so a bad one
//! is refused.

mod check;
mod error;
mod message;
mod status;
mod text;
mod write;

pub use check::check;
pub use error::{FileError, IdentifierProblem};
pub use message::{Address, Batch, Creditor, Debit, Message, Scheme, Sums};
pub use status::{BatchStatus, ReadError, Rejection, StatusReport, TransactionStatus, read_status};
pub use write::DirectDebitWriter;
