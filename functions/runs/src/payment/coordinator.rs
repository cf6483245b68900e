//! What carries a payment collection run from wherever it stands to its end, or to
//! where it is to wait.

use super::bank::Bank;
use super::edit::Edits;
use super::gather::Accounts;
use super::locked::Locks;
use super::outcome::Refused;
use super::plan::{self, PlanReader, PlanWriter};
use super::record::{Mode, Progress, Stage};
use super::select::{Decider, Planned, select, with_edits};
use super::sums::{Amounts, Sums};
use super::{deliver, post, verify};
use crate::delivery::uploads;
use crate::error::RunError;
use crate::message;
use crate::record::{PlanRecord, RunRecord, RunStatus, Totals};
use crate::run::{Observer, now};
use crate::setups::Stored;
use arrears_domain::payment::{Run, collection_date};
use arrears_domain::setup::PaymentProfile;
use arrears_domain::{Date, Money};
use arrears_storage::{Revision, Store};
use std::time::Instant;

/// A run with what it needs.
pub(super) struct Work<'a> {
    pub(super) store: &'a Store,
    pub(super) stored: &'a Stored,
    pub(super) profile: &'a PaymentProfile,
    /// The base date for payment.
    pub(super) on: Date,
    pub(super) collection_date: Date,
    pub(super) bank: Bank<'a>,
    pub(super) started: Instant,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        store: &'a Store,
        stored: &'a Stored,
        profile: &'a PaymentProfile,
        on: Date,
    ) -> Self {
        let collection_date = collection_date(&stored.prepared.setup, profile, on);
        let bank = Bank::new(profile, collection_date);
        let started = Instant::now();
        Self { store, stored, profile, on, collection_date, bank, started }
    }

    pub(super) fn decider(&self, run_number: u32) -> Decider<'_> {
        let Self { profile, on, collection_date, .. } = *self;
        Decider { run: Run { profile, on, collection_date }, bank: &self.bank, run_number }
    }
}

/// Carries a run from wherever it stands to where it is to go.
pub(super) async fn complete(
    store: &Store,
    stored: &Stored,
    profile: &PaymentProfile,
    (record, revision): (RunRecord, Revision),
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    // What a run consumes is its own.
    let store = &store.metered();
    let work = Work::new(store, stored, profile, record.as_of);
    let mut progress = Progress::new(store, observer, record, revision);
    progress.may_stop().await?;
    uploads::abort(store, &progress.record.run_key).await?;
    if progress.record.status == RunStatus::Planning {
        work.plan(&mut progress).await?;
        progress.may_stop().await?;
    }
    work.carry(progress).await
}

/// Executes a proposal.
pub(super) async fn execute(
    store: &Store,
    stored: &Stored,
    profile: &PaymentProfile,
    (record, revision): (RunRecord, Revision),
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let store = &store.metered();
    let work = Work::new(store, stored, profile, record.as_of);
    let mut progress = Progress::new(store, observer, record, revision);
    work.adopt(&mut progress).await?;
    progress.may_stop().await?;
    work.carry(progress).await
}

impl Work<'_> {
    /// From the plan to the end.
    async fn carry(&self, mut progress: Progress<'_>) -> Result<RunRecord, RunError> {
        match progress.part().mode {
            Mode::Collect => self.collect(&mut progress).await?,
            Mode::Propose | Mode::ReportOnly => self.report(&mut progress).await?,
        }
        uploads::abort(self.store, &progress.record.run_key).await?;
        let record = progress.record;
        tracing::info!(run_key = record.run_key, "{}", message::finished(&record));
        Ok(record)
    }

    /// Decides everything.
    async fn plan(&self, progress: &mut Progress<'_>) -> Result<(), RunError> {
        // The attempt is counted before it writes, so that no two share a name.
        progress.record.plan_attempts += 1;
        progress.part().collection_date = Some(self.collection_date);
        progress.stage(Stage::Reading, None).await?;
        let stage = Instant::now();
        let (attempt, run_key) = (progress.record.plan_attempts, progress.record.run_key.clone());
        let mut accounts = Accounts::read(self.store, progress).await?;
        let mut locks = Locks::open(self.store, &run_key).await?;
        progress.stage(Stage::Selecting, None).await?;
        let key = plan::key(&run_key, attempt);
        let mut writer = PlanWriter::begin(self.store, &run_key, &key).await?;
        let decider = self.decider(progress.record.number);
        let planned =
            select(self.store, &decider, &mut accounts, &mut locks, &mut writer, progress).await?;
        writer.publish(self.store).await?;
        self.planned(progress, attempt, planned, stage).await
    }

    /// Keeps what was planned. A run that passes the total payment limit collects
    /// nothing at all.
    async fn planned(
        &self,
        progress: &mut Progress<'_>,
        attempt: u32,
        mut planned: Planned,
        stage: Instant,
    ) -> Result<(), RunError> {
        planned.totals.process("Select", planned.totals.selected(), stage.elapsed());
        let passed = self.limit_passed(&planned.sums);
        let record = &mut progress.record;
        record.plan = Some(PlanRecord {
            attempt,
            chunks: 1,
            accounts: u64::from(planned.accounts),
            delinquencies: planned.totals.selected(),
        });
        record.totals = Some(planned.totals);
        record.status = RunStatus::Running;
        let part = progress.part();
        part.sums = planned.sums;
        if passed.is_some() {
            part.mode = Mode::ReportOnly;
            part.given_up = passed;
        }
        progress.write().await
    }

    /// Whether more would be collected than the profile allows, and what is said of
    /// it.
    fn limit_passed(&self, sums: &Sums) -> Option<String> {
        let carried = self.bank.most_minor_units();
        let too_much = |sum: &Amounts| carried.is_some_and(|most| sum.net_minor_units > most);
        if sums.amounts.values().any(too_much) {
            return Some(format!(
                "more would be collected than one file of the bank can carry; nothing was \
                 collected: select less by profile {}",
                self.profile.code
            ));
        }
        let limit = self.profile.total_limit?;
        let currencies = self.profile.currencies.iter();
        let totals = currencies.filter_map(|currency| {
            let net = sums.amounts.get(currency.code())?.net_minor_units;
            Some(Money::from_minor_units(net, *currency))
        });
        let passed = totals.into_iter().find(|total| total.to_decimal() > limit)?;
        Some(format!(
            "{} would be collected, which passes the total payment limit of {limit}; nothing was \
             collected: raise `total_limit` of profile {}, or select less",
            passed.with_currency(),
            self.profile.code
        ))
    }

    /// Makes the plan of a proposal that of its execution: with the edits of
    /// operators, if the book still lets each payment be made.
    async fn adopt(&self, progress: &mut Progress<'_>) -> Result<(), RunError> {
        let stage = Instant::now();
        let run_key = progress.record.run_key.clone();
        let proposed = progress.record.plan.as_ref().map_or(1, |plan| plan.attempt);
        let edits = Edits::read(self.store, &run_key).await?;
        progress.record.plan_attempts += 1;
        progress.stage(Stage::Verifying, None).await?;
        uploads::abort(self.store, &run_key).await?;
        let attempt = progress.record.plan_attempts;
        let key = plan::key(&run_key, attempt);
        let mut writer = PlanWriter::begin(self.store, &run_key, &key).await?;
        let mut reader = PlanReader::open(self.store, &plan::key(&run_key, proposed)).await?;
        let decider = self.decider(progress.record.number);
        let mut planned = Planned::default();
        while let Some(account) = reader.next().await? {
            let account = with_edits(&decider, account, planned.accounts + 1, &edits)?;
            planned.count(&account)?;
            writer.write(&account).await?;
        }
        writer.publish(self.store).await?;
        let changes = verify::verify(self.store, &key, progress).await?;
        if changes.count > 0 {
            return Err(RunError::ProposalChanged { run_key, changes: Box::new(changes) });
        }
        if let Some(passed) = self.limit_passed(&planned.sums) {
            return Err(RunError::LimitPassed { run_key, passed });
        }
        progress.part().mode = Mode::Collect;
        progress.part().edits = edits.number();
        self.planned(progress, attempt, planned, stage).await
    }

    /// Writes the reports, and goes no further.
    async fn report(&self, progress: &mut Progress<'_>) -> Result<(), RunError> {
        progress
            .stage(Stage::Reporting, progress.record.plan.as_ref().map(|it| it.accounts))
            .await?;
        let delivered = deliver::reports(self, progress, &Refused::default()).await?;
        let (mode, is_given_up) = (progress.part().mode, progress.part().given_up.is_some());
        deliver::publish(self, progress, delivered, None).await?;
        let status = match mode {
            _ if is_given_up => RunStatus::Abandoned,
            Mode::Propose => RunStatus::Proposed,
            _ => RunStatus::Finished,
        };
        let totals = progress.record.totals.clone().unwrap_or_default();
        self.finish(progress, status, totals).await
    }

    /// Posts, writes and proves.
    async fn collect(&self, progress: &mut Progress<'_>) -> Result<(), RunError> {
        let mut totals = progress.record.totals.clone().unwrap_or_default();
        let (payments, run_key) = (progress.part().sums.payments, progress.record.run_key.clone());
        let attempt = progress.record.plan.as_ref().map_or(1, |plan| plan.attempt);
        let plan_key = plan::key(&run_key, attempt);

        let stage = Instant::now();
        let refused = match Refused::get(self.store, &run_key).await? {
            Some(refused) => refused,
            None => {
                progress.stage(Stage::Posting, Some(payments)).await?;
                let refused = post::post(self, &plan_key, progress, &mut totals).await?;
                refused.put(self.store, &run_key).await?
            }
        };
        totals.process("Post", payments, stage.elapsed());
        progress.part().refused = refused.number();

        let stage = Instant::now();
        progress.stage(Stage::Writing, Some(payments)).await?;
        let delivered = deliver::all(self, progress, &refused).await?;
        totals.process("Write", payments, stage.elapsed());

        let stage = Instant::now();
        progress.stage(Stage::Reconciling, None).await?;
        let proof = delivered.proof(self.store, &run_key).await?;
        totals.process("Reconcile", payments, stage.elapsed());

        progress.stage(Stage::Publishing, None).await?;
        refused_in(&mut totals, &delivered.sums);
        progress.part().sums = delivered.sums.clone();
        deliver::publish(self, progress, delivered, Some(proof)).await?;
        self.finish(progress, RunStatus::Finished, totals).await
    }

    async fn finish(
        &self,
        progress: &mut Progress<'_>,
        status: RunStatus,
        mut totals: Totals,
    ) -> Result<(), RunError> {
        totals.capacity.consumed(&self.store.capacity());
        progress.part().stage = Stage::Done;
        let record = &mut progress.record;
        record.totals = Some(totals);
        record.status = status;
        record.completed_at = Some(now());
        record.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        progress.write().await
    }
}

/// Transactions of payments that were refused were not collected.
fn refused_in(totals: &mut Totals, delivered: &Sums) {
    let refused = totals.processed.saturating_sub(delivered.transactions);
    totals.processed = delivered.transactions;
    if refused > 0 {
        totals.omitted += refused;
        *totals.omitted_by_reason.entry("CHANGED_SINCE".to_owned()).or_default() += refused;
    }
}
