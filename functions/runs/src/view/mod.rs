//! What people look at: an account's page, why its records stand where they
//! stand, and which accounts are eligible for collections or a lien.

mod account;
mod eligible;
mod explain;
mod outputs;

pub use account::{AccountView, DelinquencyView, HistoryView, HoldView, show};
pub use eligible::{EligibleAccount, EligibleFor, eligible};
pub use explain::{
    AccountExplanation, DelinquencyExplanation, EntryExplanation, Upcoming, explain,
};
pub use outputs::Outputs;
