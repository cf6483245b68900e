//! The ledger of placements, made from the plan of a run.

use super::plan::{PlanLine, PlanReader};
use super::record::Progress;
use crate::error::RunError;
use arrears_domain::PlacementEntry;
use arrears_storage::Store;

/// Entries that are written together.
const BATCH_ENTRIES: usize = 1_000;

/// Enters every record of a plan. An entry that an earlier attempt has made is
/// left as it is. `progress` is told how many entries there are by now.
pub(super) async fn enter(
    store: &Store,
    plan_key: &str,
    progress: &mut Progress<'_>,
) -> Result<(), RunError> {
    let mut plan = PlanReader::open(store, plan_key).await?;
    let (mut batch, mut entered) = (Vec::with_capacity(BATCH_ENTRIES), 0);
    loop {
        let line = plan.next().await?;
        let is_end = line.is_none();
        if let Some(PlanLine::Record(record)) = line {
            let entry = PlacementEntry::try_from(&record.entry);
            batch.push(entry.map_err(|_| RunError::Plan { key: plan_key.to_owned() })?);
        }
        if batch.len() == BATCH_ENTRIES || is_end {
            store.put_placements(&batch).await?;
            entered += batch.len() as u64;
            batch.clear();
            progress.at(entered).await?;
        }
        if is_end {
            return Ok(());
        }
    }
}
