//! The ledger of placements, made from the plan of a run.

use super::plan::{PlanLine, PlanReader};
use super::record::Progress;
use crate::error::RunError;
use arrears_domain::PlacementEntry;
use arrears_storage::Store;

/// Entries that are written together.
const BATCH_ENTRIES: usize = 1_000;

/// Enters every record of a plan but the first ones, which an earlier attempt has
/// entered for certain. Any other entry that it has made is left as it is. `progress`
/// is told how many entries there are by now, and may stop the run between two
/// batches.
pub(super) async fn enter(
    store: &Store,
    plan_key: &str,
    entered_before: u64,
    progress: &mut Progress<'_>,
) -> Result<(), RunError> {
    let mut plan = PlanReader::open(store, plan_key).await?;
    let (mut batch, mut entered) = (Vec::with_capacity(BATCH_ENTRIES), entered_before);
    let mut skipped = 0;
    loop {
        let line = plan.next().await?;
        let is_end = line.is_none();
        if let Some(PlanLine::Record(record)) = line {
            if skipped < entered_before {
                skipped += 1;
                continue;
            }
            let entry = PlacementEntry::try_from(&record.entry);
            batch.push(entry.map_err(|_| RunError::Plan { key: plan_key.to_owned() })?);
        }
        if batch.len() == BATCH_ENTRIES || is_end {
            store.put_placements(&batch).await?;
            entered += batch.len() as u64;
            batch.clear();
            progress.part().entered = entered;
            progress.at(entered).await?;
            progress.may_stop().await?;
        }
        if is_end {
            return Ok(());
        }
    }
}
