//! The filters that turn one text into another.

use crate::export::template::OUTPUT_BYTES_MAX;
use crate::export::template::amount::Amount;
use crate::export::template::escape;
use crate::export::template::mistake::{data_fault, template_fault};
use minijinja::Error;
use minijinja::value::{Kwargs, Value, ValueKind};
use std::borrow::Cow;

/// What a value is as text; nothing is empty text.
pub(super) fn text_of(value: &Value) -> Result<Cow<'_, str>, Error> {
    if let Some(text) = value.as_str() {
        return Ok(Cow::Borrowed(text));
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(Cow::Borrowed("")),
        ValueKind::Number | ValueKind::Bool => Ok(Cow::Owned(value.to_string())),
        _ => match value.downcast_object_ref::<Amount>() {
            Some(amount) => Ok(Cow::Owned(amount.to_string())),
            None => Err(template_fault(
                format!("this filter takes one value, not a {}", value.kind()),
                "filter each value of the list",
            )),
        },
    }
}

/// `csv(formulas=true)`.
pub(super) fn csv_options(options: &Kwargs) -> Result<bool, Error> {
    Ok(options.peek::<Option<bool>>("formulas")?.unwrap_or(false))
}

pub(super) fn csv(value: &Value, options: Kwargs) -> Result<Value, Error> {
    if value.is_safe() {
        return Ok(value.clone());
    }
    let text = text_of(value)?;
    let mut field = String::with_capacity(text.len() + 3);
    escape::csv(&mut field, &text, csv_options(&options)?)?;
    Ok(Value::from_safe_string(field))
}

pub(super) fn xml(value: &Value) -> Result<Value, Error> {
    if value.is_safe() {
        return Ok(value.clone());
    }
    let text = text_of(value)?;
    let mut escaped = String::with_capacity(text.len());
    escape::xml(&mut escaped, &text)?;
    Ok(Value::from_safe_string(escaped))
}

/// What has no form in ASCII becomes `?`.
pub(super) fn ascii(value: &Value) -> Result<Value, Error> {
    let text = text_of(value)?;
    if text.is_ascii() {
        return Ok(Value::from(text));
    }
    // Forms of whole words end with a blank.
    Ok(Value::from(deunicode::deunicode_with_tofu(&text, "?").trim_end_matches(' ')))
}

/// What is empty is replaced: an absent value is empty text here, not undefined.
pub(super) fn default(value: &Value, instead: &Value) -> Value {
    let is_empty = value.is_undefined() || value.is_none() || value.as_str() == Some("");
    if is_empty { instead.clone() } else { value.clone() }
}

pub(super) fn upper(value: &Value) -> Result<Value, Error> {
    Ok(Value::from(text_of(value)?.to_uppercase()))
}

pub(super) fn lower(value: &Value) -> Result<Value, Error> {
    Ok(Value::from(text_of(value)?.to_lowercase()))
}

pub(super) fn trim(value: &Value) -> Result<Value, Error> {
    Ok(Value::from(text_of(value)?.trim()))
}

pub(super) fn length(value: &Value) -> Result<usize, Error> {
    Ok(text_of(value)?.chars().count())
}

/// `replace(from, to)`. Its result is counted before it is made.
pub(super) fn replace(value: &Value, from: &str, to: &str) -> Result<Value, Error> {
    let text = text_of(value)?;
    let found = text.matches(from).count();
    if text.len().saturating_add(found.saturating_mul(to.len())) > OUTPUT_BYTES_MAX {
        return Err(data_fault(
            format!("the text is longer than {OUTPUT_BYTES_MAX} bytes with its replacements"),
            "replace by something shorter",
        ));
    }
    Ok(Value::from(text.replace(from, to)))
}

/// The engine's own, but its result is escaped as any other text is.
pub(super) fn to_json(value: &Value) -> Result<Value, Error> {
    let json =
        minijinja::filters::tojson(value, None, Kwargs::from_iter::<[(&str, Value); 0]>([]))?;
    Ok(Value::from(json.as_str().unwrap_or_default()))
}
