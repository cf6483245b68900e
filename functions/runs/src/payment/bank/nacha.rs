//! NACHA: a batch of consumer debits and one of corporate debits, with prenotes.

use super::{BankSums, Debit, Debits, Entry, Source, drain, failed};
use crate::delivery::Sink;
use crate::error::RunError;
use arrears_bank::nacha::{
    Batch, Entry as EntryOfFile, EntryKind, FileHeader, NachaWriter, Sec, check as check_entry,
};
use arrears_domain::mandate::BankAccount;
use arrears_domain::setup::Originator;
use arrears_domain::{Date, MandateScheme};
use chrono::{DateTime, NaiveDateTime};

/// A file's total has twelve digits.
pub(super) const FILE_MINOR_UNITS_MAX: i64 = 999_999_999_999;

/// Entries of a batch: it counts them with six digits.
const BATCH_ENTRIES: u64 = 500_000;

pub(super) fn check(debit: &Debit) -> Result<(), String> {
    let Some(entry) = entry_of_file(debit, EntryKind::Debit) else {
        return Err("the mandate is for an account outside of the United States".to_owned());
    };
    check_entry(&entry).map_err(|error| error.to_string())
}

/// The entry. It is numbered as the payment is, so that the trace of a return leads
/// back to it.
fn entry_of_file(debit: &Debit, kind: EntryKind) -> Option<EntryOfFile<'_>> {
    let BankAccount::Nacha { routing_number, account_number, account_type } =
        &debit.mandate.bank_account
    else {
        return None;
    };
    Some(EntryOfFile {
        account_type: *account_type,
        kind,
        rdfi: routing_number,
        account_number,
        amount: debit.net,
        individual_id: &debit.id,
        name: &debit.name,
        discretionary: "",
        trace_sequence: debit.number,
    })
}

pub(super) async fn write(
    source: &Source<'_>,
    originator: &Originator,
    collection_date: Date,
    sink: &mut Sink,
) -> Result<BankSums, RunError> {
    let header = FileHeader {
        immediate_destination: originator
            .destination
            .as_ref()
            .unwrap_or(&originator.routing_number),
        immediate_origin: originator.origin.as_ref().unwrap_or(&originator.company_id),
        destination_name: &originator.bank_name,
        origin_name: &originator.name,
        created: created(source),
        file_id_modifier: modifier(source.run_number),
        reference_code: "",
    };
    let mut writer =
        NachaWriter::begin(Vec::new(), &header).map_err(|error| failed(sink, &error))?;
    let mut batches = 0;
    for (scheme, sec) in [(MandateScheme::NachaPpd, Sec::Ppd), (MandateScheme::NachaCcd, Sec::Ccd)]
    {
        let mut debits = Debits::open(source).await?;
        let mut entries = 0;
        while let Some(entry) = debits.next().await? {
            let (debit, kind) = match &entry {
                Entry::Debit(debit) => (debit, EntryKind::Debit),
                Entry::Prenote(debit) => (debit, EntryKind::Prenote),
            };
            if debit.mandate.scheme != scheme {
                continue;
            }
            let Some(entry) = entry_of_file(debit, kind) else { continue };
            if entries % BATCH_ENTRIES == 0 {
                batches += 1;
                let batch = batch(originator, sec, collection_date, batches);
                writer.batch(&batch).map_err(|error| failed(sink, &error))?;
            }
            writer.entry(&entry).map_err(|error| failed(sink, &error))?;
            entries += 1;
            drain(writer.get_mut(), sink).await?;
        }
    }
    let currency = "USD".to_owned();
    // A file without a batch is none.
    if batches == 0 {
        return Ok(BankSums { currency, ..BankSums::default() });
    }
    let (rest, sums) = writer.finish().map_err(|error| failed(sink, &error))?;
    sink.write(&rest).await?;
    Ok(BankSums {
        debits: sums.entries - sums.prenotes,
        prenotes: sums.prenotes,
        batches: sums.batches,
        debit_minor_units: i64::try_from(sums.debit_minor_units).unwrap_or(i64::MAX),
        currency,
    })
}

fn batch<'a>(originator: &'a Originator, sec: Sec, effective_date: Date, number: u32) -> Batch<'a> {
    Batch {
        company_name: &originator.name,
        company_discretionary_data: "",
        company_id: &originator.company_id,
        sec,
        entry_description: &originator.entry_description,
        descriptive_date: "",
        effective_date,
        odfi: &originator.routing_number,
        number,
    }
}

/// When the run was initiated, in the agency's zone.
fn created(source: &Source<'_>) -> NaiveDateTime {
    DateTime::parse_from_rfc3339(source.created_at)
        .map(|at| at.with_timezone(&source.zone).naive_local())
        .unwrap_or_default()
}

/// Tells the files of one day apart: runs follow each other through the alphabet.
fn modifier(run_number: u32) -> char {
    const MODIFIERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let at = run_number.saturating_sub(1) as usize % MODIFIERS.len();
    char::from(MODIFIERS[at])
}
