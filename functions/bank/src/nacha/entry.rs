//! One debit or prenote: what it says, and whether a record can say it.

use super::header::first_eight;
use super::record::Record;
use super::text::{fits, printable, says_something, shown};
use arrears_domain::Money;
use arrears_domain::bank::RoutingNumber;
use arrears_domain::mandate::BankAccountType;
use std::borrow::Cow;

/// The most that one entry debits: ten digits.
pub const AMOUNT_MINOR_UNITS_MAX: i64 = 9_999_999_999;

/// The highest sequence of a trace: seven digits.
pub const TRACE_SEQUENCE_MAX: u32 = 9_999_999;

/// The characters of an account number.
const ACCOUNT_CHARACTERS: usize = 17;

/// ACH knows one currency.
const CURRENCY: &str = "USD";

/// What an entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Takes money.
    Debit,
    /// Asks whether the account is there: a debit of nothing, ahead of the first.
    Prenote,
}

/// A debit or a prenote.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The type of the account.
    pub account_type: BankAccountType,
    /// What is done to it.
    pub kind: EntryKind,
    /// The bank that holds the account.
    pub rdfi: &'a RoutingNumber,
    /// The number of the account: letters, digits and hyphens, at most 17. Spaces
    /// are how people group it; they are left out, as the rules want it. Hyphens
    /// belong to it for some banks; they are kept.
    pub account_number: &'a str,
    /// How much; nothing for a prenote.
    pub amount: Money,
    /// A number that tells the receiver what the debit is for, such as that of
    /// the account with the agency. It is made ASCII and cut to 15 characters:
    /// returns are matched by the trace and not by it. May be empty.
    pub individual_id: &'a str,
    /// Whose account it is. It is made ASCII and cut to 22 characters.
    pub name: &'a str,
    /// Codes that the company has agreed with its bank, two characters; mostly
    /// empty.
    pub discretionary: &'a str,
    /// The number of the entry, 1 to [`TRACE_SEQUENCE_MAX`], higher than that of
    /// the entry before it in the batch. Returns name it, so numbers that go on
    /// through a file and a day tell more.
    pub trace_sequence: u32,
}

/// Why a record cannot say what an entry says. The texts do not repeat account
/// numbers: errors are kept longer, and read by more people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryProblem {
    /// The amount is in another currency.
    #[error("{} is not in {CURRENCY}, which ACH moves alone; leave it out of the file", .0.with_currency())]
    Currency(Money),
    /// A debit of nothing or less.
    #[error("a debit of {0} takes nothing; leave it out of the file, or make it a prenote of 0.00")]
    NotPositive(Money),
    /// More than an amount has digits for.
    #[error("{0} is more than the 99999999.99 that one entry can debit; split it")]
    TooMuch(Money),
    /// A prenote with an amount.
    #[error("a prenote of {0} would take money; give it the amount 0.00")]
    PrenoteAmount(Money),
    /// There is no account number.
    #[error(
        "the account number is empty or has zeros only; correct it where the bank account is kept"
    )]
    NoAccountNumber,
    /// The account number has something that none has.
    #[error(
        "the account number has the character {0:?}; it has letters of ASCII, digits and hyphens: \
         correct it where the bank account is kept"
    )]
    AccountNumberCharacter(char),
    /// The account number is too long. Cut, it would be that of somebody else.
    #[error(
        "the account number has more than {ACCOUNT_CHARACTERS} characters; correct it where the \
         bank account is kept"
    )]
    AccountNumberTooLong,
    /// The name has nothing that ASCII can show.
    #[error("the name {0:?} has no letter or digit that ASCII can show; write it in Latin letters")]
    NoName(String),
    /// The codes do not fit.
    #[error("the discretionary data is {0:?}; write at most two printable characters of ASCII")]
    Discretionary(String),
    /// The sequence is nothing, or has too many digits.
    #[error("the trace sequence {0} is not one of 1 to {TRACE_SEQUENCE_MAX}; begin anew at 1")]
    TraceSequence(u32),
}

impl EntryProblem {
    /// A stable word for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Currency(_) => "NACHA_CURRENCY",
            Self::NotPositive(_) => "NACHA_NOT_POSITIVE",
            Self::TooMuch(_) => "NACHA_TOO_MUCH",
            Self::PrenoteAmount(_) => "NACHA_PRENOTE_AMOUNT",
            Self::NoAccountNumber => "NACHA_NO_ACCOUNT_NUMBER",
            Self::AccountNumberCharacter(_) => "NACHA_ACCOUNT_NUMBER_CHARACTER",
            Self::AccountNumberTooLong => "NACHA_ACCOUNT_NUMBER_TOO_LONG",
            Self::NoName(_) => "NACHA_NO_NAME",
            Self::Discretionary(_) => "NACHA_DISCRETIONARY",
            Self::TraceSequence(_) => "NACHA_TRACE_SEQUENCE",
        }
    }
}

/// Whether the entry can be written, as far as it alone can tell: a run asks
/// this before it promises a debit. [`NachaWriter::entry`](super::NachaWriter::entry)
/// asks it again.
///
/// # Errors
/// Why not.
pub fn check(entry: &Entry<'_>) -> Result<(), EntryProblem> {
    Checked::new(entry).map(drop)
}

/// An entry that was found right.
#[derive(Debug)]
pub(super) struct Checked<'a> {
    entry: &'a Entry<'a>,
    account: Account,
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    discretionary: &'a str,
    /// How much is debited.
    pub amount_minor_units: u64,
    /// What it adds to the hash: the bank without its check digit.
    pub hash: u64,
}

impl<'a> Checked<'a> {
    pub(super) fn new(entry: &'a Entry<'a>) -> Result<Self, EntryProblem> {
        let amount_minor_units = amount(entry.kind, entry.amount)?;
        let account = Account::new(entry.account_number)?;
        let name = printable(entry.name);
        if !says_something(&name) {
            return Err(EntryProblem::NoName(shown(entry.name)));
        }
        if !fits(entry.discretionary, 2) {
            return Err(EntryProblem::Discretionary(shown(entry.discretionary)));
        }
        if !(1..=TRACE_SEQUENCE_MAX).contains(&entry.trace_sequence) {
            return Err(EntryProblem::TraceSequence(entry.trace_sequence));
        }
        Ok(Self {
            entry,
            account,
            id: printable(entry.individual_id),
            name,
            discretionary: entry.discretionary,
            amount_minor_units,
            hash: first_eight(entry.rdfi),
        })
    }

    /// The record, with the bank of the batch in its trace.
    pub(super) fn record(&self, odfi: u64) -> Record {
        Record::new(b'6')
            .number(transaction_code(self.entry.account_type, self.entry.kind), 2)
            .text(self.entry.rdfi.as_str(), 9)
            .text(self.account.as_str(), ACCOUNT_CHARACTERS)
            .number(self.amount_minor_units, 10)
            .text(&self.id, 15)
            .text(&self.name, 22)
            .text(self.discretionary, 2)
            // No addenda follow.
            .number(0, 1)
            .number(odfi, 8)
            .number(self.entry.trace_sequence.into(), 7)
    }
}

/// The trace of an entry as returns name it: fifteen digits, the bank of the
/// batch without its check digit and the sequence.
#[must_use]
pub fn trace(odfi: &RoutingNumber, trace_sequence: u32) -> String {
    format!("{:08}{trace_sequence:07}", first_eight(odfi))
}

fn transaction_code(account_type: BankAccountType, kind: EntryKind) -> u64 {
    match (account_type, kind) {
        (BankAccountType::Checking, EntryKind::Debit) => 27,
        (BankAccountType::Checking, EntryKind::Prenote) => 28,
        (BankAccountType::Savings, EntryKind::Debit) => 37,
        (BankAccountType::Savings, EntryKind::Prenote) => 38,
    }
}

fn amount(kind: EntryKind, amount: Money) -> Result<u64, EntryProblem> {
    if amount.currency().code() != CURRENCY {
        return Err(EntryProblem::Currency(amount));
    }
    match (kind, amount.minor_units()) {
        (EntryKind::Prenote, 0) => Ok(0),
        (EntryKind::Prenote, _) => Err(EntryProblem::PrenoteAmount(amount)),
        (EntryKind::Debit, units @ 1..=AMOUNT_MINOR_UNITS_MAX) => Ok(units.unsigned_abs()),
        (EntryKind::Debit, units) if units > 0 => Err(EntryProblem::TooMuch(amount)),
        (EntryKind::Debit, _) => Err(EntryProblem::NotPositive(amount)),
    }
}

/// An account number without its spaces, in place: most entries of a long file
/// need no memory of their own.
#[derive(Debug)]
struct Account {
    bytes: [u8; ACCOUNT_CHARACTERS],
    len: usize,
}

impl Account {
    fn new(text: &str) -> Result<Self, EntryProblem> {
        let mut account = Self { bytes: [b' '; ACCOUNT_CHARACTERS], len: 0 };
        let mut says_something = false;
        for character in text.chars().filter(|character| *character != ' ') {
            if !(character.is_ascii_alphanumeric() || character == '-') {
                return Err(EntryProblem::AccountNumberCharacter(character));
            }
            let place = account.bytes.get_mut(account.len);
            *place.ok_or(EntryProblem::AccountNumberTooLong)? = character as u8;
            account.len += 1;
            says_something |= !matches!(character, '0' | '-');
        }
        if says_something { Ok(account) } else { Err(EntryProblem::NoAccountNumber) }
    }

    fn as_str(&self) -> &str {
        // ASCII only, so this cannot fail.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}
