//! The identifier under which a creditor collects in SEPA.

use super::{BankNumber, BankNumberError, bank_number, check, is_country};

bank_number! {
    /// A SEPA creditor identifier, `DE98ZZZ09999999999`.
    CreditorId
}

/// Country, check digits, business code and one character.
const CHARACTERS_MIN: usize = 8;
const CHARACTERS_MAX: usize = 35;

/// Where the number begins that the creditor has in its country. The business
/// code before it is the creditor's own to choose, and not checked.
const NATIONAL_FROM: usize = 7;

impl CreditorId {
    /// Checks the characters, the country and the check digits, which leave the
    /// business code (characters 5 to 7) out.
    ///
    /// # Errors
    /// What is wrong with it, see [`BankNumberError`].
    pub fn parse(text: &str) -> Result<Self, BankNumberError> {
        let kind = BankNumber::CreditorId;
        let number = kind.electronic(text)?;
        kind.check_characters(&number, |place, character| match place {
            0 | 1 => character.is_ascii_uppercase(),
            2 | 3 => character.is_ascii_digit(),
            _ => character.is_ascii_alphanumeric(),
        })?;
        if !(CHARACTERS_MIN..=CHARACTERS_MAX).contains(&number.len()) {
            return Err(kind.length(&number));
        }
        let (country, digits) = (&number[..2], &number[2..4]);
        if !is_country(country) {
            return Err(kind.country(&number, country));
        }
        let checked = number[NATIONAL_FROM..].chars().chain(number[..4].chars());
        // Made as 98 minus a remainder, check digits are 02 to 98. The others
        // would pass for those that they are equal to mod 97.
        if !("02"..="98").contains(&digits) || !check::has_right_digits(checked) {
            return Err(kind.check_digits(&number));
        }
        Ok(Self(number.into()))
    }

    /// The two letters of the country.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.0[..2]
    }
}
