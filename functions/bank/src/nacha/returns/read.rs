//! From records to answers, one after another.

use super::line::{Line, Lines};
use super::{Answer, Change, ReadError, Return, ReturnFile};
use crate::nacha::HASH_MODULUS;
use arrears_domain::Date;
use chrono::Months;
use std::io::BufRead;

/// Years have two digits; a death was not in the future.
const CENTURY: Months = Months::new(1_200);

/// Reads a file of returns and notifications of change.
///
/// Lines may end with CRLF, blanks at their end and the padding at the end of the
/// file may be missing. All else is as the rules want it, and the controls agree
/// with what they sum up, or nothing is taken. Addenda of other kinds, which a
/// bank may send back along, are counted and passed over.
///
/// # Errors
/// The first problem, with its line.
pub fn read_returns(reader: impl BufRead) -> Result<ReturnFile, ReadError> {
    let mut lines = Lines::new(reader);
    let Some(first) = lines.next()? else {
        return Err(ReadError::Cut { line: 0, expected: "a file header (1)".to_owned() });
    };
    let mut reading = Reading::begin(&first)?;
    while let Some(line) = lines.next()? {
        reading.record(&line)?;
    }
    if reading.is_closed {
        return Ok(reading.file);
    }
    Err(ReadError::Cut { line: lines.number, expected: reading.expected() })
}

struct Reading {
    file: ReturnFile,
    sums: Sums,
    batches: u64,
    batch: Option<OpenBatch>,
    is_closed: bool,
}

struct OpenBatch {
    sec: String,
    company_id: String,
    sums: Sums,
    entry: Option<OpenEntry>,
}

/// An entry whose addenda come next.
struct OpenEntry {
    answer: Answer,
    is_answered: bool,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    records: u64,
    hash: u64,
    debits: u64,
    credits: u64,
}

impl Reading {
    fn begin(line: &Line) -> Result<Self, ReadError> {
        if line.kind() != '1' {
            return Err(line.unexpected("a file header (1)"));
        }
        if line.text(35, 40) != "094101" {
            let expected = "094101, for records of 94 characters in blocks of 10";
            return Err(line.wrong("format", (35, 40), expected));
        }
        let file = ReturnFile {
            created_on: line.date("creation date", 24)?,
            file_id_modifier: line.text(34, 34),
            immediate_origin: line.text(14, 23),
            returns: Vec::new(),
            changes: Vec::new(),
        };
        Ok(Self { file, sums: Sums::default(), batches: 0, batch: None, is_closed: false })
    }

    fn record(&mut self, line: &Line) -> Result<(), ReadError> {
        if line.is_padding() && self.is_closed {
            return Ok(());
        }
        match (line.kind(), self.batch.take()) {
            ('5', None) if !self.is_closed => {
                self.batch = Some(OpenBatch::begin(line));
                Ok(())
            }
            ('6', Some(mut batch)) if batch.is_answered() => {
                batch.entry(line)?;
                self.batch = Some(batch);
                Ok(())
            }
            ('7', Some(mut batch)) if batch.entry.is_some() => {
                batch.addenda(line, &mut self.file)?;
                self.batch = Some(batch);
                Ok(())
            }
            ('8', Some(batch)) if batch.is_answered() => {
                batch.sums.agree(line, "batch", 5)?;
                self.sums.add(batch.sums);
                self.batches += 1;
                Ok(())
            }
            ('9', None) if !self.is_closed && !line.is_padding() => self.close(line),
            (_, batch) => {
                self.batch = batch;
                Err(line.unexpected(self.expected()))
            }
        }
    }

    fn close(&mut self, line: &Line) -> Result<(), ReadError> {
        let stated = line.number("count of batches", 2, 7)?;
        agree(line, "file", "count of batches", stated, self.batches)?;
        self.sums.agree(line, "file", 14)?;
        self.is_closed = true;
        Ok(())
    }

    /// What the next record should be.
    fn expected(&self) -> String {
        match &self.batch {
            None if self.is_closed => "padding of nines and nothing else".to_owned(),
            None => "a batch header (5) or the file control (9)".to_owned(),
            Some(OpenBatch { entry: None, .. }) => {
                "an entry (6) or the batch control (8)".to_owned()
            }
            Some(OpenBatch { entry: Some(entry), .. }) if !entry.is_answered => format!(
                "an addenda record (7) of type 99 or 98, which says why the entry of line {} came \
                 back",
                entry.answer.line
            ),
            Some(_) => "an entry (6), an addenda record (7) or the batch control (8)".to_owned(),
        }
    }
}

impl OpenBatch {
    fn begin(line: &Line) -> Self {
        let (sec, company_id) = (line.text(51, 53), line.text(41, 50));
        Self { sec, company_id, sums: Sums::default(), entry: None }
    }

    fn is_answered(&self) -> bool {
        self.entry.as_ref().is_none_or(|entry| entry.is_answered)
    }

    fn entry(&mut self, line: &Line) -> Result<(), ReadError> {
        let code = line.number("transaction code", 2, 3)?;
        let transaction_code = match u8::try_from(code) {
            Ok(code @ 20..=59) => code,
            _ => return Err(line.wrong("transaction code", (2, 3), "a code of 20 to 59")),
        };
        let rdfi = line.number("bank of the receiver", 4, 11)?;
        let amount = line.number("amount", 30, 39)?;
        let is_debit = transaction_code % 10 >= 5;
        let (debits, credits) = if is_debit { (amount, 0) } else { (0, amount) };
        self.sums.add(Sums { records: 1, hash: rdfi, debits, credits });
        let answer = Answer {
            line: line.number,
            // These two are in the addenda.
            original_trace: String::new(),
            original_rdfi: String::new(),
            trace: line.digits("trace", 80, 94)?,
            transaction_code,
            is_debit,
            // Ten digits are far from the sign.
            amount_minor_units: amount.cast_signed(),
            individual_id: line.text(40, 54),
            name: line.text(55, 76),
            sec: self.sec.clone(),
            company_id: self.company_id.clone(),
        };
        self.entry = Some(OpenEntry { answer, is_answered: false });
        Ok(())
    }

    fn addenda(&mut self, line: &Line, file: &mut ReturnFile) -> Result<(), ReadError> {
        self.sums.add(Sums { records: 1, ..Sums::default() });
        let Some(entry) = &mut self.entry else {
            return Ok(());
        };
        let kind = line.digits("type", 2, 3)?;
        if !["98", "99"].contains(&kind.as_str()) {
            return Ok(());
        }
        if entry.is_answered {
            let expected = "one answer for each entry, and this is its second";
            return Err(line.wrong("type", (2, 3), expected));
        }
        entry.is_answered = true;
        let answer = Answer {
            original_trace: line.digits("original trace", 7, 21)?,
            original_rdfi: line.text(28, 35),
            trace: line.digits("trace", 80, 94)?,
            ..entry.answer.clone()
        };
        if kind == "98" {
            let code = line.code('C', "C and two digits, such as C01")?;
            file.changes.push(Change { answer, code, corrected_data: line.text(36, 64) });
            return Ok(());
        }
        let code = line.code('R', "R and two digits, such as R01")?;
        let date_of_death = date_of_death(line, &code, file.created_on)?;
        file.returns.push(Return { answer, code, date_of_death, information: line.text(36, 79) });
        Ok(())
    }
}

/// Only with the two codes that tell of a death is the field a date of death.
fn date_of_death(line: &Line, code: &str, known_on: Date) -> Result<Option<Date>, ReadError> {
    if !["R14", "R15"].contains(&code) || ["", "000000"].contains(&line.text(22, 27).as_str()) {
        return Ok(None);
    }
    let date = line.date("date of death", 22)?;
    Ok(if date > known_on { date.checked_sub_months(CENTURY) } else { Some(date) })
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.hash = (self.hash + other.hash) % HASH_MODULUS;
        self.debits += other.debits;
        self.credits += other.credits;
    }

    /// Holds the sums against a control. Both controls have them in the same
    /// order; the count, from which they begin, has six digits in that of a
    /// batch, and eight in that of a file.
    fn agree(self, line: &Line, summed: &'static str, from: usize) -> Result<(), ReadError> {
        let count_digits = if summed == "batch" { 6 } else { 8 };
        let fields = [
            ("count of entries and addenda", count_digits, self.records),
            ("entry hash", 10, self.hash),
            ("debits in cents", 12, self.debits),
            ("credits in cents", 12, self.credits),
        ];
        let mut from = from;
        for (what, width, counted) in fields {
            let stated = line.number(what, from, from + width - 1)?;
            agree(line, summed, what, stated, counted)?;
            from += width;
        }
        Ok(())
    }
}

fn agree(
    line: &Line,
    summed: &'static str,
    what: &'static str,
    stated: u64,
    counted: u64,
) -> Result<(), ReadError> {
    if stated == counted {
        return Ok(());
    }
    Err(ReadError::Totals { line: line.number, summed, what, stated, counted })
}
