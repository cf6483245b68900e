//! Exact arithmetic: a result that cannot be exact is no result. Division is
//! the exception: its result has up to 28 digits.

use super::tree::Arithmetic;
use rust_decimal::{Decimal, RoundingStrategy};

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    Overflow,
    DivisionByZero,
}

/// Computes with whole numbers. Division drops the fraction, as in CEL.
pub(super) fn integers(sign: Arithmetic, left: i64, right: i64) -> Result<i64, Failure> {
    match sign {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide | Arithmetic::Remainder if right == 0 => {
            return Err(Failure::DivisionByZero);
        }
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    }
    .ok_or(Failure::Overflow)
}

/// Computes with decimal numbers.
pub(super) fn decimals(
    sign: Arithmetic,
    left: Decimal,
    right: Decimal,
) -> Result<Decimal, Failure> {
    match sign {
        Arithmetic::Add => sum(left, right),
        Arithmetic::Subtract => sum(left, negated(right)),
        Arithmetic::Multiply => product(left, right),
        Arithmetic::Divide | Arithmetic::Remainder if right.is_zero() => {
            Err(Failure::DivisionByZero)
        }
        Arithmetic::Divide => left.checked_div(right).ok_or(Failure::Overflow),
        Arithmetic::Remainder => left.checked_rem(right).ok_or(Failure::Overflow),
    }
}

/// The library rounds a sum that has too many digits; fewer decimals than its
/// parts have give that away. Zeros at the end of the parts do not count.
fn sum(left: Decimal, right: Decimal) -> Result<Decimal, Failure> {
    if right.is_zero() {
        return Ok(left);
    }
    if left.is_zero() {
        return Ok(right);
    }
    exactly(left, right, Decimal::checked_add, u32::max)
}

fn product(left: Decimal, right: Decimal) -> Result<Decimal, Failure> {
    if left.is_zero() || right.is_zero() {
        return Ok(Decimal::ZERO);
    }
    exactly(left, right, Decimal::checked_mul, |left, right| left + right)
}

fn exactly(
    left: Decimal,
    right: Decimal,
    compute: fn(Decimal, Decimal) -> Option<Decimal>,
    exact_scale: fn(u32, u32) -> u32,
) -> Result<Decimal, Failure> {
    let attempt = |left: Decimal, right: Decimal| {
        compute(left, right).filter(|it| it.scale() == exact_scale(left.scale(), right.scale()))
    };
    attempt(left, right)
        .or_else(|| attempt(left.normalize(), right.normalize()))
        .ok_or(Failure::Overflow)
}

/// The number with the other sign. Zero has none: the library would show `-0`.
pub(super) fn negated(number: Decimal) -> Decimal {
    if number.is_zero() { number } else { -number }
}

/// Rounds half up, away from zero, as amounts are rounded.
pub(super) fn round(number: Decimal, digits: u32) -> Decimal {
    number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// The whole number that a decimal one is.
pub(super) fn whole(number: Decimal) -> Option<i64> {
    let number = number.normalize();
    if number.scale() == 0 { i64::try_from(number.mantissa()).ok() } else { None }
}

/// Reads digits with a sign and a decimal point, or without.
pub(super) fn parse(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(whole) && is_digits(fraction) { Decimal::from_str_exact(text).ok() } else { None }
}
