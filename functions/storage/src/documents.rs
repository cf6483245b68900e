//! Documents: small records whose shape is the business of the caller.
//!
//! Runs, the chunks of runs and schedules are documents. Each is one item
//! with a revision; a replacement names the revision that it read, so that of
//! two writers one finds out. Counters give out numbers.

use crate::document::RunLine;
use crate::error::StorageError;
use crate::items::{self, Item, key_item, number};
use crate::keys::{self, Key};
use crate::page::SortKeys;
use crate::retry::past_transactions;
use crate::store::Store;
use arrears_domain::AgencyId;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::hash::{BuildHasher, Hasher, RandomState};

/// The partition of the runs, by run key.
pub const RUNS_PARTITION: &str = "run";

const COUNTERS_PARTITION: &str = "counter";
const COUNT: &str = "count";
const DOCUMENT: &str = "document";
const REVISION: &str = "revision";
/// Tells one write of a document from all others.
const TOKEN: &str = "token";

/// Which writing of a document was read; the first is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(u64);

/// In which order of their sort keys documents are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The lowest first.
    Ascending,
    /// The highest first.
    Descending,
}

impl Store {
    /// Creates a document. `partition` is its set, such as `run` or
    /// `chunk#RUN_KEY` (not `account`, `contact`, `counter`, `due` or `setup`,
    /// which this crate keeps); `sort` its key in it.
    ///
    /// # Errors
    /// [`StorageError::AlreadyExists`]; the table cannot be written.
    pub async fn create_document<T: Serialize>(
        &self,
        partition: &str,
        sort: &str,
        value: &T,
    ) -> Result<Revision, StorageError> {
        let key = document_key(self.agency(), partition, sort);
        let token = token();
        let update = self.set_document(&key, value, (Revision(1), &token))?;
        let update = update.condition_expression("attribute_not_exists(#document)");
        if self.is_written(&key, update, &token).await? {
            Ok(Revision(1))
        } else {
            Err(StorageError::AlreadyExists { key: key.shown() })
        }
    }

    /// Replaces a document. Its new revision; none if the stored one has
    /// another revision than the given, or is gone.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn replace_document<T: Serialize>(
        &self,
        partition: &str,
        sort: &str,
        revision: Revision,
        value: &T,
    ) -> Result<Option<Revision>, StorageError> {
        let key = document_key(self.agency(), partition, sort);
        let next = Revision(revision.0 + 1);
        let token = token();
        let update = self
            .set_document(&key, value, (next, &token))?
            .condition_expression("#revision = :before")
            .expression_attribute_values(":before", number(revision.0));
        Ok(self.is_written(&key, update, &token).await?.then_some(next))
    }

    /// Whether a document is written as asked. If the condition fails, it may
    /// have been written by this very request, whose answer was lost so that it
    /// was sent again: then the stored token is its own.
    async fn is_written(
        &self,
        key: &Key,
        update: UpdateItemFluentBuilder,
        token: &str,
    ) -> Result<bool, StorageError> {
        if self.conditional_update(update).await?.is_some() {
            return Ok(true);
        }
        let stored = self.get(key).await?;
        let stored = stored.as_ref().and_then(|item| item.get(TOKEN)?.as_s().ok());
        Ok(stored.is_some_and(|stored| stored == token))
    }

    /// Deletes a document. Whether it was deleted: the stored one has the given
    /// revision, and is not gone yet.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn delete_document(
        &self,
        partition: &str,
        sort: &str,
        revision: Revision,
    ) -> Result<bool, StorageError> {
        let key = document_key(self.agency(), partition, sort);
        let delete = self
            .dynamodb()
            .delete_item()
            .table_name(self.table())
            .set_key(Some(key_item(&key)))
            .condition_expression("#revision = :before")
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":before", number(revision.0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match past_transactions(|| delete.clone().send()).await {
            Ok(answer) => {
                self.meter().wrote(answer.consumed_capacity());
                Ok(true)
            }
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
            Err(error) => Err(self.request("DeleteItem").failed(error)),
        }
    }

    fn set_document<T: Serialize>(
        &self,
        key: &Key,
        value: &T,
        (revision, token): (Revision, &str),
    ) -> Result<UpdateItemFluentBuilder, StorageError> {
        let value = serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(value);
        let value = value.map_err(|error: serde_dynamo::Error| StorageError::Unstorable {
            key: key.shown(),
            reason: error.to_string(),
        })?;
        Ok(self
            .update(key)
            .update_expression("SET #document = :document, #revision = :revision, #token = :token")
            .expression_attribute_names("#token", TOKEN)
            .expression_attribute_values(":token", items::text(token))
            .expression_attribute_names("#document", DOCUMENT)
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":document", value)
            .expression_attribute_values(":revision", number(revision.0)))
    }

    pub(crate) fn update(&self, key: &Key) -> UpdateItemFluentBuilder {
        self.dynamodb().update_item().table_name(self.table()).set_key(Some(key_item(key)))
    }

    /// Sends the update. The new values of what it changed; none if its
    /// condition failed.
    pub(crate) async fn conditional_update(
        &self,
        update: UpdateItemFluentBuilder,
    ) -> Result<Option<Item>, StorageError> {
        let update = update.return_consumed_capacity(ReturnConsumedCapacity::Total);
        match past_transactions(|| update.clone().send()).await {
            Ok(answer) => {
                self.meter().wrote(answer.consumed_capacity());
                Ok(Some(answer.attributes.unwrap_or_default()))
            }
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(None),
            Err(error) => Err(self.request("UpdateItem").failed(error)),
        }
    }

    /// A document with its revision; none if there is none. Strongly
    /// consistent.
    ///
    /// # Errors
    /// The table cannot be read, or the document has another shape.
    pub async fn document<T: DeserializeOwned>(
        &self,
        partition: &str,
        sort: &str,
    ) -> Result<Option<(T, Revision)>, StorageError> {
        let key = document_key(self.agency(), partition, sort);
        let Some(item) = self.get(&key).await? else {
            return Ok(None);
        };
        read_document(&key, item).map(Some)
    }

    /// The documents of a partition whose sort keys begin with the prefix, at
    /// most `limit`. Strongly consistent.
    ///
    /// # Errors
    /// The table cannot be read, or a document has another shape.
    pub async fn documents<T: DeserializeOwned>(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: Option<u32>,
    ) -> Result<Vec<T>, StorageError> {
        let pk = keys::partition(self.agency(), partition);
        let mut found = Vec::new();
        let sort_keys = SortKeys::Prefix(prefix);
        for mut item in self.query_partition(&pk, sort_keys, order, limit).await? {
            let key = items::take_key(&mut item);
            found.push(read_document(&key, item)?.0);
        }
        Ok(found)
    }

    /// The next number of a counter, from 1. A number is given out once; one
    /// whose taker fails is missing.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn next_number(&self, counter: &str) -> Result<u32, StorageError> {
        let key = document_key(self.agency(), COUNTERS_PARTITION, counter);
        let update = self
            .update(&key)
            .update_expression("ADD #count :one")
            .expression_attribute_names("#count", COUNT)
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew);
        let changed = self.conditional_update(update).await?.unwrap_or_default();
        items::number_of(&changed, COUNT)
            .and_then(|count| u32::try_from(count).ok())
            .ok_or_else(|| items::unreadable(&key, "`count` is no number of 32 bits"))
    }
}

/// Differs from one write to the next, in whatever process: the hash of nothing
/// under keys that the system draws at random.
fn token() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

fn document_key(agency: &AgencyId, partition: &str, sort: &str) -> Key {
    Key::new(keys::partition(agency, partition), sort)
}

fn read_document<T: DeserializeOwned>(
    key: &Key,
    mut item: Item,
) -> Result<(T, Revision), StorageError> {
    let revision = items::number_of(&item, REVISION);
    let revision = revision.ok_or_else(|| items::unreadable(key, "it has no `revision`"))?;
    let value = item.remove(DOCUMENT);
    let value = value.ok_or_else(|| items::unreadable(key, "it has no `document`"))?;
    let value = serde_dynamo::aws_sdk_dynamodb_1::from_attribute_value(value)
        .map_err(|error| items::unreadable(key, error))?;
    Ok((value, Revision(revision)))
}

/// A run that an import brings, as a document of its first revision.
pub(crate) fn run_item(agency: &AgencyId, line: &RunLine) -> Result<Item, StorageError> {
    let key = document_key(agency, RUNS_PARTITION, &line.id);
    let mut item = items::item(&key, &serde_json::json!({ DOCUMENT: line.fields }))?;
    item.insert(REVISION.to_owned(), number(1));
    Ok(item)
}

/// A stored run as a line.
pub(crate) fn run_line(key: &Key, item: Item) -> Result<RunLine, StorageError> {
    let (mut fields, _): (serde_json::Map<_, _>, _) = read_document(key, item)?;
    // The table keeps no order; two exports of one state must be equal.
    fields.sort_keys();
    fields.values_mut().for_each(serde_json::Value::sort_all_objects);
    Ok(RunLine { id: key.sk.clone(), fields })
}
