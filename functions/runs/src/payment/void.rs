//! Voids: a payment, or all payments of a run, as if it had never been collected.
//!
//! Each is the event that a reversal of any payment is, so that it counts once, and
//! the records that the payment had lowered owe again.

use super::plan::{self, PlanReader, PlannedAccount};
use super::record::{Mode, PaymentRecord, Stage};
use crate::error::RunError;
use crate::events::{Answer, Applier, Outcome, make_told_on};
use crate::ledger;
use crate::record::{RunKind, RunRecord};
use crate::setups::Stored;
use arrears_domain::{AccountId, Date, Identifier};
use arrears_storage::Store;
use serde::Serialize;
use serde_json::{Map, Value};

/// Payments that are made void together.
const BATCH_PAYMENTS: usize = 200;

/// What a void came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Voided {
    /// Payments that are void now.
    pub voided: u64,
    /// Payments that were void before, by this very command.
    pub duplicates: u64,
    /// Payments that could not be made void; they are in the dead-letter list, with
    /// their reasons.
    pub parked: u64,
    /// The answers, of at most a thousand payments.
    pub answers: Vec<Answer>,
}

/// How payments are made void.
#[derive(Debug, Clone)]
pub struct VoidOptions {
    /// The date of the postings.
    pub on: Date,
    /// Why, for history.
    pub reason: String,
    /// The transactions become *Withheld*.
    pub withhold: bool,
}

/// Answers that are kept: more than anybody reads.
const ANSWERS_MAX: usize = 1_000;

/// Makes one payment void.
///
/// # Errors
/// There is no such payment; or the store fails.
pub async fn void_payment(
    store: &Store,
    stored: &Stored,
    payment: &str,
    options: &VoidOptions,
) -> Result<Voided, RunError> {
    let found = find(store, payment).await?;
    let account = found.ok_or_else(|| unknown(payment))?.inputs.account.id;
    let mut voided = Voided::default();
    voided.batch(store, stored, &[(account, payment.to_owned())], options).await?;
    Ok(voided)
}

/// Makes all payments of a run void. It may be repeated until all are.
///
/// # Errors
/// There is no such run, or it has posted nothing; or the store fails.
pub async fn void_run(
    store: &Store,
    stored: &Stored,
    run_key: &str,
    options: &VoidOptions,
) -> Result<Voided, RunError> {
    let (record, _) = ledger::run(store, run_key).await?;
    if !has_posted(&record) {
        return Err(RunError::NothingPosted(run_key.to_owned()));
    }
    let refused = super::outcome::Refused::get(store, run_key).await?.unwrap_or_default();
    let (mut plan, mut voided) = (open(store, &record).await?, Voided::default());
    let mut batch = Vec::new();
    while let Some(account) = plan.next().await? {
        let Some(payment) = account.payment else { continue };
        if refused.why(payment.number).is_none() {
            batch.push((account.inputs.account.id, payment.id));
        }
        if batch.len() == BATCH_PAYMENTS {
            voided.batch(store, stored, &std::mem::take(&mut batch), options).await?;
        }
    }
    voided.batch(store, stored, &batch, options).await?;
    Ok(voided)
}

impl Voided {
    async fn batch(
        &mut self,
        store: &Store,
        stored: &Stored,
        payments: &[(String, String)],
        options: &VoidOptions,
    ) -> Result<(), RunError> {
        let applier = Applier::new(store.clone(), stored);
        let mut events = Vec::with_capacity(payments.len());
        for (account, payment) in payments {
            let account = AccountId::parse(account).map_err(|_| unknown(payment))?;
            let mut data = Map::new();
            data.insert("payment".to_owned(), Value::from(payment.as_str()));
            data.insert("reference".to_owned(), Value::from(options.reason.as_str()));
            if options.withhold {
                data.insert("withhold".to_owned(), Value::from(true));
            }
            let (kind, id) = ("arrears.payment.reversed", format!("VOID-{payment}"));
            events.push(make_told_on(kind, &id, &account, options.on, data, applier.zone()));
        }
        for answer in applier.apply(events).await? {
            match &answer.outcome {
                Outcome::Applied(_) => self.voided += 1,
                Outcome::Duplicate => self.duplicates += 1,
                Outcome::Parked { .. } => self.parked += 1,
            }
            if self.answers.len() < ANSWERS_MAX {
                self.answers.push(answer);
            }
        }
        Ok(())
    }
}

fn unknown(payment: &str) -> RunError {
    RunError::UnknownPayment(payment.to_owned())
}

/// Whether payments of the plan of a run are posted, or may be.
pub(super) fn has_posted(record: &RunRecord) -> bool {
    let is_past = |it: &PaymentRecord| it.mode == Mode::Collect && it.stage >= Stage::Posting;
    record.payment.as_deref().is_some_and(is_past)
}

/// The plan that a run has posted.
pub(super) async fn open(store: &Store, record: &RunRecord) -> Result<PlanReader, RunError> {
    let attempt = record.plan.as_ref().map_or(1, |plan| plan.attempt);
    PlanReader::open(store, &plan::key(&record.run_key, attempt)).await
}

/// The run and the number that the id of a payment tells.
pub(super) fn parts(payment: &str) -> Option<(u32, u32)> {
    let (run, number) = payment.strip_prefix('P')?.split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(is_number(run) && is_number(number)) {
        return None;
    }
    Some((run.parse().ok()?, number.parse().ok()?))
}

/// The account of a payment, as it was planned.
async fn find(store: &Store, payment: &str) -> Result<Option<PlannedAccount>, RunError> {
    let Some((run, number)) = parts(payment) else { return Ok(None) };
    let run_key = ledger::run_key(RunKind::Payment, run)?;
    let (record, _) = match ledger::run(store, run_key.as_str()).await {
        Ok(found) => found,
        Err(RunError::UnknownRun { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    if !has_posted(&record) {
        return Ok(None);
    }
    let mut plan = open(store, &record).await?;
    while let Some(account) = plan.next().await? {
        if account.payment.as_ref().is_some_and(|own| own.number == number) {
            return Ok(Some(account));
        }
    }
    Ok(None)
}
