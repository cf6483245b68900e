//! The account page: everything of an account by one query.

use crate::document::{MandateLine, TransactionLine};
use crate::documents::Order;
use crate::error::StorageError;
use crate::items::{self, Item, key_item};
use crate::keys::{self, Key, PK};
use crate::store::Store;
use arrears_domain::{Account, AccountId, Contact, ContactId, Delinquency, Transition};
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

/// Everything of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountPage {
    /// The account.
    pub account: Account,
    /// Its primary contact, if it has one and that is stored.
    pub contact: Option<Contact>,
    /// Its delinquencies, by id.
    pub delinquencies: Vec<Delinquency>,
    /// Their history, by delinquency and sequence.
    pub transitions: Vec<Transition>,
    /// Its debits and credits, by id.
    pub transactions: Vec<TransactionLine>,
    /// Its mandates, by id.
    pub mandates: Vec<MandateLine>,
}

impl Store {
    /// Everything of an account; none if it is not stored. Strongly consistent.
    ///
    /// # Errors
    /// The table cannot be read, or an item in it.
    pub async fn account_page(&self, id: &AccountId) -> Result<Option<AccountPage>, StorageError> {
        let partition = keys::account_partition(self.agency(), id);
        let mut account = None;
        let mut delinquencies = Vec::new();
        let mut transitions = Vec::new();
        let mut transactions = Vec::new();
        let mut mandates = Vec::new();
        for mut item in self.query_partition(&partition, "", Order::Ascending, None).await? {
            let key = items::take_key(&mut item);
            match key.sk.split('#').next().unwrap_or_default() {
                "account" => account = Some(items::account(&key, item)?),
                "delinquency" => delinquencies.push(items::delinquency(&key, item)?),
                "transition" => transitions.push(items::transition(&key, item)?),
                "transaction" => transactions.push(items::document(&key, item)?),
                "mandate" => mandates.push(items::document(&key, item)?),
                _ => return Err(items::unreadable(&key, "its kind is not known")),
            }
        }
        let Some(account) = account else {
            return Ok(None);
        };
        let contact = match &account.contact {
            Some(id) => self.contact(id).await?,
            None => None,
        };
        let page =
            AccountPage { account, contact, delinquencies, transitions, transactions, mandates };
        Ok(Some(page))
    }

    /// A contact; none if it is not stored. Strongly consistent.
    ///
    /// # Errors
    /// The table cannot be read, or the item in it.
    pub async fn contact(&self, id: &ContactId) -> Result<Option<Contact>, StorageError> {
        let key = keys::contact(self.agency(), id);
        let Some(mut item) = self.get(&key).await? else {
            return Ok(None);
        };
        items::take_key(&mut item);
        items::contact(&key, item).map(Some)
    }

    /// One item. Strongly consistent.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, StorageError> {
        let get = self.dynamodb().get_item().table_name(self.table()).consistent_read(true);
        let get = get.set_key(Some(key_item(key)));
        let got = get.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let answer = got.map_err(|error| self.request("GetItem").failed(error))?;
        self.meter().read(answer.consumed_capacity());
        Ok(answer.item)
    }

    /// All items of a partition whose sort key begins with the prefix, in
    /// order, at most `limit`; strongly consistent, page after page of 1 MB.
    pub(crate) async fn query_partition(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: Option<u32>,
    ) -> Result<Vec<Item>, StorageError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let query = self
                .dynamodb()
                .query()
                .table_name(self.table())
                .consistent_read(true)
                .scan_index_forward(order == Order::Ascending)
                .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
                .expression_attribute_names("#pk", PK)
                .expression_attribute_values(":pk", items::text(partition))
                .set_exclusive_start_key(start);
            let query = if prefix.is_empty() {
                query.key_condition_expression("#pk = :pk")
            } else {
                query
                    .key_condition_expression("#pk = :pk AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":prefix", items::text(prefix))
            };
            let sent = query.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let answer = sent.map_err(|error| self.request("Query").failed(error))?;
            self.meter().read(answer.consumed_capacity());
            found.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            let is_enough = limit.is_some_and(|limit| found.len() >= limit as usize);
            if start.is_none() || is_enough {
                return Ok(found);
            }
        }
    }
}
