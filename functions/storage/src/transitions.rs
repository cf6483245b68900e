//! Committing transitions: one transaction for each.
//!
//! A transaction has the record's new state, under the condition that its
//! version is still the one that was read, and the transition with its effects,
//! under the condition that there is none with its sequence. Only if an effect
//! charges does the account's item join, and only if one gives credit points
//! the contact's. In write units, for items up to 1 KB: 2 + 2, and 2 for the
//! move in the index (or 1 for leaving it), 2 for the account, 2 for the
//! contact. See `docs/STORAGE.md` for why it is not fewer.

use crate::error::StorageError;
use crate::items::{self, BALANCE_MINOR_UNITS, Item, key_item, number, text};
use crate::keys;
use crate::retry::{ATTEMPTS_MAX, pause};
use crate::store::Store;
use arrears_domain::decide::Due;
use arrears_domain::{AccountId, ContactId, Delinquency, DelinquencyId, Money, Transition};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem, Update};

const OPERATION: &str = "TransactWriteItems";

/// A transition to commit.
#[derive(Debug, Clone, Copy)]
pub struct TransitionWrite<'a> {
    /// The record as it was read.
    pub before: &'a Delinquency,
    /// The record as it will be; its version must be a later one.
    pub after: &'a Delinquency,
    /// When a run has to look at it next.
    pub due: Due,
    /// The account's primary contact, for credit points.
    pub contact: Option<&'a ContactId>,
    /// The entry of history, with its effects.
    pub transition: &'a Transition,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum CommitOutcome {
    /// All of it is written.
    Committed,
    /// The record has changed since it was read; nothing is written.
    Conflict,
}

/// The part that each action of a transaction plays, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Record,
    History,
    Account,
    Contact,
}

/// What a cancelled transaction calls for.
#[derive(Debug, PartialEq, Eq)]
enum Cancelled {
    Conflict,
    Retry,
    NoAccount,
    NoContact,
    Refused,
}

impl Store {
    /// Commits a transition: record, history and all effects together, or
    /// nothing.
    ///
    /// # Errors
    /// The table cannot be written; the account of a charge or the contact of
    /// credit points is not stored.
    pub async fn commit(&self, write: &TransitionWrite<'_>) -> Result<CommitOutcome, StorageError> {
        for attempt in 1..=ATTEMPTS_MAX {
            let (parts, actions) = self.transaction(write)?;
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
                Cancelled::Retry => pause(attempt).await,
                Cancelled::NoAccount => return Err(no_account(write)),
                Cancelled::NoContact => return Err(no_contact(write)),
                Cancelled::Refused => return Err(self.request(OPERATION).failed(error)),
            }
        }
        Err(self.held_back(OPERATION))
    }

    fn transaction(
        &self,
        write: &TransitionWrite<'_>,
    ) -> Result<(Vec<Part>, Vec<TransactWriteItem>), StorageError> {
        let mut parts = vec![Part::Record, Part::History];
        let mut actions = vec![
            self.put_action(
                items::delinquency_item(self.agency(), write.after, write.due)?,
                Some(write.before.version),
            )?,
            self.put_action(items::transition_item(self.agency(), write.transition)?, None)?,
        ];
        if let Some(charged) = charged(write)? {
            parts.push(Part::Account);
            actions.push(self.charge_action(&write.after.account, charged)?);
        }
        let points = credit_points(write.transition);
        if points > 0 {
            let contact = write.contact.ok_or_else(|| no_contact(write))?;
            parts.push(Part::Contact);
            actions.push(self.rate_action(contact, points)?);
        }
        Ok((parts, actions))
    }

    /// A put under the condition of the version that was read, or that there
    /// is nothing yet.
    fn put_action(
        &self,
        item: Item,
        version: Option<u64>,
    ) -> Result<TransactWriteItem, StorageError> {
        let put = Put::builder().table_name(self.table()).set_item(Some(item));
        let put = match version {
            None => put.condition_expression("attribute_not_exists(pk)"),
            // A record that was never written since its import has no version.
            Some(0) => {
                put.condition_expression("attribute_exists(pk) AND attribute_not_exists(version)")
            }
            Some(version) => put
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(version)),
        };
        let put = put.build().map_err(|error| self.malformed(OPERATION, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn charge_action(
        &self,
        account: &AccountId,
        charged: Money,
    ) -> Result<TransactWriteItem, StorageError> {
        let update = Update::builder()
            .table_name(self.table())
            .set_key(Some(key_item(&keys::account(self.agency(), account))))
            .update_expression(format!("ADD {BALANCE_MINOR_UNITS} :charged"))
            .condition_expression("currency = :currency")
            .expression_attribute_values(":charged", number(charged.minor_units()))
            .expression_attribute_values(":currency", text(charged.currency().code()))
            .build()
            .map_err(|error| self.malformed(OPERATION, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn rate_action(
        &self,
        contact: &ContactId,
        points: u64,
    ) -> Result<TransactWriteItem, StorageError> {
        let update = Update::builder()
            .table_name(self.table())
            .set_key(Some(key_item(&keys::contact(self.agency(), contact))))
            .update_expression("ADD credit_points :points")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":points", number(points))
            .build()
            .map_err(|error| self.malformed(OPERATION, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// One entry of history; none if it was never written. Tells whether a
    /// commit whose answer was lost has happened.
    ///
    /// # Errors
    /// The table cannot be read, or the item in it.
    pub async fn transition(
        &self,
        account: &AccountId,
        delinquency: &DelinquencyId,
        sequence: u32,
    ) -> Result<Option<Transition>, StorageError> {
        let key = keys::transition(self.agency(), account, delinquency, sequence);
        let Some(mut item) = self.get(&key).await? else {
            return Ok(None);
        };
        items::take_key(&mut item);
        items::transition(&key, item).map(Some)
    }
}

/// What the effects charge in all, if anything.
fn charged(write: &TransitionWrite<'_>) -> Result<Option<Money>, StorageError> {
    let mut charges = write.transition.effects().filter_map(|(_, _, effect)| effect.charged());
    let Some(first) = charges.next() else {
        return Ok(None);
    };
    charges.try_fold(first, Money::checked_add).map(Some).map_err(|reason| StorageError::Charges {
        delinquency: write.after.id.clone(),
        reason: reason.to_string(),
    })
}

fn credit_points(transition: &Transition) -> u64 {
    transition.effects().map(|(_, _, effect)| u64::from(effect.credit_points())).sum()
}

fn no_account(write: &TransitionWrite<'_>) -> StorageError {
    StorageError::NoAccountToCharge {
        delinquency: write.after.id.clone(),
        account: write.after.account.clone(),
        currency: write.after.balance.currency(),
    }
}

fn no_contact(write: &TransitionWrite<'_>) -> StorageError {
    StorageError::NoContactToRate {
        delinquency: write.after.id.clone(),
        contact: write.contact.cloned(),
    }
}

/// A changed record outweighs all else: whatever else failed was decided from
/// a state that is past. Another transaction in the way, or throttling, is
/// worth another try only where nothing has failed for good.
fn cancelled(parts: &[Part], error: &TransactWriteItemsError) -> Cancelled {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return if is_throttling(error.meta().code().unwrap_or_default()) {
            Cancelled::Retry
        } else {
            Cancelled::Refused
        };
    };
    let codes = cancelled.cancellation_reasons().iter();
    let codes: Vec<_> = codes.map(|reason| reason.code().unwrap_or_default()).collect();
    classify(parts, &codes)
}

fn classify(parts: &[Part], codes: &[&str]) -> Cancelled {
    let failed: Vec<Part> = parts
        .iter()
        .zip(codes)
        .filter(|(_, code)| **code == "ConditionalCheckFailed")
        .map(|(part, _)| *part)
        .collect();
    let is_passing = |code: &&str| code.is_empty() || *code == "None" || is_throttling(code);
    match failed.as_slice() {
        [] if !codes.is_empty() && codes.iter().all(is_passing) => Cancelled::Retry,
        [] => Cancelled::Refused,
        failed if failed.contains(&Part::Record) || failed.contains(&Part::History) => {
            Cancelled::Conflict
        }
        failed if failed.contains(&Part::Account) => Cancelled::NoAccount,
        _ => Cancelled::NoContact,
    }
}

fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "TransactionConflict"
            | "ThrottlingError"
            | "ThrottlingException"
            | "ProvisionedThroughputExceeded"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "TransactionInProgressException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellations_are_told_apart() {
        use Part::{Account, Contact, History, Record};
        let parts = [Record, History, Account, Contact];
        for (codes, expected) in [
            (["ConditionalCheckFailed", "None", "None", "None"], Cancelled::Conflict),
            (["None", "ConditionalCheckFailed", "None", "None"], Cancelled::Conflict),
            (
                ["ConditionalCheckFailed", "None", "TransactionConflict", "None"],
                Cancelled::Conflict,
            ),
            (["None", "None", "ConditionalCheckFailed", "None"], Cancelled::NoAccount),
            (["None", "None", "None", "ConditionalCheckFailed"], Cancelled::NoContact),
            (["None", "None", "TransactionConflict", "None"], Cancelled::Retry),
            (["None", "ThrottlingError", "None", "TransactionConflict"], Cancelled::Retry),
            (["None", "ValidationError", "None", "TransactionConflict"], Cancelled::Refused),
            (["ItemCollectionSizeLimitExceeded", "None", "None", "None"], Cancelled::Refused),
        ] {
            assert_eq!(classify(&parts, &codes), expected, "{codes:?}");
        }
        assert_eq!(classify(&parts, &[]), Cancelled::Refused);
    }
}
