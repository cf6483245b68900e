//! What carries a run from wherever it stands to its end.

use super::workers::work_all;
use super::{Observer, key, now, selection};
use crate::chunk::RunContext;
use crate::error::RunError;
use crate::record::{PlanRecord, RunRecord, RunStatus, Totals};
use crate::setups::{self, Stored};
use crate::{ledger, message, plan};
use arrears_domain::RunKey;
use arrears_storage::{Revision, Store};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

/// Carries a run from wherever it stands to its end.
pub(super) struct Coordinator<'a> {
    pub(super) store: &'a Store,
    pub(super) stored: Stored,
    pub(super) observer: &'a dyn Observer,
    pub(super) started: Instant,
}

impl Coordinator<'_> {
    pub(super) async fn complete(
        &self,
        record: RunRecord,
        revision: Revision,
    ) -> Result<RunRecord, RunError> {
        let run_key = key(&record.run_key)?;
        let (record, revision) = match record.status {
            RunStatus::Planning => self.plan(&run_key, record, revision).await?,
            RunStatus::Running
            | RunStatus::Proposed
            | RunStatus::Finished
            | RunStatus::Abandoned => (record, revision),
        };
        let plan = record.plan.clone().unwrap_or_default();
        self.observer.planned(plan.delinquencies);
        self.work(&run_key, &record, &plan).await?;
        self.finish(&run_key, record, revision, &plan).await
    }

    async fn plan(
        &self,
        run_key: &RunKey,
        mut record: RunRecord,
        revision: Revision,
    ) -> Result<(RunRecord, Revision), RunError> {
        // The attempt is counted before it writes, so that no two share a name.
        record.plan_attempts += 1;
        let revision = ledger::update_run(self.store, &record, revision).await?;
        let planned = plan::write(
            self.store,
            run_key,
            record.plan_attempts,
            &selection(record.kind, record.steps, record.as_of),
            record.commit_number,
        )
        .await?;
        record.plan = Some(PlanRecord {
            attempt: record.plan_attempts,
            chunks: planned.chunks,
            accounts: planned.accounts,
            delinquencies: planned.delinquencies,
        });
        record.status = RunStatus::Running;
        let revision = ledger::update_run(self.store, &record, revision).await?;
        Ok((record, revision))
    }

    async fn work(
        &self,
        run_key: &RunKey,
        record: &RunRecord,
        plan: &PlanRecord,
    ) -> Result<(), RunError> {
        let done: HashSet<u32> = ledger::summaries(self.store, run_key)
            .await?
            .into_iter()
            .inspect(|summary| self.observer.chunk(summary))
            .map(|summary| summary.chunk)
            .collect();
        let context = RunContext {
            store: self.store.clone(),
            prepared: Arc::clone(&self.stored.prepared),
            setup_version: self.stored.version,
            run_key: run_key.clone(),
            as_of: record.as_of,
            steps: record.steps,
        };
        work_all(&context, record.threads, plan.attempt, done, self.observer).await
    }

    async fn finish(
        &self,
        run_key: &RunKey,
        mut record: RunRecord,
        revision: Revision,
        plan: &PlanRecord,
    ) -> Result<RunRecord, RunError> {
        let mut totals = Totals::default();
        for summary in ledger::summaries(self.store, run_key).await? {
            totals.add(&summary.totals);
        }
        if totals.selected() != plan.delinquencies {
            return Err(RunError::CountsDiffer {
                run_key: record.run_key,
                planned: plan.delinquencies,
                counted: totals.selected(),
            });
        }
        setups::note_writes_under(self.store, self.stored.version).await?;
        record.totals = Some(totals);
        record.status = RunStatus::Finished;
        record.completed_at = Some(now());
        record.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        ledger::update_run(self.store, &record, revision).await?;
        tracing::info!(run_key = record.run_key, "{}", message::finished(&record));
        Ok(record)
    }
}
