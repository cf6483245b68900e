//! Runs that are to start at a date and time, and whoever starts them.
//!
//! A schedule is a document. It says what is to run, when, and what has become
//! of it; the clerk who writes it need not be there when it is due. A worker
//! starts what is due: a run of its own number, which is set aside before, so
//! that of two workers, or after a kill, there is one run:
//!
//! ```text
//! waiting --claim--> started --> finished
//!    |  ^               |  |
//!    |  '- ledger busy -'  '---> failed
//!    '--> cancelled
//! ```

mod moment;
mod record;

mod add;
mod list;

mod claim;
mod work;

pub use add::{Asked, add};
pub use list::{Cancellation, cancel, list, next_due};
pub use moment::{Moment, Pass};
pub use record::{Schedule, ScheduleStatus};
pub use work::{Outcome, Round, Work, Worked};
