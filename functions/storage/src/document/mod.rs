//! Documents: the one written form of the records.
//!
//! A line of a book, a stored item, an entry of a journal and the JSON output
//! of a command are the same documents. They are plain text and numbers; the
//! conversions to and from the domain's types are the checks. Amounts are
//! decimal strings, dates `YYYY-MM-DD`, unknown fields an error.

mod account;
mod amount;
mod delinquency;
mod effect;
mod error;
mod event;
mod fields;
mod hold;
mod mandate;
mod placement;
mod posting;
mod transaction;
mod transition;
mod word;

pub use account::{AccountLine, ContactLine};
pub use amount::Amount;
pub use delinquency::DelinquencyLine;
pub use effect::{EffectDocument, SeverityWord};
pub use error::LineError;
pub use event::EventLine;
pub use hold::HoldLine;
pub use mandate::MandateLine;
pub use placement::PlacementLine;
pub use posting::{LedgerLineDocument, MandateStateDocument, MandateUseDocument, PostingLine};
pub use transaction::{AllocationDocument, LoweredDocument, SpentDocument, TransactionLine};
pub use transition::{ActionDocument, StepDocument, TransitionLine};

use serde::{Deserialize, Serialize};

/// One line of a book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line {
    /// A contact.
    Contact(ContactLine),
    /// An account.
    Account(AccountLine),
    /// A delinquency.
    Delinquency(DelinquencyLine),
    /// A debit or a credit of an account.
    Transaction(TransactionLine),
    /// A mandate for direct debit.
    Mandate(MandateLine),
    /// An entry of a delinquency's history.
    Transition(TransitionLine),
    /// A run.
    Run(RunLine),
    /// An event that was applied to an account.
    Event(EventLine),
    /// What a collection agency was told of a delinquency.
    Placement(PlacementLine),
    /// What the ledger got for a payment that a run collected.
    Posting(PostingLine),
}

impl Line {
    /// What exports sort by: the type, then the id.
    #[must_use]
    pub fn sort_key(&self) -> (u8, String) {
        match self {
            Self::Contact(line) => (0, line.id.clone()),
            Self::Account(line) => (1, line.id.clone()),
            Self::Delinquency(line) => (2, line.id.clone()),
            Self::Transaction(line) => (3, in_account(&line.id, &line.account)),
            Self::Mandate(line) => (4, line.id.clone()),
            Self::Transition(line) => (5, format!("{}/{:06}", line.delinquency, line.sequence)),
            Self::Run(line) => (6, line.id.clone()),
            Self::Event(line) => (7, in_account(&line.id, &line.account)),
            Self::Placement(line) => {
                let PlacementLine { delinquency, collection_agency, sequence, .. } = line;
                (8, format!("{delinquency}#{collection_agency}#{sequence:06}"))
            }
            Self::Posting(line) => {
                let id = format!("{}#{}", line.payment, line.kind.as_str());
                (9, in_account(&id, &line.account))
            }
        }
    }
}

impl Line {
    /// The word in the line's `type`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Contact(_) => "contact",
            Self::Account(_) => "account",
            Self::Delinquency(_) => "delinquency",
            Self::Transaction(_) => "transaction",
            Self::Mandate(_) => "mandate",
            Self::Transition(_) => "transition",
            Self::Run(_) => "run",
            Self::Event(_) => "event",
            Self::Placement(_) => "placement",
            Self::Posting(_) => "posting",
        }
    }

    /// The account in whose currency the line's amounts are, if the line does
    /// not say the currency itself.
    #[must_use]
    pub fn names_account(&self) -> Option<&str> {
        match self {
            Self::Delinquency(line) => Some(&line.account),
            Self::Transaction(line) => Some(&line.account),
            Self::Contact(_)
            | Self::Account(_)
            | Self::Mandate(_)
            | Self::Transition(_)
            | Self::Run(_)
            | Self::Event(_)
            | Self::Placement(_)
            | Self::Posting(_) => None,
        }
    }
}

/// Sorts by an id that is unique for its account only: `#` is below all
/// characters of an id.
fn in_account(id: &str, account: &str) -> String {
    format!("{id}#{account}")
}

/// A run. What a run records is the business of the runs; here it is kept as
/// it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// The run key.
    pub id: String,
    /// All else that the run recorded.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

#[cfg(test)]
mod tests;
