//! Files of any make are right, whoever drains them and whatever is refused.

use crate::checker;
use crate::golden::{bank, batch, entry, header, usd};
use crate::random::Random;
use arrears_bank::nacha::{Batch, Entry, EntryKind, NachaWriter, Sec, Sums, WriteError, check};
use arrears_domain::mandate::BankAccountType::{Checking, Savings};
use std::io::{self, Write};

const NAMES: [&str; 7] = [
    "R. Vance",
    "Jörg Groß",
    "北京 Water",
    "\u{202e}evil\u{0}name",
    "A name that is longer than its field is",
    "9",
    "Ошибка",
];
const ACCOUNTS: [&str; 5] = ["1", "744-5678-99", "12345678901234567", "DE 12 34", "0-0 1"];
/// Refused whatever else an entry has: too long, or not what accounts have.
const BAD_ACCOUNTS: [&str; 4] = ["123456789012345678", "12*4", " ", "00-0"];

#[test]
fn random_files_are_right() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let most = [3, 40, 400][seed as usize % 3];
        let (file, sums) = random_file(&mut random, most);
        let found = checker::check(&file).unwrap_or_else(|it| panic!("seed {seed}: {it:#?}"));
        let expected = checker::Found {
            entries: sums.entries,
            prenotes: sums.prenotes,
            batches: sums.batches,
            debits: sums.debit_minor_units,
            hash: sums.entry_hash,
            blocks: sums.blocks,
        };
        assert_eq!(found, expected, "seed {seed}");
        assert_eq!(sums.records, 2 + sums.entries + 2 * sums.batches, "seed {seed}");
    }
}

fn random_file(random: &mut Random, most: u64) -> (Vec<u8>, Sums) {
    let banks = ["231380104", "121042882", "091400606", "999999992"].map(bank);
    let mut drained = Vec::new();
    let mut writer = NachaWriter::begin(Vec::new(), &header(&banks[0])).unwrap();
    let mut number = 0;
    let mut written = 0;
    while written == 0 || random.below(4) > 0 {
        number += 1 + random.below(3) as u32;
        let odfi = &banks[random.below(3) as usize];
        let sec = random.pick(&Sec::ALL);
        writer.batch(&Batch { sec, number, ..batch(odfi) }).unwrap();
        let mut trace_sequence = 0;
        for _ in 0..random.below(most) {
            trace_sequence += 1 + random.below(9) as u32;
            let is_prenote = random.below(8) == 0;
            let bits = random.below(28);
            let units = (random.next() >> (63 - bits)) as i64 + 1;
            let good = Entry {
                account_type: random.pick(&[Checking, Savings]),
                kind: if is_prenote { EntryKind::Prenote } else { EntryKind::Debit },
                rdfi: &banks[random.below(4) as usize],
                account_number: random.pick(&ACCOUNTS),
                amount: usd(if is_prenote { 0 } else { units }),
                individual_id: random.pick(&NAMES),
                name: random.pick(&NAMES),
                discretionary: random.pick(&["", "S", " 7"]),
                trace_sequence,
            };
            if random.below(10) == 0 {
                let bad = Entry { account_number: random.pick(&BAD_ACCOUNTS), ..good };
                let before = writer.get_mut().clone();
                let refused = writer.entry(&bad).unwrap_err();
                let problem = check(&bad).unwrap_err();
                assert_eq!(refused.to_string(), format!("entry {trace_sequence}: {problem}"));
                assert_eq!(*writer.get_mut(), before, "nothing is written");
            }
            assert_eq!(check(&good), Ok(()));
            writer.entry(&good).unwrap();
            written += 1;
            if random.below(5) == 0 {
                drained.append(writer.get_mut());
            }
        }
    }
    let (rest, sums) = writer.finish().unwrap();
    drained.extend(rest);
    (drained, sums)
}

/// Takes so many bytes, and then nothing.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn after_a_failed_write_nothing_goes_on() {
    let odfi = bank("231380104");
    for room in 95..95 * 3 {
        let mut writer = NachaWriter::begin(Full(room), &header(&odfi)).unwrap();
        writer.batch(&batch(&odfi)).unwrap();
        assert!(matches!(writer.entry(&entry(&odfi)), Err(WriteError::Io(_))), "room {room}");
        // Even if there is room again.
        writer.get_mut().0 = 10_000;
        let next = Entry { trace_sequence: 2, ..entry(&odfi) };
        assert!(matches!(writer.entry(&next), Err(WriteError::Broken)), "room {room}");
        assert_eq!(writer.get_mut().0, 10_000, "room {room}: nothing is written");
        let finished = writer.finish();
        assert!(matches!(finished, Err(WriteError::Broken | WriteError::Empty)), "room {room}");
    }
    assert!(matches!(NachaWriter::begin(Full(94), &header(&odfi)), Err(WriteError::Io(_))));
}
