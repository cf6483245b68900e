//! Single values: texts, codes, numbers, amounts, dates.
//!
//! Each returns nothing if the value is absent or wrong; what is wrong has then
//! been reported.

use super::limits::{self, Bounds};
use super::mistake::{Mistake, code};
use super::tree::Node;
use crate::nearest::did_you_mean;
use crate::{Date, Identifier};
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::DeValue;

impl<'a> Node<'a> {
    /// A text.
    pub(super) fn text(self) -> Option<&'a str> {
        match self.value?.get_ref() {
            DeValue::String(text) => Some(text),
            _ => {
                self.wrong_type("text");
                None
            }
        }
    }

    /// A text for people, which must not be empty.
    pub(super) fn name(self) -> Option<String> {
        let text = self.text()?;
        if text.trim().is_empty() {
            self.wrong(code::EMPTY_TEXT, format!("`{}` is empty", self.name), "give it a text");
            return None;
        }
        Some(text.to_owned())
    }

    /// A code of some type of its own.
    pub(super) fn identifier<T: Identifier>(self) -> Option<T> {
        let text = self.text()?;
        T::parse(text)
            .map_err(|error| {
                let message = format!("`{}` is not a code: {error}", self.name);
                self.reading.report(Mistake::error(code::BAD_CODE, self.span(), message));
            })
            .ok()
    }

    /// A code that has no type of its own. It has the shape of all identifiers.
    pub(super) fn code(self) -> Option<String> {
        self.identifier::<crate::SchemeCode>().map(|code| code.as_str().to_owned())
    }

    /// One of some words.
    pub(super) fn word<T>(self, words: &[(&'static str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let message = format!("`{}` cannot be `{text}`", self.name);
            self.reading.report(
                Mistake::error(code::UNKNOWN_WORD, self.span(), message)
                    .maybe_hint(did_you_mean(text, words.iter().map(|(word, _)| *word))),
            );
        }
        found
    }

    /// True or false.
    pub(super) fn flag(self) -> Option<bool> {
        match self.value?.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.wrong_type("`true` or `false`");
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn whole(self, bounds: &Bounds) -> Option<u32> {
        let DeValue::Integer(digits) = self.value?.get_ref() else {
            self.wrong_type("a whole number");
            return None;
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (bounds.least..=bounds.most).contains(number));
        if number.is_none() {
            let Bounds { least, most, reason } = bounds;
            let message = format!("`{}` is {digits}; it must be from {least} to {most}", self.name);
            self.wrong(code::OUT_OF_RANGE, message, reason);
        }
        number
    }

    /// An amount that is not yet in a currency: decimal text, not negative.
    pub(super) fn amount(self) -> Option<Decimal> {
        match self.value?.get_ref() {
            DeValue::String(text) => {
                let amount = exact_amount(text);
                if amount.is_none() {
                    let message = format!("`{}` is \"{text}\", which is no amount", self.name);
                    let hint = "write digits with at most four decimals after a point, \"25.00\"";
                    self.wrong(code::BAD_AMOUNT, message, hint);
                }
                amount
            }
            DeValue::Float(_) | DeValue::Integer(_) => {
                self.bare_number();
                None
            }
            _ => {
                self.wrong_type("an amount in quotes");
                None
            }
        }
    }

    /// Reports a number where an amount or a rate is meant: floats are not exact,
    /// and a whole number does not say whether it counts cents.
    pub(super) fn bare_number(self) {
        let digits = match self.value.map(Spanned::get_ref) {
            Some(DeValue::Float(float)) => float.as_str(),
            Some(DeValue::Integer(integer)) => integer.as_str(),
            _ => return,
        };
        self.wrong(
            code::FLOAT_AMOUNT,
            format!("`{}` is the bare number {digits}, which is not exact", self.name),
            &format!("write amounts and rates in quotes: \"{digits}\""),
        );
    }

    /// A date, in quotes or as TOML's own.
    pub(super) fn date(self) -> Option<Date> {
        let parts = match self.value?.get_ref() {
            DeValue::String(text) => date_parts(text),
            DeValue::Datetime(it) => match (it.date, it.time) {
                (Some(date), None) => Some((date.year, date.month, date.day)),
                _ => None,
            },
            _ => {
                self.wrong_type("a date");
                return None;
            }
        };
        let Some((year, month, day)) = parts else {
            let message = format!("`{}` needs dates without a time", self.name);
            self.wrong(code::BAD_DATE, message, "write dates as \"2026-11-26\"");
            return None;
        };
        let date = Date::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
        if date.is_none() {
            let message = format!("there is no {year:04}-{month:02}-{day:02}");
            self.wrong(code::NO_SUCH_DATE, message, &last_day_hint(year, month));
        }
        date
    }

    /// The name of an IANA time zone, by its shape. Whether the zone exists is
    /// looked up where a zone database is at hand.
    pub(super) fn time_zone(self) -> Option<String> {
        let text = self.text()?;
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-+".contains(c))
        };
        if text.len() <= crate::identifier::IDENTIFIER_BYTES_MAX && text.split('/').all(is_part) {
            return Some(text.to_owned());
        }
        let message = format!("`{text}` is not the name of a time zone");
        let hint = "use an IANA name such as `America/New_York` or `UTC`";
        self.wrong(code::BAD_TIME_ZONE, message, hint);
        None
    }
}

/// Digits, perhaps a point and decimals; nothing else, so that nothing is read
/// in a way that was not meant (`1e3`, `1_000`, ` 5`).
fn exact_amount(text: &str) -> Option<Decimal> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = digits(whole) && digits(decimals);
    shaped
        .then(|| Decimal::from_str_exact(text).ok())
        .flatten()
        .filter(|amount| amount.scale() <= limits::AMOUNT_DECIMALS_MAX)
}

/// Year, month and day of `2026-11-26`, which need not exist.
fn date_parts(text: &str) -> Option<(u16, u8, u8)> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let mut parts = text.split('-');
    shaped.then(|| {
        Some((
            parts.next()?.parse().ok()?,
            parts.next()?.parse().ok()?,
            parts.next()?.parse().ok()?,
        ))
    })?
}

fn last_day_hint(year: u16, month: u8) -> String {
    let last = (28..=31)
        .rev()
        .find(|day| Date::from_ymd_opt(i32::from(year), u32::from(month), *day).is_some());
    match last {
        Some(day) => format!("the last day of {year:04}-{month:02} is {day}"),
        None => "months are 01 to 12".to_owned(),
    }
}
