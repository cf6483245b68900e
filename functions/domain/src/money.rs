//! Money: whole minor units with a currency. No float, no rounding: an amount
//! that a currency cannot hold exactly is an error.

mod currency;

pub use currency::Currency;

use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::fmt;

/// The most characters of a bad amount that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 40;

/// Why an amount or a computation with amounts is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// No active currency of ISO 4217 has the code.
    #[error("`{0}` is no currency; write an ISO 4217 code in capital letters, such as USD")]
    UnknownCurrency(String),
    /// The text is not `digits` or `digits.digits`, with a sign before it or not.
    #[error("`{0}` is no amount; write digits with a decimal point, such as 152.30")]
    NotAnAmount(String),
    /// The currency has fewer decimals than the amount.
    #[error("{text} has {decimals} decimals; {currency} has {}", .currency.exponent())]
    TooManyDecimals {
        /// The amount as given.
        text: String,
        /// How many decimals it has.
        decimals: u32,
        /// The currency.
        currency: Currency,
    },
    /// The amount, or the result, is beyond 64 bits of minor units.
    #[error("{0} is too large; an amount has at most {max} minor units", max = i64::MAX)]
    Overflow(String),
    /// Amounts of two currencies cannot be added, subtracted or compared.
    #[error("an amount in {left} and one in {right} cannot be combined; convert one of them first")]
    CurrencyMismatch {
        /// The currency of the first amount.
        left: Currency,
        /// The currency of the second amount.
        right: Currency,
    },
}

/// An amount of money.
///
/// It has no `Ord`: amounts of two currencies have no order, see
/// [`Money::checked_cmp`].
///
/// ```
/// use arrears_domain::{Currency, Money};
/// let usd = Currency::parse("USD")?;
/// let balance = Money::parse("152.30", usd)?;
/// assert_eq!(balance.minor_units(), 15_230);
/// assert_eq!(balance.to_string(), "152.30");
/// assert_eq!(
///     Money::parse("152.305", usd).unwrap_err().to_string(),
///     "152.305 has 3 decimals; USD has 2",
/// );
/// # Ok::<(), arrears_domain::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor_units: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units: 15,230 of USD are 152.30.
    #[must_use]
    pub fn from_minor_units(minor_units: i64, currency: Currency) -> Self {
        Self { minor_units, currency }
    }

    /// Nothing, in the currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor_units: 0, currency }
    }

    /// Reads `152.30`: an optional sign, digits, and perhaps a point and at
    /// most as many digits as the currency has. No exponents, no separators of
    /// thousands, no spaces.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`], [`MoneyError::TooManyDecimals`] (zeros at
    /// the end count too: nothing is dropped silently), [`MoneyError::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let not_an_amount = || MoneyError::NotAnAmount(shown(text));
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(not_an_amount()),
            Some((whole, fraction)) => (whole, fraction),
            None => (unsigned, ""),
        };
        let digits = || whole.bytes().chain(fraction.bytes());
        if whole.is_empty() || !digits().all(|byte| byte.is_ascii_digit()) {
            return Err(not_an_amount());
        }
        let overflow = || MoneyError::Overflow(shown(text));
        let decimals = u32::try_from(fraction.len()).map_err(|_| overflow())?;
        let missing = currency
            .exponent()
            .checked_sub(decimals)
            .ok_or_else(|| MoneyError::TooManyDecimals { text: shown(text), decimals, currency })?;
        // Counted downwards for a negative amount: the lowest i64 has no
        // positive counterpart.
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let zeros = std::iter::repeat_n(b'0', missing as usize);
        let mut minor_units = 0_i64;
        for digit in digits().chain(zeros) {
            minor_units = minor_units
                .checked_mul(10)
                .and_then(|units| units.checked_add(sign * i64::from(digit - b'0')))
                .ok_or_else(overflow)?;
        }
        Ok(Self { minor_units, currency })
    }

    /// The amount that a computed number is, exactly: `5.000` is 5.00 USD,
    /// `5.001` is none. Round first if rounding is meant.
    ///
    /// # Errors
    /// [`MoneyError::TooManyDecimals`], [`MoneyError::Overflow`].
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let exact = amount.normalize();
        let missing = currency.exponent().checked_sub(exact.scale()).ok_or_else(|| {
            MoneyError::TooManyDecimals {
                text: amount.to_string(),
                decimals: exact.scale(),
                currency,
            }
        })?;
        10_i128
            .checked_pow(missing)
            .and_then(|factor| exact.mantissa().checked_mul(factor))
            .and_then(|units| i64::try_from(units).ok())
            .map(|minor_units| Self { minor_units, currency })
            .ok_or_else(|| MoneyError::Overflow(amount.to_string()))
    }

    /// The amount in minor units.
    #[must_use]
    pub fn minor_units(self) -> i64 {
        self.minor_units
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount as a number with the decimals of its currency.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor_units, self.currency.exponent())
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, "+", i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, "-", i64::checked_sub)
    }

    /// Which of the two is more.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn checked_cmp(self, other: Self) -> Result<Ordering, MoneyError> {
        self.same_currency(other)?;
        Ok(self.minor_units.cmp(&other.minor_units))
    }

    /// Shows the amount with its currency, `152.30 USD`; `Display` shows the
    /// amount alone.
    #[must_use]
    pub fn with_currency(self) -> impl fmt::Display {
        WithCurrency(self)
    }

    fn combine(
        self,
        other: Self,
        operator: &str,
        compute: fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        compute(self.minor_units, other.minor_units)
            .map(|minor_units| Self { minor_units, ..self })
            .ok_or_else(|| MoneyError::Overflow(format!("{self} {operator} {other}")))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_decimal().to_string())
    }
}

struct WithCurrency(Money);

impl fmt::Display for WithCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.0, self.0.currency))
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::random::Random;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        let cases = [
            ("USD", "152.30", Ok(15_230)),
            ("USD", "152.3", Ok(15_230)),
            ("USD", "152", Ok(15_200)),
            ("USD", "-0.05", Ok(-5)),
            ("USD", "+1.00", Ok(100)),
            ("USD", "007.00", Ok(700)),
            ("JPY", "152", Ok(152)),
            ("KWD", "1.234", Ok(1_234)),
            ("USD", "92233720368547758.07", Ok(i64::MAX)),
            ("USD", "-92233720368547758.08", Ok(i64::MIN)),
            ("USD", "92233720368547758.08", Err("92233720368547758.08 is too large")),
            ("USD", "152.305", Err("152.305 has 3 decimals; USD has 2")),
            ("USD", "152.300", Err("152.300 has 3 decimals; USD has 2")),
            ("JPY", "1.0", Err("1.0 has 1 decimals; JPY has 0")),
            ("USD", "", Err("`` is no amount")),
            ("USD", "-", Err("`-` is no amount")),
            ("USD", ".50", Err("`.50` is no amount")),
            ("USD", "5.", Err("`5.` is no amount")),
            ("USD", "1,000.00", Err("`1,000.00` is no amount")),
            ("USD", "1e3", Err("`1e3` is no amount")),
            ("USD", " 1", Err("` 1` is no amount")),
            ("USD", "--1", Err("`--1` is no amount")),
            ("USD", "NaN", Err("`NaN` is no amount")),
            ("USD", "١", Err("`١` is no amount")),
            ("USD", "1.2.3", Err("`1.2.3` is no amount")),
        ];
        for (code, text, expected) in cases {
            match (Money::parse(text, currency(code)), expected) {
                (Ok(money), Ok(units)) => assert_eq!(money.minor_units(), units, "{text}"),
                (Err(error), Err(start)) => {
                    assert!(error.to_string().starts_with(start), "{text}: {error}");
                }
                (result, _) => panic!("{text}: {result:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn text_and_decimal_lead_back_to_the_amount() {
        let mut random = Random::new(1);
        for _ in 0..2_000 {
            let currency = currency(["USD", "JPY", "KWD"][random.below(3)]);
            let money = Money::from_minor_units(random.integer(), currency);
            assert_eq!(Money::parse(&money.to_string(), currency), Ok(money));
            assert_eq!(Money::from_decimal(money.to_decimal(), currency), Ok(money));
        }
    }

    #[test]
    fn decimals_are_taken_exactly_or_refused() {
        let usd = currency("USD");
        let decimal = |text: &str| Decimal::from_str_exact(text).unwrap();
        assert_eq!(Money::from_decimal(decimal("5.000"), usd).map(Money::minor_units), Ok(500));
        assert_eq!(
            Money::from_decimal(decimal("5.001"), usd).unwrap_err().to_string(),
            "5.001 has 3 decimals; USD has 2"
        );
        assert!(matches!(Money::from_decimal(Decimal::MAX, usd), Err(MoneyError::Overflow(_))));
    }

    #[test]
    fn only_one_currency_at_a_time() {
        let (usd, eur) = (currency("USD"), currency("EUR"));
        let (one, two) = (Money::from_minor_units(1, usd), Money::from_minor_units(2, usd));
        assert_eq!(one.checked_add(two).map(Money::minor_units), Ok(3));
        assert_eq!(one.checked_sub(two).map(Money::minor_units), Ok(-1));
        assert_eq!(one.checked_cmp(two), Ok(Ordering::Less));
        let mismatch = MoneyError::CurrencyMismatch { left: usd, right: eur };
        assert_eq!(one.checked_add(Money::zero(eur)), Err(mismatch.clone()));
        assert_eq!(one.checked_cmp(Money::zero(eur)), Err(mismatch));
        let most = Money::from_minor_units(i64::MAX, usd);
        assert!(matches!(most.checked_add(one), Err(MoneyError::Overflow(_))));
        assert_eq!(one.with_currency().to_string(), "0.01 USD");
        assert_eq!(format!("{:>8}|", Money::from_minor_units(-5, usd)), "   -0.05|");
    }
}
