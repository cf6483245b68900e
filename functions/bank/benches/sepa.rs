//! What a SEPA file of debits costs: written on one core beside a bare loop that
//! writes the same bytes.
//!
//! ```sh
//! cargo bench -p arrears-bank --bench sepa
//! ```

use arrears_bank::sepa::{Address, Batch, Creditor, Debit, DirectDebitWriter, Message, Scheme};
use arrears_domain::bank::{Bic, CreditorId, Iban};
use arrears_domain::{Currency, Date, MandateSequence, Money};
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

const ENTRIES: u32 = 500_000;
const ROUNDS: usize = 3;
const TARGET: u128 = 200_000;

/// What a run knows of each debtor: made before, and more than a cache holds.
struct Debtor {
    end_to_end_id: String,
    mandate_id: String,
    name: String,
    iban: Iban,
    bic: Option<Bic>,
    remittance: String,
    amount: Money,
}

/// Takes bytes as a run does: into a buffer that is emptied when it is full. Whoever
/// writes pays for the copy, the bare loop too.
#[derive(Default)]
struct Sink(Vec<u8>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() >= 64 * 1024 {
            black_box(&self.0);
            self.0.clear();
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() {
    let names = [("ASCII", "Vance, Sons and No."), ("others", "Größe & Söhne, No.")];
    println!("{ENTRIES} entries on one core, best of {ROUNDS}");
    println!("{:>12} {:>14} {:>16} {:>10}", "names", "entries/s", "bare loop", "bytes each");
    for (what, name) in names {
        let debtors: Vec<Debtor> = (0..ENTRIES).map(|number| debtor(number, name)).collect();
        let written = best(|| {
            write(&debtors, Sink::default());
        });
        // The same bytes from lines that are there already, one write each.
        let file = write(&debtors, Vec::new());
        let mut again = Vec::with_capacity(file.len());
        bare(&file, &mut again);
        assert_eq!(file, again, "the same bytes");
        let bare = best(|| bare(&file, &mut Sink::default()));
        let (rate, each) = (per_second(written), file.len() / ENTRIES as usize);
        println!("{what:>12} {rate:>14} {:>16} {each:>10}", per_second(bare));
        let verdict = if rate >= TARGET { "reached" } else { "MISSED" };
        println!("entries a second, {what}: {rate} (target {TARGET}: {verdict})");
    }
}

fn bare(file: &[u8], out: &mut impl Write) {
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        out.write_all(line).expect("a sink takes all");
    }
}

fn write<W: Write>(debtors: &[Debtor], out: W) -> W {
    let creditor = Creditor {
        name: "Rivertown Water",
        iban: &Iban::parse("DE89370400440532013000").expect("an account"),
        bic: None,
        id: &CreditorId::parse("DE98ZZZ09999999999").expect("an identifier"),
        address: None,
    };
    let transactions = debtors.len() as u64;
    let control_sum_minor_units = debtors.iter().map(|it| it.amount.minor_units()).sum();
    let message = Message {
        id: "PAY-1",
        created_at: "2026-02-02T08:00:00",
        initiating_party: creditor.name,
        transactions,
        control_sum_minor_units,
    };
    let batch = Batch {
        id: "PAY-1-1",
        collection_date: date(2026, 2, 6),
        sequence: MandateSequence::Recurrent,
        scheme: Scheme::Core,
        transactions,
        control_sum_minor_units,
    };
    let mut writer = DirectDebitWriter::begin(out, &message, &creditor).expect("a head");
    writer.batch(&batch).expect("a batch");
    for debtor in debtors {
        let debit = Debit {
            end_to_end_id: &debtor.end_to_end_id,
            amount: debtor.amount,
            mandate_id: &debtor.mandate_id,
            signed_on: date(2025, 11, 3),
            debtor_name: &debtor.name,
            debtor_iban: &debtor.iban,
            debtor_bic: debtor.bic.as_ref(),
            address: Some(Address { town: "Rivertown", country: "DE" }),
            remittance: &debtor.remittance,
        };
        writer.debit(&debit).expect("a debit");
    }
    writer.finish().expect("the sums agree").0
}

fn debtor(number: u32, name: &str) -> Debtor {
    let euro = Currency::parse("EUR").expect("a currency");
    Debtor {
        end_to_end_id: format!("PAY-1-A-{number:07}"),
        mandate_id: format!("M-{number:07}"),
        name: format!("{name} {number}"),
        iban: Iban::parse("NL91ABNA0417164300").expect("an account"),
        bic: number.is_multiple_of(2).then(|| Bic::parse("ABNANL2A").expect("a bank")),
        remittance: format!("Bills {number} and {} of January, account A-{number:07}", number + 1),
        amount: Money::from_minor_units(i64::from(number) * 7 + 100, euro),
    }
}

fn date(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd_opt(year, month, day).expect("a date")
}

fn best(mut work: impl FnMut()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        work();
        started.elapsed()
    });
    rounds.min().unwrap_or_default()
}

fn per_second(took: Duration) -> u128 {
    u128::from(ENTRIES) * 1_000_000 / took.as_micros().max(1)
}
