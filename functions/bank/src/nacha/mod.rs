//! NACHA: files of ACH debits, and the files of returns that answer them.
//!
//! A file is lines of 94 characters. The first character says what a record is:
//!
//! ```text
//! 1    the file: from whom, to whom, when made
//! 5      a batch: who collects, under which rules, for which day
//! 6        an entry: whose account is debited, and with how much
//! 7          what a bank has to say about the entry (in returns only)
//! 8      the batch summed up
//! 9    the file summed up
//! 9…9  padding, so that the records are a multiple of ten
//! ```
//!
//! [`NachaWriter`] writes batches of PPD and CCD debits and of prenotes;
//! [`read_returns`] reads what comes back, and [`reason`] tells what it means.
//! The hashes and totals are no secrets: they show that nothing was lost on the
//! way, so both sides compute them.

mod entry;
mod header;
mod record;
mod text;
mod writer;

mod codes;
mod returns;

pub use codes::{REPRESENTATIONS_MAX, is_representable, reason};
pub use entry::{
    AMOUNT_MINOR_UNITS_MAX, Entry, EntryKind, EntryProblem, TRACE_SEQUENCE_MAX, check, trace,
};
pub use header::{Batch, FieldProblem, FileHeader, Sec};
pub use returns::{Answer, Change, ReadError, Return, ReturnFile, read_returns};
pub use writer::{NachaWriter, Sums, WriteError};

/// Hashes and sums of hashes have ten digits; what is more is dropped.
const HASH_MODULUS: u64 = 10_000_000_000;
