//! The plugins of an agency that are compiled once and loaded often: where runs are
//! functions without a compiler.
//!
//! The bucket of plugins has components, which operators put there, and artifacts, which
//! only the function `plugin-admit` writes. The table says which component is active for
//! a plugin, and what its artifact must be:
//!
//! ```text
//! component -> admit: check, compile -> artifact -> registration -> active
//!                                          run: active -> registration -> artifact -> load
//! ```
//!
//! A registration says of a component's digest what was found out when it was admitted.
//! An upgrade of the sandbox makes artifacts useless: every component is admitted again,
//! and its registration then names the new artifact. A run that has begun finds the
//! plugins that it has begun with by their digests.

mod record;

mod admit;
mod load;

pub use admit::{COMPONENTS, Readmitted, admit, admit_object, readmit_all};
pub use load::{catalog, catalog_of};
pub use record::{Active, list};
