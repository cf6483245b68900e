//! Step 1: read what the decisions need.

use super::{Chunk, Item, Read, RunContext, Settled, Snapshot};
use crate::error::RunError;
use arrears_domain::{AccountId, HistoryEvent, Identifier, Transition};
use arrears_storage::{AccountBook, AccountPage, DueKey, DueSubject, Gathered};
use std::collections::HashMap;

/// Reads each record of the chunk with its account and contact, and for the
/// question of entry everything of the account that it is put to. What this run
/// has done already, in an earlier attempt, is settled by the transition that
/// did it.
pub(super) async fn gather(
    context: &RunContext,
    chunk: &Chunk,
    attempt: u32,
) -> Result<Vec<Item<()>>, RunError> {
    let is_record = |key: &&DueKey| matches!(key.subject, DueSubject::Record(_));
    let (records, entries): (Vec<&DueKey>, Vec<&DueKey>) = chunk.keys.iter().partition(is_record);
    let records: Vec<DueKey> = records.into_iter().cloned().collect();
    let mut items = Vec::with_capacity(chunk.keys.len());
    for gathered in context.store.gather(&records).await? {
        items.push(record(gathered));
    }
    let mut accounts: Vec<AccountId> = entries.iter().map(|key| key.account.clone()).collect();
    accounts.dedup();
    let books = context.store.account_books(&accounts).await?;
    let books: HashMap<AccountId, AccountBook> =
        books.into_iter().map(|book| (book.account.id.clone(), book)).collect();
    items.extend(entries.into_iter().map(|key| entry(key, books.get(&key.account))));
    // Records of one account are committed one after the other.
    items.sort_by(|a, b| a.key.account.cmp(&b.key.account));
    if attempt > 1 {
        // Only an earlier attempt can have done it: the first one need not look.
        for item in items.iter_mut().filter(|item| item.state.is_ok()) {
            if let Some(settled) = done(context, &item.key).await? {
                item.state = Err(settled);
            }
        }
    }
    Ok(items)
}

fn record(gathered: Gathered) -> Item<()> {
    let Gathered { key, delinquency, account, contact } = gathered;
    let (Some(delinquency), Some(account)) = (delinquency, account) else {
        let state = Err(Settled::missing("record or its account"));
        return Item { key, snapshot: None, state, look: None };
    };
    let snapshot = Snapshot { read: Read::Record(delinquency), account, contact };
    Item { key, snapshot: Some(snapshot), state: Ok(()), look: None }
}

fn entry(key: &DueKey, book: Option<&AccountBook>) -> Item<()> {
    let key = key.clone();
    let (DueSubject::Entry(bill_type), Some(book)) = (&key.subject, book) else {
        return Item { key, snapshot: None, state: Err(Settled::missing("account")), look: None };
    };
    let read = Read::Entry {
        bill_type: bill_type.clone(),
        mark: book.looks.get(bill_type).copied().unwrap_or_default(),
        revision: book.revision,
        delinquencies: book.delinquencies.clone(),
        items: book.items.clone(),
    };
    let snapshot = Snapshot { read, account: book.account.clone(), contact: book.contact.clone() };
    Item { key, snapshot: Some(snapshot), state: Ok(()), look: None }
}

/// What became of the record, if this run has changed it already. History tells,
/// and only history: what the record itself says may have been written over
/// since.
pub(super) async fn done(context: &RunContext, key: &DueKey) -> Result<Option<Settled>, RunError> {
    let Some(page) = context.store.account_page(&key.account).await? else { return Ok(None) };
    let is_made =
        |it: &&Transition| it.cause == context.run_key.as_str() && is_about(&page, key, it);
    let made = page.transitions.iter().find(is_made).cloned();
    Ok(made.map(|transition| Settled::Processed(Box::new(transition))))
}

/// Whether the transition is this key's: a record that was there has moved or
/// was settled; a question of entry has made a record, or added to what one
/// owes.
fn is_about(page: &AccountPage, key: &DueKey, transition: &Transition) -> bool {
    let is_entry = match transition.event {
        HistoryEvent::Transition(_) => transition.from.is_none(),
        event => event == HistoryEvent::BalanceChanged,
    };
    match &key.subject {
        DueSubject::Record(id) => transition.delinquency == *id && !is_entry,
        DueSubject::Entry(bill_type) => page.delinquencies.iter().any(|record| {
            is_entry
                && record.id == transition.delinquency
                && record.bill_type.as_ref() == Some(bill_type)
        }),
    }
}
