//! Lines of transactions: debits and credits of accounts. To the rules they are
//! line items.

use super::fields::{Fields, date_text, is_default};
use super::{Amount, LineError, word};
use arrears_domain::{
    AccountId, Allocation, AllocationMarker, Currency, LineItem, LineItemId, Period, Terms,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A transaction, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionLine {
    /// Unique for the account.
    pub id: String,
    /// The account.
    pub account: String,
    /// What it bills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_type: Option<String>,
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
    #[serde(with = "word")]
    pub marker: AllocationMarker,
    /// The discount for payment in time, in percent, as a decimal string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Amount>,
    /// The tax in the discount, in percent, as a decimal string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_tax_percent: Option<Amount>,
    /// Of a credit: how much of it was spent on which debits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spent: Vec<SpentDocument>,
    /// Of a credit: by how much it lowered which delinquencies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lowered: Vec<LoweredDocument>,
    /// Of a debit that is a reversal: the credit that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<String>,
    /// The sets that come to zero, of which it is a part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<AllocationDocument>,
    /// Not to be collected by runs with a base date before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred_until: Option<String>,
    /// How often a bank has returned its collection for lack of money.
    #[serde(default, skip_serializing_if = "is_default")]
    pub returned: u32,
}

/// The part that a line item has in a set that comes to zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationDocument {
    /// The allocation reference: the id of the payment.
    pub reference: String,
    /// The allocation date.
    pub date: String,
    /// The allocation period, `2026-02`: the month of the date.
    pub period: String,
    /// How much of the line item is in the set.
    pub amount: Amount,
    /// The marker that a void gives back; none for what came with the set.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "word::option")]
    pub was: Option<AllocationMarker>,
}

impl AllocationDocument {
    fn to_allocation(
        &self,
        fields: Fields<'_>,
        currency: Currency,
    ) -> Result<Allocation, LineError> {
        let on = fields.date("allocations.date", &self.date)?;
        if self.period != Period::of(on).to_string() {
            let expected = "write the month of the allocation date";
            return Err(fields.error("allocations.period", &self.period, expected));
        }
        Ok(Allocation {
            reference: fields.identifier("allocations.reference", &self.reference)?,
            on,
            amount: fields.money("allocations.amount", &self.amount, currency)?,
            was: self.was,
        })
    }
}

impl From<&Allocation> for AllocationDocument {
    fn from(part: &Allocation) -> Self {
        Self {
            reference: part.reference.to_string(),
            date: date_text(part.on),
            period: Period::of(part.on).to_string(),
            amount: part.amount.into(),
            was: part.was,
        }
    }
}

/// How much of a credit was spent on a debit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpentDocument {
    /// The debit.
    pub item: String,
    /// How much of it was paid.
    pub amount: Amount,
}

/// By how much a credit lowered a delinquency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredDocument {
    /// The delinquency.
    pub delinquency: String,
    /// By how much.
    pub amount: Amount,
}

/// A bill type is a part of keys and follows the rules of all identifiers.
type BillType = LineItemId;

impl TransactionLine {
    fn fields(&self) -> Fields<'_> {
        Fields { record: "transaction", id: &self.id }
    }

    /// The account that the line names.
    pub(crate) fn account_id(&self) -> Result<AccountId, LineError> {
        self.fields().identifier("account", &self.account)
    }

    pub(crate) fn unknown_account(&self) -> LineError {
        let expected = "no such account is stored or stands before it";
        self.fields().error("account", &self.account, expected)
    }

    /// The bill type whose delinquency may begin with this line: it is a debit
    /// that comes due and is not done with.
    pub(crate) fn may_begin(&self) -> Option<&str> {
        let is_waiting =
            self.due_date.is_some() && !self.marker.is_settled() && !self.amount.is_negative();
        self.bill_type.as_deref().filter(|_| is_waiting)
    }

    /// The stored line joined with what a book brings of it. The book's line
    /// stands, but what events and runs have made of the stored one stays where the
    /// book's says nothing of it: on what it was spent, what it lowered, what it
    /// reverses, and in which sets it was collected. A line that is void stays void, whatever the book says:
    /// the system that wrote the book may not know of it yet.
    #[must_use]
    pub fn with_news(&self, news: &Self) -> Self {
        let mut joined = news.clone();
        // What only the other side has could not be read back.
        if news.amount.is_negative() {
            if joined.spent.is_empty() {
                joined.spent.clone_from(&self.spent);
            }
            if joined.lowered.is_empty() {
                joined.lowered.clone_from(&self.lowered);
            }
        } else if joined.reverses.is_none() {
            joined.reverses.clone_from(&self.reverses);
        }
        if self.marker == AllocationMarker::Correction {
            joined.marker = AllocationMarker::Correction;
        }
        // What a run has collected stays collected.
        if joined.allocations.is_empty() && !self.allocations.is_empty() {
            joined.allocations.clone_from(&self.allocations);
            joined.marker = self.marker;
        }
        joined.returned = joined.returned.max(self.returned);
        if joined.deferred_until.is_none() {
            joined.deferred_until.clone_from(&self.deferred_until);
        }
        joined
    }

    /// The line item, in the currency of its account. All fields of the line
    /// are checked, also those that only a payment collection run reads.
    ///
    /// # Errors
    /// A field that is not what it should be.
    pub fn to_line_item(&self, account: Currency) -> Result<LineItem, LineError> {
        let fields = self.fields();
        self.account_id()?;
        fields.same_currency(self.currency.as_deref(), account)?;
        if let Some(bill_type) = &self.bill_type {
            fields.identifier::<BillType>("bill_type", bill_type)?;
        }
        let money = |field, amount| fields.money(field, amount, account);
        let spent = self.spent.iter().map(|it| {
            Ok((fields.identifier("spent.item", &it.item)?, money("spent.amount", &it.amount)?))
        });
        let lowered = self.lowered.iter().map(|it| {
            let id = fields.identifier("lowered.delinquency", &it.delinquency)?;
            Ok((id, money("lowered.amount", &it.amount)?))
        });
        let reverses = self.reverses.as_deref().map(|text| fields.identifier("reverses", text));
        let allocations = self.allocations.iter().map(|it| it.to_allocation(fields, account));
        let item = LineItem {
            id: fields.identifier("id", &self.id)?,
            bill_type: self.bill_type.clone(),
            posted_on: fields.date("date", &self.date)?,
            due_on: fields.date_if_any("due_date", self.due_date.as_deref())?,
            amount: money("amount", &self.amount)?,
            marker: self.marker,
            spent: spent.collect::<Result<_, _>>()?,
            lowered: lowered.collect::<Result<_, _>>()?,
            reverses: reverses.transpose()?,
            allocations: allocations.collect::<Result<_, _>>()?,
            terms: self.terms()?,
        };
        self.check_side(&item).map(|()| item)
    }

    fn terms(&self) -> Result<Terms, LineError> {
        let fields = self.fields();
        let percent = |field, text: &Option<Amount>| {
            text.as_ref().map(|text| percent(fields, field, text)).transpose()
        };
        Ok(Terms {
            discount_percent: percent("discount_percent", &self.discount_percent)?,
            discount_tax_percent: percent("discount_tax_percent", &self.discount_tax_percent)?,
            deferred_until: fields.date_if_any("deferred_until", self.deferred_until.as_deref())?,
            returned: self.returned,
        })
    }

    /// Only a credit is spent and lowers; only a debit reverses.
    fn check_side(&self, item: &LineItem) -> Result<(), LineError> {
        let only = |field, value: &str, side: &str| {
            let expected = format!("only a {side} has it, and the amount is {}", item.amount);
            Err(self.fields().error(field, value, expected))
        };
        match (item.is_credit(), &self.reverses, self.spent.first(), self.lowered.first()) {
            (true, Some(reversed), ..) => only("reverses", reversed, "debit"),
            (false, _, Some(spent), _) => only("spent.item", &spent.item, "credit"),
            (false, _, _, Some(lowered)) => {
                only("lowered.delinquency", &lowered.delinquency, "credit")
            }
            _ => Ok(()),
        }
    }
}

/// A line item says nothing of its account.
impl From<(&AccountId, &LineItem)> for TransactionLine {
    fn from((account, item): (&AccountId, &LineItem)) -> Self {
        let spent = item.spent.iter().map(|(item, amount)| SpentDocument {
            item: item.to_string(),
            amount: (*amount).into(),
        });
        let lowered = item.lowered.iter().map(|(delinquency, amount)| LoweredDocument {
            delinquency: delinquency.to_string(),
            amount: (*amount).into(),
        });
        Self {
            id: item.id.to_string(),
            account: account.to_string(),
            bill_type: item.bill_type.clone(),
            date: date_text(item.posted_on),
            due_date: item.due_on.map(date_text),
            amount: item.amount.into(),
            currency: None,
            marker: item.marker,
            discount_percent: item.terms.discount_percent.map(percent_text),
            discount_tax_percent: item.terms.discount_tax_percent.map(percent_text),
            spent: spent.collect(),
            lowered: lowered.collect(),
            reverses: item.reverses.as_ref().map(ToString::to_string),
            allocations: item.allocations.iter().map(AllocationDocument::from).collect(),
            deferred_until: item.terms.deferred_until.map(date_text),
            returned: item.terms.returned,
        }
    }
}

fn percent_text(percent: Decimal) -> Amount {
    percent.to_string().as_str().into()
}

/// A percentage has digits and at most one point, and is not above 100.
fn percent(fields: Fields<'_>, field: &str, percent: &Amount) -> Result<Decimal, LineError> {
    let text = percent.as_str();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.ends_with(|last: char| last.is_ascii_digit());
    let number = Decimal::from_str_exact(text).ok().filter(|_| is_plain);
    number.filter(|number| *number <= Decimal::ONE_HUNDRED).ok_or_else(|| {
        let expected = "write a percentage from \"0\" to \"100\", such as \"2.5\"";
        fields.error(field, text, expected)
    })
}
