//! From the book to a plan: records are read by account, decided in batches, and
//! written down.

use super::decide::{Asked, Decider};
use super::gather::Accounts;
use super::plan::{PlanLine, PlanWriter};
use super::record::Progress;
use crate::error::RunError;
use crate::record::Totals;
use arrears_storage::Store;
use std::collections::HashSet;

/// Records whose contacts are read together.
const BATCH_RECORDS: usize = 1_000;
/// Accounts that are looked at together: where few of them are asked further, a
/// run still shows that it goes on.
const BATCH_ACCOUNTS: usize = 20_000;

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
        let Batch { asked, is_end } =
            tokio::task::block_in_place(|| batch(accounts, decider, &mut planned.totals))?;
        let ids: HashSet<_> = asked.iter().filter_map(Asked::contact).cloned().collect();
        let contacts = store.contacts(&ids).await?;
        let lines = tokio::task::block_in_place(|| {
            let mut lines = Vec::with_capacity(asked.len());
            for asked in asked {
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

/// Records that are asked further.
struct Batch {
    asked: Vec<Asked>,
    /// Whether the book has been read to its end.
    is_end: bool,
}

fn batch(
    accounts: &mut Accounts,
    decider: &Decider<'_>,
    totals: &mut Totals,
) -> Result<Batch, RunError> {
    let mut asked = Vec::new();
    for _ in 0..BATCH_ACCOUNTS {
        let Some(gathered) = accounts.next()? else { return Ok(Batch { asked, is_end: true }) };
        asked.extend(decider.asked(gathered, totals));
        if asked.len() >= BATCH_RECORDS {
            break;
        }
    }
    Ok(Batch { asked, is_end: false })
}

impl Planned {
    fn count(&mut self, line: &PlanLine) {
        self.files += u32::from(matches!(line, PlanLine::Closes { .. }));
    }
}
