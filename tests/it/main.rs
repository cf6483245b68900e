//! The house as a whole.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod guide;

mod kill;
mod once;
mod once_events;

mod export;
mod payment;

mod steps;

mod life;
mod plugins;
mod registry;
mod scenario;
mod trust;
