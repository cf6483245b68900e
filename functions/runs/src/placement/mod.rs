//! What collection agencies have, and what comes back from them.
//!
//! An agency answers with a file: it has taken note, it was paid, it is done. Each
//! line is one event of the lifecycle, whose id is made of the agency's code and
//! its own reference, so that a file that comes twice changes nothing. Lines of
//! one account are applied one after the other, in their order.
//!
//! ```text
//! row -> line -> plan (pure) -> event -> answer
//!        words   the account's  applied
//! ```

mod refusal;

mod line;

mod plan;

mod answer;
mod sheet;

mod import;

mod list;

#[cfg(test)]
mod tests;

pub use answer::{ImportReport, LineAnswer, LineOutcome, Outcomes};
pub use import::{ImportError, Options, import};
pub use line::{HeaderMistake, Said};
pub use list::{AgencyTotals, Listed, PlacementView, Wanted, list, views};
