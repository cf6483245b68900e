//! Lines of mandates for direct debit.

use super::LineError;
use super::fields::Fields;
use arrears_domain::{AccountId, Identifier};
use serde::{Deserialize, Serialize};

/// The scheme of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MandateScheme {
    /// SEPA core direct debit.
    SepaCore,
    /// SEPA business-to-business direct debit.
    SepaB2b,
    /// NACHA prearranged payment (consumers).
    NachaPpd,
    /// NACHA corporate debit.
    NachaCcd,
}

/// Where a SEPA mandate stands in its sequence of debits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MandateSequence {
    /// The first debit of several.
    Frst,
    /// A later one.
    Rcur,
    /// The only one.
    Ooff,
    /// The last one.
    Fnal,
}

/// The type of a bank account in the United States.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountType {
    /// A checking account.
    Checking,
    /// A savings account.
    Savings,
}

/// A mandate, as it is written. A SEPA mandate has the fields from `iban` to
/// `sequence`, a NACHA one those from `routing_number` on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandateLine {
    /// Unique in the agency.
    pub id: String,
    /// The account.
    pub account: String,
    /// The scheme.
    pub scheme: MandateScheme,
    /// The debtor's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iban: Option<String>,
    /// The debtor's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// When the debtor signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<String>,
    /// Where the mandate stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<MandateSequence>,
    /// The debtor's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_number: Option<String>,
    /// The debtor's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
    /// The type of that account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<AccountType>,
}

impl MandateLine {
    /// Checks the line, and gives its account. Whether the numbers are those
    /// of a bank is checked where files for banks are made.
    ///
    /// # Errors
    /// A field that is missing or not what it should be.
    pub fn check(&self) -> Result<AccountId, LineError> {
        let fields = Fields { record: "mandate", id: &self.id };
        // A mandate's id follows the rules of all identifiers.
        AccountId::parse(&self.id).map_err(|e| fields.error("id", &self.id, e))?;
        let sepa = matches!(self.scheme, MandateScheme::SepaCore | MandateScheme::SepaB2b);
        let needed = if sepa {
            [("iban", self.iban.is_some()), ("signed_on", self.signed_on.is_some())]
        } else {
            [
                ("routing_number", self.routing_number.is_some()),
                ("account_number", self.account_number.is_some()),
            ]
        };
        if let Some((field, _)) = needed.into_iter().find(|(_, present)| !present) {
            return Err(fields.missing(field, "the scheme of the mandate needs it"));
        }
        fields.date_if_any("signed_on", self.signed_on.as_deref())?;
        fields.identifier("account", &self.account)
    }
}
