//! The way through a status report, from tag to tag.

use super::read::{not_xml, shown};
use super::{BatchStatus, REJECTED, ReadError, StatusReport, TransactionStatus};
use arrears_domain::{Currency, Money};

/// How the names of all versions begin.
pub(super) const NAMESPACE_START: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// The outermost element.
pub(super) const ROOT: &str = "Document";

/// The elements on the way to what we look for. Any other is passed over with
/// all that it holds.
const NAMES: [&str; 25] = [
    "AddtlInf",
    "Amt",
    "Cd",
    "CstmrPmtStsRpt",
    "GrpHdr",
    "GrpSts",
    "InstdAmt",
    "IntrBkSttlmAmt",
    "MndtId",
    "MndtRltdInf",
    "MsgId",
    "OrgnlEndToEndId",
    "OrgnlGrpInfAndSts",
    "OrgnlMsgId",
    "OrgnlMsgNmId",
    "OrgnlPmtInfAndSts",
    "OrgnlPmtInfId",
    "OrgnlTxRef",
    "PmtInfSts",
    "Prtry",
    "Rsn",
    "StsRsnInf",
    "TxInfAndSts",
    "TxSts",
    ROOT,
];

/// The deepest element of the format is at half of it.
const DEPTH_MAX: usize = 64;

/// No identifier, code or text has more characters in any version.
const VALUE_CHARACTERS_MAX: usize = 140;

/// All words of a bank for one status, of which there can be any number.
const INFORMATION_CHARACTERS_MAX: usize = 1_000;

/// More than a file of debits that any bank takes.
const TRANSACTIONS_MAX: usize = 1_000_000;

/// Where we are, and what we have seen.
#[derive(Default)]
pub(super) struct Walk {
    namespace: String,
    /// The elements that are open, from the outermost; nothing for one that is
    /// passed over.
    path: Vec<&'static str>,
    text: String,
    currency: Option<String>,
    has_ended: bool,
    transactions: usize,
    report: StatusReport,
    /// What a report cannot do without, until it is there.
    seen: Seen,
    batch: BatchStatus,
    transaction: TransactionStatus,
    settlement_amount: Option<Money>,
}

#[derive(Default)]
struct Seen {
    id: Option<String>,
    original_message_id: Option<String>,
    original_message_type: Option<String>,
    batch_id: Option<String>,
}

impl Walk {
    pub(super) fn is_before_root(&self) -> bool {
        self.path.is_empty() && !self.has_ended
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn begin_root(&mut self, namespace: &str) {
        namespace.clone_into(&mut self.namespace);
        self.path.push(ROOT);
    }

    pub(super) fn begin(
        &mut self,
        name: &str,
        currency: Option<String>,
        line: u64,
    ) -> Result<(), ReadError> {
        if self.has_ended {
            return Err(not_xml(line, &"something follows the end of the document"));
        }
        if self.path.len() >= DEPTH_MAX {
            return Err(ReadError::TooLarge { line, what: "elements are 64 deep" });
        }
        if !self.text.trim().is_empty() {
            let outer = self.path.last().copied().unwrap_or_default();
            return Err(value(line, outer, &self.text, "either a text or elements".to_owned()));
        }
        let is_passed_over = self.path.last() == Some(&"");
        let known = NAMES.iter().find(|known| **known == name).filter(|_| !is_passed_over);
        self.path.push(known.copied().unwrap_or_default());
        self.text.clear();
        self.currency = currency;
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str, line: u64) -> Result<(), ReadError> {
        match self.path.last() {
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\n', '\r']).is_empty() => {}
            None => return Err(not_xml(line, &"there is text outside of the document")),
            Some(&"") => {}
            Some(element) => {
                self.text.push_str(text);
                // Between the tags of an element there may be any white space.
                if self.text.trim().chars().count() > VALUE_CHARACTERS_MAX {
                    let expected = format!("at most {VALUE_CHARACTERS_MAX} characters");
                    return Err(value(line, element, &self.text, expected));
                }
            }
        }
        Ok(())
    }

    pub(super) fn end(&mut self, line: u64) -> Result<(), ReadError> {
        let text = std::mem::take(&mut self.text);
        self.leave(text.trim(), line)?;
        self.path.pop();
        self.has_ended = self.path.is_empty();
        Ok(())
    }

    pub(super) fn finish(self, line: u64) -> Result<StatusReport, ReadError> {
        if !self.has_ended {
            let inside = self.path.iter().rev().find(|name| !name.is_empty()).unwrap_or(&ROOT);
            return Err(not_xml(line, &format!("it ends within or before <{inside}>")));
        }
        let missing = |element| ReadError::Missing { line, element, parent: ROOT };
        let mut report = self.report;
        report.id = self.seen.id.ok_or_else(|| missing("GrpHdr"))?;
        report.original_message_id =
            self.seen.original_message_id.ok_or_else(|| missing("OrgnlGrpInfAndSts"))?;
        report.original_message_type = self.seen.original_message_type.unwrap_or_default();
        reject_with_the_whole(&mut report);
        Ok(report)
    }

    /// Takes what the element that ends has said.
    fn leave(&mut self, text: &str, line: u64) -> Result<(), ReadError> {
        let Some((&element, outer)) = self.path.split_last() else { return Ok(()) };
        let [ROOT, "CstmrPmtStsRpt", outer @ ..] = outer else { return Ok(()) };
        let (report, seen) = (&mut self.report, &mut self.seen);
        let (batch, transaction) = (&mut self.batch, &mut self.transaction);
        let set = |slot: &mut Option<String>| set(slot, element, text, line);
        match (outer, element) {
            (["GrpHdr"], "MsgId") => set(&mut seen.id),
            ([], "GrpHdr") => present(&seen.id, "MsgId", element, line),
            ([], "OrgnlGrpInfAndSts") => {
                present(&seen.original_message_id, "OrgnlMsgId", element, line)
            }
            (["OrgnlGrpInfAndSts"], "OrgnlMsgId") => set(&mut seen.original_message_id),
            (["OrgnlGrpInfAndSts"], "OrgnlMsgNmId") => set(&mut seen.original_message_type),
            (["OrgnlGrpInfAndSts"], "GrpSts") => set(&mut report.status),
            (["OrgnlGrpInfAndSts", "StsRsnInf", inner @ ..], _) => {
                let slots = (&mut report.reason, &mut report.information);
                reason(slots, inner, element, text, line)
            }
            (["OrgnlPmtInfAndSts"], "OrgnlPmtInfId") => set(&mut seen.batch_id),
            (["OrgnlPmtInfAndSts"], "PmtInfSts") => set(&mut batch.status),
            (["OrgnlPmtInfAndSts", "StsRsnInf", inner @ ..], _) => {
                let slots = (&mut batch.reason, &mut batch.information);
                reason(slots, inner, element, text, line)
            }
            (["OrgnlPmtInfAndSts", "TxInfAndSts", inner @ ..], _) => match (inner, element) {
                ([], "OrgnlEndToEndId") => set(&mut transaction.end_to_end_id),
                ([], "TxSts") => set(&mut transaction.status),
                (["StsRsnInf", inner @ ..], _) => {
                    let slots = (&mut transaction.reason, &mut transaction.information);
                    reason(slots, inner, element, text, line)
                }
                (["OrgnlTxRef", "MndtRltdInf"], "MndtId") => set(&mut transaction.mandate_id),
                (["OrgnlTxRef", "Amt"], "InstdAmt") => {
                    let currency = self.currency.take();
                    set_amount(&mut transaction.amount, currency, element, text, line)
                }
                (["OrgnlTxRef"], "IntrBkSttlmAmt") => {
                    let currency = self.currency.take();
                    set_amount(&mut self.settlement_amount, currency, element, text, line)
                }
                _ => Ok(()),
            },
            (["OrgnlPmtInfAndSts"], "TxInfAndSts") => self.end_transaction(line),
            ([], "OrgnlPmtInfAndSts") => self.end_batch(line),
            _ => Ok(()),
        }
    }

    fn end_transaction(&mut self, line: u64) -> Result<(), ReadError> {
        self.transactions += 1;
        if self.transactions > TRANSACTIONS_MAX {
            return Err(ReadError::TooLarge { line, what: "there are more than a million debits" });
        }
        let settlement_amount = self.settlement_amount.take();
        let transaction = std::mem::take(&mut self.transaction);
        let amount = transaction.amount.or(settlement_amount);
        self.batch.transactions.push(TransactionStatus { amount, line, ..transaction });
        Ok(())
    }

    fn end_batch(&mut self, line: u64) -> Result<(), ReadError> {
        present(&self.seen.batch_id, "OrgnlPmtInfId", "OrgnlPmtInfAndSts", line)?;
        let id = self.seen.batch_id.take().unwrap_or_default();
        let batch = std::mem::take(&mut self.batch);
        self.report.batches.push(BatchStatus { id, ..batch });
        Ok(())
    }
}

/// A debit without a status is rejected if all around it is.
fn reject_with_the_whole(report: &mut StatusReport) {
    let is_rejected = report.is_rejected();
    for batch in report.batches.iter_mut().filter(|batch| is_rejected || batch.is_rejected()) {
        for transaction in batch.transactions.iter_mut().filter(|it| it.status.is_none()) {
            transaction.status = Some(REJECTED.to_owned());
        }
    }
}

fn set(
    slot: &mut Option<String>,
    element: &'static str,
    text: &str,
    line: u64,
) -> Result<(), ReadError> {
    check_text(element, text, line)?;
    match slot {
        Some(_) => Err(ReadError::Twice { line, element }),
        None => {
            *slot = Some(text.to_owned());
            Ok(())
        }
    }
}

fn present(
    slot: &Option<String>,
    element: &'static str,
    parent: &'static str,
    line: u64,
) -> Result<(), ReadError> {
    if slot.is_some() { Ok(()) } else { Err(ReadError::Missing { line, element, parent }) }
}

/// Takes a reason, of which the first one counts, or words on it.
fn reason(
    (reason, information): (&mut Option<String>, &mut String),
    inner: &[&str],
    element: &'static str,
    text: &str,
    line: u64,
) -> Result<(), ReadError> {
    match (inner, element) {
        (["Rsn"], "Cd" | "Prtry") => {
            check_text(element, text, line)?;
            reason.get_or_insert_with(|| text.to_owned());
        }
        ([], "AddtlInf") => {
            check_text(element, text, line)?;
            if information.chars().count() + text.chars().count() < INFORMATION_CHARACTERS_MAX {
                information.push_str(if information.is_empty() { "" } else { " " });
                information.push_str(text);
            }
        }
        _ => {}
    }
    Ok(())
}

fn set_amount(
    slot: &mut Option<Money>,
    currency: Option<String>,
    element: &'static str,
    text: &str,
    line: u64,
) -> Result<(), ReadError> {
    let expected = "an amount with a currency, such as <InstdAmt Ccy=\"EUR\">12.30</InstdAmt>";
    let bad = || value(line, element, text, expected.to_owned());
    if slot.is_some() {
        return Err(ReadError::Twice { line, element });
    }
    let currency = Currency::parse(&currency.unwrap_or_default()).map_err(|_| bad())?;
    // The format has five decimals for all currencies: zeros at the end say
    // nothing.
    let number = match text.split_once('.') {
        Some((whole, fraction)) => {
            let decimals = fraction.trim_end_matches('0');
            if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") }
        }
        None => text.to_owned(),
    };
    *slot = Some(Money::parse(&number, currency).map_err(|_| bad())?);
    Ok(())
}

fn check_text(element: &'static str, text: &str, line: u64) -> Result<(), ReadError> {
    let is_bad = |character: char| character.is_control() && !"\t\r\n".contains(character);
    if text.is_empty() || text.contains(is_bad) {
        return Err(value(line, element, text, "a text without control characters".to_owned()));
    }
    Ok(())
}

fn value(line: u64, element: &'static str, found: &str, expected: String) -> ReadError {
    ReadError::Value { line, element, found: shown(found), expected }
}
