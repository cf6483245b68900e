//! The writer of `pain.008.001.08`.

use super::check;
use super::error::FileError;
use super::message::{Address, Batch, Creditor, Debit, Message, Sums};
use arrears_domain::Date;
use arrears_domain::bank::Bic;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::io;

/// Writes a file of direct debits, a debit at a time.
///
/// A debit that is refused leaves no trace, and the next one can be written.
/// After any other error the file is worth nothing.
///
/// ```
/// use arrears_bank::sepa::{Batch, Creditor, Debit, DirectDebitWriter, Message, Scheme};
/// use arrears_domain::bank::{CreditorId, Iban};
/// use arrears_domain::{Currency, Date, MandateSequence, Money};
///
/// let creditor = Creditor {
///     name: "Rivertown Water",
///     iban: &Iban::parse("DE89 3704 0044 0532 0130 00")?,
///     bic: None,
///     id: &CreditorId::parse("DE98ZZZ09999999999")?,
///     address: None,
/// };
/// let message = Message {
///     id: "PAY-1",
///     created_at: "2026-02-02T08:00:00",
///     initiating_party: creditor.name,
///     transactions: 1,
///     control_sum_minor_units: 4_200,
/// };
/// let batch = Batch {
///     id: "PAY-1-1",
///     collection_date: Date::from_ymd_opt(2026, 2, 6).ok_or("a date")?,
///     sequence: MandateSequence::First,
///     scheme: Scheme::Core,
///     transactions: 1,
///     control_sum_minor_units: 4_200,
/// };
/// let debit = Debit {
///     end_to_end_id: "E-1",
///     amount: Money::parse("42.00", Currency::parse("EUR")?)?,
///     mandate_id: "M-1",
///     signed_on: Date::from_ymd_opt(2025, 11, 3).ok_or("a date")?,
///     debtor_name: "Anna Müller",
///     debtor_iban: &Iban::parse("NL91 ABNA 0417 1643 00")?,
///     debtor_bic: None,
///     address: None,
///     remittance: "Bill 7",
/// };
/// let mut writer = DirectDebitWriter::begin(Vec::new(), &message, &creditor)?;
/// writer.batch(&batch)?;
/// writer.debit(&debit)?;
/// let (file, sums) = writer.finish()?;
/// assert_eq!((sums.transactions, sums.control_sum_minor_units, sums.batches), (1, 4_200, 1));
/// assert!(String::from_utf8(file)?.contains("<Nm>Anna Muller</Nm>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DirectDebitWriter<W> {
    out: W,
    announced: Announced,
    creditor: CreditorLines,
    /// Batches are few: one for each date, scheme and sequence.
    batch_ids: BTreeSet<Box<str>>,
    batch: Option<OpenBatch>,
    sums: Sums,
    /// What is written next. One text for all debits, so that memory is flat.
    lines: String,
}

/// What a head has said.
#[derive(Debug)]
struct Announced {
    whose: String,
    transactions: u64,
    sum_minor_units: i64,
}

#[derive(Debug)]
struct OpenBatch {
    announced: Announced,
    collection_date: Date,
    transactions: u64,
    sum_minor_units: i64,
}

/// The creditor, as each batch repeats it.
#[derive(Debug)]
struct CreditorLines(String);

impl<W: io::Write> DirectDebitWriter<W> {
    /// Writes the head of the file.
    ///
    /// # Errors
    /// What the format cannot say of the message or of the creditor.
    pub fn begin(
        out: W,
        message: &Message<'_>,
        creditor: &Creditor<'_>,
    ) -> Result<Self, FileError> {
        check::identifier("message id", message.id)?;
        check::created_at(message.created_at)?;
        let initiating_party = check::name("initiating party", message.initiating_party)?;
        let whose = format!("file `{}`", message.id);
        let announced =
            Announced::new(whose, message.transactions, message.control_sum_minor_units)?;
        let creditor = CreditorLines::new(creditor)?;
        let lines = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.008.001.08\">\n\
             <CstmrDrctDbtInitn>\n\
             <GrpHdr><MsgId>{}</MsgId><CreDtTm>{}</CreDtTm>\
             <NbOfTxs>{}</NbOfTxs><CtrlSum>{}</CtrlSum>\
             <InitgPty><Nm>{initiating_party}</Nm></InitgPty></GrpHdr>\n",
            message.id,
            message.created_at,
            message.transactions,
            Euros(message.control_sum_minor_units),
        );
        let (batch_ids, sums) = (BTreeSet::new(), Sums::default());
        let mut writer = Self { out, announced, creditor, batch_ids, batch: None, sums, lines };
        writer.write_lines()?;
        Ok(writer)
    }

    /// Begins a batch; the one before it is complete.
    ///
    /// # Errors
    /// What the format cannot say of it, or that the batch before it is not what
    /// was announced.
    pub fn batch(&mut self, batch: &Batch<'_>) -> Result<(), FileError> {
        check::identifier("batch id", batch.id)?;
        check::date("collection date", batch.collection_date)?;
        let whose = format!("batch `{}`", batch.id);
        let announced = Announced::new(whose, batch.transactions, batch.control_sum_minor_units)?;
        if self.batch_ids.contains(batch.id) {
            return Err(FileError::DuplicateBatch(batch.id.to_owned()));
        }
        self.lines.clear();
        self.end_batch()?;
        // Writing to a text does not fail.
        let _ = write!(
            self.lines,
            "<PmtInf><PmtInfId>{}</PmtInfId><PmtMtd>DD</PmtMtd><BtchBookg>true</BtchBookg>\
             <NbOfTxs>{}</NbOfTxs><CtrlSum>{}</CtrlSum>\
             <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>{}</Cd></LclInstrm>\
             <SeqTp>{}</SeqTp></PmtTpInf><ReqdColltnDt>{}</ReqdColltnDt>\n{}\n",
            batch.id,
            batch.transactions,
            Euros(batch.control_sum_minor_units),
            batch.scheme.as_str(),
            batch.sequence.as_str(),
            batch.collection_date,
            self.creditor.0,
        );
        self.write_lines()?;
        self.sums.batches += 1;
        self.batch_ids.insert(batch.id.into());
        let collection_date = batch.collection_date;
        self.batch =
            Some(OpenBatch { announced, collection_date, transactions: 0, sum_minor_units: 0 });
        Ok(())
    }

    /// Writes a debit of the batch.
    ///
    /// # Errors
    /// What the format cannot say of it: see [`check`](super::check()).
    pub fn debit(&mut self, debit: &Debit<'_>) -> Result<(), FileError> {
        let Some(batch) = &mut self.batch else {
            return Err(FileError::NoBatch(super::error::shown(debit.end_to_end_id)));
        };
        let texts = check::texts(debit, batch.collection_date)?;
        let amount_minor_units = debit.amount.minor_units();
        let (Some(batch_sum), Some(sum)) = (
            batch.sum_minor_units.checked_add(amount_minor_units),
            self.sums.control_sum_minor_units.checked_add(amount_minor_units),
        ) else {
            return Err(FileError::TooLarge(self.announced.whose.clone()));
        };
        self.lines.clear();
        push_debit(&mut self.lines, debit, &texts);
        self.out.write_all(self.lines.as_bytes())?;
        batch.transactions += 1;
        batch.sum_minor_units = batch_sum;
        self.sums.transactions += 1;
        self.sums.control_sum_minor_units = sum;
        Ok(())
    }

    /// Writes the end of the file, and says what it holds.
    ///
    /// # Errors
    /// That the batch or the file is not what was announced.
    pub fn finish(mut self) -> Result<(W, Sums), FileError> {
        self.lines.clear();
        self.end_batch()?;
        self.announced.compare(self.sums.transactions, self.sums.control_sum_minor_units)?;
        self.lines.push_str("</CstmrDrctDbtInitn>\n</Document>\n");
        self.write_lines()?;
        self.out.flush()?;
        Ok((self.out, self.sums))
    }

    /// What is written to: between two calls it may be drained.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn end_batch(&mut self) -> Result<(), FileError> {
        if let Some(batch) = &self.batch {
            batch.announced.compare(batch.transactions, batch.sum_minor_units)?;
            self.lines.push_str("</PmtInf>\n");
        }
        Ok(())
    }

    fn write_lines(&mut self) -> Result<(), FileError> {
        self.out.write_all(self.lines.as_bytes())?;
        Ok(())
    }
}

impl Announced {
    fn new(whose: String, transactions: u64, sum_minor_units: i64) -> Result<Self, FileError> {
        check::totals(|| whose.clone(), transactions, sum_minor_units)?;
        Ok(Self { whose, transactions, sum_minor_units })
    }

    fn compare(&self, transactions: u64, sum_minor_units: i64) -> Result<(), FileError> {
        if (self.transactions, self.sum_minor_units) == (transactions, sum_minor_units) {
            return Ok(());
        }
        Err(FileError::Totals {
            whose: self.whose.clone(),
            said_transactions: self.transactions,
            said_sum: Euros(self.sum_minor_units).to_string(),
            found_transactions: transactions,
            found_sum: Euros(sum_minor_units).to_string(),
        })
    }
}

impl CreditorLines {
    fn new(creditor: &Creditor<'_>) -> Result<Self, FileError> {
        let name = check::name("creditor's name", creditor.name)?;
        let town = check::town(creditor.address.as_ref(), || "the creditor".to_owned())?;
        let mut lines = String::new();
        lines.push_str("<Cdtr>");
        push_party(&mut lines, &name, creditor.address.as_ref(), town.as_deref());
        lines.push_str("</Cdtr><CdtrAcct><Id><IBAN>");
        lines.push_str(creditor.iban.as_str());
        lines.push_str("</IBAN></Id></CdtrAcct><CdtrAgt>");
        push_bank(&mut lines, creditor.bic);
        lines.push_str("</CdtrAgt><ChrgBr>SLEV</ChrgBr><CdtrSchmeId><Id><PrvtId><Othr><Id>");
        lines.push_str(creditor.id.as_str());
        lines.push_str(
            "</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>",
        );
        Ok(Self(lines))
    }
}

/// Every text is of the Latin set or of digits and letters, and so has nothing
/// that XML would read as its own.
fn push_debit(lines: &mut String, debit: &Debit<'_>, texts: &check::Texts<'_>) {
    lines.push_str("<DrctDbtTxInf><PmtId><EndToEndId>");
    lines.push_str(debit.end_to_end_id);
    lines.push_str("</EndToEndId></PmtId><InstdAmt Ccy=\"EUR\">");
    let _ = write!(lines, "{}", Euros(debit.amount.minor_units()));
    lines.push_str("</InstdAmt><DrctDbtTx><MndtRltdInf><MndtId>");
    lines.push_str(debit.mandate_id);
    lines.push_str("</MndtId><DtOfSgntr>");
    let _ = write!(lines, "{}", debit.signed_on);
    lines.push_str("</DtOfSgntr></MndtRltdInf></DrctDbtTx><DbtrAgt>");
    push_bank(lines, debit.debtor_bic);
    lines.push_str("</DbtrAgt><Dbtr>");
    push_party(lines, &texts.debtor_name, debit.address.as_ref(), texts.town.as_deref());
    lines.push_str("</Dbtr><DbtrAcct><Id><IBAN>");
    lines.push_str(debit.debtor_iban.as_str());
    lines.push_str("</IBAN></Id></DbtrAcct>");
    if !texts.remittance.is_empty() {
        lines.push_str("<RmtInf><Ustrd>");
        lines.push_str(&texts.remittance);
        lines.push_str("</Ustrd></RmtInf>");
    }
    lines.push_str("</DrctDbtTxInf>\n");
}

fn push_party(lines: &mut String, name: &str, address: Option<&Address<'_>>, town: Option<&str>) {
    lines.push_str("<Nm>");
    lines.push_str(name);
    lines.push_str("</Nm>");
    if let (Some(address), Some(town)) = (address, town) {
        lines.push_str("<PstlAdr><TwnNm>");
        lines.push_str(town);
        lines.push_str("</TwnNm><Ctry>");
        lines.push_str(address.country);
        lines.push_str("</Ctry></PstlAdr>");
    }
}

fn push_bank(lines: &mut String, bic: Option<&Bic>) {
    lines.push_str("<FinInstnId>");
    match bic {
        Some(bic) => {
            lines.push_str("<BICFI>");
            lines.push_str(bic.as_str());
            lines.push_str("</BICFI>");
        }
        None => lines.push_str("<Othr><Id>NOTPROVIDED</Id></Othr>"),
    }
    lines.push_str("</FinInstnId>");
}

/// Cents as euros with two decimals.
struct Euros(i64);

impl fmt::Display for Euros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}
