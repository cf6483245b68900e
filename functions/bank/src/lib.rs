//! The files of banks: what is asked of them, and what they answer.
//!
//! Whoever calls has decided what is collected, from whom and when; this crate
//! knows how each format says it, and refuses what a format cannot say. It reads
//! and writes streams, holds no more than one entry in memory, and knows no
//! table, no clock and no rule of collections.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod nacha;
pub mod sepa;
