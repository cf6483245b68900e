//! Marks: whether a delinquency run has to look at a bill type of an account.
//!
//! Delinquencies of a bill type arise from unpaid line items. A run does not
//! read all items of all accounts to find them: whoever writes an item that may
//! begin one raises a mark, which puts the account into the due index. The run
//! looks, and moves the mark to the day on which the answer may be another, or
//! out of the index. It moves only the mark that it read: one that was raised
//! meanwhile stays where it is, and the next run looks again.

use crate::commit::CommitOutcome;
use crate::error::StorageError;
use crate::items::{Item, number, text};
use crate::keys::{self, DUE_PK, DUE_SK, Key};
use crate::store::{BATCHES_AT_ONCE, Store};
use arrears_domain::{AccountId, AgencyId, Date};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::HashMap;

/// Counts how often a mark was raised.
pub(crate) const MARK: &str = "mark";

/// The end of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookWrite<'a> {
    /// The bill type that was looked at.
    pub bill_type: &'a str,
    /// The mark as it was read.
    pub mark: u64,
    /// The day from which a run has to look again; none if only news can change
    /// the answer.
    pub next: Option<Date>,
}

/// An update of a mark, for a transaction or by itself.
#[derive(Debug)]
pub(crate) struct MarkUpdate {
    pub key: Key,
    pub expression: String,
    pub condition: Option<String>,
    pub values: Item,
}

impl MarkUpdate {
    /// The end of a look, under the condition that the mark is as it was read.
    pub(crate) fn moved(agency: &AgencyId, account: &AccountId, look: &LookWrite<'_>) -> Self {
        let (expression, values) = match look.next {
            Some(next) => {
                let place = keys::due_look(agency, account, look.bill_type, Some(next));
                (format!("SET {DUE_PK} = :pk, {DUE_SK} = :sk"), place_values(place))
            }
            None => (format!("REMOVE {DUE_PK}, {DUE_SK}"), HashMap::new()),
        };
        let key = keys::look(agency, account, look.bill_type);
        Self { key, expression, condition: None, values }.if_still(look.mark)
    }

    /// The next run has to look, whatever is known.
    pub(crate) fn raised(agency: &AgencyId, account: &AccountId, bill_type: &str) -> Self {
        let mut values = place_values(keys::due_look(agency, account, bill_type, None));
        values.insert(":one".to_owned(), number(1));
        Self {
            key: keys::look(agency, account, bill_type),
            expression: format!("SET {DUE_PK} = :pk, {DUE_SK} = :sk ADD {MARK} :one"),
            condition: None,
            values,
        }
    }

    /// The same under the condition that the mark is as it was read.
    pub(crate) fn if_still(mut self, mark: u64) -> Self {
        self.condition = Some(format!("{MARK} = :mark"));
        self.values.insert(":mark".to_owned(), number(mark));
        self
    }
}

fn place_values((pk, sk): (String, String)) -> HashMap<String, AttributeValue> {
    HashMap::from([(":pk".to_owned(), text(pk)), (":sk".to_owned(), text(sk))])
}

impl Store {
    /// Ends a look that came to nothing. It is a conflict if the mark has been
    /// raised since it was read.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn move_look(
        &self,
        account: &AccountId,
        look: &LookWrite<'_>,
    ) -> Result<CommitOutcome, StorageError> {
        let update = MarkUpdate::moved(self.agency(), account, look);
        let is_moved = self.update_mark(update).await?;
        Ok(if is_moved { CommitOutcome::Committed } else { CommitOutcome::Conflict })
    }

    /// Raises marks; each pair must be named once.
    pub(crate) async fn mark_to_look(
        &self,
        marks: impl IntoIterator<Item = (&AccountId, &str)>,
    ) -> Result<(), StorageError> {
        let updates = marks.into_iter().map(|(account, bill_type)| {
            self.update_mark(MarkUpdate::raised(self.agency(), account, bill_type))
        });
        // Futures are collected, so that they borrow nothing from the iterator.
        let updates: Vec<_> = updates.collect();
        let updated = stream::iter(updates).buffer_unordered(BATCHES_AT_ONCE);
        updated.try_for_each(|_| std::future::ready(Ok(()))).await
    }

    /// Whether the mark was as it was read.
    async fn update_mark(&self, mark: MarkUpdate) -> Result<bool, StorageError> {
        let update = self
            .update(&mark.key)
            .update_expression(mark.expression)
            .set_condition_expression(mark.condition)
            .set_expression_attribute_values(Some(mark.values));
        Ok(self.conditional_update(update).await?.is_some())
    }
}
