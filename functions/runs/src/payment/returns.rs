//! Returns: what banks send back. Each is the reversal of a payment, with its reason
//! code, through the events; what matches no payment is reported and left alone.

use super::outcome::Refused;
use super::plan::{PlannedAccount, PlannedPayment};
use super::void::{has_posted, open, parts};
use crate::error::RunError;
use crate::events::{Answer, Applier, Outcome, make_told_on};
use crate::ledger;
use crate::record::RunRecord;
use crate::setups::Stored;
use arrears_bank::sepa::Rejection;
use arrears_bank::{nacha, sepa};
use arrears_domain::{AccountId, Date, Identifier, Money};
use arrears_storage::Store;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

/// The format of a file of returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnFormat {
    /// A status report of ISO 20022.
    Pain002,
    /// A NACHA return file.
    Nacha,
}

/// What a file of returns came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReturnsReport {
    /// Returns in the file.
    pub returns: u64,
    /// Those that were matched, with the answers of the events.
    pub answers: Vec<Answer>,
    /// Those that were not.
    pub unmatched: Vec<Unmatched>,
    /// Notices of change, which somebody has to take over into the mandates.
    pub changes: Vec<Unmatched>,
}

impl ReturnsReport {
    /// Returns that were refused; they are in the dead-letter list.
    #[must_use]
    pub fn parked(&self) -> u64 {
        let is_parked = |it: &&Answer| matches!(it.outcome, Outcome::Parked { .. });
        self.answers.iter().filter(is_parked).count() as u64
    }
}

/// What somebody has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmatched {
    /// Where in the file.
    pub place: String,
    /// What it says.
    pub what: String,
    /// Why it is left alone.
    pub reason: String,
}

/// A return, as either format says it.
#[derive(Debug, Clone)]
struct Returned {
    place: String,
    /// The payment, by its own id.
    payment: Option<String>,
    /// The number of the entry in its file, where the format tells.
    number: Option<u32>,
    /// When the bank made the file, where the format tells.
    made_on: Option<Date>,
    code: String,
    amount_minor_units: Option<i64>,
    what: String,
    /// What tells two returns of one payment apart.
    reference: String,
}

/// Takes a file of returns in.
///
/// # Errors
/// The file cannot be read, and nothing of it is taken in; or the store fails.
pub async fn import_returns(
    store: &Store,
    stored: &Stored,
    format: ReturnFormat,
    reader: impl BufRead,
    on: Date,
) -> Result<ReturnsReport, RunError> {
    let mut report = ReturnsReport::default();
    let returned = match format {
        ReturnFormat::Nacha => of_nacha(reader, &mut report)?,
        ReturnFormat::Pain002 => of_sepa(reader, store, &mut report).await?,
    };
    let matched = matched(store, returned, &mut report).await?;
    report.answers = apply(store, stored, &matched, on).await?;
    Ok(report)
}

fn of_nacha(reader: impl BufRead, report: &mut ReturnsReport) -> Result<Vec<Returned>, RunError> {
    let file = nacha::read_returns(reader);
    let file = file.map_err(|error| RunError::Returns { reason: error.to_string() })?;
    report.returns = file.returns.len() as u64;
    for change in &file.changes {
        let meaning = nacha::reason(&change.code).unwrap_or("a code that is not known");
        report.changes.push(Unmatched {
            place: format!("line {}", change.answer.line),
            what: format!("{} of {}: {}", change.code, change.answer.name, change.corrected_data),
            reason: format!("{meaning}: correct the mandate in the book"),
        });
    }
    let mut returned = Vec::new();
    for it in &file.returns {
        let answer = &it.answer;
        let amount = answer.amount_minor_units;
        let what = format!(
            "{} {} of {}.{:02} USD, {}, trace {}",
            it.code,
            if answer.is_debit { "debit" } else { "credit" },
            amount / 100,
            amount % 100,
            answer.name,
            answer.original_trace
        );
        let place = format!("line {}", answer.line);
        if !answer.is_debit {
            let reason = "it is a returned credit, and only debits are collected".to_owned();
            report.unmatched.push(Unmatched { place, what, reason });
            continue;
        }
        returned.push(Returned {
            place,
            payment: parts(answer.individual_id.trim())
                .map(|_| answer.individual_id.trim().to_owned()),
            number: answer.original_trace.get(8..).and_then(|number| number.parse().ok()),
            made_on: Some(file.created_on),
            code: it.code.clone(),
            amount_minor_units: Some(amount),
            what,
            reference: answer.trace.clone(),
        });
    }
    Ok(returned)
}

async fn of_sepa(
    reader: impl BufRead,
    store: &Store,
    report: &mut ReturnsReport,
) -> Result<Vec<Returned>, RunError> {
    let status = sepa::read_status(reader);
    let status = status.map_err(|error| RunError::Returns { reason: error.to_string() })?;
    let message = &status.original_message_id;
    let mut returned = Vec::new();
    for rejection in status.rejections() {
        report.returns += 1;
        let said = Said::of(rejection);
        let by = |payment: Option<String>| Returned {
            place: said.place.clone(),
            payment,
            number: None,
            made_on: None,
            code: said.code.clone(),
            amount_minor_units: said.amount_minor_units,
            what: said.what.clone(),
            reference: message.clone(),
        };
        match rejection {
            // What names no payment is found by a person.
            Rejection::Transaction(_, of) => returned.push(by(of.end_to_end_id.clone())),
            Rejection::Message(_) | Rejection::Batch(_) => {
                let batch = match rejection {
                    Rejection::Batch(batch) => Some(batch.id.as_str()),
                    _ => None,
                };
                let all = all_of(store, message, batch).await?;
                if all.is_empty() {
                    let reason = "no run has sent such a file".to_owned();
                    let Said { place, what, .. } = said;
                    report.unmatched.push(Unmatched { place, what, reason });
                    continue;
                }
                returned.extend(all.into_iter().map(|payment| by(Some(payment))));
            }
        }
    }
    Ok(narrowest(returned))
}

/// A debit may be rejected by itself and with its batch or its file, which come before
/// it: the narrowest rejection has the best reason.
fn narrowest(returned: Vec<Returned>) -> Vec<Returned> {
    let mut of_payment: BTreeMap<String, Returned> = BTreeMap::new();
    let mut of_none = Vec::new();
    for it in returned {
        match &it.payment {
            Some(payment) => drop(of_payment.insert(payment.clone(), it)),
            None => of_none.push(it),
        }
    }
    of_payment.into_values().chain(of_none).collect()
}

/// What a status report says of a rejection, for people.
struct Said {
    place: String,
    what: String,
    code: String,
    amount_minor_units: Option<i64>,
}

impl Said {
    fn of(rejection: Rejection<'_>) -> Self {
        let code = |reason: &Option<String>| reason.clone().unwrap_or_else(|| "RJCT".to_owned());
        let (place, whose, code, amount) = match rejection {
            Rejection::Message(of) => (
                "the file".to_owned(),
                format!("all of {}", of.original_message_id),
                code(&of.reason),
                None,
            ),
            Rejection::Batch(of) => {
                (format!("batch {}", of.id), format!("all of {}", of.id), code(&of.reason), None)
            }
            Rejection::Transaction(_, of) => {
                let whose = of.end_to_end_id.as_deref().unwrap_or("a debit without an id");
                (format!("line {}", of.line), whose.to_owned(), code(&of.reason), of.amount)
            }
        };
        let of_amount = amount.map(|amount| format!(" of {}", amount.with_currency()));
        let what = format!("{code} for {whose}{}", of_amount.unwrap_or_default());
        Self { place, what, code, amount_minor_units: amount.map(Money::minor_units) }
    }
}

/// The payments of a file, or of a batch of it.
async fn all_of(
    store: &Store,
    message: &str,
    batch: Option<&str>,
) -> Result<Vec<String>, RunError> {
    let record = match ledger::run(store, message).await {
        Ok((record, _)) if has_posted(&record) => record,
        Ok(_) | Err(RunError::UnknownRun { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let refused = Refused::get(store, message).await?.unwrap_or_default();
    let (mut plan, mut payments) = (open(store, &record).await?, Vec::new());
    while let Some(account) = plan.next().await? {
        let posted = |payment: &&PlannedPayment| refused.why(payment.number).is_none();
        let Some(payment) = account.payment.as_ref().filter(posted) else { continue };
        let is_meant = match batch {
            None => true,
            Some(batch) => batch_of(&record, &account).as_deref() == Some(batch),
        };
        if is_meant {
            payments.push(payment.id.clone());
        }
    }
    Ok(payments)
}

/// The id of the batch in which a payment was sent.
fn batch_of(record: &RunRecord, account: &PlannedAccount) -> Option<String> {
    let mandate = account.payment.as_ref()?.mandate.as_ref()?;
    let line = account.inputs.mandates.iter().find(|line| line.id == *mandate)?;
    let mandate = line.to_mandate().ok()?;
    Some(super::bank::batch_id(&record.run_key, mandate.scheme, mandate.state.next_sequence()))
}

/// A return with the payment that it is about.
struct Matched {
    account: String,
    payment: String,
    returned: Returned,
}

/// Finds the payments. Each run's plan is read once.
async fn matched(
    store: &Store,
    returned: Vec<Returned>,
    report: &mut ReturnsReport,
) -> Result<Vec<Matched>, RunError> {
    let mut runs: Vec<RunRecord> = ledger::runs(store).await?;
    runs.retain(has_posted);
    // What names no payment may be of any run; the latest comes first.
    runs.sort_by_key(|run| std::cmp::Reverse(run.number));
    let mut waiting: BTreeMap<usize, Returned> = returned.into_iter().enumerate().collect();
    let mut matched = Vec::new();
    for run in &runs {
        let of_run = |it: &Returned| match it.payment.as_deref().and_then(parts) {
            Some((number, _)) => number == run.number,
            // Nothing comes back before it was due.
            None => it.number.is_some() && run_collects_on(run) <= it.made_on,
        };
        if !waiting.values().any(of_run) {
            continue;
        }
        let mut plan = open(store, run).await?;
        while let Some(account) = plan.next().await? {
            let Some(payment) = &account.payment else { continue };
            let fits = |it: &Returned| {
                let amount = super::sums::minor_units(&payment.net, &payment.currency);
                of_run(it)
                    && match &it.payment {
                        Some(id) => *id == payment.id,
                        None => it.number == Some(payment.number),
                    }
                    && it.amount_minor_units.is_none_or(|of_bank| Some(of_bank) == amount)
            };
            let found: BTreeSet<usize> =
                waiting.iter().filter(|(_, it)| fits(it)).map(|(at, _)| *at).collect();
            for at in found {
                let Some(returned) = waiting.remove(&at) else { continue };
                let (account, payment) = (account.inputs.account.id.clone(), payment.id.clone());
                matched.push(Matched { account, payment, returned });
            }
        }
    }
    report.unmatched.extend(waiting.into_values().map(|it| Unmatched {
        place: it.place,
        what: it.what,
        reason: "no run has collected such a payment of this amount".to_owned(),
    }));
    Ok(matched)
}

fn run_collects_on(run: &RunRecord) -> Option<Date> {
    run.payment.as_ref()?.collection_date
}

async fn apply(
    store: &Store,
    stored: &Stored,
    matched: &[Matched],
    on: Date,
) -> Result<Vec<Answer>, RunError> {
    let applier = Applier::new(store.clone(), stored);
    let mut events = Vec::with_capacity(matched.len());
    for Matched { account, payment, returned } in matched {
        let unknown = || RunError::UnknownPayment(payment.clone());
        let account = AccountId::parse(account).map_err(|_| unknown())?;
        let mut data = Map::new();
        for (name, value) in [
            ("payment", payment),
            ("return_code", &returned.code),
            ("reference", &returned.reference),
        ] {
            data.insert(name.to_owned(), Value::from(value.as_str()));
        }
        let id = format!("RETURN-{payment}");
        let event = "arrears.payment.reversed";
        events.push(make_told_on(event, &id, &account, on, data, applier.zone()));
    }
    applier.apply(events).await
}
