//! What a file cannot say is refused, in words that say what to do.

use crate::checker;
use crate::golden::{bank, batch, entry, header, usd};
use arrears_bank::nacha::{
    Batch, Entry, EntryKind, FileHeader, NachaWriter, Sec, WriteError, check,
};
use arrears_domain::{Currency, Money};
use std::io;

#[test]
fn entries() {
    let rdfi = bank("121042882");
    let good = entry(&rdfi);
    let prenote = Entry { kind: EntryKind::Prenote, amount: usd(0), ..good };
    let euro = Money::from_minor_units(1, Currency::parse("EUR").unwrap());
    let account = |account_number| Entry { account_number, ..good };
    let cases = [
        (Entry { amount: euro, ..good }, "NACHA_CURRENCY", "0.01 EUR is not in USD"),
        (Entry { amount: euro, ..prenote }, "NACHA_CURRENCY", "0.01 EUR is not in USD"),
        (Entry { amount: usd(0), ..good }, "NACHA_NOT_POSITIVE", "a debit of 0.00 takes nothing"),
        (Entry { amount: usd(-1), ..good }, "NACHA_NOT_POSITIVE", "a debit of -0.01 takes"),
        (Entry { amount: usd(i64::MIN), ..good }, "NACHA_NOT_POSITIVE", "a debit of -9223"),
        (Entry { amount: usd(10_000_000_000), ..good }, "NACHA_TOO_MUCH", "100000000.00 is more"),
        (Entry { amount: usd(1), ..prenote }, "NACHA_PRENOTE_AMOUNT", "a prenote of 0.01 would"),
        (Entry { amount: usd(-1), ..prenote }, "NACHA_PRENOTE_AMOUNT", "a prenote of -0.01"),
        (account(""), "NACHA_NO_ACCOUNT_NUMBER", "the account number is empty"),
        (account("  "), "NACHA_NO_ACCOUNT_NUMBER", "the account number is empty"),
        (account("0000"), "NACHA_NO_ACCOUNT_NUMBER", "the account number is empty or has zeros"),
        (account("0-00"), "NACHA_NO_ACCOUNT_NUMBER", "the account number is empty or has zeros"),
        (account("12_4"), "NACHA_ACCOUNT_NUMBER_CHARACTER", "the account number has the char"),
        (account("12\n4"), "NACHA_ACCOUNT_NUMBER_CHARACTER", "the account number has the char"),
        (account("12é4"), "NACHA_ACCOUNT_NUMBER_CHARACTER", "the account number has the char"),
        (account("１２"), "NACHA_ACCOUNT_NUMBER_CHARACTER", "the account number has the char"),
        (account("123456789012345678"), "NACHA_ACCOUNT_NUMBER_TOO_LONG", "the account number has"),
        (Entry { name: "", ..good }, "NACHA_NO_NAME", "the name \"\" has no letter or digit"),
        (Entry { name: "–", ..good }, "NACHA_NO_NAME", "the name \"–\" has no letter or digit"),
        (Entry { name: "\u{e000}", ..good }, "NACHA_NO_NAME", "the name \"\\u{e000}\" has no"),
        (Entry { discretionary: "ABC", ..good }, "NACHA_DISCRETIONARY", "the discretionary data"),
        (Entry { discretionary: "\n", ..good }, "NACHA_DISCRETIONARY", "the discretionary data"),
        (Entry { trace_sequence: 0, ..good }, "NACHA_TRACE_SEQUENCE", "the trace sequence 0 is"),
        (Entry { trace_sequence: 10_000_000, ..good }, "NACHA_TRACE_SEQUENCE", "the trace seq"),
    ];
    for (bad, code, start) in cases {
        let problem = check(&bad).expect_err(start);
        assert_eq!(problem.code(), code);
        assert!(problem.to_string().starts_with(start), "{problem}, expected {start}");
        let number = bad.account_number.trim();
        let repeats = number.len() > 4 && problem.to_string().contains(number);
        assert!(!repeats, "an error does not tell an account number: {problem}");
    }
    for good in [good, prenote, Entry { trace_sequence: 9_999_999, ..good }, account("1-2 3A")] {
        assert_eq!(check(&good), Ok(()));
    }
}

#[test]
fn file_headers() {
    let bank = bank("231380104");
    let good = header(&bank);
    let long_ago = "1999-12-31T23:59:59".parse().unwrap();
    let cases = [
        (FileHeader { immediate_origin: "12345678", ..good }, "the immediate origin of the file"),
        (FileHeader { immediate_origin: "12345678901", ..good }, "the immediate origin of the"),
        (FileHeader { immediate_origin: "12-3456789", ..good }, "the immediate origin of the"),
        (FileHeader { file_id_modifier: 'a', ..good }, "the file id modifier of the file header"),
        (FileHeader { file_id_modifier: 'Ä', ..good }, "the file id modifier of the file header"),
        (FileHeader { created: long_ago, ..good }, "the creation date of the file header is"),
        (FileHeader { destination_name: " ", ..good }, "the destination name of the file header"),
        (FileHeader { origin_name: "…", ..good }, "the origin name of the file header is"),
        (FileHeader { reference_code: "123456789", ..good }, "the reference code of the file"),
    ];
    for (bad, start) in cases {
        let error = NachaWriter::begin(io::sink(), &bad).expect_err(start).to_string();
        assert!(error.starts_with(start) && error.contains("; write "), "{error}");
    }
    let good = FileHeader { immediate_origin: " 231380104", file_id_modifier: '0', ..good };
    let mut writer = NachaWriter::begin(Vec::new(), &good).unwrap();
    assert_eq!(writer.get_mut()[3..34], *b" 231380104 2313801042611210930\x30");
    assert!(matches!(writer.finish(), Err(WriteError::Empty)));
}

#[test]
fn batch_headers() {
    let bank = bank("231380104");
    let good = batch(&bank);
    let late = "2100-01-01".parse().unwrap();
    let cases = [
        (Batch { company_name: "", ..good }, "the company name of the batch header is \"\""),
        (Batch { company_discretionary_data: "123456789012345678901", ..good }, "the company dis"),
        (Batch { company_id: "12345678901", ..good }, "the company id of the batch header is"),
        (Batch { company_id: "", ..good }, "the company id of the batch header is"),
        (Batch { entry_description: "WATER BILLS", ..good }, "the entry description of the"),
        (Batch { entry_description: "", ..good }, "the entry description of the batch header"),
        (Batch { entry_description: "WÄSSER", ..good }, "the entry description of the batch"),
        (Batch { descriptive_date: "NOV 2026", ..good }, "the descriptive date of the batch"),
        (Batch { effective_date: late, ..good }, "the effective date of the batch header is"),
        (Batch { number: 0, ..good }, "the batch number of the batch header is \"0\"; write"),
        (Batch { number: 10_000_000, ..good }, "the batch number of the batch header is"),
    ];
    let mut writer = NachaWriter::begin(Vec::new(), &header(&bank)).unwrap();
    writer.batch(&good).unwrap();
    writer.entry(&entry(&bank)).unwrap();
    for (bad, start) in cases {
        let error = writer.batch(&Batch { sec: Sec::Ccd, ..bad }).expect_err(start).to_string();
        assert!(error.starts_with(start) && error.contains("; write "), "{error}");
    }
    let error = writer.batch(&good).unwrap_err().to_string();
    assert!(error.starts_with("batch 1 comes after batch 1; number"), "{error}");
    // The batch before is still open.
    writer.entry(&Entry { trace_sequence: 2, ..entry(&bank) }).unwrap();
    let (file, sums) = writer.finish().unwrap();
    assert_eq!((sums.batches, sums.entries), (1, 2));
    checker::check(&file).unwrap();
}

#[test]
fn what_comes_out_of_order() {
    let bank = bank("231380104");
    let mut writer = NachaWriter::begin(io::sink(), &header(&bank)).unwrap();
    let at = |trace_sequence| Entry { trace_sequence, ..entry(&bank) };
    assert!(matches!(writer.entry(&at(1)), Err(WriteError::NoBatch { trace_sequence: 1 })));
    writer.batch(&batch(&bank)).unwrap();
    writer.entry(&at(5)).unwrap();
    for sequence in [5, 4] {
        let error = writer.entry(&at(sequence)).unwrap_err();
        assert!(matches!(error, WriteError::TraceOrder { after: 5, .. }), "{error}");
    }
    writer.entry(&at(6)).unwrap();
    writer.batch(&Batch { number: 2, ..batch(&bank) }).unwrap();
    writer.entry(&at(1)).unwrap();
}

#[test]
fn totals_have_twelve_digits() {
    let bank = bank("231380104");
    let mut writer = NachaWriter::begin(Vec::new(), &header(&bank)).unwrap();
    writer.batch(&batch(&bank)).unwrap();
    let debit =
        |trace_sequence, units| Entry { amount: usd(units), trace_sequence, ..entry(&bank) };
    for sequence in 1..=100 {
        writer.entry(&debit(sequence, 9_999_999_999)).unwrap();
    }
    let error = writer.entry(&debit(101, 100)).unwrap_err();
    assert!(matches!(error, WriteError::BatchFull { trace_sequence: 101 }), "{error}");
    writer.batch(&Batch { number: 2, ..batch(&bank) }).unwrap();
    let error = writer.entry(&debit(102, 100)).unwrap_err();
    assert!(matches!(error, WriteError::FileFull { trace_sequence: 102 }), "{error}");
    // What still has room is taken.
    writer.entry(&debit(102, 99)).unwrap();
    let prenote = Entry { kind: EntryKind::Prenote, ..debit(103, 0) };
    writer.entry(&prenote).unwrap();
    let (file, sums) = writer.finish().unwrap();
    assert_eq!(sums.debit_minor_units, 999_999_999_999);
    checker::check(&file).unwrap();
}

#[test]
fn a_batch_has_so_many_entries() {
    let bank = bank("999999992");
    let mut writer = NachaWriter::begin(Vec::new(), &header(&bank)).unwrap();
    writer.batch(&batch(&bank)).unwrap();
    let at = |trace_sequence| Entry { trace_sequence, ..entry(&bank) };
    for sequence in 1..=999_999 {
        writer.entry(&at(sequence)).unwrap();
    }
    let error = writer.entry(&at(1_000_000)).unwrap_err();
    assert!(matches!(error, WriteError::BatchFull { .. }), "{error}");
    writer.batch(&Batch { number: 2, ..batch(&bank) }).unwrap();
    writer.entry(&at(1_000_000)).unwrap();
    let (file, sums) = writer.finish().unwrap();
    // A million times 99999999 has more digits than a hash.
    assert_eq!((sums.entries, sums.entry_hash), (1_000_000, 9_999_000_000));
    checker::check(&file).unwrap();
}
