//! The house as a whole.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod guide;
mod life;
mod once;
mod plugins;
mod scenario;
