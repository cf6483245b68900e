//! The numbers by which banks know accounts, banks and creditors.
//!
//! Each is checked when it is read, as far as it can be without asking a bank:
//! a number with a slip of the pen fails here and not weeks later, as a return
//! that costs a fee. What is kept is the electronic form: capital letters and
//! digits, no spaces.

mod bic;
mod check;
mod country;
mod creditor_id;
mod iban;
mod routing_number;
#[cfg(test)]
mod tests;

pub use bic::Bic;
pub use country::is_country;
pub use creditor_id::CreditorId;
pub use iban::Iban;
pub use routing_number::RoutingNumber;

use std::fmt;

/// Up to so many characters of a bad number are repeated at either end: enough
/// to find it, too little to pay with.
const SHOWN_CHARACTERS: usize = 4;

/// What kind of number a text was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BankNumber {
    /// An account.
    Iban,
    /// A bank.
    Bic,
    /// A creditor of SEPA direct debit.
    CreditorId,
    /// A bank in the United States.
    RoutingNumber,
}

/// Why a text is no such number. The texts name it by its ends only: errors are
/// kept longer, and read by more people, than account numbers should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BankNumberError {
    /// Nothing but spaces.
    #[error("the {0} is empty; write the number or leave the field out")]
    Empty(BankNumber),
    /// What files say when there is no number.
    #[error("the {0} NOTPROVIDED stands for none; leave the field out")]
    NotProvided(BankNumber),
    /// A character that no number of the kind has at that place.
    #[error("{kind} {shown}: character {place} is {character:?}; {}", .kind.shape())]
    Character {
        /// The kind.
        kind: BankNumber,
        /// The number, shortened.
        shown: String,
        /// Where, counted from 1 and without spaces.
        place: usize,
        /// The character.
        character: char,
    },
    /// Too short or too long.
    #[error("{kind} {shown} has {found} characters; {}", .kind.shape())]
    Length {
        /// The kind.
        kind: BankNumber,
        /// The number, shortened.
        shown: String,
        /// How many characters it has.
        found: usize,
    },
    /// The country is none, or has no numbers of the kind.
    #[error("{kind} {shown}: `{country}` is no country with such numbers; check its letters")]
    Country {
        /// The kind.
        kind: BankNumber,
        /// The number, shortened.
        shown: String,
        /// The two letters.
        country: String,
    },
    /// The country's numbers are longer, shorter or made otherwise.
    #[error(
        "{kind} {shown} is not made as numbers of {country} are; check its length, and that no \
         digit is missing"
    )]
    Structure {
        /// The kind.
        kind: BankNumber,
        /// The number, shortened.
        shown: String,
        /// The two letters.
        country: String,
    },
    /// The check digits say that another character is wrong.
    #[error("{kind} {shown}: the check digits do not fit; look for a mistyped or swapped digit")]
    CheckDigits {
        /// The kind.
        kind: BankNumber,
        /// The number, shortened.
        shown: String,
    },
}

impl BankNumber {
    /// How a number of the kind looks, as the end of an error's text.
    fn shape(self) -> &'static str {
        match self {
            Self::Iban => "an IBAN is a country, 2 check digits and at most 30 letters and digits",
            Self::Bic => "a BIC has 8 or 11 characters: bank, country, place and perhaps a branch",
            Self::CreditorId => {
                "a creditor identifier is a country, 2 check digits, 3 characters and at most 28 \
                 letters and digits"
            }
            Self::RoutingNumber => "a routing number has 9 digits",
        }
    }

    fn character(self, number: &str, place: usize, character: char) -> BankNumberError {
        let shown = shortened(number);
        BankNumberError::Character { kind: self, shown, place: place + 1, character }
    }

    fn length(self, number: &str) -> BankNumberError {
        let found = number.chars().count();
        BankNumberError::Length { kind: self, shown: shortened(number), found }
    }

    fn country(self, number: &str, country: &str) -> BankNumberError {
        let (shown, country) = (shortened(number), country.to_owned());
        BankNumberError::Country { kind: self, shown, country }
    }

    fn check_digits(self, number: &str) -> BankNumberError {
        BankNumberError::CheckDigits { kind: self, shown: shortened(number) }
    }

    /// The electronic form: without the spaces of the paper form and in capital
    /// letters.
    fn electronic(self, text: &str) -> Result<String, BankNumberError> {
        // People copy numbers out of documents, with spaces that do not break.
        let number: String = text
            .chars()
            .filter(|character| !matches!(character, ' ' | '\u{a0}'))
            .map(|character| character.to_ascii_uppercase())
            .collect();
        if number.is_empty() { Err(BankNumberError::Empty(self)) } else { Ok(number) }
    }

    /// Refuses the first character that does not fit its place.
    fn check_characters(
        self,
        number: &str,
        fits: impl Fn(usize, char) -> bool,
    ) -> Result<(), BankNumberError> {
        match number.chars().enumerate().find(|(place, character)| !fits(*place, *character)) {
            Some((place, character)) => Err(self.character(number, place, character)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for BankNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iban => "IBAN",
            Self::Bic => "BIC",
            Self::CreditorId => "creditor identifier",
            Self::RoutingNumber => "routing number",
        })
    }
}

/// The ends of a number: `DE89...3000`.
fn shortened(number: &str) -> String {
    // Nothing that a terminal would act on.
    let visible = |character: char| if character.is_control() { '?' } else { character };
    let characters: Vec<char> = number.chars().map(visible).collect();
    // Of a short number less of the end is shown, or nothing would be hidden.
    let end_count = characters.len().saturating_sub(2 * SHOWN_CHARACTERS).min(SHOWN_CHARACTERS);
    let start: String = characters.iter().take(SHOWN_CHARACTERS).collect();
    if characters.len() <= SHOWN_CHARACTERS {
        return start;
    }
    let end: String = characters[characters.len() - end_count..].iter().collect();
    format!("{start}...{end}")
}

/// A number that was checked: its text, and how it is read and shown.
macro_rules! bank_number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The electronic form: capital letters and digits, no spaces.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Its ends, as errors and reports show it.
            #[must_use]
            pub fn shortened(&self) -> String {
                crate::bank::shortened(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::bank::BankNumberError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
use bank_number;
