//! Writes a file of made-up debits, for whoever checks such files:
//!
//! ```sh
//! cargo run -p arrears-bank --example nacha -- 1000 debits.ach
//! ```

use arrears_bank::nacha::{Batch, Entry, EntryKind, FileHeader, NachaWriter, Sec, Sums};
use arrears_domain::bank::RoutingNumber;
use arrears_domain::mandate::BankAccountType;
use arrears_domain::{Currency, Money};
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::process::ExitCode;

const USAGE: &str = "usage: nacha ENTRIES PATH";

/// Entries of a batch; PPD and CCD take turns.
const BATCH_ENTRIES: u32 = 400;

/// One entry in so many is a prenote.
const PRENOTE_EVERY: u32 = 25;

const NAMES: [&str; 6] = [
    "R. Vance",
    "Jörg Groß",
    "Łukasz Żółć",
    "O’Neil & Sons",
    "Mary-Ann P. D. Featherstonehaugh",
    "7-Up",
];

fn main() -> ExitCode {
    match run() {
        Ok(sums) => {
            println!("{sums:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Sums, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [entries, path] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let entries = entries.parse().map_err(|_| USAGE)?;
    write(entries, BufWriter::new(File::create(path)?))
}

fn write(entries: u32, out: impl std::io::Write) -> Result<Sums, Box<dyn Error>> {
    let usd = Currency::parse("USD")?;
    let banks = ["231380104", "121042882", "091400606"].map(RoutingNumber::parse);
    let [odfi, near, far] = banks;
    let (odfi, near, far) = (odfi?, near?, far?);
    let header = FileHeader {
        immediate_destination: &odfi,
        immediate_origin: "1987654321",
        destination_name: "First Bank of Rivertown",
        origin_name: "Rivertown Water",
        created: "2026-11-21T09:30:00".parse().map_err(text)?,
        file_id_modifier: 'A',
        reference_code: "",
    };
    let mut writer = NachaWriter::begin(out, &header)?;
    for index in 0..entries {
        if index % BATCH_ENTRIES == 0 {
            writer.batch(&batch(&odfi, index / BATCH_ENTRIES)?)?;
        }
        let is_prenote = index % PRENOTE_EVERY == PRENOTE_EVERY - 1;
        let minor_units = if is_prenote { 0 } else { i64::from(index % 10_000) * 7 + 1 };
        let is_savings = index % 3 == 0;
        writer.entry(&Entry {
            account_type: if is_savings {
                BankAccountType::Savings
            } else {
                BankAccountType::Checking
            },
            kind: if is_prenote { EntryKind::Prenote } else { EntryKind::Debit },
            rdfi: if index % 2 == 0 { &near } else { &far },
            account_number: &format!("7445 {index:08}-9"),
            amount: Money::from_minor_units(minor_units, usd),
            individual_id: &format!("A-{index:07}"),
            name: NAMES[index as usize % NAMES.len()],
            discretionary: if is_savings { "S" } else { "" },
            trace_sequence: index + 1,
        })?;
    }
    Ok(writer.finish()?.1)
}

fn batch(odfi: &RoutingNumber, index: u32) -> Result<Batch<'_>, Box<dyn Error>> {
    Ok(Batch {
        company_name: "Rivertown Water",
        company_discretionary_data: "",
        company_id: "1987654321",
        sec: if index.is_multiple_of(2) { Sec::Ppd } else { Sec::Ccd },
        entry_description: "WATER BILL",
        descriptive_date: "NOV 26",
        effective_date: "2026-11-24".parse().map_err(text)?,
        odfi,
        number: index + 1,
    })
}

/// Errors of dates are no errors in the sense of `std` here.
fn text(error: impl ToString) -> String {
    error.to_string()
}
