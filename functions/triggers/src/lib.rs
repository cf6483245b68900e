//! What starts runs on AWS and what they tell: schedules, events, queues.
//!
//! Three small stories over the AWS SDKs. [`schedule`]: a run that starts once, at
//! a moment. [`bus`]: CloudEvents on their way to an EventBridge bus, and back from
//! one. [`queue`]: what lies in dead-letter queues, moved back to where it came
//! from.
//!
//! This crate decides nothing and reads no table. Each request may be sent again:
//! after a kill, the same call comes to the same.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod environment;
mod error;
mod request;

pub mod schedule;

pub mod bus;

pub mod queue;

#[cfg(test)]
mod fake;

pub use error::TriggerError;
