//! Cases: stories about a plugin, as data.
//!
//! A folder holds one JSON file a story: how an agency has configured the action, the
//! subjects, and what is expected of it. The format is that of the SDK's test runner
//! (`plugins/sdk/src/testing.rs`), so that one case holds a plugin natively and as a
//! component. What may be left out is in the file that reads it.

mod diff;
mod document;
mod money;
mod outcome;
mod read;
mod suite;

pub use document::effect as effect_document;
pub(crate) use document::verdict;
pub(crate) use money::text as amount_text;
pub use outcome::{Outcome, perform};
pub use read::{Case, folder};
pub use suite::{Mode, Tested, Told, test};
