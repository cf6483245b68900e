//! Committing: one transaction for each change of an account.
//!
//! A transaction has each record's new state, under the condition that its
//! version is still the one that was read, and the entry of history with its
//! effects, under the condition that there is none with its sequence. All else
//! joins only if there is something to write: the account's item if its balance
//! changes or the change was decided from its whole book, the contact's if an
//! effect gives credit points, new line items and those that change, the mandate and
//! the posting of a collection, the event that made the change, the mark that a run
//! looked at. In write units,
//! for items up to 1 KB: 2 for each of them, and 2 for a move in the index (or
//! 1 for leaving or entering it). See `docs/STORAGE.md` for why it is not fewer.

mod actions;
mod cancelled;
mod collection;
mod totals;

use crate::document::EventLine;
use crate::error::StorageError;
use crate::look::LookWrite;
use crate::retry::{ATTEMPTS_MAX, pause};
use crate::store::Store;
use arrears_domain::decide::Due;
use arrears_domain::event::{ItemChange, MandateChange};
use arrears_domain::payment::Posting;
use arrears_domain::{AccountId, ContactId, Delinquency, LineItem, Money, Transition};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use cancelled::{Cancelled, cancelled, explained, said};
use totals::Totals;

const OPERATION: &str = "TransactWriteItems";

/// The most items of one transaction (DynamoDB's limit).
pub const TRANSACTION_ITEMS_MAX: usize = 100;

/// What is written of an account, all of it or nothing.
#[derive(Debug, Clone)]
pub struct AccountWrite<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The revision of the [`AccountBook`](crate::AccountBook) from which the
    /// change was decided: of two changes that were decided from one revision,
    /// the second is a conflict. None if the change was decided from its records
    /// alone, whose versions are enough.
    pub revision: Option<u64>,
    /// Its primary contact, for credit points.
    pub contact: Option<&'a ContactId>,
    /// The records that change, each at most once.
    pub records: Vec<RecordWrite<'a>>,
    /// What is added to the account's balance, beside what effects charge.
    pub balance_change: Option<Money>,
    /// New line items.
    pub items: &'a [LineItem],
    /// Stored line items whose marker, allocations or returns change.
    pub changed_items: &'a [ItemChange],
    /// The mandate that changes.
    pub mandate: Option<&'a MandateChange>,
    /// What the ledger gets.
    pub posting: Option<&'a Posting>,
    /// The event that makes the change.
    pub event: Option<&'a EventLine>,
    /// The mark that a run has looked at.
    pub look: Option<LookWrite<'a>>,
    /// Bill types at which the next delinquency run has to look, whatever is
    /// known of them.
    pub looks_again: &'a [String],
}

impl<'a> AccountWrite<'a> {
    /// Writes nothing yet.
    #[must_use]
    pub fn new(account: &'a AccountId) -> Self {
        Self {
            account,
            revision: None,
            contact: None,
            records: Vec::new(),
            balance_change: None,
            items: &[],
            changed_items: &[],
            mandate: None,
            posting: None,
            event: None,
            look: None,
            looks_again: &[],
        }
    }
}

/// The change of one record.
#[derive(Debug, Clone, Copy)]
pub struct RecordWrite<'a> {
    /// The record as it was read; none if it is new.
    pub before: Option<&'a Delinquency>,
    /// The record as it will be; its version must be a later one.
    pub after: &'a Delinquency,
    /// When a run has to look at it next.
    pub due: Due,
    /// The entry of history, with its effects.
    pub transition: &'a Transition,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum CommitOutcome {
    /// All of it is written.
    Committed,
    /// Something has changed since it was read, or was written before; nothing
    /// is written.
    Conflict,
}

impl Store {
    /// Commits a change of an account: records, history, effects, line items
    /// and event together, or nothing.
    ///
    /// It is a conflict if the account, a record or a mark has changed since it
    /// was read (the account only if a revision is named), if a new record, an entry of history, a line item or the event is there
    /// already, or if the corrected line item is not there or void already.
    ///
    /// # Errors
    /// The table cannot be written; the account whose balance changes, if no
    /// revision is named, or the contact of credit points is not stored; it is
    /// more than one transaction takes.
    pub async fn commit(&self, write: &AccountWrite<'_>) -> Result<CommitOutcome, StorageError> {
        let totals = Totals::of(write)?;
        let mut code = String::new();
        for attempt in 1..=ATTEMPTS_MAX {
            let (parts, actions) = self.transaction(write, totals)?;
            let request = self.dynamodb().transact_write_items();
            let request = request.set_transact_items(Some(actions));
            let sent = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let error = match sent {
                Ok(answer) => {
                    self.meter().wrote(answer.consumed_capacity());
                    return Ok(CommitOutcome::Committed);
                }
                Err(error) => error,
            };
            match error.as_service_error().map_or(Cancelled::Refused, |e| cancelled(&parts, e)) {
                Cancelled::Conflict => return Ok(CommitOutcome::Conflict),
                Cancelled::Retry => {
                    code = error.as_service_error().map(said).unwrap_or_default();
                    pause(attempt).await;
                }
                Cancelled::NoAccount => return Err(totals.no_account(write)),
                Cancelled::NoContact => return Err(totals::no_contact(write)),
                Cancelled::Refused => return Err(self.refused(error)),
            }
        }
        Err(self.request(OPERATION).held_back(&code))
    }

    fn refused(&self, error: SdkError<TransactWriteItemsError>) -> StorageError {
        let reasons = error.as_service_error().and_then(explained);
        match (self.request(OPERATION).failed(error), reasons) {
            (StorageError::Refused { operation, target, code, .. }, Some(message)) => {
                StorageError::Refused { operation, target, code, message }
            }
            (error, _) => error,
        }
    }
}
