//! A run in steps, for whoever has not the time to carry it from its beginning to its
//! end: a function that is stopped after some minutes, and a state machine around it.
//!
//! ```text
//! request -> plan -> portions -> work, work, .. on each -> finish
//! ```
//!
//! [`plan`] starts the run and cuts it into *portions*, some thousand records each.
//! [`work`] works on one of them, until it is done or the time is up; then it tells
//! where to go on. [`finish`] sums up what the chunks say and proves that nothing is
//! missing. Each step may be done again, whatever became of it the last time.
//!
//! It is the same run as [`crate::run`] carries on one machine, over the same chunks.
//! An export run and a payment collection run are one portion, which stops between two
//! batches.
//!
//! What asks for a run may come twice: an event, a schedule that fires twice. So a run
//! has an *identity*, and the first who claims it starts the run.

mod error;
mod request;

mod identity;
mod portion;

mod begin;
mod carry;
mod finished;

pub use begin::{Planned, State, plan};
pub use carry::{Worked, finish, work};
pub use error::StepError;
pub use finished::{FINISHED_EVENT, Finished};
pub use portion::{PORTION_RECORDS, Portion};
pub use request::Request;
