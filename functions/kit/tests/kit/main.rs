//! The kit over real components: the built-in plugins and the hostile guests, as
//! `cargo xtask setup` has built them.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

mod cases;
mod check;
mod oci;
mod scaffold;
mod sign;
mod support;
