//! What a payment collection run collects, from whom, and how.

use super::Action;
use crate::bank::{Bic, CreditorId, Iban, RoutingNumber};
use crate::formula::Formula;
use crate::setup::mistake::Span;
use crate::{Currency, Period};
use rust_decimal::Decimal;

/// A payment profile: the selection criteria of a payment collection run, and what
/// comes of it.
#[derive(Debug, Clone)]
pub struct PaymentProfile {
    /// Unique; part of file names.
    pub code: String,
    /// For people.
    pub name: Option<String>,
    /// The Payments/Debits field of the source document: the run takes only profiles
    /// for collection.
    pub payments_debits: PaymentsDebits,
    /// The payment method.
    pub method: PaymentMethod,
    /// The bank's file; there is one exactly if the method is [`PaymentMethod::Bank`].
    pub bank: Option<BankFormat>,
    /// The currencies of accounts that are collected; not empty, none twice.
    pub currencies: Vec<Currency>,
    /// Whether an account is selected; none: all are.
    pub accounts: Option<Formula>,
    /// The classes of accounts that are selected; empty: all.
    pub classes: Vec<String>,
    /// What is collected; empty: whatever is billed.
    pub bill_types: Vec<String>,
    /// Due dates are ignored.
    pub immediate_settlement: bool,
    /// What is due by so many days after the base date for payment is collected.
    pub due_within_days: u32,
    /// The least that is collected of an account: decimal text in its currency.
    pub minimum: Decimal,
    /// A run that would collect more of a currency collects nothing.
    pub total_limit: Option<Decimal>,
    /// The settlement discount of transactions that name none, in percent.
    pub discount_percent: Option<Decimal>,
    /// The tax in the discount, likewise.
    pub discount_tax_percent: Option<Decimal>,
    /// Whether settlement discounts are taken.
    pub take_discount: bool,
    /// Whether payments are posted; if not, there is a report and nothing else.
    pub post: bool,
    /// Whether reports list transactions.
    pub report: ReportDetail,
    /// Business days between the run and the collection date, at least.
    pub lead_days: u32,
    /// Calendar days between the run and the collection date, at least.
    pub pre_notification_days: u32,
    /// Whether an account in an ACH file is tried with a prenote first.
    pub prenote: bool,
    /// A calendar of the agency on whose business days money is collected, beside
    /// that of the banks.
    pub calendar: Option<String>,
    /// What is done for each payment when it is collected, such as the
    /// pre-notification.
    pub actions: Vec<Action>,
    /// The accounts of the ledger.
    pub ledger: LedgerAccounts,
    /// Where its code stands.
    pub span: Span,
}

/// The Payments/Debits field of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentsDebits {
    /// Money is collected.
    Collection,
    /// Money is paid: no run here does that.
    Payments,
}

/// How money is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentMethod {
    /// By the bank: there is a file for it.
    Bank,
    /// By checks that the debtor has signed beforehand.
    Check,
    /// In some other way; the payment file has all that is needed.
    Other,
}

/// How much a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportDetail {
    /// Every transaction.
    List,
    /// Every payment.
    Summary,
}

/// The files by which banks collect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BankFile {
    /// SEPA direct debit, `pain.008.001.08`.
    Pain008,
    /// ACH debits.
    Nacha,
}

/// The bank's file, and who collects by it.
#[derive(Debug, Clone)]
pub enum BankFormat {
    /// SEPA direct debit, `pain.008.001.08`.
    Pain008(Creditor),
    /// ACH debits.
    Nacha(Originator),
}

/// Who collects by SEPA direct debit.
#[derive(Debug, Clone)]
pub struct Creditor {
    /// The name, at most 70 characters.
    pub name: String,
    /// Where the money goes.
    pub iban: Iban,
    /// That account's bank.
    pub bic: Option<Bic>,
    /// The creditor identifier.
    pub id: CreditorId,
    /// The town, at most 35 characters; only with the country.
    pub town: Option<String>,
    /// The country, two letters.
    pub country: Option<String>,
}

/// Who collects by ACH debits.
#[derive(Debug, Clone)]
pub struct Originator {
    /// The name on statements, at most 16 characters.
    pub name: String,
    /// The number by which the bank knows the company, 10 characters.
    pub company_id: String,
    /// The originating bank (ODFI).
    pub routing_number: RoutingNumber,
    /// Its name, at most 23 characters.
    pub bank_name: String,
    /// The bank to which the file is sent; none: the originating bank.
    pub destination: Option<RoutingNumber>,
    /// The number by which that bank knows the sender, 10 characters or 9; none: the
    /// company's.
    pub origin: Option<String>,
    /// What for, as debtors read it, at most 10 characters.
    pub entry_description: String,
}

/// The accounts of the ledger that payments are posted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerAccounts {
    /// Those who owe.
    pub debtor: String,
    /// The bank.
    pub bank: String,
    /// Settlement discounts.
    pub discount: String,
    /// The tax in them.
    pub discount_tax: String,
}

/// What holds for all of the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerSettings {
    /// The last period that is closed: nothing is posted in it or before it.
    pub closed_through: Option<Period>,
}

impl PaymentsDebits {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Collection, Self::Payments];

    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collection => "collection",
            Self::Payments => "payments",
        }
    }
}

impl PaymentMethod {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bank, Self::Check, Self::Other];

    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Check => "check",
            Self::Other => "other",
        }
    }
}

impl ReportDetail {
    /// Both.
    pub const ALL: [Self; 2] = [Self::List, Self::Summary];

    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Summary => "summary",
        }
    }
}

impl BankFile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Pain008, Self::Nacha];

    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pain008 => "pain.008",
            Self::Nacha => "nacha",
        }
    }

    /// The one currency that a file can carry.
    #[must_use]
    pub fn currency(self) -> &'static str {
        match self {
            Self::Pain008 => "EUR",
            Self::Nacha => "USD",
        }
    }

    /// The table that says who collects.
    #[must_use]
    pub fn who(self) -> &'static str {
        match self {
            Self::Pain008 => "creditor",
            Self::Nacha => "originator",
        }
    }

    /// The days of pre-notification of a profile that names none.
    #[must_use]
    pub fn pre_notification_days(self) -> u32 {
        match self {
            // What debtors of SEPA have unless they agree to less.
            Self::Pain008 => 14,
            Self::Nacha => 0,
        }
    }
}

impl BankFormat {
    /// Which file it is.
    #[must_use]
    pub fn file(&self) -> BankFile {
        match self {
            Self::Pain008(_) => BankFile::Pain008,
            Self::Nacha(_) => BankFile::Nacha,
        }
    }
}

impl Default for LedgerAccounts {
    fn default() -> Self {
        Self {
            debtor: "DEBTORS".to_owned(),
            bank: "BANK".to_owned(),
            discount: "DISCOUNT".to_owned(),
            discount_tax: "DISCOUNT-TAX".to_owned(),
        }
    }
}
