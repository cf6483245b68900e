//! What may be asked of payment collection runs: start, execute, resume, abandon,
//! replay.

use super::coordinator::{self, Work};
use super::edit::proposal;
use super::plan::{self, PlanReader};
use super::record::{Mode, PaymentRecord, Stage};
use crate::catalog::Catalog;
use crate::delivery::uploads;
use crate::error::RunError;
use crate::record::{RunKind, RunRecord, RunStatus};
use crate::run::{Difference, Observer, Replay, now};
use crate::setups::{self, Stored};
use crate::{ledger, message};
use arrears_domain::setup::{PaymentProfile, PaymentsDebits};
use arrears_domain::{Date, Period, RunKey};
use arrears_storage::{Revision, Store};
use std::time::Instant;

/// What may be asked of a payment collection run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The code of the payment profile.
    pub profile: String,
    /// The base date for payment, which is the date of the run and of its postings.
    pub base_date: Date,
    /// How far it is to go.
    pub mode: Mode,
    /// Lets the run be dated before the last one.
    pub allow_back_dated: bool,
}

/// Starts a run and works until it is finished, or has its proposal or report.
///
/// # Errors
/// The run is refused, and nothing is written; or the store fails on the way, and
/// `resume` goes on.
pub async fn start(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    start_reserved(store, catalog, options, None, observer).await
}

/// The same under a number that was set aside.
///
/// # Errors
/// As [`start`]; or there is a run of that number already.
pub(crate) async fn start_reserved(
    store: &Store,
    catalog: &Catalog,
    options: &Options,
    reserved: Option<&ledger::Reserved>,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let stored = setups::active(store, catalog).await?;
    let profile = payment_profile(&stored, &options.profile)?;
    let mode = if profile.post { options.mode } else { Mode::ReportOnly };
    if mode != Mode::ReportOnly {
        ensure_open(&stored, options.base_date)?;
    }
    let latest_as_of = latest_as_of(store, options, mode).await?;
    let part = PaymentRecord { profile: profile.code.clone(), mode, ..PaymentRecord::default() };
    let record = |run_key: RunKey, number| RunRecord {
        latest_as_of,
        payment: Some(Box::new(part.clone())),
        ..RunRecord::begun(RunKind::Payment, (&run_key, number), options.base_date, stored.version)
    };
    let (record, revision) = ledger::create_run(store, RunKind::Payment, reserved, record).await?;
    tracing::info!(run_key = record.run_key, "{}", message::started(&record));
    coordinator::complete(store, &stored, profile, (record, revision), observer).await
}

/// Executes a proposal: collects exactly what it says.
///
/// # Errors
/// There is no such proposal; the book has changed since, and nothing is written; or
/// the store fails.
pub async fn execute(
    store: &Store,
    catalog: &Catalog,
    run_key: &str,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    let (record, revision) = proposal(store, run_key).await?;
    let stored = setups::version(store, catalog, record.setup_version).await?;
    // The ledger is closed by the present setup, whatever the run's own says.
    ensure_open(&setups::active(store, catalog).await?, record.as_of)?;
    let profile = payment_profile(&stored, &profile_of(&record))?;
    coordinator::execute(store, &stored, profile, (record, revision), observer).await
}

/// Goes on with a run that was killed or that failed on the way.
///
/// # Errors
/// The run has ended, or is a proposal; or the store fails again.
pub async fn resume(
    store: &Store,
    catalog: &Catalog,
    record: RunRecord,
    revision: Revision,
    observer: &dyn Observer,
) -> Result<RunRecord, RunError> {
    if record.status == RunStatus::Proposed {
        return Err(RunError::IsProposal(record.run_key));
    }
    let stored = setups::version(store, catalog, record.setup_version).await?;
    let profile = payment_profile(&stored, &profile_of(&record))?;
    coordinator::complete(store, &stored, profile, (record, revision), observer).await
}

/// Gives a run up of which nothing is posted; what a proposal had is free for others.
///
/// # Errors
/// The run has ended, or payments may be posted; or the store fails.
pub async fn abandon(
    store: &Store,
    (mut record, revision): (RunRecord, Revision),
) -> Result<RunRecord, RunError> {
    let stage = record.payment.as_ref().map(|payment| payment.stage).unwrap_or_default();
    match record.status {
        RunStatus::Finished => return Err(RunError::AlreadyFinished { run_key: record.run_key }),
        RunStatus::Abandoned => {}
        RunStatus::Running if stage >= Stage::Posting => {
            return Err(RunError::CannotAbandon { run_key: record.run_key });
        }
        RunStatus::Planning | RunStatus::Running | RunStatus::Proposed => {
            record.status = RunStatus::Abandoned;
            record.completed_at = Some(now());
            if let Some(payment) = &mut record.payment {
                payment.given_up = Some("given up by an operator".to_owned());
            }
            ledger::update_run(store, &record, revision).await?;
        }
    }
    uploads::abort(store, &record.run_key).await?;
    Ok(record)
}

/// Decides a run again from its plan, account by account.
///
/// # Errors
/// The plan cannot be read, or the store fails.
pub async fn replay(
    store: &Store,
    catalog: &Catalog,
    record: &RunRecord,
    observer: &dyn Observer,
) -> Result<Replay, RunError> {
    let started = Instant::now();
    let stored = setups::version(store, catalog, record.setup_version).await?;
    let profile = payment_profile(&stored, &profile_of(record))?;
    let work = Work::new(store, &stored, profile, record.as_of);
    let decider = work.decider(record.number);
    let attempt = record.plan.as_ref().map_or(1, |plan| plan.attempt);
    let journal = plan::key(&record.run_key, attempt);
    let mut replay = Replay::of(record);
    replay.journals = 1;
    observer.planned(record.plan.as_ref().map_or(0, |plan| plan.accounts));
    let mut plan = PlanReader::open(store, &journal).await?;
    let mut number = 0;
    while let Some(recorded) = plan.next().await? {
        number += 1;
        replay.records += 1;
        observer.looked_at(1);
        let line = u64::from(number);
        let again = decider.decide(recorded.inputs.clone(), number);
        let again = again.map_err(|error| RunError::BookLine(Box::new(error)))?;
        if again != recorded {
            let text = |account| serde_json::to_string(account).map_err(RunError::Document);
            replay.differ(Difference {
                journal: journal.clone(),
                line,
                account: recorded.inputs.account.id.clone(),
                subject: "payment".to_owned(),
                recorded: text(&recorded)?,
                replayed: text(&again)?,
            });
        }
    }
    replay.took(started.elapsed());
    Ok(replay)
}

/// A payment profile by its code; one that this run accepts.
///
/// # Errors
/// There is none, or its *Payments/Debits* is not *Collection*.
pub fn payment_profile<'a>(stored: &'a Stored, code: &str) -> Result<&'a PaymentProfile, RunError> {
    let known = &stored.prepared.setup.payment_profiles;
    let profile = known.get(code).ok_or_else(|| RunError::UnknownPaymentProfile {
        code: code.to_owned(),
        known: known.keys().cloned().collect::<Vec<_>>().join(", "),
    })?;
    if profile.payments_debits != PaymentsDebits::Collection {
        return Err(RunError::NotForCollection(code.to_owned()));
    }
    Ok(profile)
}

fn profile_of(record: &RunRecord) -> String {
    record.payment.as_ref().map(|payment| payment.profile.clone()).unwrap_or_default()
}

/// Refuses a date whose period the ledger has closed.
fn ensure_open(stored: &Stored, on: Date) -> Result<(), RunError> {
    let period = Period::of(on);
    match stored.prepared.setup.ledger.closed_through {
        Some(closed) if period <= closed => Err(RunError::PeriodClosed {
            on,
            period: period.to_string(),
            closed: closed.to_string(),
        }),
        _ => Ok(()),
    }
}

/// A run that posts nothing may look at any date, and bars no later one.
async fn latest_as_of(store: &Store, options: &Options, mode: Mode) -> Result<Date, RunError> {
    let on = options.base_date;
    if mode != Mode::ReportOnly {
        return ledger::latest_as_of(store, RunKind::Payment, on, options.allow_back_dated).await;
    }
    let last = ledger::last_run(store, RunKind::Payment).await?;
    Ok(last.map_or_else(|| Date::from_ymd_opt(1, 1, 1).unwrap_or(on), |last| last.latest_as_of))
}
