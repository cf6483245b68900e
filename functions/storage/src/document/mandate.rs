//! Lines of mandates for direct debit.

use super::LineError;
use super::fields::{Fields, date_text};
use super::word;
use arrears_domain::bank::{Bic, Iban, RoutingNumber};
use arrears_domain::mandate::{BankAccount, BankAccountType};
use arrears_domain::{AccountId, Mandate, MandateScheme, MandateSequence, MandateState};
use serde::{Deserialize, Serialize};

/// A mandate, as it is written. A SEPA mandate has `iban`, `bic`, `signed_on` and
/// `sequence`, a NACHA one the fields from `routing_number` to `account_type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandateLine {
    /// Unique in the agency.
    pub id: String,
    /// The account.
    pub account: String,
    /// The contact who has signed; none: whoever is the account's contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debtor: Option<String>,
    /// The scheme.
    #[serde(with = "word")]
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
    #[serde(default, skip_serializing_if = "Option::is_none", with = "word::option")]
    pub sequence: Option<MandateSequence>,
    /// The debtor's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_number: Option<String>,
    /// The debtor's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
    /// The type of that account.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "word::option")]
    pub account_type: Option<BankAccountType>,
    /// The collection date of the last debit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_collected_on: Option<String>,
    /// The settlement date of the prenote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prenoted_on: Option<String>,
    /// Why nothing may be collected any more: the reason code of a return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

impl MandateLine {
    fn fields(&self) -> Fields<'_> {
        Fields { record: "mandate", id: &self.id }
    }

    /// Checks the line, and gives its account.
    ///
    /// # Errors
    /// A field that is missing or not what it should be.
    pub fn check(&self) -> Result<AccountId, LineError> {
        self.to_mandate().map(|mandate| mandate.account)
    }

    /// The mandate. The check digits of its numbers are checked.
    ///
    /// # Errors
    /// A field that is missing or not what it should be.
    pub fn to_mandate(&self) -> Result<Mandate, LineError> {
        let fields = self.fields();
        let id = fields.identifier("id", &self.id)?;
        let date = |field, text: &Option<String>| fields.date_if_any(field, text.as_deref());
        let signed_on = date("signed_on", &self.signed_on)?;
        if self.scheme.is_sepa() && signed_on.is_none() {
            return Err(fields.missing("signed_on", NEEDS));
        }
        let debtor = self.debtor.as_deref().map(|text| fields.identifier("debtor", text));
        Ok(Mandate {
            id,
            account: fields.identifier("account", &self.account)?,
            debtor: debtor.transpose()?,
            scheme: self.scheme,
            bank_account: self.bank_account()?,
            signed_on,
            state: MandateState {
                sequence: self.sequence,
                last_collected_on: date("last_collected_on", &self.last_collected_on)?,
                prenoted_on: date("prenoted_on", &self.prenoted_on)?,
                stopped: self.stopped.clone(),
            },
        })
    }

    fn bank_account(&self) -> Result<BankAccount, LineError> {
        let fields = self.fields();
        let needed =
            |field, text: &Option<String>| text.clone().ok_or_else(|| fields.missing(field, NEEDS));
        let parsed = |field, text: &str, error: arrears_domain::bank::BankNumberError| {
            Err(fields.error(field, text, error))
        };
        if self.scheme.is_sepa() {
            let text = needed("iban", &self.iban)?;
            let iban = Iban::parse(&text).or_else(|error| parsed("iban", &text, error))?;
            let bic = match &self.bic {
                Some(text) => {
                    Some(Bic::parse(text).map_err(|error| fields.error("bic", text, error))?)
                }
                None => None,
            };
            return Ok(BankAccount::Sepa { iban, bic });
        }
        let text = needed("routing_number", &self.routing_number)?;
        let routing_number = RoutingNumber::parse(&text)
            .map_err(|error| fields.error("routing_number", &text, error))?;
        let account_number = needed("account_number", &self.account_number)?;
        let is_number = account_number.len() <= ACH_ACCOUNT_CHARACTERS_MAX
            && account_number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !account_number.is_empty();
        if !is_number {
            let expected = "write 1 to 17 letters (a to z), digits and hyphens";
            return Err(fields.error("account_number", &account_number, expected));
        }
        let account_type = self.account_type.unwrap_or(BankAccountType::Checking);
        Ok(BankAccount::Nacha { routing_number, account_number, account_type })
    }
}

/// Characters of an account number in a NACHA entry.
const ACH_ACCOUNT_CHARACTERS_MAX: usize = 17;

const NEEDS: &str = "the scheme of the mandate needs it";

impl From<&Mandate> for MandateLine {
    fn from(mandate: &Mandate) -> Self {
        let state = &mandate.state;
        let mut line = Self {
            id: mandate.id.to_string(),
            account: mandate.account.to_string(),
            debtor: mandate.debtor.as_ref().map(ToString::to_string),
            scheme: mandate.scheme,
            iban: None,
            bic: None,
            signed_on: mandate.signed_on.map(date_text),
            sequence: state.sequence,
            routing_number: None,
            account_number: None,
            account_type: None,
            last_collected_on: state.last_collected_on.map(date_text),
            prenoted_on: state.prenoted_on.map(date_text),
            stopped: state.stopped.clone(),
        };
        match &mandate.bank_account {
            BankAccount::Sepa { iban, bic } => {
                line.iban = Some(iban.to_string());
                line.bic = bic.as_ref().map(ToString::to_string);
            }
            BankAccount::Nacha { routing_number, account_number, account_type } => {
                line.routing_number = Some(routing_number.to_string());
                line.account_number = Some(account_number.clone());
                line.account_type = Some(*account_type);
            }
        }
        line
    }
}
