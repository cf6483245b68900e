//! What is the same for all entries: the heads of a file and of a batch.

use super::record::Record;
use super::text::{fits, printable, says_something, shown};
use arrears_domain::Date;
use arrears_domain::bank::RoutingNumber;
use chrono::{Datelike, NaiveDateTime, Timelike};
use std::borrow::Cow;

/// Batch numbers have seven digits.
const BATCH_NUMBER_MAX: u32 = 9_999_999;

/// Debits only: 200 would be debits and credits, 220 credits.
const SERVICE_CLASS: u64 = 225;

/// Somebody who is bound by the NACHA rules, and no agency of the federal
/// government.
const ORIGINATOR_STATUS: u64 = 1;

/// The head of a file.
///
/// Names are shown to people: they are written in ASCII and cut to their field.
/// Codes are read by machines: one that does not fit is refused.
#[derive(Debug, Clone, Copy)]
pub struct FileHeader<'a> {
    /// The bank that the file is sent to.
    pub immediate_destination: &'a RoutingNumber,
    /// The number by which that bank knows the sender: ten letters or digits, or
    /// nine, such as a routing number, which are written after a blank.
    pub immediate_origin: &'a str,
    /// The name of that bank, 23 characters.
    pub destination_name: &'a str,
    /// The name of the sender, 23 characters.
    pub origin_name: &'a str,
    /// When the file was made, in the agency's zone.
    pub created: NaiveDateTime,
    /// Tells the files of one day apart: `A` to `Z`, then `0` to `9`.
    pub file_id_modifier: char,
    /// A note of the sender to himself, at most eight characters; often empty.
    pub reference_code: &'a str,
}

/// Under which rules debits are made: the standard entry class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sec {
    /// Prearranged payment: the account of a consumer.
    Ppd,
    /// Corporate debit: the account of a business.
    Ccd,
}

/// The head of a batch: debits of one kind, for one day, by one company.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Who collects, as debtors know them: 16 characters of their statement.
    pub company_name: &'a str,
    /// A note between the company and its bank, at most 20 characters; often
    /// empty.
    pub company_discretionary_data: &'a str,
    /// The number by which the bank knows the company, at most ten characters.
    pub company_id: &'a str,
    /// The rules.
    pub sec: Sec,
    /// What for, as debtors read it: `WATER BILL`, at most ten characters.
    pub entry_description: &'a str,
    /// A date as debtors read it, in any form of at most six characters; may be
    /// empty. Nothing is computed from it.
    pub descriptive_date: &'a str,
    /// The day on which the debits are to settle.
    pub effective_date: Date,
    /// The bank of the company, which stands at the beginning of every trace.
    pub odfi: &'a RoutingNumber,
    /// The number of the batch, higher than that of the batch before it.
    pub number: u32,
}

/// Why a head cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {field} of the {record} is {text:?}; write {expected}")]
pub struct FieldProblem {
    /// The record.
    pub record: &'static str,
    /// The field.
    pub field: &'static str,
    /// What it was to be, or its beginning.
    pub text: String,
    /// What can be written there.
    pub expected: String,
}

/// A head that was found right.
#[derive(Debug)]
pub(super) struct BatchHead {
    /// Its record.
    pub record: Record,
    /// The first eight digits of the bank, as in traces.
    pub odfi: u64,
    /// What the control repeats.
    pub company_id: String,
    /// What the control repeats.
    pub number: u32,
}

impl Sec {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ppd, Self::Ccd];

    /// The three letters in a file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ppd => "PPD",
            Self::Ccd => "CCD",
        }
    }

    /// The class that the letters name.
    #[must_use]
    pub fn parse(letters: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == letters)
    }
}

impl FileHeader<'_> {
    /// The record.
    pub(super) fn record(&self) -> Result<Record, FieldProblem> {
        let fields = Fields("file header");
        let origin = self.immediate_origin.trim_ascii();
        let is_number = origin.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_number || !(9..=10).contains(&origin.len()) {
            let expected = "the nine or ten letters or digits that the bank has assigned";
            return Err(fields.problem("immediate origin", self.immediate_origin, expected));
        }
        let modifier = self.file_id_modifier;
        if !(modifier.is_ascii_uppercase() || modifier.is_ascii_digit()) {
            let expected = "a capital letter A to Z or a digit";
            return Err(fields.problem("file id modifier", &modifier.to_string(), expected));
        }
        let created = self.created;
        let day = fields.date("creation date", created.date())?;
        let minute = u64::from(created.hour() * 100 + created.minute());
        Ok(Record::new(b'1')
            // The priority: there is one.
            .number(1, 2)
            .blank(1)
            .text(self.immediate_destination.as_str(), 9)
            .blank(10 - origin.len())
            .text(origin, origin.len())
            .number(day, 6)
            .number(minute, 4)
            .text(modifier.encode_utf8(&mut [0; 4]), 1)
            // Characters of a record, records of a block, the only format.
            .text("094101", 6)
            .text(&fields.name("destination name", self.destination_name)?, 23)
            .text(&fields.name("origin name", self.origin_name)?, 23)
            .text(fields.code("reference code", self.reference_code, 8)?, 8))
    }
}

impl Batch<'_> {
    /// The record, and what the control repeats of it.
    pub(super) fn head(&self) -> Result<BatchHead, FieldProblem> {
        let fields = Fields("batch header");
        if !(1..=BATCH_NUMBER_MAX).contains(&self.number) {
            let expected = "a number from 1 to 9999999";
            return Err(fields.problem("batch number", &self.number.to_string(), expected));
        }
        let id = fields.code("company id", self.company_id, 10)?;
        let description = fields.code("entry description", self.entry_description, 10)?;
        for (field, text) in [("company id", id), ("entry description", description)] {
            if !says_something(text) {
                return Err(fields.problem(
                    field,
                    text,
                    "one to ten characters, a letter or digit among them",
                ));
            }
        }
        let discretionary = self.company_discretionary_data;
        let odfi = first_eight(self.odfi);
        let record = Record::new(b'5')
            .number(SERVICE_CLASS, 3)
            .text(&fields.name("company name", self.company_name)?, 16)
            .text(fields.code("company discretionary data", discretionary, 20)?, 20)
            .text(id, 10)
            .text(self.sec.as_str(), 3)
            .text(description, 10)
            .text(fields.code("descriptive date", self.descriptive_date, 6)?, 6)
            .number(fields.date("effective date", self.effective_date)?, 6)
            // The day of settlement, which the operator writes.
            .blank(3)
            .number(ORIGINATOR_STATUS, 1)
            .number(odfi, 8)
            .number(self.number.into(), 7);
        Ok(BatchHead { record, odfi, company_id: id.to_owned(), number: self.number })
    }
}

impl BatchHead {
    /// The record that sums the batch up.
    pub(super) fn control(&self, entries: u64, hash: u64, debit_minor_units: u64) -> Record {
        Record::new(b'8')
            .number(SERVICE_CLASS, 3)
            .number(entries, 6)
            .number(hash, 10)
            .number(debit_minor_units, 12)
            // Credits.
            .number(0, 12)
            .text(&self.company_id, 10)
            // A signature that nobody uses, and a reserve.
            .blank(19 + 6)
            .number(self.odfi, 8)
            .number(self.number.into(), 7)
    }
}

/// The first eight digits of a routing number; the ninth checks them.
pub(super) fn first_eight(bank: &RoutingNumber) -> u64 {
    bank.as_str().bytes().take(8).fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

/// Checks the fields of the record with this name.
struct Fields(&'static str);

impl Fields {
    fn problem(&self, field: &'static str, text: &str, expected: &str) -> FieldProblem {
        FieldProblem { record: self.0, field, text: shown(text), expected: expected.to_owned() }
    }

    fn name<'t>(&self, field: &'static str, text: &'t str) -> Result<Cow<'t, str>, FieldProblem> {
        let name = printable(text);
        if says_something(&name) {
            return Ok(name);
        }
        Err(self.problem(field, text, "a name with a letter or digit that ASCII can show"))
    }

    fn code<'t>(
        &self,
        field: &'static str,
        text: &'t str,
        width: usize,
    ) -> Result<&'t str, FieldProblem> {
        let code = text.trim_ascii();
        if fits(code, width) {
            return Ok(code);
        }
        let expected = format!("at most {width} printable characters of ASCII");
        Err(self.problem(field, text, &expected))
    }

    /// The date as a number, `YYMMDD`.
    fn date(&self, field: &'static str, date: Date) -> Result<u64, FieldProblem> {
        match u64::try_from(date.year()) {
            Ok(year @ 2000..=2099) => {
                let (month, day) = (u64::from(date.month()), u64::from(date.day()));
                Ok((year - 2000) * 10_000 + month * 100 + day)
            }
            _ => Err(self.problem(field, &date.to_string(), "a date from 2000 to 2099")),
        }
    }
}
