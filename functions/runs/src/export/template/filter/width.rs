//! The filters of fixed-width files: `left`, `right` and `zero`.

use super::text::text_of;
use crate::export::template::escape::leaves_line;
use crate::export::template::mistake::{data_fault, shown, template_fault};
use minijinja::Error;
use minijinja::value::{Kwargs, Value};

/// The widest field: wider than any record format has, and far too narrow to
/// fill the memory.
const WIDTH_MAX: i64 = 4_096;

/// Where the text stands in its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// `left(30, truncate=true, fill='*')`.
#[derive(Debug)]
pub(super) struct Field {
    width: usize,
    truncate: bool,
    fill: char,
}

impl Field {
    pub fn read(width: i64, options: &Kwargs) -> Result<Self, Error> {
        let fill = match options.peek::<Option<&str>>("fill")? {
            None => ' ',
            Some(fill) => one_character(fill)?,
        };
        let truncate = options.peek::<Option<bool>>("truncate")?.unwrap_or(false);
        Ok(Self { width: checked_width(width)?, truncate, fill })
    }
}

/// The width of a field, in characters.
pub(super) fn checked_width(width: i64) -> Result<usize, Error> {
    usize::try_from(width).ok().filter(|_| (1..=WIDTH_MAX).contains(&width)).ok_or_else(|| {
        template_fault(
            format!("{width} is no width of a field"),
            &format!("write a whole number from 1 to {WIDTH_MAX}"),
        )
    })
}

fn one_character(fill: &str) -> Result<char, Error> {
    let mut characters = fill.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) if !leaves_line(only) => Ok(only),
        _ => Err(template_fault(
            format!("fill is {fill:?}"),
            "write one character that can be seen, or a blank, such as fill='*'",
        )),
    }
}

pub(super) fn left(value: &Value, width: i64, options: Kwargs) -> Result<Value, Error> {
    place(value, &Field::read(width, &options)?, Side::Left)
}

pub(super) fn right(value: &Value, width: i64, options: Kwargs) -> Result<Value, Error> {
    place(value, &Field::read(width, &options)?, Side::Right)
}

fn place(value: &Value, field: &Field, side: Side) -> Result<Value, Error> {
    let text = text_of(value)?;
    let length = if text.is_ascii() { text.len() } else { text.chars().count() };
    let too_many = length.saturating_sub(field.width);
    if too_many > 0 && !field.truncate {
        return Err(too_wide(&text, length, field.width, side));
    }
    // What is cut off stands where the text would leave its field.
    let (skipped, blanks) = match side {
        Side::Left => (0, field.width.saturating_sub(length)),
        Side::Right => (too_many, field.width.saturating_sub(length)),
    };
    let fill = std::iter::repeat_n(field.fill, blanks);
    let kept = text.chars().skip(skipped).take(field.width);
    let kept = kept.map(|character| if leaves_line(character) { ' ' } else { character });
    let mut padded = String::with_capacity(field.width.max(text.len()));
    match side {
        Side::Left => padded.extend(kept.chain(fill)),
        Side::Right => padded.extend(fill.chain(kept)),
    }
    Ok(Value::from(padded))
}

fn too_wide(text: &str, length: usize, width: usize, side: Side) -> Error {
    let filter = match side {
        Side::Left => "left",
        Side::Right => "right",
    };
    data_fault(
        format!("`{}` has {length} characters and does not fit into {width}", shown(text)),
        &format!("write {filter}({width}, truncate=true) to cut it off, or widen the field"),
    )
}

/// `zero(11)`: right-aligned, filled with zeros, the sign first. Nothing at all
/// is a field of blanks.
pub(super) fn zero(value: &Value, width: i64) -> Result<Value, Error> {
    let width = checked_width(width)?;
    let text = text_of(value)?;
    if text.is_empty() {
        return Ok(Value::from(" ".repeat(width)));
    }
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => text.split_at(text.len() - digits.len()),
        None => ("", &*text),
    };
    // The last one may be a sign, or a digit that carries it.
    let body = digits.strip_suffix(|last: char| matches!(last, '-' | '+' | '{' | '}' | 'A'..='R'));
    let body = body.unwrap_or(digits);
    let is_signed_twice = !sign.is_empty() && body.len() < digits.len();
    let is_empty = body.is_empty() && digits.bytes().all(|byte| matches!(byte, b'-' | b'+'));
    if is_signed_twice || is_empty || !body.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(data_fault(
            format!("`{}` does not consist of digits and a sign", shown(&text)),
            "write an amount without its point, amount(unit='minor') | zero(11), and text with left",
        ));
    }
    let Some(zeros) = width.checked_sub(text.len()) else {
        return Err(data_fault(
            format!(
                "`{}` has {} characters and does not fit into {width}",
                shown(&text),
                text.len()
            ),
            "widen the field: digits are never cut off",
        ));
    };
    let mut padded = String::with_capacity(width);
    padded.push_str(sign);
    padded.extend(std::iter::repeat_n('0', zeros));
    padded.push_str(digits);
    Ok(Value::from(padded))
}
