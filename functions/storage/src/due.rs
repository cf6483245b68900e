//! What is due: the sparse index, and gathering what it names.

use crate::error::StorageError;
use crate::items::{self, Item, key_item, text};
use crate::keys::{self, DUE_INDEX, DUE_PK, DUE_SK, DueClass, DueKey};
use crate::store::Store;
use arrears_domain::{Account, AccountId, Contact, Date, Delinquency, DelinquencyId};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, Select};
use std::collections::{HashMap, HashSet};

/// A page of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePage {
    /// The keys, ascending: what every run looks at first, then by date.
    pub keys: Vec<DueKey>,
    /// Where the next page begins: after this key. None if this was the last.
    pub next: Option<DueKey>,
}

/// A due record with all that a decision needs, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// The entry of the index.
    pub key: DueKey,
    /// The record; none if it is not stored any more, or if the entry is about
    /// no record ([`Store::account_book`] has what that needs).
    pub delinquency: Option<Delinquency>,
    /// Its account, if stored.
    pub account: Option<Account>,
    /// The account's primary contact, if it has one and that is stored.
    pub contact: Option<Contact>,
}

impl Store {
    /// One page (up to 1 MB) of what is due on the date in a shard, after the
    /// key. The index follows the table within moments, so that a key may
    /// name a record that has just moved on: [`Store::gather`] shows it as it
    /// is.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn due_keys(
        &self,
        class: DueClass,
        shard: u32,
        as_of: Date,
        after: Option<DueKey>,
    ) -> Result<DuePage, StorageError> {
        let start = after.map(|key| self.start_after(class, shard, &key));
        let query = self.due_query(class, shard, as_of).set_exclusive_start_key(start);
        let answer = query.send().await.map_err(|error| self.request("Query").failed(error))?;
        self.meter().read(answer.consumed_capacity());
        let keys = answer.items.unwrap_or_default().into_iter().map(|item| due_key(class, item));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let next = answer.last_evaluated_key.map(|item| due_key(class, item)).transpose()?;
        Ok(DuePage { keys, next })
    }

    /// How many entries are due on the date in a shard.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn due_count(
        &self,
        class: DueClass,
        shard: u32,
        as_of: Date,
    ) -> Result<u64, StorageError> {
        let mut count = 0;
        let mut start = None;
        loop {
            let query = self.due_query(class, shard, as_of).select(Select::Count);
            let sent = query.set_exclusive_start_key(start).send().await;
            let answer = sent.map_err(|error| self.request("Query").failed(error))?;
            self.meter().read(answer.consumed_capacity());
            count += u64::try_from(answer.count).unwrap_or(0);
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    fn due_query(&self, class: DueClass, shard: u32, as_of: Date) -> QueryFluentBuilder {
        self.dynamodb()
            .query()
            .table_name(self.table())
            .index_name(DUE_INDEX)
            .key_condition_expression("due_pk = :shard AND due_sk < :until")
            .expression_attribute_values(
                ":shard",
                text(keys::due_partition(self.agency(), class, shard)),
            )
            .expression_attribute_values(":until", text(keys::due_until(as_of)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    fn start_after(&self, class: DueClass, shard: u32, key: &DueKey) -> Item {
        let mut start = key_item(&key.table_key(self.agency()));
        start.insert(DUE_PK.to_owned(), text(keys::due_partition(self.agency(), class, shard)));
        start.insert(DUE_SK.to_owned(), text(key.sort_key()));
        start
    }

    /// The records, with their accounts and contacts, as they stand now, in
    /// the order of the keys. Each account and contact is read once. Reads are
    /// strongly consistent. Entries of [`DueClass::Entry`] have no record.
    ///
    /// # Errors
    /// The table cannot be read, or an item in it.
    pub async fn gather(&self, due: &[DueKey]) -> Result<Vec<Gathered>, StorageError> {
        let agency = self.agency();
        let accounts: HashSet<_> = due.iter().map(|key| &key.account).collect();
        let records = due.iter().filter(|key| key.delinquency().is_some());
        let records: HashSet<_> = records.map(|key| key.table_key(agency)).collect();
        let keys = accounts.into_iter().map(|id| keys::account(agency, id)).chain(records);
        let keys = keys.map(|key| key_item(&key)).collect();
        let mut accounts: HashMap<AccountId, Account> = HashMap::new();
        let mut records: HashMap<(AccountId, DelinquencyId), Delinquency> = HashMap::new();
        for mut item in self.batch_get(keys).await? {
            let key = items::take_key(&mut item);
            if key.sk == keys::ACCOUNT {
                let account = items::account(&key, item)?;
                accounts.insert(account.id.clone(), account);
            } else {
                let record = items::delinquency(&key, item)?;
                records.insert((record.account.clone(), record.id.clone()), record);
            }
        }
        let contacts = accounts.values().filter_map(|account| account.contact.clone()).collect();
        let contacts = self.contacts(&contacts).await?;
        let gathered = due.iter().map(|key| {
            let account = accounts.get(&key.account).cloned();
            let contact = account.as_ref().and_then(|account| account.contact.as_ref());
            let contact = contact.and_then(|id| contacts.get(id)).cloned();
            let record = key.delinquency().map(|id| (key.account.clone(), id.clone()));
            let delinquency = record.and_then(|record| records.get(&record)).cloned();
            Gathered { key: key.clone(), delinquency, account, contact }
        });
        Ok(gathered.collect())
    }
}

fn due_key(class: DueClass, mut item: Item) -> Result<DueKey, StorageError> {
    let sort_key = item.remove(DUE_SK);
    let key = items::take_key(&mut item);
    sort_key
        .and_then(|value| DueKey::parse(class, value.as_s().ok()?))
        .ok_or_else(|| items::unreadable(&key, format!("`{DUE_SK}` is no key of the index")))
}
