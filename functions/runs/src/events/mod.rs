//! Events: payments, holds, liens and whatever else happens to an account outside
//! of the runs.
//!
//! An event takes the way of a run: gather, decide, act, commit. What the event
//! comes to is decided by `arrears_domain::event::apply`; all of it is written in
//! one transaction with the event itself, so that an event that comes again
//! changes nothing. What cannot be applied is parked in the dead-letter list,
//! with its reason, and can be applied again.

mod batch;
mod cloud_event;
mod data;
mod dead_letter;
mod make;
mod patience;
mod stream;

pub(crate) use batch::Settled;
pub use batch::{Answer, Applier, Done, Outcome};
pub(crate) use cloud_event::digest;
pub use cloud_event::{EVENT_BYTES_MAX, Incoming, Refusal, Understood, read};
pub use data::DataError;
pub(crate) use data::date;
pub use dead_letter::{DeadLetter, discard, list, redrive};
pub use make::make;
pub(crate) use make::make_told_on;
pub use stream::{EventsReport, StreamError, apply_lines};
