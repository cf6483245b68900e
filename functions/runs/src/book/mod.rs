//! Books: what comes from the agency's billing system, and what goes back.
//!
//! A book is JSON Lines or CSV, one record a line. A bad line is reported with
//! its number and reason; the good ones are kept.

mod columns;
mod export;
mod generate;
mod import;

pub use columns::{ColumnMap, ColumnMapError};
pub use export::export;
pub use generate::{GeneratedAccount, Generator};
pub use import::{Format, ImportError, ImportReport, REJECTED_SHOWN_MAX, Rejected, import};
