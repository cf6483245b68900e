//! What a run collects, summed up. Each part of a run counts for itself, and the
//! sums are compared before the run says that it is finished.

use super::plan::PlannedAccount;
use arrears_domain::{Currency, Money};
use arrears_storage::document::Amount;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is collected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Payments: one for each account.
    pub payments: u64,
    /// The transactions that they collect.
    pub transactions: u64,
    /// Transactions that are not collected.
    pub skipped: u64,
    /// The same by reason.
    pub skipped_by_reason: BTreeMap<String, u64>,
    /// Prenotes.
    #[serde(default)]
    pub prenotes: u64,
    /// Amounts by currency.
    pub amounts: BTreeMap<String, Amounts>,
}

/// Amounts in one currency, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// What was open.
    pub gross_minor_units: i64,
    /// The settlement discounts, tax included.
    pub discount_minor_units: i64,
    /// The tax in them.
    pub discount_tax_minor_units: i64,
    /// What is collected.
    pub net_minor_units: i64,
}

/// An amount is damaged, or the sums are too large.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the amounts of account {account} cannot be summed up")]
pub struct NotSummed {
    /// The account.
    pub account: String,
}

impl Sums {
    /// Counts an account. Of a payment that was refused, its transactions are
    /// skipped with the code.
    ///
    /// # Errors
    /// An amount is damaged, or the sums are too large.
    pub fn count(
        &mut self,
        planned: &PlannedAccount,
        refused: Option<&str>,
    ) -> Result<(), NotSummed> {
        for skipped in &planned.skipped {
            self.skip(&skipped.code, 1);
        }
        self.prenotes += u64::from(planned.prenote.is_some());
        let Some(payment) = &planned.payment else { return Ok(()) };
        if let Some(code) = refused {
            self.skip(code, payment.items.len() as u64);
            return Ok(());
        }
        self.payments += 1;
        self.transactions += payment.items.len() as u64;
        let own = self.amounts.entry(payment.currency.clone()).or_default();
        let parts = [
            (&mut own.gross_minor_units, &payment.gross),
            (&mut own.discount_minor_units, &payment.discount),
            (&mut own.discount_tax_minor_units, &payment.discount_tax),
            (&mut own.net_minor_units, &payment.net),
        ];
        let not_summed = || NotSummed { account: planned.inputs.account.id.clone() };
        for (sum, amount) in parts {
            let amount = minor_units(amount, &payment.currency).ok_or_else(not_summed)?;
            *sum = sum.checked_add(amount).ok_or_else(not_summed)?;
        }
        Ok(())
    }

    fn skip(&mut self, code: &str, transactions: u64) {
        self.skipped += transactions;
        *self.skipped_by_reason.entry(code.to_owned()).or_default() += transactions;
    }
}

/// An amount of a plan in minor units; none if it is damaged.
pub(super) fn minor_units(amount: &Amount, currency: &str) -> Option<i64> {
    let currency = Currency::parse(currency).ok()?;
    Some(Money::parse(amount.as_str(), currency).ok()?.minor_units())
}
