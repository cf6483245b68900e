//! Step 1: read what the decisions need.

use super::{Chunk, Item, RunContext, Settled, Snapshot};
use crate::error::RunError;
use arrears_domain::Identifier;
use arrears_storage::{DueKey, Gathered};

/// Reads each record of the chunk with its account and contact. A record that
/// this run has advanced already, in an earlier attempt, is settled by the
/// transition that did it.
pub(super) async fn gather(
    context: &RunContext,
    chunk: &Chunk,
    attempt: u32,
) -> Result<Vec<Item<()>>, RunError> {
    let mut items = Vec::with_capacity(chunk.keys.len());
    for gathered in context.store.gather(&chunk.keys).await? {
        items.push(item(context, gathered, attempt).await?);
    }
    Ok(items)
}

async fn item(
    context: &RunContext,
    gathered: Gathered,
    attempt: u32,
) -> Result<Item<()>, RunError> {
    let Gathered { key, delinquency, account, contact } = gathered;
    let (Some(delinquency), Some(account)) = (delinquency, account) else {
        return Ok(Item {
            key,
            snapshot: None,
            state: Err(Settled::missing("record or its account")),
        });
    };
    // Only an earlier attempt can have done it: the first one need not look.
    let done = if attempt > 1 { done(context, &key).await? } else { None };
    let state = done.map_or(Ok(()), Err);
    Ok(Item { key, snapshot: Some(Snapshot { delinquency, account, contact }), state })
}

/// The record, settled, if this run has advanced it already. History tells, and
/// only history: what the record itself says may have been written over since.
pub(super) async fn done(context: &RunContext, key: &DueKey) -> Result<Option<Settled>, RunError> {
    let page = context.store.account_page(&key.account).await?;
    let transitions = page.map(|page| page.transitions).unwrap_or_default();
    let made = transitions.into_iter().find(|transition| {
        transition.delinquency == key.delinquency && transition.cause == context.run_key.as_str()
    });
    Ok(made.map(|transition| Settled::Processed(Box::new(transition))))
}
