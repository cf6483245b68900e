//! Heads that say otherwise than what follows, and the ways of a writer.

use crate::book::{batch, creditor, debit, euros, message, write};
use arrears_bank::sepa::{DirectDebitWriter, FileError, Sums};
use std::io;

#[test]
fn a_file_whose_heads_lie_is_not_finished() {
    let one = debit("E-1", euros("42.00"));
    let cases = [
        (
            write(&message(2, "84.00"), &[(batch("B-1", 1, "42.00"), &[one])]),
            "file `payment-000001` was announced with 2 debits of 84.00 EUR in all and has 1 of \
             42.00 EUR; nothing may be sent before both agree",
        ),
        (
            write(&message(1, "42.00"), &[(batch("B-1", 1, "42.01"), &[one])]),
            "batch `B-1` was announced with 1 debits of 42.01 EUR in all and has 1 of 42.00 EUR; \
             nothing may be sent before both agree",
        ),
        (
            write(&message(1, "42.00"), &[(batch("B-1", 1, "42.00"), &[])]),
            "batch `B-1` was announced with 1 debits of 42.00 EUR in all and has 0 of 0.00 EUR; \
             nothing may be sent before both agree",
        ),
        (
            write(
                &message(2, "84.00"),
                &[(batch("B-1", 2, "84.00"), &[one]), (batch("B-2", 1, "42.00"), &[one])],
            ),
            "batch `B-1` was announced with 2 debits of 84.00 EUR in all and has 1 of 42.00 EUR; \
             nothing may be sent before both agree",
        ),
        (
            write(&message(1, "42.00"), &[]),
            "file `payment-000001` was announced with 1 debits of 42.00 EUR in all and has 0 of \
             0.00 EUR; nothing may be sent before both agree",
        ),
        (
            write(
                &message(2, "84.00"),
                &[(batch("B-1", 1, "42.00"), &[one]), (batch("B-1", 1, "42.00"), &[one])],
            ),
            "there is a batch `B-1` already; each needs an id of its own",
        ),
    ];
    for (result, text) in cases {
        assert_eq!(result.unwrap_err().to_string(), text);
    }
}

#[test]
fn a_debit_needs_a_batch() {
    let mut writer =
        DirectDebitWriter::begin(Vec::new(), &message(1, "42.00"), &creditor()).unwrap();
    let error = writer.debit(&debit("E-1", euros("42.00"))).unwrap_err();
    let text = "debit `E-1` comes before the first batch; begin the batch that it belongs to";
    assert_eq!((error.to_string().as_str(), error.code()), (text, "SEPA_NO_BATCH"));
}

#[test]
fn a_caller_drains_what_is_written_between_two_calls() {
    let debits = [debit("E-1", euros("42.00")), debit("E-2", euros("11.00"))];
    let heads = (message(2, "53.00"), batch("B-1", 2, "53.00"));
    let whole = write(&heads.0, &[(heads.1, &debits)]).unwrap();
    let mut drained = Vec::new();
    let mut writer = DirectDebitWriter::begin(Vec::new(), &heads.0, &creditor()).unwrap();
    drained.append(writer.get_mut());
    writer.batch(&heads.1).unwrap();
    for debit in &debits {
        writer.debit(debit).unwrap();
        drained.append(writer.get_mut());
    }
    let (rest, sums) = writer.finish().unwrap();
    drained.extend(rest);
    assert_eq!(String::from_utf8(drained).unwrap(), whole);
    assert_eq!(sums, Sums { transactions: 2, control_sum_minor_units: 5_300, batches: 1 });
}

/// A disk that is full after so many bytes.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.min(bytes.len()) {
            0 => Err(io::ErrorKind::StorageFull.into()),
            length => {
                self.0 -= length;
                Ok(length)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_at_every_byte() {
    let one = debit("E-1", euros("42.00"));
    let heads = (message(1, "42.00"), batch("B-1", 1, "42.00"));
    let length = write(&heads.0, &[(heads.1, &[one])]).unwrap().len();
    for room in 0..=length {
        let written = DirectDebitWriter::begin(Full(room), &heads.0, &creditor())
            .and_then(|mut writer| writer.batch(&heads.1).map(|()| writer))
            .and_then(|mut writer| writer.debit(&one).map(|()| writer))
            .and_then(DirectDebitWriter::finish);
        match written {
            Ok(_) => assert_eq!(room, length),
            Err(error) => assert!(room < length && matches!(error, FileError::Io(_)), "{error}"),
        }
    }
}
