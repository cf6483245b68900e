//! The handle that all operations hang on.

use crate::error::{Request, StorageError};
use crate::items::Item;
use crate::location::{Clients, Location, SdkConfig};
use crate::meter::{Capacity, Meter};
use crate::retry::{ATTEMPTS_MAX, pause};
use arrears_domain::AgencyId;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity, WriteRequest};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::HashMap;
use std::sync::Arc;

/// The most items of one BatchWriteItem (DynamoDB's limit).
pub(crate) const BATCH_WRITE_MAX: usize = 25;

/// The most keys of one BatchGetItem (DynamoDB's limit).
pub(crate) const BATCH_GET_MAX: usize = 100;

/// How many batches of one call are under way at a time: enough to keep the
/// embedded engine busy while others are encoded, and few enough that the
/// memory of a call stays small. Not tuned on AWS.
pub(crate) const BATCHES_AT_ONCE: usize = 8;

/// Tables and files of one agency. Cheap to clone; clones share the
/// connections, and the meter.
#[derive(Debug, Clone)]
pub struct Store {
    clients: Arc<Clients>,
    meter: Arc<Meter>,
    agency: AgencyId,
}

impl Store {
    /// Opens the store. The embedded one is created if it is not there; of AWS
    /// nothing is asked yet.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub async fn open(location: Location, agency: AgencyId) -> Result<Self, StorageError> {
        let clients = Arc::new(location.connect().await?);
        let store = Self { clients, meter: Arc::default(), agency };
        if store.clients.is_embedded {
            store.ensure_table().await?;
        }
        Ok(store.metered())
    }

    /// A store on AWS that is reached as a configuration says, which may serve other
    /// clients too. Nothing is asked yet.
    #[must_use]
    pub fn on_aws(config: &SdkConfig, table: &str, bucket: &str, agency: AgencyId) -> Self {
        let clients = Arc::new(Clients::on_aws(config, table, bucket));
        Self { clients, meter: Arc::default(), agency }
    }

    /// The same table with the files of another bucket, over the same connections, with a
    /// meter of its own.
    #[must_use]
    pub fn with_bucket(&self, bucket: &str) -> Self {
        let clients = Clients { bucket: bucket.to_owned(), ..Clients::clone(&self.clients) };
        Self { clients: Arc::new(clients), ..self.metered() }
    }

    /// The same store for another agency.
    #[must_use]
    pub fn for_agency(&self, agency: AgencyId) -> Self {
        Self { agency, ..self.clone() }
    }

    /// The same store with a meter of its own, at zero.
    #[must_use]
    pub fn metered(&self) -> Self {
        Self { meter: Arc::default(), ..self.clone() }
    }

    /// What has been consumed through this handle and its clones.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        self.meter.capacity()
    }

    /// The agency whose data this is.
    #[must_use]
    pub fn agency(&self) -> &AgencyId {
        &self.agency
    }

    /// Where the data is, for people: the folder, or the endpoint.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.clients.table_endpoint
    }

    pub(crate) fn is_embedded(&self) -> bool {
        self.clients.is_embedded
    }

    pub(crate) fn dynamodb(&self) -> &Client {
        &self.clients.dynamodb
    }

    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        &self.clients.s3
    }

    pub(crate) fn table(&self) -> &str {
        &self.clients.table
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.clients.bucket
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(crate) fn request(&self, operation: &'static str) -> Request<'_> {
        Request { operation, target: self.table(), endpoint: &self.clients.table_endpoint }
    }

    pub(crate) fn object_request(&self, operation: &'static str) -> Request<'_> {
        Request { operation, target: self.bucket(), endpoint: &self.clients.bucket_endpoint }
    }

    /// Reads the items with the keys, in no order; missing ones are left out.
    /// The keys must differ. Reads are strongly consistent.
    pub(crate) async fn batch_get(&self, keys: Vec<Item>) -> Result<Vec<Item>, StorageError> {
        let batches = batches(keys, BATCH_GET_MAX).into_iter();
        let reads: Vec<_> = batches.map(|batch| self.batch_get_one(batch)).collect();
        let answers = stream::iter(reads).buffer_unordered(BATCHES_AT_ONCE);
        let answers: Vec<_> = answers.try_collect().await?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn batch_get_one(&self, keys: Vec<Item>) -> Result<Vec<Item>, StorageError> {
        const OPERATION: &str = "BatchGetItem";
        let mut found = Vec::with_capacity(keys.len());
        let mut wanted = Some(keys);
        for attempt in 1..=ATTEMPTS_MAX {
            let Some(keys) = wanted.take() else {
                return Ok(found);
            };
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            let keys = keys.build().map_err(|error| self.malformed(OPERATION, error))?;
            let sent = self.dynamodb().batch_get_item().request_items(self.table(), keys);
            let sent = sent.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let mut answer = sent.map_err(|error| self.request(OPERATION).failed(error))?;
            self.meter.read(answer.consumed_capacity());
            found.extend(
                answer
                    .responses
                    .take()
                    .and_then(|mut tables| tables.remove(self.table()))
                    .unwrap_or_default(),
            );
            wanted = answer
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(self.table()))
                .map(|left| left.keys);
            if wanted.is_some() {
                pause(attempt).await;
            }
        }
        match wanted {
            None => Ok(found),
            Some(_) => Err(self.request(OPERATION).held_back("UnprocessedKeys")),
        }
    }

    /// Puts or deletes; no two requests may be about one item.
    pub(crate) async fn batch_write(
        &self,
        requests: Vec<WriteRequest>,
    ) -> Result<(), StorageError> {
        let batches = batches(requests, BATCH_WRITE_MAX).into_iter();
        let writes: Vec<_> = batches.map(|batch| self.batch_write_one(batch)).collect();
        let written = stream::iter(writes).buffer_unordered(BATCHES_AT_ONCE);
        written.try_for_each(|()| std::future::ready(Ok(()))).await
    }

    async fn batch_write_one(&self, requests: Vec<WriteRequest>) -> Result<(), StorageError> {
        const OPERATION: &str = "BatchWriteItem";
        let mut left = Some(HashMap::from([(self.table().to_owned(), requests)]));
        for attempt in 1..=ATTEMPTS_MAX {
            let sent = self.dynamodb().batch_write_item().set_request_items(left.take());
            let sent = sent.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let answer = sent.map_err(|error| self.request(OPERATION).failed(error))?;
            self.meter.wrote(answer.consumed_capacity());
            left = answer.unprocessed_items.filter(|tables| !tables.is_empty());
            if left.is_none() {
                return Ok(());
            }
            pause(attempt).await;
        }
        Err(self.request(OPERATION).held_back("UnprocessedItems"))
    }

    /// A request that this crate built wrongly; no input leads here.
    pub(crate) fn malformed(&self, operation: &'static str, error: impl ToString) -> StorageError {
        self.request(operation).malformed(error)
    }
}

/// Splits without copying.
fn batches<T>(mut all: Vec<T>, size: usize) -> Vec<Vec<T>> {
    let mut batches = Vec::with_capacity(all.len().div_ceil(size));
    while all.len() > size {
        batches.push(all.split_off(all.len() - size));
    }
    if !all.is_empty() {
        batches.push(all);
    }
    batches
}
