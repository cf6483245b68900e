//! What a vendor needs to write an action.
//!
//! In reading order: a project is made and built, its cases are run, it is held to the gate
//! that an agency's host will hold it to, and it is signed and packed. Everything that is
//! said of a component is found by the host that runs it; this crate has no sandbox of its
//! own, and no rule that the host does not have.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod file;
mod names;

pub mod build;
pub mod scaffold;

pub mod case;

pub mod bench;
pub mod run;

pub mod check;

pub mod oci;
pub mod sign;

pub use error::KitError;
pub use file::admit;
