//! What the ledger gets for a payment, and for its void: double entry, and both
//! sides of each journal come to zero.
//!
//! A payment of `net` and a settlement discount of `discount`, with `tax` in it
//! (the source document: "each payment collected on the debtor/receivables
//! accounts, any settlement discounts taken, and tax adjustments on the
//! discount"):
//!
//! | Journal | Line | Amount |
//! |---|---|---|
//! | `DEBIT` | bank | net |
//! | `DEBIT` | debtor | -net |
//! | `DEBDS` | discount | discount - tax |
//! | `DEBDS` | discount tax | tax |
//! | `DEBDS` | debtor discount, tax included | -discount |

use super::Payment;
use crate::mandate::MandateState;
use crate::setup::LedgerAccounts;
use crate::{AccountId, Date, LineItemId, MandateId, Money, PerformedAction, Period};

/// What was posted for a payment or its void; written once, in the transaction
/// that changes the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: AccountId,
    /// The payment, whose id is the allocation reference too.
    pub payment: LineItemId,
    /// A collection, or its void.
    pub kind: PostingKind,
    /// The date of the ledger.
    pub on: Date,
    /// Its period.
    pub period: Period,
    /// What made it: a run key, or `event:` and an event's id.
    pub cause: String,
    /// The lines.
    pub lines: Vec<LedgerLine>,
    /// When the money is to come.
    pub collection_date: Date,
    /// What became of the mandate.
    pub mandate: Option<MandateUse>,
    /// The reason code of the return that voids it.
    pub return_code: Option<String>,
    /// The actions that were performed with it, such as the pre-notification.
    pub actions: Vec<PerformedAction>,
}

/// Whether money is collected or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostingKind {
    /// Collected.
    Collection,
    /// The collection is made void.
    Void,
}

/// What became of a mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateUse {
    /// The mandate.
    pub id: MandateId,
    /// What it was before.
    pub before: MandateState,
    /// What it was then.
    pub after: MandateState,
}

/// The journal of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Journal {
    /// Collections: `DEBIT`.
    Debit,
    /// Their settlement discounts: `DEBDS`.
    DebitDiscount,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// What the bank collects.
    Bank,
    /// What the debtor owes less for it.
    Debtor,
    /// The discount without its tax.
    Discount,
    /// The tax in the discount.
    DiscountTax,
    /// What the debtor owes less for the discount.
    DebtorDiscount,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// The journal.
    pub journal: Journal,
    /// What it is.
    pub kind: LineKind,
    /// The account of the ledger.
    pub ledger_account: String,
    /// What is added to it: above zero is a debit.
    pub amount: Money,
}

/// The lines of a journal do not come to zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the lines of journal {journal} for {payment} come to {sum_minor_units} minor units, not to zero"
)]
pub struct Unbalanced {
    /// The payment.
    pub payment: LineItemId,
    /// The journal.
    pub journal: &'static str,
    /// What they come to.
    pub sum_minor_units: i128,
}

impl Journal {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Debit, Self::DebitDiscount];

    /// The journal's source, as in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "DEBIT",
            Self::DebitDiscount => "DEBDS",
        }
    }

    /// The journal that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

impl LineKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Bank, Self::Debtor, Self::Discount, Self::DiscountTax, Self::DebtorDiscount];

    /// The word in books.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Debtor => "debtor",
            Self::Discount => "discount",
            Self::DiscountTax => "discount-tax",
            Self::DebtorDiscount => "debtor-discount",
        }
    }

    /// The kind that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

impl PostingKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Collection, Self::Void];

    /// The word in books.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collection => "collection",
            Self::Void => "void",
        }
    }

    /// The kind that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

impl LedgerLine {
    /// The lines of a payment; those of nothing are left out.
    #[must_use]
    pub fn of_payment(payment: &Payment, accounts: &LedgerAccounts) -> Vec<Self> {
        let units = |money: Money| i128::from(money.minor_units());
        let (net, discount, tax) =
            (units(payment.net), units(payment.discount), units(payment.discount_tax));
        let currency = payment.net.currency();
        let lines = [
            (Journal::Debit, LineKind::Bank, &accounts.bank, net),
            (Journal::Debit, LineKind::Debtor, &accounts.debtor, -net),
            (Journal::DebitDiscount, LineKind::Discount, &accounts.discount, discount - tax),
            (Journal::DebitDiscount, LineKind::DiscountTax, &accounts.discount_tax, tax),
            (Journal::DebitDiscount, LineKind::DebtorDiscount, &accounts.debtor, -discount),
        ];
        let lines = lines.into_iter().filter(|(.., amount)| *amount != 0);
        // Parts of one amount: each of them fits.
        let line = |(journal, kind, account, amount): (_, _, &String, i128)| Self {
            journal,
            kind,
            ledger_account: account.clone(),
            amount: Money::from_minor_units(i64::try_from(amount).unwrap_or(i64::MAX), currency),
        };
        lines.map(line).collect()
    }

    /// The line that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let amount = self.amount.minor_units().saturating_neg();
        Self { amount: Money::from_minor_units(amount, self.amount.currency()), ..self.clone() }
    }
}

impl Posting {
    /// Proves that each journal comes to zero.
    ///
    /// # Errors
    /// One does not.
    pub fn check(&self) -> Result<(), Unbalanced> {
        for journal in Journal::ALL {
            let own = self.lines.iter().filter(|line| line.journal == journal);
            let sum_minor_units = own.map(|line| i128::from(line.amount.minor_units())).sum();
            if sum_minor_units != 0 {
                let (payment, journal) = (self.payment.clone(), journal.as_str());
                return Err(Unbalanced { payment, journal, sum_minor_units });
            }
        }
        Ok(())
    }

    /// What the lines of a kind come to, in minor units.
    #[must_use]
    pub fn sum_minor_units(&self, kind: LineKind) -> i64 {
        let own = self.lines.iter().filter(|line| line.kind == kind);
        own.map(|line| line.amount.minor_units()).fold(0, i64::saturating_add)
    }
}
