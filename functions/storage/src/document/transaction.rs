//! Lines of transactions: debits and credits of accounts.

use super::fields::Fields;
use super::{Amount, LineError};
use arrears_domain::{AccountId, Currency, Date, Identifier, Money};
use serde::{Deserialize, Serialize};

/// Whether a payment collection run may take a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Marker {
    /// Not paid; taken if all criteria hold.
    Unallocated,
    /// Always taken.
    Force,
    /// Never taken.
    Withheld,
    /// Paid.
    Paid,
    /// Made void, with its reversal.
    Correction,
}

/// A transaction, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionLine {
    /// Unique in the agency.
    pub id: String,
    /// The account.
    pub account: String,
    /// When it was posted.
    pub date: String,
    /// When it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<String>,
    /// What is owed; a negative amount is a credit.
    pub amount: Amount,
    /// ISO 4217 code; if given, it must be the account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whether a payment collection run may take it.
    pub marker: Marker,
    /// The discount for payment in time, in percent, as a decimal string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Amount>,
    /// The tax in the discount, in percent, as a decimal string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_tax_percent: Option<Amount>,
}

/// What the table needs to know of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedTransaction {
    /// The account.
    pub account: AccountId,
    /// When it was posted.
    pub date: Date,
    /// When it is due.
    pub due_date: Option<Date>,
    /// What is owed.
    pub amount: Money,
}

impl TransactionLine {
    /// The account that the line names.
    pub(crate) fn account_id(&self) -> Result<AccountId, LineError> {
        Fields { record: "transaction", id: &self.id }.identifier("account", &self.account)
    }

    pub(crate) fn unknown_account(&self) -> LineError {
        let fields = Fields { record: "transaction", id: &self.id };
        fields.error("account", &self.account, "no such account is stored or stands before it")
    }

    /// Checks the line against the currency of its account.
    ///
    /// # Errors
    /// A field that is not what it should be.
    pub fn check(&self, account: Currency) -> Result<CheckedTransaction, LineError> {
        let fields = Fields { record: "transaction", id: &self.id };
        fields.same_currency(self.currency.as_deref(), account)?;
        TransactionId::parse(&self.id).map_err(|e| fields.error("id", &self.id, e))?;
        for (field, percent) in [
            ("discount_percent", &self.discount_percent),
            ("discount_tax_percent", &self.discount_tax_percent),
        ] {
            if let Some(percent) = percent {
                check_percent(fields, field, percent)?;
            }
        }
        Ok(CheckedTransaction {
            account: fields.identifier("account", &self.account)?,
            date: fields.date("date", &self.date)?,
            due_date: fields.date_if_any("due_date", self.due_date.as_deref())?,
            amount: fields.money("amount", &self.amount, account)?,
        })
    }
}

/// A transaction's id follows the rules of all identifiers.
type TransactionId = AccountId;

/// A percentage has digits and at most one point, and is not above 100.
fn check_percent(fields: Fields<'_>, field: &str, percent: &Amount) -> Result<(), LineError> {
    let text = percent.as_str();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let in_range = match whole.parse::<u32>() {
        Ok(whole) => whole < 100 || (whole == 100 && fraction.bytes().all(|b| b == b'0')),
        Err(_) => false,
    };
    if is_digits(whole) && is_digits(fraction) && in_range {
        return Ok(());
    }
    Err(fields.error(field, text, "write a percentage from \"0\" to \"100\", such as \"2.5\""))
}
