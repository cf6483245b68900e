//! One file, byte by byte.

use crate::checker;
use arrears_bank::nacha::{
    Batch, Entry, EntryKind, FileHeader, NachaWriter, Sec, Sums, WriteError, trace,
};
use arrears_domain::bank::RoutingNumber;
use arrears_domain::mandate::BankAccountType::{self, Checking, Savings};
use arrears_domain::{Currency, Money};

/// Put together by hand, from the rules.
pub const GOLDEN: &str = include_str!("golden.ach");

pub fn bank(text: &str) -> RoutingNumber {
    RoutingNumber::parse(text).unwrap()
}

pub fn usd(minor_units: i64) -> Money {
    Money::from_minor_units(minor_units, Currency::parse("USD").unwrap())
}

/// The head of the golden file.
pub fn header(destination: &RoutingNumber) -> FileHeader<'_> {
    FileHeader {
        immediate_destination: destination,
        immediate_origin: "1987654321",
        destination_name: "First Bank of Rivertown",
        origin_name: "Rivertown Water and Sewer Authority",
        created: "2026-11-21T09:30:59".parse().unwrap(),
        file_id_modifier: 'A',
        reference_code: "RUN-0007",
    }
}

/// The head of its first batch.
pub fn batch(odfi: &RoutingNumber) -> Batch<'_> {
    Batch {
        company_name: "Rivertown Water and Sewer Authority",
        company_discretionary_data: "DEPT 7",
        company_id: "1987654321",
        sec: Sec::Ppd,
        entry_description: "WATER BILL",
        descriptive_date: "NOV 26",
        effective_date: "2026-11-24".parse().unwrap(),
        odfi,
        number: 1,
    }
}

/// Its first entry.
pub fn entry(rdfi: &RoutingNumber) -> Entry<'_> {
    Entry {
        account_type: Checking,
        kind: EntryKind::Debit,
        rdfi,
        account_number: "744-5678-99",
        amount: usd(15_230),
        individual_id: "A-1001",
        name: "R. Vance",
        discretionary: "",
        trace_sequence: 1,
    }
}

type Case = (BankAccountType, i64, &'static str, &'static str, &'static str, &'static str, u32);

#[test]
fn a_file_is_what_it_should_be_byte_by_byte() {
    let (odfi, near, far) = (bank("231380104"), bank("121042882"), bank("091400606"));
    let mut writer = NachaWriter::begin(Vec::new(), &header(&odfi)).unwrap();
    writer.batch(&batch(&odfi)).unwrap();
    writer.entry(&entry(&near)).unwrap();
    let long = "Mary-Ann P. D. Featherstonehaugh";
    let first: [Case; 2] = [
        (Savings, 9_999_999_999, "123 456 789", "A-1002", "Jörg Groß", "S", 2),
        (Checking, 0, "12345678901234567", "", long, "", 7),
    ];
    write(&mut writer, first, &far, &near);
    // Nothing is left of a batch without entries, nor of an entry without a name.
    writer.batch(&Batch { number: 2, ..batch(&odfi) }).unwrap();
    assert!(matches!(
        writer.entry(&Entry { name: "--", ..entry(&near) }),
        Err(WriteError::Entry { trace_sequence: 1, .. })
    ));
    let second = Batch {
        company_name: " Rivertown\tWater ",
        company_discretionary_data: "",
        sec: Sec::Ccd,
        entry_description: "SEWER",
        descriptive_date: "",
        number: 3,
        ..batch(&odfi)
    };
    writer.batch(&second).unwrap();
    let second: [Case; 2] = [
        (Checking, 1, "A7B8", "A-2001-OF-THE-SEWER", "O’Neil & Sons", "", 3),
        (Savings, 0, "0001", "A-2002", "7-Up", "", 4),
    ];
    write(&mut writer, second, &far, &near);
    let (file, sums) = writer.finish().unwrap();
    assert_eq!(String::from_utf8(file).unwrap(), GOLDEN);
    let expected = Sums {
        entries: 5,
        prenotes: 2,
        batches: 2,
        debit_minor_units: 10_000_015_230,
        entry_hash: 54_592_984,
        records: 11,
        blocks: 2,
    };
    assert_eq!(sums, expected);
    assert_eq!(trace(&odfi, 7), "231380100000007");
}

fn write(
    writer: &mut NachaWriter<Vec<u8>>,
    cases: [Case; 2],
    rdfi: &RoutingNumber,
    other: &RoutingNumber,
) {
    for (case, rdfi) in cases.into_iter().zip([rdfi, other]) {
        let (account_type, units, account_number, individual_id, name, discretionary, sequence) =
            case;
        let kind = if units == 0 { EntryKind::Prenote } else { EntryKind::Debit };
        let entry = Entry {
            account_type,
            kind,
            rdfi,
            account_number,
            amount: usd(units),
            individual_id,
            name,
            discretionary,
            trace_sequence: sequence,
        };
        writer.entry(&entry).unwrap();
    }
}

#[test]
fn the_checker_takes_it() {
    let found = checker::check(GOLDEN.as_bytes()).unwrap();
    assert_eq!((found.entries, found.prenotes, found.batches, found.blocks), (5, 2, 2, 2));
}
