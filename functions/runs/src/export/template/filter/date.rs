//! The filter `date`: a date in another form.

use super::text::text_of;
use crate::export::template::mistake::{data_fault, shown, template_fault};
use arrears_domain::Date;
use chrono::format::{Item, StrftimeItems};
use minijinja::Error;
use minijinja::value::Value;
use std::fmt::Write;

const HINT: &str = "write a pattern of strftime such as '%Y%m%d', '%d.%m.%Y' or '%m/%d/%y'";

/// `date('%Y%m%d')`.
pub(super) fn date(value: &Value, pattern: &str) -> Result<Value, Error> {
    let text = text_of(value)?;
    if text.is_empty() {
        return Ok(Value::from(""));
    }
    let date: Date = text.parse().map_err(|_| {
        data_fault(
            format!("`{}` is no date", shown(&text)),
            "use date with a date, or with text such as 2026-01-15",
        )
    })?;
    formatted(date, pattern).map(Value::from)
}

/// Whether dates can be written so.
pub(super) fn check_pattern(pattern: &str) -> Result<(), Error> {
    let bad = |what: &str| template_fault(format!("`{}` {what}", shown(pattern)), HINT);
    if pattern.is_empty() {
        return Err(bad("is no pattern of a date"));
    }
    if StrftimeItems::new(pattern).any(|item| matches!(item, Item::Error)) {
        return Err(bad("is no pattern of a date"));
    }
    formatted(Date::default(), pattern).map(|_| ())
}

fn formatted(date: Date, pattern: &str) -> Result<String, Error> {
    let mut text = String::with_capacity(16);
    // What chrono cannot write, it reports here: `%H`, or a pattern that a
    // template has put together.
    write!(text, "{}", date.format(pattern)).map_err(|_| {
        template_fault(
            format!("`{}` asks for something that a date does not have", shown(pattern)),
            HINT,
        )
    })?;
    Ok(text)
}
