//! NACHA as others see it: files that are written, files that come back.

#![expect(clippy::unwrap_used, reason = "a test that panics says where")]

mod checker;
mod random;

mod golden;
mod refusals;
mod returns;
mod spoiled;
mod streams;
