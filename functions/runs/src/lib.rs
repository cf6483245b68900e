//! The runs: gather, decide, act, commit.
//!
//! Here the parts meet. The rules are `arrears-domain`'s, the sandbox is
//! `arrears-host`'s, tables and files are `arrears-storage`'s; this crate reads
//! what a decision needs, lets the rules decide and the plugins act, and
//! commits what comes of it, exactly once. Events take the same way. It knows neither Lambda nor the
//! command line: both call it.
//!
//! A collections run, from an agency's store to its report:
//!
//! ```no_run
//! # async fn example(
//! #     store: arrears_storage::Store,
//! #     components: Vec<(&'static str, &'static [u8])>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use arrears_runs::{catalog::Catalog, run};
//!
//! let host = arrears_host::Host::new(arrears_host::HostOptions::default())?;
//! let catalog = Catalog::admit(&host, components)?;
//! let options = run::Options::collections("2026-02-02".parse()?);
//! let run = run::start(&store, &catalog, &options, &run::Unobserved).await?;
//! println!("{}: {:?}", run.run_key, run.totals);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod by_account;
mod chain;
mod delivery;
mod error;
mod lines;
mod progress;
mod rows;
mod sorted;

pub mod catalog;
pub mod prepare;
pub mod registry;
pub mod setups;

pub mod book;

pub mod run;

pub mod plan;

pub mod chunk;

pub mod events;

pub mod export;

pub mod payment;

pub mod placement;

pub mod schedule;

pub mod step;

mod act;
pub mod effects;
pub mod subject;

pub mod ledger;
pub mod record;

pub mod message;
pub mod report;
pub mod view;

pub use chain::chain;
pub use error::RunError;
