//! Settlement discounts, and the tax in them.

use crate::{Money, MoneyError};
use rust_decimal::{Decimal, RoundingStrategy};

/// A settlement discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discount {
    /// The discount, tax included.
    pub amount: Money,
    /// The tax in it.
    pub tax: Money,
}

/// The discount on an amount: `round(amount * percent / 100)`, and the tax in it,
/// `round(discount * tax / (100 + tax))`, half up, in minor units.
///
/// ```
/// use arrears_domain::payment::discount;
/// use arrears_domain::{Currency, Money};
/// let eur = Currency::parse("EUR").unwrap();
/// let found = discount(Money::parse("1200.00", eur)?, 5.into(), 20.into())?;
/// assert_eq!((found.amount.to_string(), found.tax.to_string()), ("60.00".into(), "10.00".into()));
/// # Ok::<(), arrears_domain::MoneyError>(())
/// ```
///
/// # Errors
/// The amount is too large to compute with.
pub fn discount(
    amount: Money,
    percent: Decimal,
    tax_percent: Decimal,
) -> Result<Discount, MoneyError> {
    let hundred = Decimal::ONE_HUNDRED;
    let gross = Decimal::from(amount.minor_units());
    let discount = of(gross, percent, hundred, amount)?;
    let tax = of(discount, tax_percent, hundred.saturating_add(tax_percent), amount)?;
    let units = |number: Decimal| {
        let units = i64::try_from(number).map_err(|_| too_large(amount))?;
        Ok(Money::from_minor_units(units, amount.currency()))
    };
    Ok(Discount { amount: units(discount)?, tax: units(tax)? })
}

fn of(
    number: Decimal,
    percent: Decimal,
    whole: Decimal,
    amount: Money,
) -> Result<Decimal, MoneyError> {
    let product = number.checked_mul(percent).and_then(|it| it.checked_div(whole));
    let product = product.ok_or_else(|| too_large(amount))?;
    Ok(product.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
}

fn too_large(amount: Money) -> MoneyError {
    MoneyError::Overflow(format!("the discount on {amount}"))
}
