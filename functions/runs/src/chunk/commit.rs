//! Step 4: write. One transaction for each record, all of it or nothing.

use super::{Item, LookMove, RunContext, Settled, gather};
use crate::act::Work;
use crate::error::RunError;
use arrears_domain::decide::{Explanation, OmitReason};
use arrears_storage::{AccountWrite, CommitOutcome, DueKey, RecordWrite, StorageError};
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
    items: Vec<Item<Work>>,
) -> Result<Vec<Item<()>>, RunError> {
    let mut accounts: Vec<Vec<Item<Work>>> = Vec::new();
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
    items: Vec<Item<Work>>,
) -> Result<Vec<Item<()>>, RunError> {
    let mut done = Vec::with_capacity(items.len());
    for item in items {
        done.push(commit_one(context, item).await?);
    }
    Ok(done)
}

async fn commit_one(context: &RunContext, item: Item<Work>) -> Result<Item<()>, RunError> {
    let Item { key, snapshot, state, look } = item;
    let settled = match state {
        Ok(work) => write(context, &key, work, look.as_ref()).await?,
        Err(settled) => {
            // Nothing begins: the question is put again when there may be an
            // answer. If somebody marked the account meanwhile, the mark stays.
            if let (Settled::Omitted { .. }, Some(look)) = (&settled, &look) {
                let _ = context.store.move_look(&key.account, &look.write()).await?;
            }
            settled
        }
    };
    Ok(Item { key, snapshot, state: Err(settled), look })
}

async fn write(
    context: &RunContext,
    key: &DueKey,
    work: Work,
    look: Option<&LookMove>,
) -> Result<Settled, RunError> {
    let record = RecordWrite {
        before: work.changed.before.as_ref(),
        after: &work.changed.after,
        due: work.changed.due,
        transition: &work.transition,
    };
    let write = AccountWrite {
        account: &key.account,
        contact: work.account.contact.as_ref(),
        revision: look.map(|look| look.revision),
        records: vec![record],
        balance_change: None,
        items: &[],
        changed_items: &[],
        mandate: None,
        posting: None,
        event: None,
        look: look.map(LookMove::write),
        looks_again: &[],
    };
    match context.store.commit(&write).await {
        Ok(CommitOutcome::Committed) => Ok(Settled::Processed(Box::new(work.transition))),
        Ok(CommitOutcome::Conflict) => conflict(context, key).await,
        // What is wrong with one record must not stop the others.
        Err(error) => Ok(refused(error, work.transition.explanation)?),
    }
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
pub(crate) fn as_if_committed(item: Item<Work>) -> Item<()> {
    let Item { key, snapshot, state, look } = item;
    let settled =
        state.map_or_else(|settled| settled, |work| Settled::Processed(Box::new(work.transition)));
    Item { key, snapshot, state: Err(settled), look }
}
