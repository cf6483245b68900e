//! BIC: a bank, and perhaps one of its branches.

use super::{BankNumber, BankNumberError, bank_number, is_country};

bank_number! {
    /// A business identifier code of ISO 9362, `COBADEFFXXX`.
    Bic
}

/// What files say when there is no BIC. It is made like one of Romania.
const NONE: &str = "NOTPROVIDED";

impl Bic {
    /// Checks the characters, the length and that the country is one. The
    /// standard of 2022 has digits among the first four characters too.
    ///
    /// # Errors
    /// What is wrong with it, see [`BankNumberError`].
    pub fn parse(text: &str) -> Result<Self, BankNumberError> {
        let kind = BankNumber::Bic;
        let number = kind.electronic(text)?;
        kind.check_characters(&number, |place, character| match place {
            4 | 5 => character.is_ascii_uppercase(),
            _ => character.is_ascii_alphanumeric(),
        })?;
        if !matches!(number.len(), 8 | 11) {
            return Err(kind.length(&number));
        }
        if number == NONE {
            return Err(BankNumberError::NotProvided(kind));
        }
        let country = &number[4..6];
        if !is_country(country) {
            return Err(kind.country(&number, country));
        }
        Ok(Self(number.into()))
    }

    /// The two letters of the country.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.0[4..6]
    }
}
