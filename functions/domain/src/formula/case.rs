//! The facts of one record: what decisions hand to formulas.

use super::{Facts, Owner, Value, Variable};
use crate::{Account, Contact, Date, Delinquency, Identifier};

/// A record with its account and contact on a date. It borrows; nothing is
/// copied but what a formula reads.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The delinquency record.
    pub delinquency: &'a Delinquency,
    /// Its account.
    pub account: &'a Account,
    /// The account's primary contact, if it has one.
    pub contact: Option<&'a Contact>,
    /// The business date.
    pub as_of: Date,
    /// Level of the record's milestone; none if the setup does not define it.
    pub level: Option<u32>,
}

impl Facts for Case<'_> {
    fn fact(&self, variable: Variable) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        let int = |number: i64| Some(Value::Int(number));
        let record = self.delinquency;
        match variable {
            Variable::DelinquencyId => text(record.id.as_str()),
            Variable::DelinquencyKind => text(record.kind.as_str()),
            Variable::DelinquencyBillType => text(record.bill_type.as_deref()?),
            Variable::DelinquencyScheme => text(record.scheme.as_str()),
            Variable::DelinquencyMilestone => text(record.milestone.as_str()),
            Variable::DelinquencyLevel => int(self.level?.into()),
            Variable::DelinquencyBalance => Some(Value::Decimal(record.balance.to_decimal())),
            Variable::DelinquencyDaysPastDue => int(record.days_past_due(self.as_of).into()),
            Variable::DelinquencyDaysAtMilestone => {
                int((self.as_of - record.entered_on).num_days())
            }
            Variable::DelinquencyEnteredOn => Some(Value::Date(record.entered_on)),
            Variable::DelinquencyOldestDebtOn => Some(Value::Date(record.oldest_debt_on?)),
            Variable::DelinquencyExtensionDays => int(record.extension_days.into()),
            Variable::DelinquencyOnHold => Some(Value::Bool(
                record.hold.as_ref().is_some_and(|hold| hold.stands_on(self.as_of)),
            )),
            of_account => self.of_account().fact(of_account),
        }
    }

    fn attribute(&self, owner: Owner, name: &str) -> Option<&str> {
        match owner {
            Owner::Delinquency => self.delinquency.attributes.get(name).map(String::as_str),
            Owner::Account | Owner::Contact => self.of_account().attribute_of(owner, name),
        }
    }
}

impl<'a> Case<'a> {
    fn of_account(&self) -> AccountCase<'a> {
        AccountCase { account: self.account, contact: self.contact, as_of: self.as_of }
    }
}

/// An account with its contact on a date, where a formula is about no record.
#[derive(Debug, Clone, Copy)]
pub struct AccountCase<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its primary contact, if it has one.
    pub contact: Option<&'a Contact>,
    /// The business date.
    pub as_of: Date,
}

impl Facts for AccountCase<'_> {
    fn fact(&self, variable: Variable) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        let account = self.account;
        match variable {
            Variable::AccountId => text(account.id.as_str()),
            Variable::AccountClass => text(&account.class),
            Variable::AccountStatus => text(account.status.as_str()),
            Variable::AccountCurrency => text(account.currency().code()),
            Variable::AccountBalance => Some(Value::Decimal(account.balance.to_decimal())),
            Variable::ContactId => text(self.contact?.id.as_str()),
            Variable::ContactName => text(&self.contact?.name),
            Variable::ContactCreditPoints => Some(Value::Int(self.contact?.credit_points)),
            Variable::RunAsOf => Some(Value::Date(self.as_of)),
            // There is no record.
            _ => None,
        }
    }

    fn attribute(&self, owner: Owner, name: &str) -> Option<&str> {
        self.attribute_of(owner, name)
    }
}

impl<'a> AccountCase<'a> {
    fn attribute_of(self, owner: Owner, name: &str) -> Option<&'a str> {
        let attributes = match owner {
            Owner::Delinquency => return None,
            Owner::Account => &self.account.attributes,
            Owner::Contact => &self.contact?.attributes,
        };
        attributes.get(name).map(String::as_str)
    }
}
