//! From the book to a plan: records are read by account, decided in batches, and
//! written down.

use super::decide::{Asked, Decider};
use super::gather::Accounts;
use super::plan::{PlanLine, PlanWriter};
use super::progress::Progress;
use crate::error::RunError;
use crate::record::Totals;
use arrears_storage::Store;
use std::collections::HashSet;

/// Records whose contacts are read together.
const BATCH_RECORDS: usize = 1_000;

/// What a plan comes to.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) totals: Totals,
    pub(super) files: u32,
}

/// Decides all records of the accounts, and writes down what comes of them; a
/// rehearsal, which has no plan, writes nothing.
pub(super) async fn select(
    store: &Store,
    accounts: &mut Accounts,
    decider: &mut Decider<'_>,
    mut plan: Option<&mut PlanWriter>,
    mut progress: Option<&mut Progress<'_>>,
) -> Result<Planned, RunError> {
    let mut planned = Planned::default();
    loop {
        let batch = tokio::task::block_in_place(|| batch(accounts, decider, &mut planned.totals))?;
        let is_end = batch.is_empty();
        let ids: HashSet<_> = batch.iter().filter_map(Asked::contact).cloned().collect();
        let contacts = store.contacts(&ids).await?;
        let lines = tokio::task::block_in_place(|| {
            let mut lines = Vec::with_capacity(batch.len());
            for asked in batch {
                lines.extend(decider.lines(asked, &contacts, &mut planned.totals)?);
            }
            if is_end {
                lines.extend(decider.end()?);
            }
            Ok::<_, RunError>(lines)
        })?;
        for line in lines {
            if let Some(plan) = plan.as_deref_mut() {
                plan.write(&line).await?;
            }
            planned.count(&line);
        }
        if let Some(progress) = progress.as_deref_mut() {
            progress.at(planned.totals.selected()).await?;
        }
        if is_end {
            return Ok(planned);
        }
    }
}

/// The next records that are asked further; none at the end of the book.
fn batch(
    accounts: &mut Accounts,
    decider: &Decider<'_>,
    totals: &mut Totals,
) -> Result<Vec<Asked>, RunError> {
    let mut batch = Vec::new();
    while batch.len() < BATCH_RECORDS {
        let Some(gathered) = accounts.next()? else { break };
        batch.extend(decider.asked(gathered, totals));
    }
    Ok(batch)
}

impl Planned {
    fn count(&mut self, line: &PlanLine) {
        self.files += u32::from(matches!(line, PlanLine::Closes { .. }));
    }
}
