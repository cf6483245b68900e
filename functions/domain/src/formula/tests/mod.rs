//! Formulas against a fixed record, and properties of formulas made at random.

use super::random::Random;
use super::*;
use crate::{
    Account, AccountId, AccountStatus, Contact, ContactId, Currency, Date, Delinquency,
    DelinquencyId, DelinquencyKind, DelinquencyStatus, Identifier, MilestoneCode, Money,
    SchemeCode,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

mod cases;
mod properties;

/// The record of the tests: 152.30 USD at RES/REMIND since 2026-01-15, looked
/// at on 2026-03-01. Its account has a contact or none.
pub(super) struct Book {
    delinquency: Delinquency,
    account: Account,
    contact: Option<Contact>,
}

impl Book {
    pub(super) fn new(has_contact: bool) -> Self {
        let usd = Currency::parse("USD").unwrap();
        let date = |text: &str| text.parse::<Date>().unwrap();
        let attributes = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Self {
            delinquency: Delinquency {
                id: DelinquencyId::parse("D-1").unwrap(),
                account: AccountId::parse("A-1001").unwrap(),
                kind: DelinquencyKind::Collections,
                bill_type: None,
                origin: None,
                items: std::collections::BTreeSet::new(),
                scheme: SchemeCode::parse("RES").unwrap(),
                milestone: MilestoneCode::parse("REMIND").unwrap(),
                status: DelinquencyStatus::Open,
                entered_on: date("2026-01-15"),
                oldest_debt_on: None,
                balance: Money::parse("152.30", usd).unwrap(),
                extension_days: 3,
                hold: None,
                attributes: BTreeMap::new(),
                sequence: 1,
                version: 1,
            },
            account: Account {
                id: AccountId::parse("A-1001").unwrap(),
                contact: has_contact.then(|| ContactId::parse("C-1").unwrap()),
                class: "residential".to_owned(),
                status: AccountStatus::Open,
                balance: Money::parse("200.00", usd).unwrap(),
                attributes: attributes(&[
                    ("paperless", "no"),
                    ("limit", "250.50"),
                    ("grace", "14"),
                    ("moved", "2026-02-30"),
                    ("meter type", "smart"),
                ]),
            },
            contact: has_contact.then(|| Contact {
                id: ContactId::parse("C-1").unwrap(),
                name: "R. Vance".to_owned(),
                credit_points: 12,
                attributes: BTreeMap::new(),
            }),
        }
    }

    pub(super) fn case(&self) -> Case<'_> {
        Case {
            delinquency: &self.delinquency,
            account: &self.account,
            contact: self.contact.as_ref(),
            as_of: "2026-03-01".parse().unwrap(),
            level: Some(2),
        }
    }
}
