//! The collections export run: the file that a collection agency can trust.
//!
//! A run selects records, decides what the agency has to be told of each (NEW,
//! UPDATE, RECALL, by the ledger of placements), and writes files that say so.
//! Data goes one way, and everything is decided before anything leaves:
//!
//! ```text
//! book -> gather -> decide and render -> plan -> upload -> ledger -> publish
//!         by account    rules, templates   |      unseen     once     files, index
//!                                          one object: the journal
//! ```
//!
//! A run that is killed goes on from its plan. Files that are uploaded cannot be
//! seen before the ledger knows each of their lines; the ledger's lines belong
//! to a run that is not finished before its files are there. One run at a time
//! holds the ledger, from its beginning to its end.

mod manifest;
mod parameters;
mod record;

mod lock;

mod gather;

pub mod template;

mod decide;

mod plan;

mod select;

mod enter;
mod files;

mod coordinator;

mod replay;

mod start;

pub(crate) use files::keys_too_long;
pub use lock::ensure_free;
pub use manifest::{FileEntry, Manifest, SumsDocument};
pub use parameters::Parameters;
pub use plan::{PlanInputs, PlanLine, PlannedRecord};
pub use record::{ExportRecord, Stage};
pub(crate) use start::start_reserved;
pub use start::{
    Options, Rehearsal, abandon, export_setup, rehearse, replay, resume, sample, start,
};
