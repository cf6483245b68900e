//! Another library builds the same files: element for element, they are ours.

use crate::book::{creditor, date, euros, message, write};
use arrears_bank::sepa::{Address, Batch, Debit, Message, Scheme};
use arrears_domain::bank::{Bic, Iban};
use arrears_domain::{MandateSequence, Money};
use quick_xml::Reader;
use quick_xml::events::Event;
use sepa::pain008::DirectDebitScheme;
use sepa::{DirectDebitEntry, DirectDebitGroup, IsoDateTime, Pain008Builder, PostalAddress};

const IBANS: [&str; 3] =
    ["NL91ABNA0417164300", "AT611904300234573201", "FR1420041010050500013M02606"];
const BIC: &str = "ABNANL2A";

const SEQUENCES: [(MandateSequence, sepa::SequenceType); 4] = [
    (MandateSequence::First, sepa::SequenceType::Frst),
    (MandateSequence::Recurrent, sepa::SequenceType::Rcur),
    (MandateSequence::OneOff, sepa::SequenceType::Ooff),
    (MandateSequence::Final, sepa::SequenceType::Fnal),
];

const SCHEMES: [(Scheme, DirectDebitScheme); 2] =
    [(Scheme::Core, DirectDebitScheme::Core), (Scheme::B2b, DirectDebitScheme::B2b)];

/// The made-up debit with the number.
struct Row {
    id: String,
    iban: Iban,
    bic: Option<Bic>,
    amount: Money,
    remittance: String,
    has_address: bool,
}

impl Row {
    fn new(number: usize) -> Self {
        Self {
            id: format!("E-{number}"),
            iban: Iban::parse(IBANS[number % IBANS.len()]).unwrap(),
            bic: number.is_multiple_of(2).then(|| Bic::parse(BIC).unwrap()),
            amount: euros(&format!("{}.{:02}", number * 37, number * 11 % 100)),
            remittance: if number.is_multiple_of(5) {
                String::new()
            } else {
                "Bill 7".repeat(number % 4 + 1)
            },
            has_address: number.is_multiple_of(3),
        }
    }

    fn ours(&self) -> Debit<'_> {
        Debit {
            end_to_end_id: &self.id,
            amount: self.amount,
            mandate_id: &self.id,
            signed_on: date("2025-11-03"),
            debtor_name: "Vance + Sons, 'No. 1'",
            debtor_iban: &self.iban,
            debtor_bic: self.bic.as_ref(),
            address: self.has_address.then_some(Address { town: "Lyon", country: "FR" }),
            remittance: &self.remittance,
        }
    }

    fn theirs(&self) -> DirectDebitEntry {
        let mut entry = DirectDebitEntry::new(
            self.id.as_str(),
            "2025-11-03".parse().unwrap(),
            "Vance + Sons, 'No. 1'",
            sepa::validate_iban(self.iban.as_str()).unwrap(),
            self.amount.minor_units(),
            self.id.as_str(),
        );
        if let Some(bic) = &self.bic {
            entry = entry.with_bic(bic.as_str().parse().unwrap());
        }
        if self.has_address {
            entry = entry.with_debtor_address(PostalAddress::new("Lyon", "FR").unwrap());
        }
        if !self.remittance.is_empty() {
            entry = entry.with_description(self.remittance.as_str());
        }
        entry
    }
}

#[test]
fn another_library_writes_the_same_elements() {
    let rows: Vec<Row> = (1..=60).map(Row::new).collect();
    let batches: Vec<&[Row]> = rows.chunks(8).collect();
    let created_at: IsoDateTime = "2026-02-02T08:00:00Z".parse().unwrap();
    let sum = |rows: &[Row]| rows.iter().map(|row| row.amount.minor_units()).sum::<i64>();

    let mut theirs =
        Pain008Builder::new("Rivertown Water", "payment-000001").created_at(created_at);
    let mut ours = Vec::new();
    let ids: Vec<String> = (0..batches.len()).map(|number| format!("B-{number}")).collect();
    for (number, rows) in batches.iter().enumerate() {
        let (sequence, their_sequence) = SEQUENCES[number % SEQUENCES.len()];
        let (scheme, their_scheme) = SCHEMES[number % SCHEMES.len()];
        theirs = theirs.add_group(
            DirectDebitGroup::new(
                "Rivertown Water",
                &sepa::validate_iban(creditor().iban.as_str()).unwrap(),
                &sepa::validate_creditor_id(creditor().id.as_str()).unwrap(),
                "2026-02-06".parse().unwrap(),
            )
            .payment_info_id(ids[number].as_str())
            .batch_booking(true)
            .sequence_type(their_sequence)
            .scheme(their_scheme)
            .add_entries(rows.iter().map(Row::theirs)),
        );
        let batch = Batch {
            id: &ids[number],
            collection_date: date("2026-02-06"),
            sequence,
            scheme,
            transactions: rows.len() as u64,
            control_sum_minor_units: sum(rows),
        };
        ours.push((batch, rows.iter().map(Row::ours).collect::<Vec<_>>()));
    }
    let ours: Vec<_> = ours.iter().map(|(batch, debits)| (*batch, debits.as_slice())).collect();
    let head = Message {
        created_at: &created_at.to_string(),
        transactions: rows.len() as u64,
        control_sum_minor_units: sum(&rows),
        ..message(1, "1")
    };
    let ours = write(&head, &ours).unwrap();
    let (ours, theirs) = (elements(&ours), elements(&theirs.build().unwrap()));
    assert!(ours.len() > 60 * 20);
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), theirs.len());
}

/// Tags with their attributes, and texts, in order.
fn elements(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut elements, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return elements,
            Event::Text(part) => text.push_str(&part.decode().unwrap()),
            Event::GeneralRef(name) => {
                let name = name.decode().unwrap().into_owned();
                text.push_str(quick_xml::escape::resolve_xml_entity(&name).unwrap());
            }
            Event::Decl(_) => {}
            event => {
                elements.push(std::mem::take(&mut text).trim().to_owned());
                elements.push(format!("{event:?}"));
            }
        }
    }
}
