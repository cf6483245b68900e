//! What carries a run from wherever it stands to its end.

use super::workers::{ToWorkers, work_all};
use super::{Observer, key, now, selection};
use crate::chunk::RunContext;
use crate::error::RunError;
use crate::record::{PlanRecord, RunRecord, RunStatus, Totals};
use crate::setups::{self, Stored};
use crate::step::StepError;
use crate::{ledger, message, plan};
use arrears_domain::RunKey;
use arrears_storage::{DUE_SHARDS, Revision, Store};
use std::collections::HashSet;
use std::time::{Duration, Instant};

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
        if self.observer.is_out_of_time() {
            return Err(RunError::Step(StepError::OutOfTime { run_key: record.run_key }));
        }
        self.work(&run_key, &record, &plan).await?;
        let took = self.started.elapsed();
        finish(self.store, record, revision, took).await
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
        let context = RunContext::of(self.store, &self.stored, record)?;
        let feed = async |to_workers| feed(&context, plan.attempt, &done, to_workers).await;
        work_all(&context, record.threads, feed, self.observer).await
    }
}

/// Sums the chunks up, and proves that they account for what was planned.
pub(super) async fn finish(
    store: &Store,
    mut record: RunRecord,
    revision: Revision,
    took: Duration,
) -> Result<RunRecord, RunError> {
    let mut totals = Totals::default();
    for summary in ledger::summaries(store, &key(&record.run_key)?).await? {
        totals.add(&summary.totals);
    }
    let planned = record.plan.as_ref().map_or(0, |plan| plan.delinquencies);
    if totals.selected() != planned {
        let counted = totals.selected();
        return Err(RunError::CountsDiffer { run_key: record.run_key, planned, counted });
    }
    setups::note_writes_under(store, record.setup_version).await?;
    record.totals = Some(totals);
    record.status = RunStatus::Finished;
    record.completed_at = Some(now());
    record.duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    ledger::update_run(store, &record, revision).await?;
    tracing::info!(run_key = record.run_key, "{}", message::finished(&record));
    Ok(record)
}

/// Hands over every chunk of the plan that is not done.
async fn feed(
    context: &RunContext,
    plan_attempt: u32,
    done: &HashSet<u32>,
    to_workers: ToWorkers,
) -> Result<(), RunError> {
    for shard in 0..DUE_SHARDS {
        for chunk in plan::read(&context.store, &context.run_key, plan_attempt, shard).await? {
            if !done.contains(&chunk.number) && to_workers.send(chunk).await.is_err() {
                // Every worker has stopped: one of them says why.
                return Ok(());
            }
        }
    }
    Ok(())
}
