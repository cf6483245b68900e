//! pain.008: debits grouped by scheme and sequence, all for one collection date.

use super::{BankSums, Debit, Debits, Entry, Source, batch_id, drain, failed};
use crate::delivery::Sink;
use crate::error::RunError;
use arrears_bank::sepa::{
    Address, Batch, Creditor as CreditorOfFile, Debit as DebitOfFile, DirectDebitWriter, Message,
    Scheme, check as check_debit,
};
use arrears_domain::mandate::BankAccount;
use arrears_domain::setup::Creditor;
use arrears_domain::{Date, Identifier, MandateScheme, MandateSequence};
use std::collections::BTreeMap;

/// A control sum has eighteen digits, which is as much as is counted with.
pub(super) const FILE_MINOR_UNITS_MAX: i64 = 999_999_999_999_999_999;

type Group = (MandateScheme, MandateSequence);

pub(super) fn check(debit: &Debit, collection_date: Date) -> Result<(), String> {
    let Some(debit) = debit_of_file(debit) else { return Err(OTHER_ACCOUNT.to_owned()) };
    check_debit(&debit, collection_date).map_err(|error| error.to_string())
}

const OTHER_ACCOUNT: &str = "the mandate is for an account outside of SEPA, or has no date";

fn debit_of_file(debit: &Debit) -> Option<DebitOfFile<'_>> {
    let BankAccount::Sepa { iban, bic } = &debit.mandate.bank_account else { return None };
    Some(DebitOfFile {
        end_to_end_id: &debit.id,
        amount: debit.net,
        mandate_id: debit.mandate.id.as_str(),
        signed_on: debit.mandate.signed_on?,
        debtor_name: &debit.name,
        debtor_iban: iban,
        debtor_bic: bic.as_ref(),
        address: None,
        remittance: &debit.remittance,
    })
}

pub(super) async fn write(
    source: &Source<'_>,
    creditor: &Creditor,
    collection_date: Date,
    sink: &mut Sink,
) -> Result<BankSums, RunError> {
    let groups = groups(source).await?;
    let transactions = groups.values().map(|(count, _)| count).sum();
    let control_sum_minor_units = groups.values().map(|(_, sum)| sum).sum();
    let created_at = source.created_at.get(..19).unwrap_or(source.created_at);
    let message = Message {
        id: source.run_key,
        created_at,
        initiating_party: &creditor.name,
        transactions,
        control_sum_minor_units,
    };
    let address = match (&creditor.town, &creditor.country) {
        (Some(town), Some(country)) => Some(Address { town, country }),
        _ => None,
    };
    let by = CreditorOfFile {
        name: &creditor.name,
        iban: &creditor.iban,
        bic: creditor.bic.as_ref(),
        id: &creditor.id,
        address,
    };
    let currency = "EUR".to_owned();
    // The schema wants a batch: a run that collects nothing has no file.
    if transactions == 0 {
        return Ok(BankSums { currency, ..BankSums::default() });
    }
    let mut writer = DirectDebitWriter::begin(Vec::new(), &message, &by)
        .map_err(|error| failed(sink, &error))?;
    for (group, (count, sum)) in &groups {
        let id = batch_id(source.run_key, group.0, group.1);
        let batch = Batch {
            id: &id,
            collection_date,
            sequence: group.1,
            scheme: scheme(group.0),
            transactions: *count,
            control_sum_minor_units: *sum,
        };
        writer.batch(&batch).map_err(|error| failed(sink, &error))?;
        let mut debits = Debits::open(source).await?;
        while let Some(entry) = debits.next().await? {
            let Entry::Debit(debit) = entry else { continue };
            if group_of(&debit) != *group {
                continue;
            }
            let Some(debit) = debit_of_file(&debit) else { continue };
            writer.debit(&debit).map_err(|error| failed(sink, &error))?;
            drain(writer.get_mut(), sink).await?;
        }
    }
    let (rest, sums) = writer.finish().map_err(|error| failed(sink, &error))?;
    sink.write(&rest).await?;
    Ok(BankSums {
        debits: sums.transactions,
        prenotes: 0,
        batches: sums.batches,
        debit_minor_units: sums.control_sum_minor_units,
        currency,
    })
}

/// How many debits each group has, and what they come to.
async fn groups(source: &Source<'_>) -> Result<BTreeMap<Group, (u64, i64)>, RunError> {
    let mut groups: BTreeMap<Group, (u64, i64)> = BTreeMap::new();
    let mut debits = Debits::open(source).await?;
    while let Some(entry) = debits.next().await? {
        let Entry::Debit(debit) = entry else { continue };
        let (count, sum) = groups.entry(group_of(&debit)).or_default();
        *count += 1;
        *sum = sum.saturating_add(debit.net.minor_units());
    }
    Ok(groups)
}

fn group_of(debit: &Debit) -> Group {
    (debit.mandate.scheme, debit.mandate.state.next_sequence())
}

fn scheme(scheme: MandateScheme) -> Scheme {
    match scheme {
        MandateScheme::SepaB2b => Scheme::B2b,
        _ => Scheme::Core,
    }
}
