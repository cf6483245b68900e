//! Making the due index follow a changed setup.

use crate::commit::CommitOutcome;
use crate::error::StorageError;
use crate::items::{self, Item, key_item, number, text};
use crate::keys::{self, DUE_PK, DUE_SK};
use crate::retry::past_transactions;
use crate::store::{BATCHES_AT_ONCE, Store};
use arrears_domain::decide::Due;
use arrears_domain::{AccountId, Delinquency};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures::stream::{self, StreamExt, TryStreamExt};

/// How often a record is read again because it changed meanwhile. It changes
/// by a transition, of which there are few a day.
const REREADS_MAX: u32 = 5;

/// The keys of an item in the index, if it is there.
type Place = (Option<AttributeValue>, Option<AttributeValue>);

impl Store {
    /// Moves all delinquencies of the agency in the index to where `due` puts
    /// them, and raises all marks, since another setup may answer otherwise: the
    /// next delinquency run looks. How many had to be moved. A delinquency in
    /// its place costs no write; the read goes over the whole table.
    ///
    /// # Errors
    /// The table cannot be read or written. What was moved stays moved, and a
    /// repetition goes on from there.
    pub async fn rewrite_due_index(
        &self,
        due: impl Fn(&Delinquency) -> Due,
    ) -> Result<u64, StorageError> {
        let due = &due;
        let mut moved = 0;
        let mut pages = self.scan_items();
        while let Some(page) = pages.try_next().await? {
            let moves: Vec<_> =
                page.into_iter().map(|item| self.move_if_needed(item, due)).collect();
            let moves: Vec<bool> =
                stream::iter(moves).buffer_unordered(BATCHES_AT_ONCE).try_collect().await?;
            moved += moves.into_iter().filter(|moved| *moved).count() as u64;
        }
        Ok(moved)
    }

    async fn move_if_needed(
        &self,
        item: Item,
        due: &impl Fn(&Delinquency) -> Due,
    ) -> Result<bool, StorageError> {
        let mut item = item;
        for _ in 0..REREADS_MAX {
            let key = items::take_key(&mut item);
            let stored = (item.remove(DUE_PK), item.remove(DUE_SK));
            if let Some((account, bill_type)) = keys::parse_look(self.agency(), &key) {
                return self.raise_mark(&account, bill_type, stored).await;
            }
            if key.type_name() != "delinquency" {
                return Ok(false);
            }
            let record = items::delinquency(&key, item)?;
            let wanted = due(&record);
            let place = match keys::due(self.agency(), &record, wanted) {
                Some((pk, sk)) => (Some(text(pk)), Some(text(sk))),
                None => (None, None),
            };
            if stored == place {
                return Ok(false);
            }
            if self.rewrite_due(&record, wanted).await? == CommitOutcome::Committed {
                return Ok(true);
            }
            match self.get(&key).await? {
                Some(changed) => item = changed,
                None => return Ok(false),
            }
        }
        Err(self.request("UpdateItem").held_back("ConditionalCheckFailedException"))
    }

    /// Raises a mark also if it is where it belongs: a run that has read it
    /// under the setup of before must not move it. Whether it had to be moved.
    async fn raise_mark(
        &self,
        account: &AccountId,
        bill_type: &str,
        stored: Place,
    ) -> Result<bool, StorageError> {
        self.mark_to_look([(account, bill_type)]).await?;
        let (pk, sk) = keys::due_look(self.agency(), account, bill_type, None);
        Ok(stored != (Some(text(pk)), Some(text(sk))))
    }

    /// Moves a record in the index to where a changed setup puts it, under the
    /// condition that it has not changed since it was read. Nothing else of it
    /// changes, the version included.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn rewrite_due(
        &self,
        record: &Delinquency,
        due: Due,
    ) -> Result<CommitOutcome, StorageError> {
        let key = keys::delinquency(self.agency(), &record.account, &record.id);
        let update = self.dynamodb().update_item().table_name(self.table());
        let update = update.set_key(Some(key_item(&key)));
        let update = match keys::due(self.agency(), record, due) {
            Some((due_pk, due_sk)) => update
                .update_expression(format!("SET {DUE_PK} = :pk, {DUE_SK} = :sk"))
                .expression_attribute_values(":pk", text(due_pk))
                .expression_attribute_values(":sk", text(due_sk)),
            None => update.update_expression(format!("REMOVE {DUE_PK}, {DUE_SK}")),
        };
        let update = match record.version {
            0 => update
                .condition_expression("attribute_exists(pk) AND attribute_not_exists(version)"),
            version => update
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(version)),
        };
        let update = update.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let sent = past_transactions(|| update.clone().send()).await;
        match sent {
            Ok(answer) => {
                self.meter().wrote(answer.consumed_capacity());
                Ok(CommitOutcome::Committed)
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(CommitOutcome::Conflict)
            }
            Err(error) => Err(self.request("UpdateItem").failed(error)),
        }
    }
}
