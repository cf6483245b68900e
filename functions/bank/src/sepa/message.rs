//! What a file of direct debits is made of.

use arrears_domain::bank::{Bic, CreditorId, Iban};
use arrears_domain::{Date, MandateSequence, Money};

/// The file as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its id, unique for the creditor: the bank refuses one that it has seen.
    pub id: &'a str,
    /// When it was made, `2026-02-02T08:00:00`, with or without an offset.
    pub created_at: &'a str,
    /// Who sends it.
    pub initiating_party: &'a str,
    /// How many debits it has.
    pub transactions: u64,
    /// The sum of their amounts.
    pub control_sum_minor_units: i64,
}

/// Who collects.
#[derive(Debug, Clone, Copy)]
pub struct Creditor<'a> {
    /// The name.
    pub name: &'a str,
    /// The account to which the money goes.
    pub iban: &'a Iban,
    /// Its bank.
    pub bic: Option<&'a Bic>,
    /// The identifier under which mandates were given.
    pub id: &'a CreditorId,
    /// The address.
    pub address: Option<Address<'a>>,
}

/// An address, as far as SEPA asks for it: structured, or not at all.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    /// The town.
    pub town: &'a str,
    /// The two letters of the country.
    pub country: &'a str,
}

/// The scheme of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// For everybody; a debtor can claim the money back for eight weeks.
    Core,
    /// For businesses, which cannot.
    B2b,
}

/// Debits that are collected on one date, in one scheme and in one sequence.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Its id, unique in the file.
    pub id: &'a str,
    /// When the money is to come.
    pub collection_date: Date,
    /// Where the mandates stand.
    pub sequence: MandateSequence,
    /// The scheme of the mandates.
    pub scheme: Scheme,
    /// How many debits it has.
    pub transactions: u64,
    /// The sum of their amounts.
    pub control_sum_minor_units: i64,
}

/// One debit.
#[derive(Debug, Clone, Copy)]
pub struct Debit<'a> {
    /// By this id the bank names the debit when it comes back.
    pub end_to_end_id: &'a str,
    /// How much.
    pub amount: Money,
    /// The unique mandate reference.
    pub mandate_id: &'a str,
    /// When the mandate was signed.
    pub signed_on: Date,
    /// Who pays.
    pub debtor_name: &'a str,
    /// From which account.
    pub debtor_iban: &'a Iban,
    /// Its bank.
    pub debtor_bic: Option<&'a Bic>,
    /// The debtor's address.
    pub address: Option<Address<'a>>,
    /// What the debtor reads on the statement; it may be empty.
    pub remittance: &'a str,
}

/// What a file or a batch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Debits.
    pub transactions: u64,
    /// The sum of their amounts.
    pub control_sum_minor_units: i64,
    /// Batches.
    pub batches: u64,
}

impl Scheme {
    /// The code of the scheme.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "CORE",
            Self::B2b => "B2B",
        }
    }
}
