//! What a file of debits costs: written on one core beside a bare loop that
//! writes the same bytes.
//!
//! ```sh
//! cargo bench -p arrears-bank --bench nacha
//! ```

use arrears_bank::nacha::{Batch, Entry, EntryKind, FileHeader, NachaWriter, Sec};
use arrears_domain::bank::RoutingNumber;
use arrears_domain::mandate::BankAccountType;
use arrears_domain::{Currency, Money};
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

const ENTRIES: u32 = 500_000;
const ROUNDS: usize = 3;
const TARGET: u128 = 200_000;

/// What a run knows of each debtor: made before, and more than a cache holds.
struct Debtor {
    account_number: String,
    id: String,
    name: String,
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
    let names = [("ASCII", "Vance & Sons, No."), ("others", "Größe & Söhne, No.")];
    println!("{ENTRIES} entries on one core, best of {ROUNDS}");
    println!("{:>12} {:>14} {:>16}", "names", "entries/s", "bare loop");
    for (what, name) in names {
        let debtors: Vec<Debtor> = (0..ENTRIES).map(|number| debtor(number, name)).collect();
        let written = best(|| {
            write(&debtors, Sink::default());
        });
        // The same bytes from records that are there already, one write each.
        let file = write(&debtors, Vec::new());
        let mut again = Vec::with_capacity(file.len());
        bare(&file, &mut again);
        assert_eq!(file, again, "the same bytes");
        let bare = best(|| bare(&file, &mut Sink::default()));
        let rate = per_second(written);
        println!("{what:>12} {rate:>14} {:>16}", per_second(bare));
        let verdict = if rate >= TARGET { "reached" } else { "MISSED" };
        println!("entries a second, {what}: {rate} (target {TARGET}: {verdict})");
    }
}

fn bare(file: &[u8], out: &mut impl Write) {
    for record in file.chunks(95) {
        out.write_all(record).expect("a sink takes all");
    }
}

fn write<W: Write>(debtors: &[Debtor], out: W) -> W {
    let bank = RoutingNumber::parse("231380104").expect("a bank");
    let header = FileHeader {
        immediate_destination: &bank,
        immediate_origin: "1987654321",
        destination_name: "First Bank of Rivertown",
        origin_name: "Rivertown Water",
        created: "2026-11-21T09:30:00".parse().expect("a time"),
        file_id_modifier: 'A',
        reference_code: "",
    };
    let batch = Batch {
        company_name: "Rivertown Water",
        company_discretionary_data: "",
        company_id: "1987654321",
        sec: Sec::Ppd,
        entry_description: "WATER BILL",
        descriptive_date: "NOV 26",
        effective_date: "2026-11-24".parse().expect("a date"),
        odfi: &bank,
        number: 1,
    };
    let mut writer = NachaWriter::begin(out, &header).expect("a header");
    writer.batch(&batch).expect("a batch");
    for (debtor, trace_sequence) in debtors.iter().zip(1..) {
        let entry = Entry {
            account_type: BankAccountType::Checking,
            kind: EntryKind::Debit,
            rdfi: &bank,
            account_number: &debtor.account_number,
            amount: debtor.amount,
            individual_id: &debtor.id,
            name: &debtor.name,
            discretionary: "",
            trace_sequence,
        };
        writer.entry(&entry).expect("an entry");
    }
    writer.finish().expect("a file").0
}

fn debtor(number: u32, name: &str) -> Debtor {
    let usd = Currency::parse("USD").expect("a currency");
    Debtor {
        account_number: format!("7445 {number:08}-9"),
        id: format!("A-{number:07}"),
        name: format!("{name} {number}"),
        amount: Money::from_minor_units(i64::from(number) * 3 + 2_500, usd),
    }
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
