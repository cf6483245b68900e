//! Step 4: write. One transaction for each record, all of it or nothing.

use super::act::Acted;
use super::{Item, RunContext, Settled, gather};
use crate::error::RunError;
use arrears_domain::decide::{Explanation, OmitReason};
use arrears_storage::{CommitOutcome, DueKey, StorageError, TransitionWrite};
use futures::stream::{self, StreamExt, TryStreamExt};

/// Transactions that one worker has under way at a time. DynamoDB answers in
/// some 10 ms, so that eight keep a worker busy; the embedded engine does one
/// at a time and does not mind.
const CONCURRENT_COMMITS_MAX: usize = 8;

/// Commits each record that is still open. Records of one account go one after
/// the other, since their transactions may touch the same account item; they
/// stand together in a chunk.
pub(super) async fn commit(
    context: &RunContext,
    items: Vec<Item<Acted>>,
) -> Result<Vec<Item<()>>, RunError> {
    let mut accounts: Vec<Vec<Item<Acted>>> = Vec::new();
    for item in items {
        match accounts.last_mut() {
            Some(last) if last[0].key.account == item.key.account => last.push(item),
            _ => accounts.push(vec![item]),
        }
    }
    let done: Vec<Vec<Item<()>>> = stream::iter(accounts)
        .map(|items| commit_account(context, items))
        .buffered(CONCURRENT_COMMITS_MAX)
        .try_collect()
        .await?;
    Ok(done.into_iter().flatten().collect())
}

async fn commit_account(
    context: &RunContext,
    items: Vec<Item<Acted>>,
) -> Result<Vec<Item<()>>, RunError> {
    let mut done = Vec::with_capacity(items.len());
    for item in items {
        done.push(commit_one(context, item).await?);
    }
    Ok(done)
}

async fn commit_one(context: &RunContext, item: Item<Acted>) -> Result<Item<()>, RunError> {
    let Item { key, snapshot, state } = item;
    let settled = match (state, &snapshot) {
        (Err(settled), _) => settled,
        (Ok(_), None) => Settled::missing("record"),
        (Ok(acted), Some(snapshot)) => {
            let write = TransitionWrite {
                before: &snapshot.delinquency,
                after: &acted.after,
                due: acted.due,
                contact: snapshot.account.contact.as_ref(),
                transition: &acted.transition,
            };
            match context.store.commit(&write).await {
                Ok(CommitOutcome::Committed) => Settled::Processed(Box::new(acted.transition)),
                Ok(CommitOutcome::Conflict) => conflict(context, &key).await?,
                // What is wrong with one record must not stop the others.
                Err(error) => refused(error, acted.transition.explanation)?,
            }
        }
    };
    Ok(Item { key, snapshot, state: Err(settled) })
}

/// A record that the table refuses becomes an error; any other failure is the
/// store's, and ends the chunk.
fn refused(error: StorageError, explanation: Explanation) -> Result<Settled, StorageError> {
    match error.code_of_record() {
        Some(code) => {
            let message = error.to_string();
            Ok(Settled::Failed { code: code.to_owned(), message, explanation })
        }
        None => Err(error),
    }
}

/// Somebody wrote the record after it was read. If it was this very run, in
/// another attempt at the chunk, the record is done; otherwise it stays as the
/// other one left it, and a later run looks at it again.
async fn conflict(context: &RunContext, key: &DueKey) -> Result<Settled, RunError> {
    let done = gather::done(context, key).await?;
    Ok(done.unwrap_or(Settled::Omitted {
        reason: OmitReason::ChangedMeanwhile,
        explanation: Explanation::default(),
    }))
}

/// What a record would become if the transaction were made.
pub(super) fn as_if_committed(item: Item<Acted>) -> Item<()> {
    let Item { key, snapshot, state } = item;
    let settled = state
        .map_or_else(|settled| settled, |acted| Settled::Processed(Box::new(acted.transition)));
    Item { key, snapshot, state: Err(settled) }
}
