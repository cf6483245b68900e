//! A file, byte for byte: 42.00 for the first time and 11.00 once are two
//! batches, two debits and 53.00.

use crate::book::{batch, date, debit, euros, message, write};
use arrears_bank::sepa::{Address, Batch, Debit};
use arrears_domain::MandateSequence;
use arrears_domain::bank::Bic;
use std::path::Path;

#[test]
fn a_file_of_two_batches_is_as_it_was() {
    let bank = Bic::parse("ABNANL2A").unwrap();
    let first = Debit {
        debtor_name: "Müller & Söhne",
        debtor_bic: Some(&bank),
        address: Some(Address { town: "Köln", country: "DE" }),
        ..debit("payment-000001-A-1001", euros("42.00"))
    };
    let single = Debit {
        mandate_id: "M-2",
        signed_on: date("2026-02-06"),
        remittance: "",
        ..debit("payment-000001-A-1002", euros("11.00"))
    };
    let single_batch =
        Batch { sequence: MandateSequence::OneOff, ..batch("payment-000001-2", 1, "11.00") };
    let file = write(
        &message(2, "53.00"),
        &[(batch("payment-000001-1", 1, "42.00"), &[first]), (single_batch, &[single])],
    )
    .unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sepa/golden.xml");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &file).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(file, expected, "set UPDATE_EXPECT=1 to rewrite {}", path.display());
}
