//! SEPA as others see it: files that are written, reports that come back.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod book;

mod golden;
mod oracle;
mod refusals;
mod reports;
mod spoiled;
mod totals;
