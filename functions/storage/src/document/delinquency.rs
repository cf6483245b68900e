//! Lines of delinquencies.

use super::fields::{Fields, date_text, is_default};
use super::{Amount, HoldLine, LineError};
use arrears_domain::delinquency::{SEQUENCE_MAX, VERSION_MAX};
use arrears_domain::{AccountId, Currency, Delinquency, DelinquencyKind, DelinquencyStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A delinquency, as it is written. The fields from `sequence` on are its
/// state: an export has them, and an import takes them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelinquencyLine {
    /// Unique in the agency.
    pub id: String,
    /// The account that owes.
    pub account: String,
    /// `bill-type`, `collections`, `address-lien` or `parcel-lien`.
    pub kind: String,
    /// The bill type; for `bill-type` and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_type: Option<String>,
    /// The delinquency that led to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The line items that it is about; none if it is about all that is owed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Code of the scheme.
    pub scheme: String,
    /// Code of the milestone.
    pub milestone: String,
    /// `open` or `resolved`.
    #[serde(default = "open")]
    pub status: String,
    /// Why it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_code: Option<String>,
    /// When it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_on: Option<String>,
    /// The date of entry to the milestone.
    pub entered_on: String,
    /// The due date of the oldest unpaid debt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_debt_on: Option<String>,
    /// The delinquent balance, in the account's currency.
    pub balance: Amount,
    /// ISO 4217 code; if given, it must be the account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Days by which the milestone has been extended.
    #[serde(default)]
    pub extension_days: u32,
    /// `false`, `true`, or the hold with its reason.
    #[serde(default)]
    pub hold: HoldLine,
    /// Whatever else the agency knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// How many transitions the record has been through.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sequence: u32,
    /// Counts each write of the record.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: u64,
}

const OPEN: &str = "open";
const RESOLVED: &str = "resolved";

fn open() -> String {
    OPEN.to_owned()
}

impl DelinquencyLine {
    /// The account that the line names.
    pub(crate) fn account_id(&self) -> Result<AccountId, LineError> {
        Fields { record: "delinquency", id: &self.id }.identifier("account", &self.account)
    }

    pub(crate) fn unknown_account(&self) -> LineError {
        let fields = Fields { record: "delinquency", id: &self.id };
        fields.error("account", &self.account, "no such account is stored or stands before it")
    }

    /// The delinquency, in the currency of its account.
    ///
    /// # Errors
    /// A field that is not what it should be.
    pub fn to_delinquency(&self, account: Currency) -> Result<Delinquency, LineError> {
        let fields = Fields { record: "delinquency", id: &self.id };
        fields.same_currency(self.currency.as_deref(), account)?;
        let words = DelinquencyKind::ALL.map(DelinquencyKind::as_str);
        if self.sequence > SEQUENCE_MAX {
            let expected = format!("at most {SEQUENCE_MAX}");
            return Err(fields.error("sequence", &self.sequence.to_string(), expected));
        }
        if self.version > VERSION_MAX {
            let expected = format!("at most {VERSION_MAX}");
            return Err(fields.error("version", &self.version.to_string(), expected));
        }
        let origin = self.origin.as_deref().map(|text| fields.identifier("origin", text));
        let items = self.items.iter().map(|text| fields.identifier("items", text));
        let kind = fields.word("kind", &self.kind, DelinquencyKind::parse, &words)?;
        Ok(Delinquency {
            id: fields.identifier("id", &self.id)?,
            account: fields.identifier("account", &self.account)?,
            kind,
            bill_type: self.bill_type_of(fields, kind)?,
            origin: origin.transpose()?,
            items: items.collect::<Result<_, _>>()?,
            scheme: fields.identifier("scheme", &self.scheme)?,
            milestone: fields.identifier("milestone", &self.milestone)?,
            status: self.status_of(fields)?,
            entered_on: fields.date("entered_on", &self.entered_on)?,
            oldest_debt_on: fields.date_if_any("oldest_debt_on", self.oldest_debt_on.as_deref())?,
            balance: fields.money("balance", &self.balance, account)?,
            extension_days: self.extension_days,
            hold: self.hold.to_hold(fields, || Ok(account))?,
            attributes: self.attributes.clone(),
            sequence: self.sequence,
            version: self.version,
        })
    }

    fn bill_type_of(
        &self,
        fields: Fields<'_>,
        kind: DelinquencyKind,
    ) -> Result<Option<String>, LineError> {
        match (kind, &self.bill_type) {
            (DelinquencyKind::BillType, None) => {
                Err(fields.missing("bill_type", "the kind `bill-type` needs one"))
            }
            (DelinquencyKind::BillType, bill_type) => Ok(bill_type.clone()),
            (_, Some(text)) => {
                Err(fields.error("bill_type", text, "only the kind `bill-type` has one"))
            }
            (_, None) => Ok(None),
        }
    }

    fn status_of(&self, fields: Fields<'_>) -> Result<DelinquencyStatus, LineError> {
        let on = fields.date_if_any("resolved_on", self.resolved_on.as_deref())?;
        match (self.status.as_str(), &self.resolution_code, on) {
            (OPEN, None, None) => Ok(DelinquencyStatus::Open),
            (OPEN, Some(text), _) => {
                Err(fields.error("resolution_code", text, "an open record has none"))
            }
            (OPEN, None, Some(date)) => {
                Err(fields.error("resolved_on", &date_text(date), "an open record has none"))
            }
            (RESOLVED, Some(code), Some(on)) => {
                Ok(DelinquencyStatus::Resolved { code: code.clone(), on })
            }
            (RESOLVED, None, _) => {
                Err(fields.missing("resolution_code", "a resolved record needs one"))
            }
            (RESOLVED, _, None) => {
                Err(fields.missing("resolved_on", "a resolved record needs its date"))
            }
            (other, ..) => Err(fields.error("status", other, "write one of: open, resolved")),
        }
    }
}

impl From<&Delinquency> for DelinquencyLine {
    fn from(record: &Delinquency) -> Self {
        let (status, resolution_code, resolved_on) = match &record.status {
            DelinquencyStatus::Open => (OPEN, None, None),
            DelinquencyStatus::Resolved { code, on } => {
                (RESOLVED, Some(code.clone()), Some(date_text(*on)))
            }
        };
        Self {
            id: record.id.to_string(),
            account: record.account.to_string(),
            kind: record.kind.as_str().to_owned(),
            bill_type: record.bill_type.clone(),
            origin: record.origin.as_ref().map(ToString::to_string),
            items: record.items.iter().map(ToString::to_string).collect(),
            scheme: record.scheme.to_string(),
            milestone: record.milestone.to_string(),
            status: status.to_owned(),
            resolution_code,
            resolved_on,
            entered_on: date_text(record.entered_on),
            oldest_debt_on: record.oldest_debt_on.map(date_text),
            balance: record.balance.into(),
            currency: None,
            extension_days: record.extension_days,
            hold: record.hold.as_ref().into(),
            attributes: record.attributes.clone(),
            sequence: record.sequence,
            version: record.version,
        }
    }
}
