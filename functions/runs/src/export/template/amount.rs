//! Amounts in templates: exact, with the decimals of their currency.

use arrears_domain::{Currency, Money};
use minijinja::value::{DynObject, Object, ObjectRepr, Value};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// More decimals than any currency has, and few enough for exact comparison.
const DECIMALS_MAX: u32 = 9;

/// An exact number of so many decimals; an amount of money has a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    /// The number without its point.
    pub units: i64,
    /// How many digits stand behind the point.
    pub decimals: u32,
    /// None for a number that is no money, and for the sum of no amounts.
    pub currency: Option<Currency>,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        let currency = money.currency();
        Self { units: money.minor_units(), decimals: currency.exponent(), currency: Some(currency) }
    }
}

impl Amount {
    /// The sum of no amounts.
    pub const NOTHING: Self = Self { units: 0, decimals: 2, currency: None };

    /// A whole number.
    pub fn whole(units: i64) -> Self {
        Self { units, decimals: 0, currency: None }
    }

    /// Reads `152.30`; no exponents, no separators.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let decimals = u32::try_from(fraction.len()).ok().filter(|many| *many <= DECIMALS_MAX)?;
        if whole.is_empty() {
            return None;
        }
        let mut units = 0_i64;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
            units = units.checked_mul(10)?.checked_sub(digit)?;
        }
        // Counted downwards: the lowest i64 has no positive counterpart.
        let units = if negative { units } else { units.checked_neg()? };
        Some(Self { units, decimals, currency: None })
    }

    /// The number that a value is, if it is one.
    pub fn of(value: &Value) -> Option<Self> {
        if let Some(amount) = value.downcast_object_ref::<Self>() {
            return Some(*amount);
        }
        match value.as_str() {
            Some(text) => Self::parse(text),
            None if value.is_integer() => i64::try_from(value.clone()).ok().map(Self::whole),
            None => None,
        }
    }

    /// Which of the two is more, whatever their currencies.
    pub fn compare(self, other: Self) -> Ordering {
        let level = |number: Self, decimals: u32| {
            i128::from(number.units) * 10_i128.pow(decimals.min(DECIMALS_MAX))
        };
        level(self, other.decimals).cmp(&level(other, self.decimals))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs();
        if self.decimals == 0 {
            return write!(f, "{sign}{digits}");
        }
        let one = 10_u64.pow(self.decimals.min(DECIMALS_MAX));
        let width = self.decimals as usize;
        write!(f, "{sign}{}.{:0width$}", digits / one, digits % one)
    }
}

impl Object for Amount {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.units != 0
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some(self.compare(*other).then_with(|| self.currency.cmp(&other.currency)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
