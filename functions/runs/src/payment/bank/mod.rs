//! The bank's file of a run: what was posted, in the format of the profile.
//!
//! The plan is read once for each group of the file, so that memory holds one
//! account.

mod nacha;
mod sepa;

use super::outcome::Refused;
use super::plan::{PlanReader, PlannedAccount, ReadInputs};
use crate::delivery::Sink;
use crate::error::RunError;
use arrears_domain::payment::Payment;
use arrears_domain::setup::{BankFormat, PaymentProfile};
use arrears_domain::{Date, Identifier, Mandate, MandateScheme, MandateSequence, Money};
use arrears_storage::Store;
use arrears_storage::document::LineError;
use serde::{Deserialize, Serialize};

/// Written bytes that are sent on together.
const CHUNK_BYTES: usize = 64 * 1024;

/// The bank's side of a profile.
pub(super) struct Bank<'a> {
    profile: &'a PaymentProfile,
    collection_date: Date,
}

/// What a bank's file has, by its own control totals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankSums {
    /// Debits.
    pub debits: u64,
    /// Prenotes.
    pub prenotes: u64,
    /// Batches.
    pub batches: u64,
    /// What all debits come to, in minor units of `currency`.
    pub debit_minor_units: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// What a bank's file is made from.
pub(super) struct Source<'a> {
    pub(super) store: &'a Store,
    pub(super) plan_key: &'a str,
    pub(super) refused: &'a Refused,
    pub(super) run_key: &'a str,
    pub(super) run_number: u32,
    /// When the run was initiated, in UTC: a file that is made again is the same.
    pub(super) created_at: &'a str,
    pub(super) zone: chrono_tz::Tz,
}

/// A debit of the file.
struct Debit {
    id: String,
    number: u32,
    net: Money,
    name: String,
    mandate: Mandate,
    remittance: String,
}

impl<'a> Bank<'a> {
    pub(super) fn new(profile: &'a PaymentProfile, collection_date: Date) -> Self {
        Self { profile, collection_date }
    }

    /// Whether the file can say what a payment says.
    ///
    /// # Errors
    /// Why not, for people.
    pub(super) fn check(
        &self,
        read: &ReadInputs,
        payment: &Payment,
        id: &str,
    ) -> Result<(), String> {
        let Some(format) = &self.profile.bank else { return Ok(()) };
        let Some(mandate) = &payment.mandate else { return Ok(()) };
        let Some(contact) = &read.contact else {
            return Err("the account has no contact, whose name the bank's file needs".to_owned());
        };
        let items = payment.items.iter().map(|item| item.id.as_str());
        let debit = Debit {
            id: id.to_owned(),
            number: 1,
            net: payment.net,
            name: contact.name.clone(),
            mandate: mandate.clone(),
            remittance: remittance(read.account.id.as_str(), items),
        };
        match format {
            BankFormat::Pain008(_) => sepa::check(&debit, self.collection_date),
            BankFormat::Nacha(_) => nacha::check(&debit),
        }
    }

    /// Whether accounts are tried with a prenote first.
    pub(super) fn sends_prenotes(&self) -> bool {
        self.profile.prenote && matches!(self.profile.bank, Some(BankFormat::Nacha(_)))
    }

    /// The most minor units that one file can carry; none if there is no file.
    pub(super) fn most_minor_units(&self) -> Option<i64> {
        match self.profile.bank.as_ref()? {
            BankFormat::Pain008(_) => Some(sepa::FILE_MINOR_UNITS_MAX),
            BankFormat::Nacha(_) => Some(nacha::FILE_MINOR_UNITS_MAX),
        }
    }

    /// What the name of the file ends with; none if there is no file.
    pub(super) fn extension(&self) -> Option<&'static str> {
        Some(match self.profile.bank.as_ref()? {
            BankFormat::Pain008(_) => "xml",
            BankFormat::Nacha(_) => "ach",
        })
    }

    /// The word of the format; none if there is no file.
    pub(super) fn format(&self) -> Option<&'static str> {
        Some(match self.profile.bank.as_ref()? {
            BankFormat::Pain008(_) => "pain.008.001.08",
            BankFormat::Nacha(_) => "NACHA",
        })
    }

    /// Writes the file.
    pub(super) async fn write(
        &self,
        source: &Source<'_>,
        sink: &mut Sink,
    ) -> Result<BankSums, RunError> {
        match &self.profile.bank {
            Some(BankFormat::Pain008(creditor)) => {
                sepa::write(source, creditor, self.collection_date, sink).await
            }
            Some(BankFormat::Nacha(originator)) => {
                nacha::write(source, originator, self.collection_date, sink).await
            }
            None => Ok(BankSums::default()),
        }
    }
}

/// The id of a batch of a SEPA file: by it a bank rejects all of a batch.
pub(super) fn batch_id(run_key: &str, scheme: MandateScheme, sequence: MandateSequence) -> String {
    format!("{run_key}-{}-{}", scheme.as_str(), sequence.as_str())
}

/// What the debtor reads on the statement: which account and which transactions.
fn remittance<'i>(account: &str, items: impl Iterator<Item = &'i str>) -> String {
    let items: Vec<&str> = items.collect();
    format!("{account}: {}", items.join(" "))
}

/// The debits of a plan that were posted, one by one.
struct Debits<'a> {
    source: &'a Source<'a>,
    plan: PlanReader,
}

/// What the file has of an account.
enum Entry {
    Debit(Debit),
    Prenote(Debit),
}

impl<'a> Debits<'a> {
    async fn open(source: &'a Source<'a>) -> Result<Self, RunError> {
        Ok(Self { source, plan: PlanReader::open(source.store, source.plan_key).await? })
    }

    async fn next(&mut self) -> Result<Option<Entry>, RunError> {
        while let Some(account) = self.plan.next().await? {
            let damaged = |error: LineError| RunError::BookLine(Box::new(error));
            if let Some(entry) = entry(&account, self.source.refused).map_err(damaged)? {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

fn entry(account: &PlannedAccount, refused: &Refused) -> Result<Option<Entry>, LineError> {
    let name = account.inputs.contact.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    let mandate = |id: &str| {
        let line = account.inputs.mandates.iter().find(|line| line.id == id);
        line.map(|line| line.to_mandate()).transpose()
    };
    if let Some(prenote) = account.prenote.as_ref().filter(|it| refused.why(it.number).is_none()) {
        let Some(mandate) = mandate(&prenote.mandate)? else { return Ok(None) };
        return Ok(Some(Entry::Prenote(Debit {
            id: account.inputs.account.id.clone(),
            number: prenote.number,
            net: Money::zero(
                arrears_domain::Account::try_from(&account.inputs.account)?.currency(),
            ),
            name,
            mandate,
            remittance: String::new(),
        })));
    }
    let Some(payment) = account.payment.as_ref().filter(|it| refused.why(it.number).is_none())
    else {
        return Ok(None);
    };
    let Some(mandate) = payment.mandate.as_deref().map(mandate).transpose()?.flatten() else {
        return Ok(None);
    };
    let currency = arrears_domain::Account::try_from(&account.inputs.account)?.currency();
    // A plan that is damaged is told apart where the sums are compared.
    let net = Money::parse(payment.net.as_str(), currency).unwrap_or(Money::zero(currency));
    let items = payment.items.iter().map(|item| item.id.as_str());
    Ok(Some(Entry::Debit(Debit {
        id: payment.id.clone(),
        number: payment.number,
        net,
        name,
        mandate,
        remittance: remittance(&account.inputs.account.id, items),
    })))
}

/// Sends on what was written, once it is enough.
async fn drain(written: &mut Vec<u8>, sink: &mut Sink) -> Result<(), RunError> {
    if written.len() >= CHUNK_BYTES {
        sink.write(written).await?;
        written.clear();
    }
    Ok(())
}

fn failed(sink: &Sink, error: &impl std::fmt::Display) -> RunError {
    RunError::BankFile { key: sink.key().to_owned(), reason: error.to_string() }
}
