//! Identifiers: one type for each kind, so that an account can never be passed
//! where a delinquency is meant.

use std::fmt;

/// The most bytes an identifier may have. Identifiers become parts of table
/// keys (at most 1,024 bytes) and of object keys, several in one.
pub const IDENTIFIER_BYTES_MAX: usize = 64;

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// The text is empty.
    #[error("an identifier must not be empty")]
    Empty,
    /// The text is longer than [`IDENTIFIER_BYTES_MAX`].
    #[error("`{0}...` is longer than {IDENTIFIER_BYTES_MAX} bytes; shorten the identifier")]
    TooLong(String),
    /// The text has a character that keys do not allow.
    #[error(
        "`{text}` has the character {character:?}; an identifier has letters, digits and `-_.:@+`"
    )]
    Character {
        /// The text as given.
        text: String,
        /// The first character that is not allowed.
        character: char,
    },
}

/// What all identifiers have in common.
pub trait Identifier: Sized {
    /// Checks the text and wraps it.
    ///
    /// # Errors
    /// See [`IdentifierError`].
    fn parse(text: &str) -> Result<Self, IdentifierError>;
    /// The text.
    fn as_str(&self) -> &str;
}

fn check(text: &str) -> Result<(), IdentifierError> {
    if text.is_empty() {
        return Err(IdentifierError::Empty);
    }
    if text.len() > IDENTIFIER_BYTES_MAX {
        return Err(IdentifierError::TooLong(text.chars().take(16).collect()));
    }
    // `#` and `/` separate the parts of keys; spaces and controls would make
    // keys that look alike.
    match text.chars().find(|c| !(c.is_alphanumeric() || "-_.:@+".contains(*c))) {
        Some(character) => Err(IdentifierError::Character { text: text.to_owned(), character }),
        None if text.chars().all(|c| c == '.') => {
            Err(IdentifierError::Character { text: text.to_owned(), character: '.' })
        }
        None => Ok(()),
    }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl Identifier for $name {
            fn parse(text: &str) -> Result<Self, IdentifierError> {
                check(text).map(|()| Self(text.into()))
            }
            fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdentifierError;
            fn from_str(text: &str) -> Result<Self, IdentifierError> {
                Self::parse(text)
            }
        }
    )*};
}

identifiers! {
    /// The agency that collects; the first part of every key.
    AgencyId;
    /// An account, `A-1001`.
    AccountId;
    /// A contact, `C-1`.
    ContactId;
    /// A delinquency record, `D-1`.
    DelinquencyId;
    /// A line item of an account: a bill, a charge, a payment.
    LineItemId;
    /// A mandate for direct debit, `M-1`; unique for its account.
    MandateId;
    /// An event, `PAY-77`; unique for its account.
    EventId;
    /// Code of a scheme, `RES`.
    SchemeCode;
    /// Code of a milestone, `REMIND`; unique in its scheme.
    MilestoneCode;
    /// Key of a run, `collections-000007`.
    RunKey;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_safe_to_join() {
        for bad in ["", "a#b", "a/b", "a b", "a\nb", "..", &"x".repeat(65)] {
            assert!(AccountId::parse(bad).is_err(), "{bad:?} must be refused");
        }
        for good in ["A-1001", "7", "Größe", "a.b:c@d+e_f", &"x".repeat(64)] {
            assert_eq!(AccountId::parse(good).unwrap().as_str(), good);
        }
    }
}
