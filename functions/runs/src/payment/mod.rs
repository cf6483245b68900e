//! The payment collection run: what is due is collected from the banks of those who
//! owe it, once.
//!
//! A run selects by a payment profile what each account is to pay, says so before it
//! happens, posts each payment to its account and the ledger, writes reports and
//! files, and proves that they agree. Data goes one way, and everything is decided
//! before anything is posted:
//!
//! ```text
//! book -> gather -> select -> plan -> post -> write -> reconcile -> publish
//!         by account  rules    |      once    unseen   report, files,  files, index
//!                              |                       ledger
//!                     one object: the proposal, and the journal
//! ```
//!
//! A payment is posted before any file is made, in one transaction of its account: of
//! two runs that want the same transactions, one gets them, and the file of the other
//! does not have them. So runs need no lock. A proposal stops at the plan; operators
//! edit it, and its execution begins by comparing it with the book. A run that is
//! killed goes on from its plan.

mod record;
mod sums;

mod plan;

mod gather;
mod locked;
mod select;

mod edit;
mod verify;

mod notice;
mod outcome;
mod post;

mod bank;
mod payment_file;
mod report;

mod deliver;
mod manifest;
mod reconcile;

mod coordinator;
mod start;

mod returns;
mod show;
mod void;

pub use bank::BankSums;
pub use edit::{EDITS_MAX, ProposalEdit, edit, list as edits};
pub use manifest::{FileEntry, Manifest};
pub use plan::{
    AccountInputs, EditDocument, PlannedAccount, PlannedCredit, PlannedItem, PlannedPayment,
    PlannedPrenote, PlannedSkip,
};
pub use reconcile::{Counted, LedgerAmounts, LedgerSums, Proof};
pub use record::{Mode, PaymentRecord, Stage};
pub use returns::{ReturnFormat, ReturnsReport, Unmatched, import_returns};
pub use show::{Shown, show};
pub(crate) use start::start_reserved;
pub use start::{Options, abandon, execute, payment_profile, replay, resume, start};
pub use sums::{Amounts, NotSummed, Sums};
pub use verify::{CHANGES_SHOWN_MAX, Changes};
pub use void::{VoidOptions, Voided, void_payment, void_run};
