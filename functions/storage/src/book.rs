//! The book: contacts, accounts, delinquencies, and what else an import brings.

use crate::document::{EventLine, Line, LineError, RunLine, TransactionLine};
use crate::documents;
use crate::error::StorageError;
use crate::items::{self, Item, key_item, number};
use crate::keys::{self, Key};
use crate::retry::{ATTEMPTS_MAX, past_transactions, pause};
use crate::store::{BATCHES_AT_ONCE, Store};
use arrears_domain::decide::Due;
use arrears_domain::payment::Posting;
use arrears_domain::{
    Account, AccountId, Contact, Currency, Delinquency, Identifier, Mandate, PlacementEntry,
    Transition,
};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::{PutRequest, ReturnConsumedCapacity, WriteRequest};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::{HashMap, HashSet};

/// A record of a book, checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A contact.
    Contact(Contact),
    /// An account.
    Account(Account),
    /// A delinquency, and when a run has to look at it.
    Delinquency(Box<Delinquency>, Due),
    /// A debit or a credit, with its account.
    Transaction(AccountId, Box<TransactionLine>),
    /// A mandate.
    Mandate(Box<Mandate>),
    /// An entry of history.
    Transition(Box<Transition>),
    /// A run.
    Run(RunLine),
    /// An event that was applied, with its account.
    Event(AccountId, Box<EventLine>),
    /// An entry of the ledger of placements.
    Placement(Box<PlacementEntry>),
    /// What the ledger got for a payment.
    Posting(Box<Posting>),
}

impl Record {
    /// Checks a line. A delinquency or a transaction needs the currency of its
    /// account; `due` says when a run has to look at a delinquency.
    ///
    /// # Errors
    /// A field that is not what it should be; an account that is not known.
    pub fn check(
        line: &Line,
        currency: impl Fn(&AccountId) -> Option<Currency>,
        due: impl Fn(&Delinquency) -> Due,
    ) -> Result<Self, LineError> {
        Ok(match line {
            Line::Contact(line) => Self::Contact(line.try_into()?),
            Line::Account(line) => Self::Account(line.try_into()?),
            Line::Delinquency(line) => {
                let account = line.account_id()?;
                let currency = currency(&account).ok_or_else(|| line.unknown_account())?;
                let record = line.to_delinquency(currency)?;
                let due = due(&record);
                Self::Delinquency(Box::new(record), due)
            }
            Line::Transaction(line) => {
                let account = line.account_id()?;
                let currency = currency(&account).ok_or_else(|| line.unknown_account())?;
                line.to_line_item(currency)?;
                Self::Transaction(account, Box::new(line.clone()))
            }
            Line::Mandate(line) => Self::Mandate(Box::new(line.to_mandate()?)),
            Line::Transition(line) => Self::Transition(Box::new(line.try_into()?)),
            Line::Run(line) => Self::Run(line.clone()),
            Line::Event(line) => Self::Event(line.check()?, Box::new(line.clone())),
            Line::Placement(line) => Self::Placement(Box::new(line.try_into()?)),
            Line::Posting(line) => Self::Posting(Box::new(line.try_into()?)),
        })
    }

    /// Whether it is written once, so that a stored one stays.
    fn is_history(&self) -> bool {
        match self {
            Self::Transition(_)
            | Self::Run(_)
            | Self::Event(..)
            | Self::Placement(_)
            | Self::Posting(_) => true,
            Self::Contact(_)
            | Self::Account(_)
            | Self::Delinquency(..)
            | Self::Transaction(..)
            | Self::Mandate(_) => false,
        }
    }

    fn item(&self, store: &Store) -> Result<Item, StorageError> {
        let agency = store.agency();
        match self {
            Self::Contact(contact) => items::contact_item(agency, contact),
            Self::Account(account) => items::account_item(agency, account),
            Self::Delinquency(record, due) => items::delinquency_item(agency, record, *due),
            Self::Transaction(account, line) => items::transaction_item(agency, account, line),
            Self::Mandate(mandate) => items::mandate_item(agency, mandate),
            Self::Transition(transition) => items::transition_item(agency, transition),
            Self::Run(line) => documents::run_item(agency, line),
            Self::Event(account, line) => items::event_item(agency, account, line),
            Self::Placement(entry) => items::placement_item(agency, entry),
            Self::Posting(posting) => items::posting_item(agency, posting),
        }
    }
}

/// What an import may meet in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// No record of the import is stored yet: all are put in batches, without
    /// looking. For a book that is loaded whole.
    Nothing,
    /// Records may be stored already: a line replaces the stored record (the
    /// last writer wins) but never history, nor what events have made of a line
    /// item, and a run that works on a replaced delinquency finds out.
    Stored,
}

impl Store {
    /// Puts records. Of several with one key the last one stays.
    ///
    /// With [`Replace::Stored`], a delinquency is written under the condition
    /// of the version that was read just before; its new version is above
    /// both, so that a run which read the old record conflicts, and its
    /// sequence is never below the stored one, so that no entry of history is
    /// written twice. A transaction is joined with what is stored of it
    /// ([`TransactionLine::with_news`]), and so is a mandate. Transitions, runs,
    /// events, placements and postings are history: stored ones stay. At last, the next delinquency run is told to
    /// look at the bill types of all debits that may begin a delinquency.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn put_records(
        &self,
        records: &[Record],
        replace: Replace,
    ) -> Result<(), StorageError> {
        self.put_unmarked(records, replace).await?;
        self.mark_what_may_begin(records).await
    }

    async fn put_unmarked(&self, records: &[Record], replace: Replace) -> Result<(), StorageError> {
        let mut last: HashMap<Key, WriteRequest> = HashMap::with_capacity(records.len());
        let mut delinquencies: HashMap<Key, (&Delinquency, Due)> = HashMap::new();
        let mut transactions: HashMap<Key, (&AccountId, &TransactionLine)> = HashMap::new();
        let mut mandates: HashMap<Key, &Mandate> = HashMap::new();
        let mut history = Vec::new();
        for record in records {
            match (replace, record) {
                (Replace::Stored, Record::Delinquency(record, due)) => {
                    let key = keys::delinquency(self.agency(), &record.account, &record.id);
                    delinquencies.insert(key, (record, *due));
                }
                (Replace::Stored, Record::Transaction(account, line)) => {
                    let key = keys::transaction(self.agency(), account, &line.id);
                    transactions.insert(key, (account, line));
                }
                (Replace::Stored, Record::Mandate(mandate)) => {
                    let id = mandate.id.as_str();
                    mandates.insert(keys::mandate(self.agency(), &mandate.account, id), mandate);
                }
                (Replace::Stored, record) if record.is_history() => {
                    history.push(record.item(self)?)
                }
                _ => {
                    let item = record.item(self)?;
                    last.insert(items::key_of(&item), self.put_request(item)?);
                }
            }
        }
        let joined = self.joined_transactions(transactions).await?;
        let joined = joined.into_iter().chain(self.joined_mandates(mandates).await?);
        self.batch_write(last.into_values().chain(joined).collect()).await?;
        self.replace_delinquencies(delinquencies, None).await?;
        let writes: Vec<_> = history.into_iter().map(|item| self.put_if(item, None)).collect();
        let written = stream::iter(writes).buffer_unordered(BATCHES_AT_ONCE);
        written.try_for_each(|_| std::future::ready(Ok(()))).await
    }

    /// Puts what a book brings of records that may be stored already, as
    /// [`Replace::Stored`], but a delinquency is joined with what is stored of
    /// it ([`Delinquency::with_news`]): an older book moves no record back.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn put_news(
        &self,
        records: &[Record],
        due: &(dyn Fn(&Delinquency) -> Due + Sync),
    ) -> Result<(), StorageError> {
        let (mut news, mut others) = (HashMap::new(), Vec::new());
        for record in records {
            match record {
                Record::Delinquency(record, due) => {
                    let key = keys::delinquency(self.agency(), &record.account, &record.id);
                    news.insert(key, (&**record, *due));
                }
                other => others.push(other.clone()),
            }
        }
        self.put_unmarked(&others, Replace::Stored).await?;
        self.replace_delinquencies(news, Some(due)).await?;
        self.mark_what_may_begin(&others).await
    }

    /// Raises each mark once, after all is written: a run that looks sooner
    /// would miss what is not there yet, and find that it has looked.
    async fn mark_what_may_begin(&self, records: &[Record]) -> Result<(), StorageError> {
        let marks = records.iter().filter_map(|record| match record {
            Record::Transaction(account, line) => Some((account, line.may_begin()?)),
            _ => None,
        });
        self.mark_to_look(marks.collect::<HashSet<_>>()).await
    }

    fn put_request(&self, item: Item) -> Result<WriteRequest, StorageError> {
        let put = PutRequest::builder().set_item(Some(item)).build();
        let put = put.map_err(|error| self.malformed("BatchWriteItem", error))?;
        Ok(WriteRequest::builder().put_request(put).build())
    }

    /// Puts of line items, each joined with what is stored of it.
    async fn joined_transactions(
        &self,
        news: HashMap<Key, (&AccountId, &TransactionLine)>,
    ) -> Result<Vec<WriteRequest>, StorageError> {
        let stored = self.stored(news.keys(), items::document::<TransactionLine>).await?;
        let puts = news.iter().map(|(key, (account, line))| {
            let joined = stored.get(key).map(|stored| stored.with_news(line));
            let line = joined.as_ref().unwrap_or(line);
            self.put_request(items::transaction_item(self.agency(), account, line)?)
        });
        puts.collect()
    }

    /// Puts of mandates, each joined with what is stored of it: see
    /// [`Mandate::with_news`].
    async fn joined_mandates(
        &self,
        news: HashMap<Key, &Mandate>,
    ) -> Result<Vec<WriteRequest>, StorageError> {
        let stored = self.stored(news.keys(), items::mandate).await?;
        let puts = news.into_iter().map(|(key, mandate)| {
            let joined = stored.get(&key).map(|stored| stored.with_news(mandate));
            let mandate = joined.as_ref().unwrap_or(mandate);
            self.put_request(items::mandate_item(self.agency(), mandate)?)
        });
        puts.collect()
    }

    async fn replace_delinquencies(
        &self,
        records: HashMap<Key, (&Delinquency, Due)>,
        join: Option<&(dyn Fn(&Delinquency) -> Due + Sync)>,
    ) -> Result<(), StorageError> {
        let mut left = records;
        for attempt in 1..=ATTEMPTS_MAX {
            let stored = self.stored(left.keys(), items::delinquency).await?;
            let writes: Vec<_> = left
                .iter()
                .map(|(key, (record, due))| {
                    let stored = stored.get(key);
                    let (record, due) = match (join, stored) {
                        (Some(due), Some(stored)) => {
                            let joined = stored.with_news(record);
                            let due = due(&joined);
                            (joined, due)
                        }
                        _ => ((*record).clone(), *due),
                    };
                    self.replace_delinquency(key, record, due, stored)
                })
                .collect();
            let written: Vec<Option<Key>> =
                stream::iter(writes).buffer_unordered(BATCHES_AT_ONCE).try_collect().await?;
            for key in written.into_iter().flatten() {
                left.remove(&key);
            }
            if left.is_empty() {
                return Ok(());
            }
            pause(attempt).await;
        }
        Err(self.request("PutItem").held_back("ConditionalCheckFailedException"))
    }

    /// The key, if the record was written.
    async fn replace_delinquency(
        &self,
        key: &Key,
        mut record: Delinquency,
        due: Due,
        stored: Option<&Delinquency>,
    ) -> Result<Option<Key>, StorageError> {
        if let Some(stored) = stored {
            record.version = record.version.max(stored.version) + 1;
            record.sequence = record.sequence.max(stored.sequence);
        }
        let item = items::delinquency_item(self.agency(), &record, due)?;
        let written = self.put_if(item, stored.map(|stored| stored.version)).await?;
        Ok(written.then(|| key.clone()))
    }

    /// What is stored under the keys.
    async fn stored<T>(
        &self,
        keys: impl Iterator<Item = &Key>,
        of_item: fn(&Key, Item) -> Result<T, StorageError>,
    ) -> Result<HashMap<Key, T>, StorageError> {
        let found = self.batch_get(keys.map(key_item).collect()).await?;
        let read = |mut item: Item| {
            let key = items::take_key(&mut item);
            let record = of_item(&key, item)?;
            Ok((key, record))
        };
        found.into_iter().map(read).collect()
    }

    /// Puts the item if the stored one has the version, or if there is none.
    /// Whether it was put.
    async fn put_if(&self, item: Item, version: Option<u64>) -> Result<bool, StorageError> {
        let put = self.put_if_absent(item);
        let put = match version {
            None => put,
            // A record that was never written since its import has no version.
            Some(0) => put.condition_expression("attribute_not_exists(version)"),
            Some(version) => put
                .condition_expression("version = :version")
                .expression_attribute_values(":version", number(version)),
        };
        Ok(self.conditional_put(put).await?.is_none())
    }

    /// A put of the item, if there is none with its key.
    pub(crate) fn put_if_absent(&self, item: Item) -> PutItemFluentBuilder {
        let put = self.dynamodb().put_item().table_name(self.table()).set_item(Some(item));
        put.condition_expression("attribute_not_exists(pk)")
    }

    /// Sends the put. None if it was written; if its condition failed, what is
    /// stored, which is empty unless the put asks for it.
    pub(crate) async fn conditional_put(
        &self,
        put: PutItemFluentBuilder,
    ) -> Result<Option<Item>, StorageError> {
        let put = put.return_consumed_capacity(ReturnConsumedCapacity::Total);
        match past_transactions(|| put.clone().send()).await {
            Ok(answer) => {
                self.meter().wrote(answer.consumed_capacity());
                Ok(None)
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Some(failed.item().cloned().unwrap_or_default()))
                }
                _ => Err(self.request("PutItem").failed(error)),
            },
        }
    }

    /// The currencies of the accounts that are stored, for
    /// [`Record::check`].
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn currencies(
        &self,
        accounts: &HashSet<AccountId>,
    ) -> Result<HashMap<AccountId, Currency>, StorageError> {
        let keys = accounts.iter().map(|id| key_item(&keys::account(self.agency(), id))).collect();
        let mut found = HashMap::new();
        for mut item in self.batch_get(keys).await? {
            let key = items::take_key(&mut item);
            let account = items::account(&key, item)?;
            found.insert(account.id.clone(), account.currency());
        }
        Ok(found)
    }

    /// Puts an account as it is; the last writer wins.
    ///
    /// # Errors
    /// The table cannot be written.
    pub async fn put_account(&self, account: &Account) -> Result<(), StorageError> {
        self.put_records(&[Record::Account(account.clone())], Replace::Stored).await
    }
}
