//! SEPA as others see it: files that are written, reports that come back.

#![allow(clippy::unwrap_used)]

mod book;

mod golden;
mod oracle;
mod refusals;
mod reports;
mod spoiled;
mod totals;
