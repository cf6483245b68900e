//! The plugins of an agency that are compiled once and loaded often: where runs are
//! functions without a compiler.
//!
//! The bucket of plugins has components, which operators put there, and artifacts, which
//! only the function `plugin-admit` writes. The table says which component is active for
//! a plugin, and what its artifact must be:
//!
//! ```text
//! component -> admit: trust, check, compile -> artifact -> registration -> active
//!                                run: active -> registration -> artifact -> load
//! ```
//!
//! A registration says of a component's digest what was found out when it was admitted.
//! An upgrade of the sandbox makes artifacts useless: every component is admitted again,
//! and its registration then names the new artifact. A run that has begun finds the
//! plugins
//!
//! Only what the agency trusts comes in: what came with this product, by its digest, and
//! what a vendor of its trust has signed. What it knows of a component beside that, grant
//! and strikes and quarantine, is kept by the component's digest.

mod error;
mod record;

mod known;
mod trust;

mod admit;
mod at_hand;
mod load;
mod outcome;

pub use admit::{COMPONENTS, Readmitted, SIGNATURE, Submission, Trusted, component};
pub use at_hand::AtHand;
pub use error::RegistryError;
pub(crate) use known::strike_all;
pub use known::{
    Known, Origin, Quarantine, STRIKES_MAX, find, known, quarantine, quarantined, release,
    remember_built_in, resolve, strike,
};
pub use load::Loading;
pub use outcome::outcome;
pub use record::{Active, activate_known, list, rollback};
pub use trust::{
    Judged, StoredTrust, load as load_trust, read as read_trust, revoke, stored as stored_trust,
};

use arrears_host::Host;
use arrears_storage::Store;
use std::collections::BTreeSet;

/// The action types of the built-in plugins. Nobody else's may be called so.
pub const BUILT_IN_ACTIONS: [&str; 8] = [
    "alert",
    "credit-rating",
    "deposit-demand",
    "log",
    "notice",
    "one-off-charge",
    "one-off-penalty",
    "service-request",
];

/// What admits components for an agency.
#[derive(Clone, Copy)]
pub struct Registry<'a> {
    /// The agency's table.
    pub store: &'a Store,
    /// The agency's components and artifacts.
    pub plugins: &'a Store,
    /// A sandbox with a compiler.
    pub host: &'a Host,
    /// The digests of the components that came with this product.
    pub built_in: &'a BTreeSet<String>,
}
