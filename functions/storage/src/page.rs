//! The account page: everything of an account by one query.

use crate::document::{EventLine, MandateLine, TransactionLine};
use crate::documents::Order;
use crate::error::StorageError;
use crate::items::{self, Item, key_item};
use crate::keys::{self, Key, PK};
use crate::store::Store;
use arrears_domain::payment::Posting;
use arrears_domain::{
    Account, AccountId, Contact, ContactId, Delinquency, DelinquencyId, PlacementEntry, Transition,
};
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use std::collections::{HashMap, HashSet};

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
    /// The events that were applied to it, by id.
    pub events: Vec<EventLine>,
    /// What collection agencies were told of its delinquencies, by delinquency,
    /// agency and sequence.
    pub placements: Vec<PlacementEntry>,
    /// What the ledger got for its payments, by payment.
    pub postings: Vec<Posting>,
}

/// Which items of a partition are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SortKeys<'a> {
    /// Those whose sort key begins with the text; all, if that is empty.
    Prefix(&'a str),
    /// Those whose sort key is below the text.
    Below(&'a str),
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
        let mut events = Vec::new();
        let mut placements = Vec::new();
        let mut postings = Vec::new();
        let all = SortKeys::Prefix("");
        for mut item in self.query_partition(&partition, all, Order::Ascending, None).await? {
            let key = items::take_key(&mut item);
            match key.sk.split('#').next().unwrap_or_default() {
                "account" => account = Some(items::account(&key, item)?),
                "delinquency" => delinquencies.push(items::delinquency(&key, item)?),
                "transition" => transitions.push(items::transition(&key, item)?),
                "transaction" => transactions.push(items::document(&key, item)?),
                "mandate" => mandates.push(items::document(&key, item)?),
                "event" => events.push(items::event_line(&key, item)?),
                "placement" => placements.push(items::placement(&key, item)?),
                "posting" => postings.push(items::posting(&key, item)?),
                // Nothing that happened: only when a run looks next.
                "look" => {}
                _ => return Err(items::unreadable(&key, "its kind is not known")),
            }
        }
        let Some(account) = account else {
            return Ok(None);
        };
        let contact = self.contact_of(&account).await?;
        Ok(Some(AccountPage {
            account,
            contact,
            delinquencies,
            transitions,
            transactions,
            mandates,
            events,
            placements,
            postings,
        }))
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

    /// The primary contact, if the account has one and that is stored.
    pub(crate) async fn contact_of(
        &self,
        account: &Account,
    ) -> Result<Option<Contact>, StorageError> {
        match &account.contact {
            Some(id) => self.contact(id).await,
            None => Ok(None),
        }
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

    /// The contacts that are stored of these. Strongly consistent.
    ///
    /// # Errors
    /// The table cannot be read, or an item in it.
    pub async fn contacts(
        &self,
        ids: &HashSet<ContactId>,
    ) -> Result<HashMap<ContactId, Contact>, StorageError> {
        let keys = ids.iter().map(|id| key_item(&keys::contact(self.agency(), id))).collect();
        let mut contacts = HashMap::with_capacity(ids.len());
        for mut item in self.batch_get(keys).await? {
            let key = items::take_key(&mut item);
            let contact = items::contact(&key, item)?;
            contacts.insert(contact.id.clone(), contact);
        }
        Ok(contacts)
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

    /// The items of a partition, in order, at most `limit`; strongly consistent,
    /// page after page of 1 MB.
    pub(crate) async fn query_partition(
        &self,
        partition: &str,
        sort_keys: SortKeys<'_>,
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
            let (condition, bound) = match sort_keys {
                SortKeys::Prefix("") => ("#pk = :pk", None),
                SortKeys::Prefix(prefix) => ("#pk = :pk AND begins_with(sk, :bound)", Some(prefix)),
                SortKeys::Below(bound) => ("#pk = :pk AND sk < :bound", Some(bound)),
            };
            let query = query.key_condition_expression(condition);
            let query = match bound {
                Some(bound) => query.expression_attribute_values(":bound", items::text(bound)),
                None => query,
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
