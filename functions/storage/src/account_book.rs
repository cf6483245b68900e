//! Account books: everything of an account that rules may ask for.

use crate::document::EventLine;
use crate::documents::Order;
use crate::error::StorageError;
use crate::items;
use crate::keys;
use crate::look::MARK;
use crate::page::SortKeys;
use crate::store::{BATCHES_AT_ONCE, Store};
use arrears_domain::payment::Posting;
use arrears_domain::{Account, AccountId, Contact, Delinquency, LineItem, Mandate};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;

/// Everything of an account that rules may ask for: all but history and
/// placements.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountBook {
    /// The account.
    pub account: Account,
    /// How many changes were decided from its book: what
    /// [`AccountWrite::revision`](crate::AccountWrite::revision) names.
    pub revision: u64,
    /// Its primary contact, if it has one and that is stored.
    pub contact: Option<Contact>,
    /// Its delinquencies, by id; also resolved ones.
    pub delinquencies: Vec<Delinquency>,
    /// Its line items, by id.
    pub items: Vec<LineItem>,
    /// The events that were applied to it, by id.
    pub events: Vec<EventLine>,
    /// Its mandates, by id.
    pub mandates: Vec<Mandate>,
    /// What the ledger got for its payments, by payment.
    pub postings: Vec<Posting>,
    /// The mark of each bill type for which there is one.
    pub looks: BTreeMap<String, u64>,
}

impl Store {
    /// The book of an account; none if that is not stored. Strongly consistent;
    /// one query, and one read for the contact.
    ///
    /// # Errors
    /// The table cannot be read, or an item in it.
    pub async fn account_book(&self, id: &AccountId) -> Result<Option<AccountBook>, StorageError> {
        let partition = keys::account_partition(self.agency(), id);
        let range = SortKeys::Below(keys::HISTORY);
        let mut found = self.query_partition(&partition, range, Order::Ascending, None).await?;
        // `account` is the lowest of the sort keys; the currency of all amounts
        // is the account's.
        if found.is_empty() {
            return Ok(None);
        }
        let mut first = found.remove(0);
        let key = items::take_key(&mut first);
        if key.sk != keys::ACCOUNT {
            return Ok(None);
        }
        let revision = items::number_of(&first, items::REVISION).unwrap_or_default();
        let account = items::account(&key, first)?;
        let contact = self.contact_of(&account).await?;
        let (delinquencies, items) = (Vec::new(), Vec::new());
        let (events, looks) = (Vec::new(), BTreeMap::new());
        let (mandates, postings) = (Vec::new(), Vec::new());
        let mut book = AccountBook {
            account,
            revision,
            contact,
            delinquencies,
            items,
            events,
            mandates,
            postings,
            looks,
        };
        found.into_iter().try_for_each(|item| book.add(item))?;
        Ok(Some(book))
    }

    /// The books of several accounts, in their order; those that are not stored
    /// are left out.
    ///
    /// # Errors
    /// The table cannot be read, or an item in it.
    pub async fn account_books(&self, ids: &[AccountId]) -> Result<Vec<AccountBook>, StorageError> {
        let reads: Vec<_> = ids.iter().map(|id| self.account_book(id)).collect();
        let books = stream::iter(reads).buffered(BATCHES_AT_ONCE);
        books.try_filter_map(|book| std::future::ready(Ok(book))).try_collect().await
    }
}

impl AccountBook {
    fn add(&mut self, mut item: items::Item) -> Result<(), StorageError> {
        let key = items::take_key(&mut item);
        match key.sk.split_once('#').unwrap_or_default() {
            ("delinquency", _) => self.delinquencies.push(items::delinquency(&key, item)?),
            ("event", _) => self.events.push(items::event_line(&key, item)?),
            ("look", bill_type) => {
                let mark = items::number_of(&item, MARK);
                let mark = mark.ok_or_else(|| items::unreadable(&key, "it has no `mark`"))?;
                self.looks.insert(bill_type.to_owned(), mark);
            }
            ("mandate", _) => self.mandates.push(items::mandate(&key, item)?),
            ("placement", _) => {}
            ("posting", _) => self.postings.push(items::posting(&key, item)?),
            ("transaction", _) => {
                self.items.push(items::line_item(&key, item, self.account.currency())?);
            }
            _ => return Err(items::unreadable(&key, "its kind is not known")),
        }
        Ok(())
    }
}
