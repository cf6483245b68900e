//! What a change adds to the items of the account and its contact.

use super::AccountWrite;
use crate::error::StorageError;
use arrears_domain::{Effect, Money};

/// What is added in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    /// To the account's balance; none if that comes to nothing.
    pub(super) balance: Option<Money>,
    /// To the contact's credit points.
    pub(super) points: u64,
}

impl Totals {
    pub(super) fn of(write: &AccountWrite<'_>) -> Result<Self, StorageError> {
        let mut amounts =
            write.balance_change.into_iter().chain(effects(write).filter_map(Effect::charged));
        let sum = match amounts.next() {
            Some(first) => amounts.try_fold(first, Money::checked_add).map(Some),
            None => Ok(None),
        };
        let sum = sum.map_err(|reason| StorageError::Charges {
            account: write.account.clone(),
            reason: reason.to_string(),
        })?;
        Ok(Self {
            balance: sum.filter(|sum| sum.minor_units() != 0),
            points: effects(write).map(|effect| u64::from(effect.credit_points())).sum(),
        })
    }

    /// The account's item has not the currency of the sum, or is not there.
    pub(super) fn no_account(self, write: &AccountWrite<'_>) -> StorageError {
        StorageError::NoAccountToCharge {
            account: write.account.clone(),
            currency: self.balance.map(Money::currency),
        }
    }
}

pub(super) fn no_contact(write: &AccountWrite<'_>) -> StorageError {
    StorageError::NoContactToRate {
        account: write.account.clone(),
        contact: write.contact.cloned(),
    }
}

fn effects<'a>(write: &AccountWrite<'a>) -> impl Iterator<Item = &'a Effect> {
    write.records.iter().flat_map(|record| record.transition.effects()).map(|(_, _, effect)| effect)
}
