//! Lines of placements: what collection agencies have been told.

use super::fields::{Fields, date_text};
use super::{Amount, LineError};
use arrears_domain::{Identifier, PlacementAction, PlacementEntry, SchemeCode};
use serde::{Deserialize, Serialize};

/// The highest sequence: keys of the table sort it by six digits.
const SEQUENCE_MAX: u32 = 999_999;

/// An entry of the ledger of placements, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementLine {
    /// The delinquency.
    pub delinquency: String,
    /// Its account.
    pub account: String,
    /// The code of the collection agency that was told.
    pub collection_agency: String,
    /// 1 for the first entry of the delinquency and the agency, and so on.
    pub sequence: u32,
    /// `NEW`, `UPDATE` or `RECALL`.
    pub action: String,
    /// The scheme.
    pub scheme: String,
    /// Where the record stood.
    pub milestone: String,
    /// What the agency was told is owed.
    pub balance: Amount,
    /// ISO 4217 code of `balance`.
    pub currency: String,
    /// The business date.
    pub on: String,
    /// The run key.
    pub run: String,
    /// A digest of all that was told.
    pub told: String,
}

impl TryFrom<&PlacementLine> for PlacementEntry {
    type Error = LineError;

    fn try_from(line: &PlacementLine) -> Result<Self, LineError> {
        let fields = Fields { record: "placement", id: &line.delinquency };
        // The setup has the codes of agencies by the rules of all codes.
        let agency: SchemeCode = fields.identifier("collection_agency", &line.collection_agency)?;
        if !(1..=SEQUENCE_MAX).contains(&line.sequence) {
            let expected = format!("write a number from 1 to {SEQUENCE_MAX}");
            return Err(fields.error("sequence", &line.sequence.to_string(), expected));
        }
        let words = PlacementAction::ALL.map(PlacementAction::as_str);
        let currency = fields.currency(&line.currency)?;
        Ok(Self {
            account: fields.identifier("account", &line.account)?,
            delinquency: fields.identifier("delinquency", &line.delinquency)?,
            collection_agency: agency.as_str().to_owned(),
            sequence: line.sequence,
            action: fields.word("action", &line.action, PlacementAction::parse, &words)?,
            scheme: fields.identifier("scheme", &line.scheme)?,
            milestone: fields.identifier("milestone", &line.milestone)?,
            balance: fields.money("balance", &line.balance, currency)?,
            on: fields.date("on", &line.on)?,
            run: fields.identifier("run", &line.run)?,
            told: line.told.clone(),
        })
    }
}

impl From<&PlacementEntry> for PlacementLine {
    fn from(entry: &PlacementEntry) -> Self {
        Self {
            delinquency: entry.delinquency.to_string(),
            account: entry.account.to_string(),
            collection_agency: entry.collection_agency.clone(),
            sequence: entry.sequence,
            action: entry.action.as_str().to_owned(),
            scheme: entry.scheme.to_string(),
            milestone: entry.milestone.to_string(),
            balance: entry.balance.into(),
            currency: entry.balance.currency().code().to_owned(),
            on: date_text(entry.on),
            run: entry.run.to_string(),
            told: entry.told.clone(),
        }
    }
}
