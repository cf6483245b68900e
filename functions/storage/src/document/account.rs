//! Lines of accounts and contacts.

use super::fields::Fields;
use super::{Amount, LineError};
use arrears_domain::{Account, AccountStatus, Contact, Identifier};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountLine {
    /// Unique in the agency.
    pub id: String,
    /// The primary contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The agency's own classification.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
    /// `open`, `suspended` or `closed`.
    #[serde(default = "open")]
    pub status: String,
    /// ISO 4217 code; the currency of all amounts of the account.
    pub currency: String,
    /// What the account owes.
    pub balance: Amount,
    /// Whatever else the agency knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

fn open() -> String {
    AccountStatus::Open.as_str().to_owned()
}

impl TryFrom<&AccountLine> for Account {
    type Error = LineError;

    fn try_from(line: &AccountLine) -> Result<Self, LineError> {
        let fields = Fields { record: "account", id: &line.id };
        let currency = fields.currency(&line.currency)?;
        let contact = line.contact.as_deref().map(|text| fields.identifier("contact", text));
        let words = AccountStatus::ALL.map(AccountStatus::as_str);
        Ok(Self {
            id: fields.identifier("id", &line.id)?,
            contact: contact.transpose()?,
            class: line.class.clone(),
            status: fields.word("status", &line.status, AccountStatus::parse, &words)?,
            balance: fields.money("balance", &line.balance, currency)?,
            attributes: line.attributes.clone(),
        })
    }
}

impl From<&Account> for AccountLine {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            contact: account.contact.as_ref().map(ToString::to_string),
            class: account.class.clone(),
            status: account.status.as_str().to_owned(),
            currency: account.currency().code().to_owned(),
            balance: account.balance.into(),
            attributes: account.attributes.clone(),
        }
    }
}

/// A contact, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactLine {
    /// Unique in the agency.
    pub id: String,
    /// The name, as it is written on letters.
    pub name: String,
    /// Accumulated credit points: more is worse.
    #[serde(default)]
    pub credit_points: i64,
    /// Whatever else the agency knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl TryFrom<&ContactLine> for Contact {
    type Error = LineError;

    fn try_from(line: &ContactLine) -> Result<Self, LineError> {
        let fields = Fields { record: "contact", id: &line.id };
        Ok(Self {
            id: fields.identifier("id", &line.id)?,
            name: line.name.clone(),
            credit_points: line.credit_points,
            attributes: line.attributes.clone(),
        })
    }
}

impl From<&Contact> for ContactLine {
    fn from(contact: &Contact) -> Self {
        Self {
            id: contact.id.as_str().to_owned(),
            name: contact.name.clone(),
            credit_points: contact.credit_points,
            attributes: contact.attributes.clone(),
        }
    }
}
