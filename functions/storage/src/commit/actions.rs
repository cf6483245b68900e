//! The actions of a transaction.

use super::cancelled::Part;
use super::totals::{Totals, no_contact};
use super::{AccountWrite, OPERATION, RecordWrite, TRANSACTION_ITEMS_MAX};
use crate::document::TransactionLine;
use crate::error::StorageError;
use crate::items::{self, BALANCE_MINOR_UNITS, Item, REVISION, key_item, number, text};
use crate::keys::{self, Key};
use crate::look::MarkUpdate;
use crate::store::Store;
use arrears_domain::{AccountId, ContactId, Identifier, LineItem, Money};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};

/// Actions, and the part that each of them plays.
type Actions = (Vec<Part>, Vec<TransactWriteItem>);

impl Store {
    pub(super) fn transaction(
        &self,
        write: &AccountWrite<'_>,
        totals: Totals,
    ) -> Result<Actions, StorageError> {
        let mut actions = Vec::new();
        for record in &write.records {
            actions.extend(self.record_actions(record)?.map(|action| (Part::Fresh, action)));
        }
        if let Some(action) = self.account_action(write, totals.balance)? {
            // An account that was read and is gone has changed, too.
            let part = write.revision.map_or(Part::Account, |_| Part::Fresh);
            actions.push((part, action));
        }
        if totals.points > 0 {
            let contact = write.contact.ok_or_else(|| no_contact(write))?;
            actions.push((Part::Contact, self.rate_action(contact, totals.points)?));
        }
        for item in write.items {
            let item = self.new_line_item(write.account, item)?;
            actions.push((Part::Fresh, self.put_action(item, None)?));
        }
        for change in write.changed_items {
            actions.push((Part::Fresh, self.change_item_action(write.account, change)?));
        }
        if let Some(change) = write.mandate {
            actions.push((Part::Fresh, self.mandate_action(change)?));
        }
        if let Some(posting) = write.posting {
            let item = items::posting_item(self.agency(), posting)?;
            actions.push((Part::Fresh, self.put_action(item, None)?));
        }
        if let Some(event) = write.event {
            let item = items::event_item(self.agency(), write.account, event)?;
            actions.push((Part::Fresh, self.put_action(item, None)?));
        }
        for update in self.marks(write) {
            actions.push((Part::Fresh, self.mark_action(update)?));
        }
        if actions.len() > TRANSACTION_ITEMS_MAX {
            let (account, items) = (write.account.clone(), actions.len());
            return Err(StorageError::TooManyItems { account, items });
        }
        Ok(actions.into_iter().unzip())
    }

    /// The marks that change, each once: one that is raised is not moved.
    fn marks(&self, write: &AccountWrite<'_>) -> Vec<MarkUpdate> {
        let (agency, account) = (self.agency(), write.account);
        let mut again: Vec<&str> = write.looks_again.iter().map(String::as_str).collect();
        again.sort_unstable();
        again.dedup();
        let mut updates = Vec::with_capacity(again.len() + 1);
        if let Some(look) = &write.look {
            let is_again = again.contains(&look.bill_type);
            again.retain(|bill_type| *bill_type != look.bill_type);
            updates.push(match is_again {
                true => MarkUpdate::raised(agency, account, look.bill_type).if_still(look.mark),
                false => MarkUpdate::moved(agency, account, look),
            });
        }
        updates.extend(again.iter().map(|it| MarkUpdate::raised(agency, account, it)));
        updates
    }

    /// What could not be read back is not written: a bill type that is no
    /// identifier, say, would make the whole account unreadable.
    fn new_line_item(&self, account: &AccountId, item: &LineItem) -> Result<Item, StorageError> {
        let line = TransactionLine::from((account, item));
        line.to_line_item(item.amount.currency()).map_err(|error| StorageError::Unstorable {
            key: keys::transaction(self.agency(), account, item.id.as_str()).shown(),
            reason: error.to_string(),
        })?;
        items::transaction_item(self.agency(), account, &line)
    }

    /// The record's new state, and its entry of history.
    fn record_actions(
        &self,
        write: &RecordWrite<'_>,
    ) -> Result<[TransactWriteItem; 2], StorageError> {
        let record = items::delinquency_item(self.agency(), write.after, write.due)?;
        let history = items::transition_item(self.agency(), write.transition)?;
        let version = write.before.map(|before| before.version);
        Ok([self.put_action(record, version)?, self.put_action(history, None)?])
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

    pub(super) fn update_action(
        &self,
        key: &Key,
        update: UpdateBuilder,
    ) -> Result<TransactWriteItem, StorageError> {
        let update = update.table_name(self.table()).set_key(Some(key_item(key))).build();
        let update = update.map_err(|error| self.malformed(OPERATION, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Adds to the balance, and to the revision if the change names the one that
    /// it was decided from: one action for both, since a transaction takes no
    /// two actions on one item. None if there is nothing to write.
    fn account_action(
        &self,
        write: &AccountWrite<'_>,
        charged: Option<Money>,
    ) -> Result<Option<TransactWriteItem>, StorageError> {
        let (mut sums, mut conditions) = (Vec::new(), Vec::new());
        let mut update = Update::builder();
        if let Some(charged) = charged {
            sums.push(format!("{BALANCE_MINOR_UNITS} :charged"));
            conditions.push("currency = :currency");
            update = update
                .expression_attribute_values(":charged", number(charged.minor_units()))
                .expression_attribute_values(":currency", text(charged.currency().code()));
        }
        if let Some(revision) = write.revision {
            sums.push("#revision :one".to_owned());
            update = update
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":one", number(1));
            if revision == 0 {
                // An update would make an account that is not there.
                conditions.push("attribute_exists(pk) AND attribute_not_exists(#revision)");
            } else {
                conditions.push("#revision = :revision");
                update = update.expression_attribute_values(":revision", number(revision));
            }
        }
        if sums.is_empty() {
            return Ok(None);
        }
        let update = update
            .update_expression(format!("ADD {}", sums.join(", ")))
            .condition_expression(conditions.join(" AND "));
        self.update_action(&keys::account(self.agency(), write.account), update).map(Some)
    }

    fn rate_action(
        &self,
        contact: &ContactId,
        points: u64,
    ) -> Result<TransactWriteItem, StorageError> {
        let update = Update::builder()
            .update_expression("ADD credit_points :points")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":points", number(points));
        self.update_action(&keys::contact(self.agency(), contact), update)
    }

    fn mark_action(&self, mark: MarkUpdate) -> Result<TransactWriteItem, StorageError> {
        let update = Update::builder()
            .update_expression(mark.expression)
            .set_condition_expression(mark.condition)
            .set_expression_attribute_values(Some(mark.values));
        self.update_action(&mark.key, update)
    }
}
