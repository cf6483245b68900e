//! IBAN: an account, by country and the number that it has there.

use super::{BankNumber, BankNumberError, bank_number, shortened};
use ::iban::{IbanLike, ParseBaseIbanError, ParseIbanError};

bank_number! {
    /// An account number of ISO 13616, `DE89370400440532013000`.
    ///
    /// ```
    /// use arrears_domain::bank::Iban;
    /// let iban = Iban::parse("de89 3704 0044 0532 0130 00")?;
    /// assert_eq!(iban.as_str(), "DE89370400440532013000");
    /// assert_eq!(
    ///     Iban::parse("DE88370400440532013000").unwrap_err().to_string(),
    ///     "IBAN DE88...3000: the check digits do not fit; look for a mistyped or swapped digit",
    /// );
    /// # Ok::<(), arrears_domain::bank::BankNumberError>(())
    /// ```
    Iban
}

const CHARACTERS_MIN: usize = 5;
const CHARACTERS_MAX: usize = 34;

impl Iban {
    /// Checks the characters, the check digits, and that the country's account
    /// numbers are made like this one.
    ///
    /// # Errors
    /// What is wrong with it, see [`BankNumberError`].
    pub fn parse(text: &str) -> Result<Self, BankNumberError> {
        let kind = BankNumber::Iban;
        let number = kind.electronic(text)?;
        kind.check_characters(&number, |place, character| match place {
            0 | 1 => character.is_ascii_uppercase(),
            2 | 3 => character.is_ascii_digit(),
            _ => character.is_ascii_alphanumeric(),
        })?;
        if !(CHARACTERS_MIN..=CHARACTERS_MAX).contains(&number.len()) {
            return Err(kind.length(&number));
        }
        number.parse::<::iban::Iban>().map_err(|error| match error {
            ParseIbanError::InvalidBaseIban { source: ParseBaseIbanError::InvalidFormat } => {
                kind.length(&number)
            }
            ParseIbanError::InvalidBaseIban { source: ParseBaseIbanError::InvalidChecksum } => {
                kind.check_digits(&number)
            }
            ParseIbanError::UnknownCountry(iban) => kind.country(&number, iban.country_code()),
            ParseIbanError::InvalidBban(iban) => BankNumberError::Structure {
                kind,
                shown: shortened(&number),
                country: iban.country_code().to_owned(),
            },
        })?;
        Ok(Self(number.into()))
    }

    /// The two letters of the country.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.0[..2]
    }
}
