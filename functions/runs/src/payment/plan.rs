//! The plan of a payment collection run, which is its proposal and its journal:
//! each account with what is collected, what is not and why, and what that was
//! decided from.
//!
//! Reports, files and postings are made from it and from nothing else, so that they
//! agree.

use crate::delivery::{DocumentLines, LineWriter};
use arrears_domain::payment::{CollectedItem, Edit, Inputs, Payment, Run, Selected, select};
use arrears_domain::{
    Account, Contact, Currency, Date, Identifier, LineItem, LineItemId, Mandate, Money,
};
use arrears_storage::document::{
    AccountLine, Amount, ContactLine, LineError, MandateLine, TransactionLine,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedAccount {
    /// What it was decided from.
    pub inputs: AccountInputs,
    /// What is collected; none if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PlannedPayment>,
    /// What is not collected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<PlannedSkip>,
    /// A prenote for the account's bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prenote: Option<PlannedPrenote>,
}

/// What an account was decided from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountInputs {
    /// The account.
    pub account: AccountLine,
    /// Its contact.
    pub contact: Option<ContactLine>,
    /// Its transactions that are not settled, and those that credits name.
    pub transactions: Vec<TransactionLine>,
    /// Its mandates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mandates: Vec<MandateLine>,
    /// Transactions that other proposals have: which one has each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locked: BTreeMap<String, String>,
    /// What operators have said of transactions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub edits: BTreeMap<String, EditDocument>,
}

/// What an operator has said of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "edit")]
pub enum EditDocument {
    /// Leave it out of this proposal.
    Exclude {
        /// Why.
        reason: String,
    },
    /// Leave it out of all runs before a date.
    Defer {
        /// The first base date for payment of which it is collected again.
        until: Date,
        /// Why.
        reason: String,
    },
    /// Collect it.
    Force {
        /// Why.
        reason: String,
    },
}

/// What is collected of an account. All amounts are decimal text in `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPayment {
    /// The payment's id, `P000007-0000123`: the allocation reference, the
    /// end-to-end id and the individual id.
    pub id: String,
    /// Its number in the run, from 1.
    pub number: u32,
    /// ISO 4217 code.
    pub currency: String,
    /// The transactions.
    pub items: Vec<PlannedItem>,
    /// The credits that are settled with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<PlannedCredit>,
    /// What is open, less what is left of credits.
    pub gross: Amount,
    /// The settlement discounts, tax included.
    pub discount: Amount,
    /// The tax in them.
    pub discount_tax: Amount,
    /// What is collected.
    pub net: Amount,
    /// The mandate, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<String>,
    /// When the money is to come.
    pub collection_date: Date,
}

/// A transaction of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedItem {
    /// The transaction.
    pub id: String,
    /// When it was due.
    pub due_on: Option<Date>,
    /// Its amount.
    pub amount: Amount,
    /// What is open of it.
    pub open: Amount,
    /// The settlement discount, tax included.
    pub discount: Amount,
    /// The tax in it.
    pub discount_tax: Amount,
}

/// A credit that is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCredit {
    /// The credit.
    pub id: String,
    /// How much of it.
    pub amount: Amount,
}

/// A transaction that is not collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedSkip {
    /// The transaction.
    pub id: String,
    /// When it is due.
    pub due_on: Option<Date>,
    /// What is open of it.
    pub open: Amount,
    /// A stable word: `WITHHELD`.
    pub code: String,
    /// Why, for people.
    pub reason: String,
}

/// A prenote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPrenote {
    /// The mandate.
    pub mandate: String,
    /// Its number in the run, counted with the payments.
    pub number: u32,
}

/// Writes a plan.
pub(super) type PlanWriter = LineWriter<PlannedAccount>;

/// Reads a plan, account by account.
pub(super) type PlanReader = DocumentLines<PlannedAccount>;

/// The key of the plan that an attempt at planning writes.
pub(super) fn key(run_key: &str, attempt: u32) -> String {
    format!("runs/{run_key}/plan-{attempt}.jsonl.zst")
}

/// The id of a payment: fifteen characters, as many as NACHA's individual id has,
/// and unique in the agency.
pub(super) fn payment_id(run_number: u32, number: u32) -> String {
    format!("P{run_number:06}-{number:07}")
}

/// The inputs of an account in the domain's types.
pub(super) struct ReadInputs {
    pub(super) account: Account,
    pub(super) contact: Option<Contact>,
    pub(super) items: Vec<LineItem>,
    pub(super) mandates: Vec<Mandate>,
    locked: BTreeMap<LineItemId, String>,
    edits: BTreeMap<LineItemId, Edit>,
}

impl AccountInputs {
    /// Reads them.
    ///
    /// # Errors
    /// A field that is not what it should be.
    pub(super) fn read(&self) -> Result<ReadInputs, LineError> {
        let account = Account::try_from(&self.account)?;
        let currency = account.currency();
        let items = self.transactions.iter().map(|line| line.to_line_item(currency));
        let mandates = self.mandates.iter().map(MandateLine::to_mandate);
        // Keys are ids of transactions, which are read above.
        let id = |text: &String| LineItemId::parse(text).ok();
        let locked = self.locked.iter().filter_map(|(item, by)| Some((id(item)?, by.clone())));
        let edits = self.edits.iter().filter_map(|(item, edit)| Some((id(item)?, edit.into())));
        Ok(ReadInputs {
            account,
            contact: self.contact.as_ref().map(Contact::try_from).transpose()?,
            items: items.collect::<Result<_, _>>()?,
            mandates: mandates.collect::<Result<_, _>>()?,
            locked: locked.collect(),
            edits: edits.collect(),
        })
    }
}

impl ReadInputs {
    /// What becomes of the account.
    pub(super) fn select(&self, run: &Run<'_>) -> Selected {
        let inputs = Inputs {
            account: &self.account,
            contact: self.contact.as_ref(),
            items: &self.items,
            mandates: &self.mandates,
            locked: &self.locked,
            edits: &self.edits,
        };
        select(run, &inputs)
    }

    /// When a transaction is due.
    pub(super) fn due_on(&self, id: &LineItemId) -> Option<Date> {
        self.items.iter().find(|item| item.id == *id)?.due_on
    }
}

impl From<&EditDocument> for Edit {
    fn from(edit: &EditDocument) -> Self {
        match edit.clone() {
            EditDocument::Exclude { reason } => Self::Exclude { reason },
            EditDocument::Defer { until, reason } => Self::Defer { until, reason },
            EditDocument::Force { reason } => Self::Force { reason },
        }
    }
}

impl PlannedPayment {
    /// The document of a payment.
    pub(super) fn new(id: String, number: u32, payment: &Payment) -> Self {
        Self {
            id,
            number,
            currency: payment.net.currency().code().to_owned(),
            items: payment.items.iter().map(PlannedItem::from).collect(),
            credits: payment
                .credits
                .iter()
                .map(|(id, amount)| PlannedCredit { id: id.to_string(), amount: (*amount).into() })
                .collect(),
            gross: payment.gross.into(),
            discount: payment.discount.into(),
            discount_tax: payment.discount_tax.into(),
            net: payment.net.into(),
            mandate: payment.mandate.as_ref().map(|mandate| mandate.id.to_string()),
            collection_date: payment.collection_date,
        }
    }

    /// The payment of the document; its mandate is among the inputs.
    ///
    /// # Errors
    /// A field that is not what it should be.
    pub(super) fn payment(&self, mandates: &[Mandate]) -> Result<Payment, String> {
        let text = |error: &dyn std::fmt::Display| format!("payment {}: {error}", self.id);
        let currency = Currency::parse(&self.currency).map_err(|error| text(&error))?;
        let money =
            |amount: &Amount| Money::parse(amount.as_str(), currency).map_err(|error| text(&error));
        let id = |id: &str| LineItemId::parse(id).map_err(|error| text(&error));
        let items = self.items.iter().map(|item| {
            Ok(CollectedItem {
                id: id(&item.id)?,
                due_on: item.due_on,
                amount: money(&item.amount)?,
                open: money(&item.open)?,
                discount: money(&item.discount)?,
                discount_tax: money(&item.discount_tax)?,
            })
        });
        let credits = self.credits.iter().map(|it| Ok((id(&it.id)?, money(&it.amount)?)));
        let named = |name: &String| {
            let found = mandates.iter().find(|mandate| mandate.id.as_str() == name);
            found.cloned().ok_or_else(|| text(&format!("mandate {name} is not among its inputs")))
        };
        Ok(Payment {
            items: items.collect::<Result<_, String>>()?,
            credits: credits.collect::<Result<_, String>>()?,
            gross: money(&self.gross)?,
            discount: money(&self.discount)?,
            discount_tax: money(&self.discount_tax)?,
            net: money(&self.net)?,
            mandate: self.mandate.as_ref().map(named).transpose()?,
            collection_date: self.collection_date,
        })
    }
}

impl From<&CollectedItem> for PlannedItem {
    fn from(item: &CollectedItem) -> Self {
        Self {
            id: item.id.to_string(),
            due_on: item.due_on,
            amount: item.amount.into(),
            open: item.open.into(),
            discount: item.discount.into(),
            discount_tax: item.discount_tax.into(),
        }
    }
}

/// The plan of a run cannot be used.
pub(super) fn damaged(run_key: &arrears_domain::RunKey, reason: String) -> crate::RunError {
    crate::RunError::Journal { key: format!("the plan of {run_key}"), line: 0, reason }
}
