//! Who collects from whom in these tests.

use arrears_bank::sepa::{Batch, Creditor, Debit, DirectDebitWriter, FileError, Message, Scheme};
use arrears_domain::bank::{CreditorId, Iban};
use arrears_domain::{Currency, Date, MandateSequence, Money};
use std::sync::LazyLock;

static CREDITOR_IBAN: LazyLock<Iban> =
    LazyLock::new(|| Iban::parse("DE89370400440532013000").unwrap());
static CREDITOR_ID: LazyLock<CreditorId> =
    LazyLock::new(|| CreditorId::parse("DE98ZZZ09999999999").unwrap());
static DEBTOR_IBAN: LazyLock<Iban> = LazyLock::new(|| Iban::parse("NL91ABNA0417164300").unwrap());

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn euros(text: &str) -> Money {
    Money::parse(text, Currency::parse("EUR").unwrap()).unwrap()
}

pub fn creditor() -> Creditor<'static> {
    Creditor {
        name: "Rivertown Water",
        iban: &CREDITOR_IBAN,
        bic: None,
        id: &CREDITOR_ID,
        address: None,
    }
}

pub fn message(transactions: u64, sum: &str) -> Message<'static> {
    Message {
        id: "payment-000001",
        created_at: "2026-02-02T08:00:00",
        initiating_party: "Rivertown Water",
        transactions,
        control_sum_minor_units: euros(sum).minor_units(),
    }
}

pub fn batch<'a>(id: &'a str, transactions: u64, sum: &str) -> Batch<'a> {
    Batch {
        id,
        collection_date: date("2026-02-06"),
        sequence: MandateSequence::First,
        scheme: Scheme::Core,
        transactions,
        control_sum_minor_units: euros(sum).minor_units(),
    }
}

pub fn debit(end_to_end_id: &str, amount: Money) -> Debit<'_> {
    Debit {
        end_to_end_id,
        amount,
        mandate_id: "M-1",
        signed_on: date("2025-11-03"),
        debtor_name: "Anna Ruiz",
        debtor_iban: &DEBTOR_IBAN,
        debtor_bic: None,
        address: None,
        remittance: "Bill 7",
    }
}

/// A file of batches with their debits, whose heads say what is announced.
pub fn write(
    message: &Message<'_>,
    batches: &[(Batch<'_>, &[Debit<'_>])],
) -> Result<String, FileError> {
    let mut writer = DirectDebitWriter::begin(Vec::new(), message, &creditor())?;
    for (batch, debits) in batches {
        writer.batch(batch)?;
        debits.iter().try_for_each(|debit| writer.debit(debit))?;
    }
    let (file, _) = writer.finish()?;
    Ok(String::from_utf8(file).unwrap())
}
