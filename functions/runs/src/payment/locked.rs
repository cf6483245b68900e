//! What other proposals have. A proposal is read beside the book, in the same order,
//! so that memory holds one account of each.

use super::edit::Edits;
use super::plan::{self, PlanReader, PlannedAccount};
use crate::error::RunError;
use crate::ledger;
use crate::record::{RunKind, RunStatus};
use arrears_storage::Store;
use std::collections::BTreeMap;

/// The open proposals, but for one's own.
pub(super) struct Locks {
    proposals: Vec<Proposal>,
}

struct Proposal {
    run_key: String,
    plan: PlanReader,
    edits: Edits,
    /// The next account, if it has been read.
    next: Option<PlannedAccount>,
}

impl Locks {
    /// Opens the proposals that are neither executed nor given up.
    pub(super) async fn open(store: &Store, own: &str) -> Result<Self, RunError> {
        let runs = ledger::runs(store).await?;
        let is_open = |run: &&crate::record::RunRecord| {
            run.kind == RunKind::Payment && run.status == RunStatus::Proposed && run.run_key != own
        };
        let mut proposals = Vec::new();
        for run in runs.iter().filter(is_open) {
            let attempt = run.plan.as_ref().map_or(1, |plan| plan.attempt);
            let mut plan = PlanReader::open(store, &plan::key(&run.run_key, attempt)).await?;
            let next = plan.next().await?;
            let edits = Edits::read(store, &run.run_key).await?;
            proposals.push(Proposal { run_key: run.run_key.clone(), plan, edits, next });
        }
        Ok(Self { proposals })
    }

    /// What the proposals have of an account, and which one has it. Accounts are
    /// asked for in the order of their ids.
    pub(super) async fn of(&mut self, account: &str) -> Result<BTreeMap<String, String>, RunError> {
        let mut locked = BTreeMap::new();
        for proposal in &mut self.proposals {
            for item in proposal.of(account).await? {
                locked.entry(item).or_insert_with(|| proposal.run_key.clone());
            }
        }
        Ok(locked)
    }
}

impl Proposal {
    async fn of(&mut self, account: &str) -> Result<Vec<String>, RunError> {
        while let Some(next) = &self.next {
            if next.inputs.account.id.as_str() >= account {
                break;
            }
            self.next = self.plan.next().await?;
        }
        let found = self.next.as_ref().filter(|next| next.inputs.account.id == account);
        let Some(payment) = found.and_then(|found| found.payment.as_ref()) else {
            return Ok(Vec::new());
        };
        let edits = self.edits.of(account);
        let items = payment.items.iter().map(|item| item.id.clone());
        Ok(items.filter(|item| !edits.get(item).is_some_and(super::edit::takes_out)).collect())
    }
}
