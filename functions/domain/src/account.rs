//! Accounts and their contacts.

use crate::{AccountId, ContactId, Currency, Money};
use std::collections::BTreeMap;

/// Whether business may be done with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountStatus {
    /// In use.
    Open,
    /// Suspended: kept, but nothing is collected from it by direct debit.
    Suspended,
    /// Closed.
    Closed,
}

impl AccountStatus {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Open, Self::Suspended, Self::Closed];

    /// The word in books and formulas.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// The status that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// An account with the agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Unique in the agency.
    pub id: AccountId,
    /// The primary contact; credit points go there.
    pub contact: Option<ContactId>,
    /// The agency's own classification, `residential`.
    pub class: String,
    /// Open, suspended or closed.
    pub status: AccountStatus,
    /// What the account owes in all, charges of past runs included. Its
    /// currency is that of the account.
    pub balance: Money,
    /// Whatever else the agency knows of the account, for formulas.
    pub attributes: BTreeMap<String, String>,
}

impl Account {
    /// The one currency of the account.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.balance.currency()
    }
}

/// A person or a company behind accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Unique in the agency.
    pub id: ContactId,
    /// The name, as it is written on letters.
    pub name: String,
    /// Accumulated credit points: more is worse.
    pub credit_points: i64,
    /// Whatever else the agency knows of the contact, for formulas.
    pub attributes: BTreeMap<String, String>,
}
