//! The routing number of a bank in the United States.

use super::{BankNumber, BankNumberError, bank_number};

bank_number! {
    /// An ABA routing number, `231380104`.
    RoutingNumber
}

const DIGITS: usize = 9;

/// The weights of the digits; the weighted sum is a multiple of 10.
const WEIGHTS: [u32; DIGITS] = [3, 7, 1, 3, 7, 1, 3, 7, 1];

impl RoutingNumber {
    /// Checks that it has nine digits, of which the last fits the others. All
    /// zeros fit each other and are no bank.
    ///
    /// # Errors
    /// What is wrong with it, see [`BankNumberError`].
    pub fn parse(text: &str) -> Result<Self, BankNumberError> {
        let kind = BankNumber::RoutingNumber;
        let number = kind.electronic(text)?;
        kind.check_characters(&number, |_, character| character.is_ascii_digit())?;
        if number.len() != DIGITS {
            return Err(kind.length(&number));
        }
        let digits = number.bytes().map(|digit| u32::from(digit - b'0'));
        let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        if sum == 0 || !sum.is_multiple_of(10) {
            return Err(kind.check_digits(&number));
        }
        Ok(Self(number.into()))
    }
}
