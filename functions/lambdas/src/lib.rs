//! The functions on AWS: thin entry points over the runs.
//!
//! A function is a binary of `src/bin`: it names what it does, and [`serve`] does the
//! rest. What it does is a handler of this crate: it takes a payload, calls
//! `arrears-runs`, and answers. It decides nothing about anybody's debts.
//!
//! | Function | Payload | Does |
//! |---|---|---|
//! | `collections-run`, `export-run`, `payment-run` | a step of a run ([`steps`]) | plan, work on a portion, finish |
//! | `account-events` | a batch of a queue ([`account_events`]) | applies events to accounts |
//! | `return-files` | a batch of a queue ([`return_files`]) | takes in what agencies and banks send back |
//! | `plugin-admit` | a batch of a queue ([`plugin_admit`]) | checks and compiles components, registers them |
//!
//! All but `plugin-admit` are built without a compiler: they load what it has compiled.
//! This crate knows Lambda; nothing imports it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod environment;
mod site;

mod deadline;
mod failure;
mod metrics;

mod queue;

pub mod steps;

pub mod account_events;
pub mod plugin_admit;
pub mod return_files;

mod serve;

pub use deadline::Deadline;
pub use environment::{Environment, EnvironmentError};
pub use failure::Failure;
pub use metrics::Metrics;
pub use queue::{Batch, BatchAnswer, Message};
pub use serve::{Handler, serve};
pub use site::Site;
