//! The tables and files of Arrears: DynamoDB and S3 through the AWS SDKs, on
//! AWS or embedded in this process.
//!
//! One table holds an agency's book, history, setups and runs; one bucket its
//! files. `docs/STORAGE.md` has the keys, what each access pattern costs, and
//! why a transition costs the write units that it does. A [`Store`] is the
//! handle: it commits changes of accounts, gathers what is due, imports and scans the
//! book, keeps setups, runs and files, and counts what all of that consumes.
//!
//! This crate decides nothing about delinquencies and calls no plugin; it does
//! not know what a run is beyond a document with a revision.
//!
//! ```
//! # #[cfg(feature = "embedded")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use arrears_domain::{AccountId, AgencyId, Identifier};
//! use arrears_storage::{Location, Store};
//!
//! let place = Location::Embedded("data".into());
//! let store = Store::open(place, AgencyId::parse("default")?).await?;
//! if let Some(page) = store.account_page(&AccountId::parse("A-1001")?).await? {
//!     println!("{} owes {}", page.account.id, page.account.balance);
//! }
//! println!("that cost {} read units", store.capacity().read_units());
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod document;

mod items;
mod keys;

mod error;
mod meter;
mod retry;

#[cfg(feature = "embedded")]
mod embedded;
mod location;

mod store;
mod table;

mod account_book;
mod book;
mod page;
mod placements;
mod scan;

mod due;
mod look;
mod reindex;

mod commit;
mod defer;

mod documents;
mod setups;

mod objects;
mod upload;

pub use account_book::AccountBook;
pub use book::{Record, Replace};
pub use commit::{AccountWrite, CommitOutcome, RecordWrite, TRANSACTION_ITEMS_MAX};
pub use documents::{Order, RUNS_PARTITION, Revision};
pub use due::{DuePage, Gathered};
#[cfg(feature = "embedded")]
pub use embedded::{Fault, Fuse, Misbehaving, Odds, Served};
pub use error::StorageError;
pub use keys::{DUE_SHARDS, DueClass, DueKey, DueSubject, due_shard};
pub use location::{Location, SdkConfig, TABLE_DEFAULT, sdk_config};
pub use look::LookWrite;
pub use meter::{Capacity, READ_UNIT_NANO_DOLLARS, WRITE_UNIT_NANO_DOLLARS};
pub use objects::{OBJECT_KEY_BYTES_MAX, ObjectBody, ObjectChunks, ObjectEntry};
pub use page::AccountPage;
pub use setups::ActiveSetup;
pub use store::Store;
pub use upload::{UPLOAD_KEY_BYTES_MAX, UPLOAD_PART_BYTES, Upload};
