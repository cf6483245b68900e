//! Lines of postings: what the ledger got for a payment that a run collected, and
//! for its void.

use super::fields::{Fields, date_text};
use super::{ActionDocument, Amount, LineError, word};
use arrears_domain::payment::{Journal, LedgerLine, LineKind, MandateUse, Posting, PostingKind};
use arrears_domain::{Currency, MandateSequence, MandateState, Period};
use serde::{Deserialize, Serialize};

/// A posting, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostingLine {
    /// The payment, whose id is the allocation reference.
    pub payment: String,
    /// The account.
    pub account: String,
    /// `collection` or `void`.
    #[serde(with = "word")]
    pub kind: PostingKind,
    /// The date of the ledger.
    pub on: String,
    /// Its period, `2026-02`.
    pub period: String,
    /// What made it: a run key, or `event:` and an event's id.
    pub cause: String,
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// The lines; those of each journal come to zero.
    pub lines: Vec<LedgerLineDocument>,
    /// When the money is to come.
    pub collection_date: String,
    /// What became of the mandate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<MandateUseDocument>,
    /// The reason code of the return that voids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_code: Option<String>,
    /// The actions that were performed with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionDocument>,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerLineDocument {
    /// `DEBIT`, or `DEBDS` for settlement discounts.
    #[serde(with = "word")]
    pub journal: Journal,
    /// `bank`, `debtor`, `discount`, `discount-tax` or `debtor-discount`.
    #[serde(with = "word")]
    pub kind: LineKind,
    /// The account of the ledger.
    pub ledger_account: String,
    /// What is added to it.
    pub amount: Amount,
}

/// A mandate before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandateUseDocument {
    /// The mandate.
    pub id: String,
    /// As it was.
    pub before: MandateStateDocument,
    /// As it was then.
    pub after: MandateStateDocument,
}

/// What collections and returns do to a mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandateStateDocument {
    /// Which debit the next one is.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "word::option")]
    pub sequence: Option<MandateSequence>,
    /// The collection date of the last debit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_collected_on: Option<String>,
    /// The settlement date of the prenote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prenoted_on: Option<String>,
    /// Why nothing may be collected any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

impl PostingLine {
    fn fields(&self) -> Fields<'_> {
        Fields { record: "posting", id: &self.payment }
    }
}

impl TryFrom<&PostingLine> for Posting {
    type Error = LineError;

    fn try_from(line: &PostingLine) -> Result<Self, LineError> {
        let fields = line.fields();
        let currency = fields.currency(&line.currency)?;
        let lines = line.lines.iter().map(|it| it.to_line(fields, currency));
        let period = Period::parse(&line.period)
            .map_err(|_| fields.error("period", &line.period, "write a month as YYYY-MM"))?;
        let posting = Self {
            account: fields.identifier("account", &line.account)?,
            payment: fields.identifier("payment", &line.payment)?,
            kind: line.kind,
            on: fields.date("on", &line.on)?,
            period,
            cause: line.cause.clone(),
            lines: lines.collect::<Result<_, _>>()?,
            collection_date: fields.date("collection_date", &line.collection_date)?,
            mandate: line.mandate.as_ref().map(|it| it.to_use(fields)).transpose()?,
            return_code: line.return_code.clone(),
            actions: line
                .actions
                .iter()
                .map(|it| it.to_action(fields))
                .collect::<Result<_, _>>()?,
        };
        let unbalanced = |error| fields.error("lines", "these", error);
        posting.check().map_err(unbalanced).map(|()| posting)
    }
}

impl From<&Posting> for PostingLine {
    fn from(posting: &Posting) -> Self {
        let currency = posting.lines.first().map(|line| line.amount.currency());
        Self {
            payment: posting.payment.to_string(),
            account: posting.account.to_string(),
            kind: posting.kind,
            on: date_text(posting.on),
            period: posting.period.to_string(),
            cause: posting.cause.clone(),
            currency: currency.map(|it| it.code().to_owned()).unwrap_or_default(),
            lines: posting.lines.iter().map(LedgerLineDocument::from).collect(),
            collection_date: date_text(posting.collection_date),
            mandate: posting.mandate.as_ref().map(MandateUseDocument::from),
            return_code: posting.return_code.clone(),
            actions: posting.actions.iter().map(ActionDocument::from).collect(),
        }
    }
}

impl LedgerLineDocument {
    fn to_line(&self, fields: Fields<'_>, currency: Currency) -> Result<LedgerLine, LineError> {
        Ok(LedgerLine {
            journal: self.journal,
            kind: self.kind,
            ledger_account: self.ledger_account.clone(),
            amount: fields.money("lines.amount", &self.amount, currency)?,
        })
    }
}

impl From<&LedgerLine> for LedgerLineDocument {
    fn from(line: &LedgerLine) -> Self {
        Self {
            journal: line.journal,
            kind: line.kind,
            ledger_account: line.ledger_account.clone(),
            amount: line.amount.into(),
        }
    }
}

impl MandateUseDocument {
    fn to_use(&self, fields: Fields<'_>) -> Result<MandateUse, LineError> {
        Ok(MandateUse {
            id: fields.identifier("mandate.id", &self.id)?,
            before: self.before.to_state(fields)?,
            after: self.after.to_state(fields)?,
        })
    }
}

impl From<&MandateUse> for MandateUseDocument {
    fn from(used: &MandateUse) -> Self {
        Self { id: used.id.to_string(), before: (&used.before).into(), after: (&used.after).into() }
    }
}

impl MandateStateDocument {
    fn to_state(&self, fields: Fields<'_>) -> Result<MandateState, LineError> {
        let date = |field, text: &Option<String>| fields.date_if_any(field, text.as_deref());
        Ok(MandateState {
            sequence: self.sequence,
            last_collected_on: date("mandate.last_collected_on", &self.last_collected_on)?,
            prenoted_on: date("mandate.prenoted_on", &self.prenoted_on)?,
            stopped: self.stopped.clone(),
        })
    }
}

impl From<&MandateState> for MandateStateDocument {
    fn from(state: &MandateState) -> Self {
        Self {
            sequence: state.sequence,
            last_collected_on: state.last_collected_on.map(date_text),
            prenoted_on: state.prenoted_on.map(date_text),
            stopped: state.stopped.clone(),
        }
    }
}
