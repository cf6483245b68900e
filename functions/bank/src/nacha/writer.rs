//! A file of debits as a stream: an entry is written when it is given.

use super::entry::{Checked, Entry, EntryProblem};
use super::header::{Batch, BatchHead, FieldProblem, FileHeader};
use super::record::{BLOCK_RECORDS, Record};
use super::{EntryKind, HASH_MODULUS};
use std::io;

/// The most entries of a batch: the control has six digits for their number.
const BATCH_ENTRIES_MAX: u64 = 999_999;

/// The most batches of a file: the control has six digits for their number.
const BATCHES_MAX: u64 = 999_999;

/// The most records of a file: the control has six digits for the blocks. That
/// is fewer than its eight digits for entries would let through.
const RECORDS_MAX: u64 = 999_999 * BLOCK_RECORDS;

/// The most that a batch, and a file, debits: twelve digits.
const TOTAL_MINOR_UNITS_MAX: u64 = 999_999_999_999;

/// Why a file cannot be written, or not with this in it.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The bytes do not go where they should.
    #[error("the file cannot be written: {0}")]
    Io(#[from] io::Error),
    /// After such a failure nobody knows what was written.
    #[error("an earlier write has failed, and what is there ends anywhere; write the file anew")]
    Broken,
    /// A head has something that a record cannot say.
    #[error(transparent)]
    Head(#[from] FieldProblem),
    /// An entry has something that a record cannot say.
    #[error("entry {trace_sequence}: {problem}")]
    Entry {
        /// Its trace sequence.
        trace_sequence: u32,
        /// What is the matter.
        problem: EntryProblem,
    },
    /// There is no batch yet.
    #[error("entry {trace_sequence} has no batch; begin one before it")]
    NoBatch {
        /// Its trace sequence.
        trace_sequence: u32,
    },
    /// Traces do not ascend.
    #[error(
        "entry {trace_sequence} comes after entry {after} of the same batch; give the entries of a \
         batch in the order of their trace sequences, each another"
    )]
    TraceOrder {
        /// Its trace sequence.
        trace_sequence: u32,
        /// That of the entry before it.
        after: u32,
    },
    /// Numbers of batches do not ascend.
    #[error("batch {number} comes after batch {after}; number the batches of a file upwards")]
    BatchOrder {
        /// Its number.
        number: u32,
        /// That of the batch before it.
        after: u32,
    },
    /// The control of the batch could not count it.
    #[error(
        "entry {trace_sequence} is more than the {BATCH_ENTRIES_MAX} entries and 9999999999.99 of \
         a batch; begin another batch with it"
    )]
    BatchFull {
        /// Its trace sequence.
        trace_sequence: u32,
    },
    /// The control of the file could not count it.
    #[error(
        "entry {trace_sequence} is more than the {BATCHES_MAX} batches, {RECORDS_MAX} records and \
         9999999999.99 of a file; begin another file with it"
    )]
    FileFull {
        /// Its trace sequence.
        trace_sequence: u32,
    },
    /// Nothing was written but heads.
    #[error("the file has no entry; send none")]
    Empty,
}

/// What a file sums up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Entries, prenotes among them.
    pub entries: u64,
    /// Entries that are prenotes.
    pub prenotes: u64,
    /// Batches that have entries.
    pub batches: u64,
    /// What is debited.
    pub debit_minor_units: u64,
    /// The hash of the file.
    pub entry_hash: u64,
    /// Records without those of padding.
    pub records: u64,
    /// Blocks of ten records.
    pub blocks: u64,
}

/// Writes a file of debits.
///
/// What is refused leaves no trace: the file goes on with the next entry. A
/// batch is written with its first entry, so one without entries is none.
///
/// ```
/// use arrears_bank::nacha::{Batch, Entry, EntryKind, FileHeader, NachaWriter, Sec};
/// use arrears_domain::{Currency, Money, bank::RoutingNumber, mandate::BankAccountType};
/// let bank = RoutingNumber::parse("231380104")?;
/// let header = FileHeader {
///     immediate_destination: &bank,
///     immediate_origin: "1987654321",
///     destination_name: "First Bank",
///     origin_name: "Rivertown Water",
///     created: "2026-11-21T09:30:00".parse().unwrap(),
///     file_id_modifier: 'A',
///     reference_code: "",
/// };
/// let batch = Batch {
///     company_name: "Rivertown Water",
///     company_discretionary_data: "",
///     company_id: "1987654321",
///     sec: Sec::Ppd,
///     entry_description: "WATER BILL",
///     descriptive_date: "NOV 26",
///     effective_date: "2026-11-24".parse().unwrap(),
///     odfi: &bank,
///     number: 1,
/// };
/// let entry = Entry {
///     account_type: BankAccountType::Checking,
///     kind: EntryKind::Debit,
///     rdfi: &bank,
///     account_number: "744-5678-99",
///     amount: Money::parse("152.30", Currency::parse("USD")?)?,
///     individual_id: "A-1001",
///     name: "R. Vance",
///     discretionary: "",
///     trace_sequence: 1,
/// };
/// let mut writer = NachaWriter::begin(Vec::new(), &header)?;
/// writer.batch(&batch)?;
/// writer.entry(&entry)?;
/// let (file, sums) = writer.finish()?;
/// assert_eq!(sums.debit_minor_units, 15_230);
/// assert_eq!(file.len(), 950, "one block of ten lines");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NachaWriter<W> {
    out: W,
    is_broken: bool,
    sums: Sums,
    batch: Option<OpenBatch>,
    last_batch: u32,
}

#[derive(Debug)]
struct OpenBatch {
    head: BatchHead,
    sums: BatchSums,
}

#[derive(Debug, Clone, Copy, Default)]
struct BatchSums {
    entries: u64,
    debit_minor_units: u64,
    hash: u64,
    last_trace: u32,
}

impl<W: io::Write> NachaWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// [`WriteError::Head`], [`WriteError::Io`].
    pub fn begin(out: W, header: &FileHeader<'_>) -> Result<Self, WriteError> {
        let record = header.record()?;
        let sums = Sums::default();
        let mut writer = Self { out, is_broken: false, sums, batch: None, last_batch: 0 };
        writer.write(&record)?;
        Ok(writer)
    }

    /// Closes the batch before, and begins one. If it is refused, the one before
    /// stays open.
    ///
    /// # Errors
    /// [`WriteError::Head`], [`WriteError::BatchOrder`], [`WriteError::Io`].
    pub fn batch(&mut self, batch: &Batch<'_>) -> Result<(), WriteError> {
        let head = batch.head()?;
        let (number, after) = (batch.number, self.last_batch);
        if number <= after {
            return Err(WriteError::BatchOrder { number, after });
        }
        self.close_batch()?;
        self.batch = Some(OpenBatch { head, sums: BatchSums::default() });
        self.last_batch = number;
        Ok(())
    }

    /// Writes an entry of the batch.
    ///
    /// # Errors
    /// [`WriteError::Entry`], [`WriteError::NoBatch`], [`WriteError::TraceOrder`],
    /// [`WriteError::BatchFull`], [`WriteError::FileFull`], [`WriteError::Io`];
    /// but for the last, nothing of the entry is written.
    pub fn entry(&mut self, entry: &Entry<'_>) -> Result<(), WriteError> {
        let trace_sequence = entry.trace_sequence;
        let checked =
            Checked::new(entry).map_err(|problem| WriteError::Entry { trace_sequence, problem })?;
        let Some(batch) = self.batch.as_ref() else {
            return Err(WriteError::NoBatch { trace_sequence });
        };
        let in_batch = batch.sums.with(&checked, trace_sequence)?;
        let is_first = batch.sums.entries == 0;
        let in_file = self.sums.with(&checked, entry.kind, is_first);
        let in_file = in_file.ok_or(WriteError::FileFull { trace_sequence })?;
        let record = checked.record(batch.head.odfi);
        if is_first {
            let head = batch.head.record.clone();
            self.write(&head)?;
        }
        self.write(&record)?;
        let records = self.sums.records;
        self.sums = Sums { records, ..in_file };
        if let Some(batch) = self.batch.as_mut() {
            batch.sums = in_batch;
        }
        Ok(())
    }

    /// Closes the last batch and the file, and gives back what it was written to.
    ///
    /// # Errors
    /// [`WriteError::Empty`], [`WriteError::Io`].
    pub fn finish(mut self) -> Result<(W, Sums), WriteError> {
        if self.sums.entries == 0 {
            return Err(WriteError::Empty);
        }
        self.close_batch()?;
        let records = self.sums.records + 1;
        let blocks = records.div_ceil(BLOCK_RECORDS);
        self.sums.blocks = blocks;
        let control = Record::new(b'9')
            .number(self.sums.batches, 6)
            .number(blocks, 6)
            .number(self.sums.entries, 8)
            .number(self.sums.entry_hash, 10)
            .number(self.sums.debit_minor_units, 12)
            // Credits.
            .number(0, 12)
            .blank(39);
        self.write(&control)?;
        for _ in records..blocks * BLOCK_RECORDS {
            self.write(&Record::of_nines())?;
        }
        self.sums.records = records;
        self.out.flush()?;
        Ok((self.out, self.sums))
    }

    /// Where it writes to: whoever gave it a `Vec` empties that between entries.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn close_batch(&mut self) -> Result<(), WriteError> {
        let Some(OpenBatch { head, sums }) = self.batch.take() else {
            return Ok(());
        };
        if sums.entries == 0 {
            return Ok(());
        }
        self.write(&head.control(sums.entries, sums.hash, sums.debit_minor_units))
    }

    fn write(&mut self, record: &Record) -> Result<(), WriteError> {
        if self.is_broken {
            return Err(WriteError::Broken);
        }
        self.is_broken = true;
        self.out.write_all(record.as_bytes())?;
        self.is_broken = false;
        self.sums.records += 1;
        Ok(())
    }
}

impl BatchSums {
    fn with(self, entry: &Checked<'_>, trace_sequence: u32) -> Result<Self, WriteError> {
        let after = self.last_trace;
        if trace_sequence <= after {
            return Err(WriteError::TraceOrder { trace_sequence, after });
        }
        let entries = self.entries + 1;
        let debit_minor_units = self.debit_minor_units + entry.amount_minor_units;
        if entries > BATCH_ENTRIES_MAX || debit_minor_units > TOTAL_MINOR_UNITS_MAX {
            return Err(WriteError::BatchFull { trace_sequence });
        }
        let hash = (self.hash + entry.hash) % HASH_MODULUS;
        Ok(Self { entries, debit_minor_units, hash, last_trace: trace_sequence })
    }
}

impl Sums {
    /// With one more entry, if the controls can count it. The hashes of the
    /// batches, summed up, are the sum of the entries' hashes.
    fn with(self, entry: &Checked<'_>, kind: EntryKind, is_first: bool) -> Option<Self> {
        let batches = self.batches + u64::from(is_first);
        let debit_minor_units = self.debit_minor_units + entry.amount_minor_units;
        // The head of the batch, the entry, and the controls of batch and file.
        let records = self.records + u64::from(is_first) + 3;
        let fits = batches <= BATCHES_MAX
            && debit_minor_units <= TOTAL_MINOR_UNITS_MAX
            && records <= RECORDS_MAX;
        fits.then_some(Self {
            entries: self.entries + 1,
            prenotes: self.prenotes + u64::from(kind == EntryKind::Prenote),
            batches,
            debit_minor_units,
            entry_hash: (self.entry_hash + entry.hash) % HASH_MODULUS,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::Sec;
    use arrears_domain::bank::RoutingNumber;
    use arrears_domain::mandate::BankAccountType;
    use arrears_domain::{Currency, Money};

    /// Ten million entries would say the same, and take their time.
    #[test]
    fn a_file_ends_where_its_control_cannot_count() {
        let bank = RoutingNumber::parse("231380104").unwrap();
        let header = FileHeader {
            immediate_destination: &bank,
            immediate_origin: "1987654321",
            destination_name: "First Bank",
            origin_name: "Rivertown Water",
            created: "2026-11-21T09:30:00".parse().unwrap(),
            file_id_modifier: 'A',
            reference_code: "",
        };
        let batch = |number| Batch {
            company_name: "Rivertown Water",
            company_discretionary_data: "",
            company_id: "1987654321",
            sec: Sec::Ppd,
            entry_description: "WATER BILL",
            descriptive_date: "",
            effective_date: "2026-11-24".parse().unwrap(),
            odfi: &bank,
            number,
        };
        let entry = |trace_sequence| Entry {
            account_type: BankAccountType::Checking,
            kind: EntryKind::Debit,
            rdfi: &bank,
            account_number: "1",
            amount: Money::from_minor_units(1, Currency::parse("USD").unwrap()),
            individual_id: "",
            name: "R. Vance",
            discretionary: "",
            trace_sequence,
        };
        // Records and batches that are there, and entries that still fit in one
        // batch before the file is full; then none fits in another.
        let cases = [
            (RECORDS_MAX - 3, 0, 0),
            (RECORDS_MAX - 4, 0, 1),
            (RECORDS_MAX - 9, 0, 6),
            (1, BATCHES_MAX - 1, 3),
        ];
        for (records, batches, fitting) in cases {
            let mut writer = NachaWriter::begin(io::sink(), &header).unwrap();
            (writer.sums.records, writer.sums.batches) = (records, batches);
            writer.batch(&batch(1)).unwrap();
            for sequence in 1..=fitting {
                writer.entry(&entry(sequence)).unwrap();
            }
            let is_full = |refused| matches!(refused, Err(WriteError::FileFull { .. }));
            assert!(batches > 0 || is_full(writer.entry(&entry(fitting + 1))), "{records}");
            writer.batch(&batch(2)).unwrap();
            assert!(is_full(writer.entry(&entry(1))), "{records}");
            let sums = writer.finish().map_or(Sums::default(), |(_, sums)| sums);
            assert!((sums.entries == 0) == (fitting == 0), "{records}");
            assert!(sums.records <= RECORDS_MAX && sums.batches <= BATCHES_MAX, "{sums:?}");
        }
    }
}
