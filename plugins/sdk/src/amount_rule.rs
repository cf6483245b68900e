//! How an amount is found: fixed, or a percentage of the delinquent balance
//! with a least and a most.

use crate::money::{Decimal, TooManyDecimals, amount_text};
use crate::{Fault, Money, Subject, fault};

/// The most that the host takes in an effect, in the smallest unit of a currency.
const AMOUNT_MINOR_UNITS_MAX: i64 = 100_000_000;

/// An amount as a setup writes it: text, so that no float can touch it.
#[derive(Debug, Clone, Copy, Default)]
pub struct AmountConfig<'a> {
    /// A fixed amount: "15.00".
    pub amount: Option<&'a str>,
    /// A percentage of the balance: "1.5".
    pub percent: Option<&'a str>,
    /// The least that the percentage comes to: "5.00".
    pub minimum: Option<&'a str>,
    /// The most that the percentage comes to: "50.00".
    pub maximum: Option<&'a str>,
}

/// A checked [`AmountConfig`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountRule {
    /// The same for each subject.
    Fixed(Decimal),
    /// A part of the subject's balance.
    Percent {
        /// How many hundredths of the balance.
        percent: Decimal,
        /// The result is raised to this.
        minimum: Option<Decimal>,
        /// The result is lowered to this.
        maximum: Option<Decimal>,
    },
}

impl AmountRule {
    /// Checks what a setup says.
    ///
    /// # Errors
    /// `bad-amount` for a number that is none or is zero, `amount-or-percent`
    /// unless exactly one of the two is given, `limit-without-percent` for a
    /// minimum or maximum of a fixed amount, `minimum-above-maximum`.
    pub fn new(config: AmountConfig<'_>) -> Result<Self, Fault> {
        let minimum = optional(config.minimum, "/minimum")?;
        let maximum = optional(config.maximum, "/maximum")?;
        match (config.amount, config.percent) {
            (Some(amount), None) if minimum.is_none() && maximum.is_none() => {
                positive(amount, "/amount").map(Self::Fixed)
            }
            (Some(_), None) => Err(fault::config(
                "limit-without-percent",
                "/minimum and /maximum limit a percentage; leave them out, or give /percent \
                 instead of /amount",
            )),
            (None, Some(percent)) => {
                if let (Some(least), Some(most)) = (minimum, maximum)
                    && !least.at_most(most)
                {
                    return Err(fault::config(
                        "minimum-above-maximum",
                        "/minimum is more than /maximum; swap or correct them",
                    ));
                }
                Ok(Self::Percent { percent: positive(percent, "/percent")?, minimum, maximum })
            }
            (Some(_), Some(_)) | (None, None) => {
                Err(fault::config("amount-or-percent", "give either /amount or /percent"))
            }
        }
    }

    /// The amount for a subject, in its balance's currency. It is zero if the
    /// percentage of a small balance rounds to nothing, and if there is no
    /// balance to take a percentage of.
    ///
    /// # Errors
    /// `too-many-decimals` if the config is finer than the currency,
    /// `amount-too-large` if the result is beyond what an effect may put on an account.
    pub fn minor_units(&self, subject: &Subject) -> Result<i64, Fault> {
        let balance = &subject.balance;
        match self {
            Self::Fixed(amount) => fixed_minor_units(*amount, &balance.currency, "/amount"),
            Self::Percent { .. } if balance.minor_units <= 0 => Ok(0),
            Self::Percent { percent, minimum, maximum } => {
                let mut amount =
                    percent.percent_of(balance.minor_units).ok_or_else(|| too_large(subject))?;
                if let Some(minimum) = minimum {
                    amount =
                        amount.max(fixed_minor_units(*minimum, &balance.currency, "/minimum")?);
                }
                if let Some(maximum) = maximum {
                    amount =
                        amount.min(fixed_minor_units(*maximum, &balance.currency, "/maximum")?);
                }
                if amount > AMOUNT_MINOR_UNITS_MAX { Err(too_large(subject)) } else { Ok(amount) }
            }
        }
    }
}

/// Reads a positive decimal from a setup.
///
/// # Errors
/// Code `bad-amount`, with the pointer and what is wrong.
pub fn positive(text: &str, pointer: &str) -> Result<Decimal, Fault> {
    let refuse = |what: &str| fault::config("bad-amount", format!("{pointer}: {text:?} {what}"));
    let decimal = Decimal::parse(text).map_err(|error| refuse(&error.to_string()))?;
    if decimal.is_zero() {
        return Err(refuse("is nothing; it must be more than zero"));
    }
    Ok(decimal)
}

/// An amount of the setup in minor units of a subject's currency.
///
/// # Errors
/// Code `too-many-decimals`, with the pointer.
pub fn fixed_minor_units(amount: Decimal, currency: &str, pointer: &str) -> Result<i64, Fault> {
    amount.to_minor_units(currency).map_err(|error| too_many_decimals(error, currency, pointer))
}

fn optional(text: Option<&str>, pointer: &str) -> Result<Option<Decimal>, Fault> {
    text.map(|text| positive(text, pointer)).transpose()
}

#[cold]
fn too_many_decimals(error: TooManyDecimals, currency: &str, pointer: &str) -> Fault {
    fault::config(
        "too-many-decimals",
        format!(
            "{pointer}: it has {} decimals and {currency} has {}; write no more than the \
             account's currency has",
            error.decimals, error.exponent
        ),
    )
}

#[cold]
fn too_large(subject: &Subject) -> Fault {
    fault::data(
        "amount-too-large",
        format!(
            "account {}: the percentage of {} {} is more than an effect may put on an account; give a /maximum, or correct the balance",
            subject.account,
            amount_text(&subject.balance),
            subject.balance.currency
        ),
    )
}

/// An amount in the currency of a subject's balance.
#[must_use]
pub fn in_currency_of(subject: &Subject, minor_units: i64) -> Money {
    Money { minor_units, currency: subject.balance.currency.clone() }
}
