//! Exact money: decimals as clerks write them, and whole minor units.
//!
//! No float is anywhere on the way of an amount.

use std::fmt;

use crate::Money;

/// The most digits before the decimal point: a trillion less one, in any
/// currency, still fits an `i64` of minor units with room for a percentage.
pub const WHOLE_DIGITS_MAX: usize = 12;

/// The most digits after the decimal point, in an amount or a percentage.
pub const DECIMALS_MAX: usize = 6;

/// Why a decimal was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// It is not digits, or digits, a point and digits.
    Form,
    /// It has more digits than [`WHOLE_DIGITS_MAX`] and [`DECIMALS_MAX`] allow.
    TooLong,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => out.write_str("is not a decimal number such as \"12.50\""),
            Self::TooLong => write!(
                out,
                "has too many digits: at most {WHOLE_DIGITS_MAX} before the point and \
                 {DECIMALS_MAX} after it"
            ),
        }
    }
}

impl std::error::Error for DecimalError {}

/// An amount has more decimals than its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyDecimals {
    /// Decimals of the amount.
    pub decimals: u32,
    /// Decimals of the currency.
    pub exponent: u32,
}

/// A decimal number that is not negative: `digits / 10^decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: u64,
    decimals: u32,
}

impl Decimal {
    /// Reads "12", "12.5" or "12.50". Signs, exponents, blanks and thousands
    /// separators are refused.
    ///
    /// # Errors
    /// See [`DecimalError`].
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Form),
            Some(parts) => parts,
            None => (text, ""),
        };
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return Err(DecimalError::Form);
        }
        if whole.len() > WHOLE_DIGITS_MAX || fraction.len() > DECIMALS_MAX {
            return Err(DecimalError::TooLong);
        }
        let digits = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'));
        Ok(Self { digits, decimals: fraction.len() as u32 })
    }

    /// Whether the number is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Whether `self <= other`, whatever their decimals: 2.50 <= 2.5.
    #[must_use]
    pub fn at_most(self, other: Self) -> bool {
        let scaled = |number: Self| {
            u128::from(number.digits) * 10_u128.pow(DECIMALS_MAX as u32 - number.decimals)
        };
        scaled(self) <= scaled(other)
    }

    /// The number as an amount of a currency: "12.5" is 1,250 cents of a USD.
    ///
    /// # Errors
    /// [`TooManyDecimals`] if the currency has fewer decimals than were
    /// written, even if they are zeros: "15.00" is no way to write yen.
    pub fn to_minor_units(self, currency: &str) -> Result<i64, TooManyDecimals> {
        let exponent = exponent(currency);
        if self.decimals > exponent {
            return Err(TooManyDecimals { decimals: self.decimals, exponent });
        }
        // Fewer than 10^(WHOLE_DIGITS_MAX + 4) minor units: it always fits.
        Ok((self.digits * 10_u64.pow(exponent - self.decimals)) as i64)
    }

    /// This many percent of an amount in minor units. Half a minor unit rounds
    /// away from zero, so that a credit rounds as a debit does.
    ///
    /// Returns `None` if the result is beyond an `i64`.
    #[must_use]
    pub fn percent_of(self, minor_units: i64) -> Option<i64> {
        let divisor = 100 * 10_i128.pow(self.decimals);
        let product = i128::from(minor_units) * i128::from(self.digits);
        let half = if product < 0 { -divisor / 2 } else { divisor / 2 };
        i64::try_from((product + half) / divisor).ok()
    }
}

/// How many decimals a currency has, by ISO 4217. A code that is not in the
/// list has two, as most have.
#[must_use]
pub const fn exponent(currency: &str) -> u32 {
    match currency.as_bytes() {
        b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
        | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
        b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
        b"CLF" | b"UYW" => 4,
        _ => 2,
    }
}

/// Writes an amount with all decimals of its currency: "152.30", "-0.05".
#[must_use]
pub fn amount_text(money: &Money) -> String {
    let exponent = exponent(&money.currency);
    let sign = if money.minor_units < 0 { "-" } else { "" };
    let magnitude = money.minor_units.unsigned_abs();
    if exponent == 0 {
        return format!("{sign}{magnitude}");
    }
    let unit = 10_u64.pow(exponent);
    let width = exponent as usize;
    format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
}
