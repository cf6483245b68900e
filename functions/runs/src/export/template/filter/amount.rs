//! The filter `amount`: how a collection agency wants its numbers.

use super::text::text_of;
use crate::export::template::amount::Amount;
use crate::export::template::mistake::{data_fault, shown, template_fault};
use minijinja::Error;
use minijinja::value::{Kwargs, Value};

/// COBOL's signed zoned decimals: the last digit carries the sign.
const OVERPUNCH_POSITIVE: [char; 10] = ['{', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'];
const OVERPUNCH_NEGATIVE: [char; 10] = ['}', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R'];
/// More decimals than any currency has.
const DECIMALS_MAX: u32 = 9;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Leading,
    Trailing,
    Parentheses,
    Overpunch,
    None,
}

/// `amount(unit='minor', sign='overpunch')`.
#[derive(Debug)]
pub(super) struct Format {
    is_minor: bool,
    point: String,
    thousands: String,
    decimals: Option<u32>,
    sign: Sign,
}

impl Format {
    // Names of arguments have been checked, so that nobody asks which were used,
    // and a look without taking note is enough: it is many times faster.
    pub fn read(options: &Kwargs) -> Result<Self, Error> {
        let is_minor = match options.peek::<Option<&str>>("unit")? {
            None | Some("major") => false,
            Some("minor") => true,
            Some(other) => return Err(unknown("unit", other, "'major' or 'minor'")),
        };
        let sign = match options.peek::<Option<&str>>("sign")? {
            None | Some("leading") => Sign::Leading,
            Some("trailing") => Sign::Trailing,
            Some("parentheses") => Sign::Parentheses,
            Some("overpunch") => Sign::Overpunch,
            Some("none") => Sign::None,
            Some(other) => {
                let known = "'leading', 'trailing', 'parentheses', 'overpunch' or 'none'";
                return Err(unknown("sign", other, known));
            }
        };
        let of_major = ["point", "thousands", "decimals"];
        if let Some(option) = of_major.into_iter().find(|name| is_minor && options.has(name)) {
            return Err(template_fault(
                format!("{option} means nothing with unit='minor', which has no point"),
                "leave one of them out",
            ));
        }
        let decimals = match options.peek::<Option<i64>>("decimals")? {
            None => None,
            Some(many) => {
                Some(u32::try_from(many).ok().filter(|many| *many <= DECIMALS_MAX).ok_or_else(
                    || unknown("decimals", &many.to_string(), "a whole number from 0 to 9"),
                )?)
            }
        };
        let point = separator(options, "point")?.unwrap_or_else(|| ".".to_owned());
        let thousands = separator(options, "thousands")?.unwrap_or_default();
        if !thousands.is_empty() && thousands == point {
            return Err(unknown("thousands", &thousands, "another separator than the point"));
        }
        Ok(Self { is_minor, point, thousands, decimals, sign })
    }
}

fn separator(options: &Kwargs, name: &str) -> Result<Option<String>, Error> {
    let separator = match name {
        "point" => options.peek::<Option<&str>>("point")?,
        _ => options.peek::<Option<&str>>("thousands")?,
    };
    match separator {
        Some(text) if text.chars().count() > 1 || text.contains(|c: char| c.is_ascii_digit()) => {
            Err(unknown(name, text, "one character that is no digit, or ''"))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

fn unknown(option: &str, given: &str, known: &str) -> Error {
    template_fault(format!("{option} is `{}`", shown(given)), &format!("write {known}"))
}

pub(super) fn amount(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let format = Format::read(&options)?;
    let Some(amount) = Amount::of(value) else {
        let text = text_of(value)?;
        if text.is_empty() {
            return Ok(Value::from(""));
        }
        return Err(data_fault(
            format!("`{}` is no amount", shown(&text)),
            "use amount with an amount, or with text such as 152.30",
        ));
    };
    written(amount, &format).map(Value::from)
}

fn written(amount: Amount, format: &Format) -> Result<String, Error> {
    let units = if format.is_minor {
        amount.units.unsigned_abs().to_string()
    } else {
        in_major_units(amount, format)?
    };
    let is_negative = amount.units < 0;
    Ok(match format.sign {
        Sign::Leading if is_negative => format!("-{units}"),
        Sign::Trailing if is_negative => format!("{units}-"),
        Sign::Parentheses if is_negative => format!("({units})"),
        Sign::Leading | Sign::Trailing | Sign::Parentheses => units,
        Sign::Overpunch => overpunched(units, is_negative),
        Sign::None if is_negative => {
            return Err(data_fault(
                format!(
                    "the amount {amount} is negative, and sign='none' leaves no place for that"
                ),
                "write another sign, or do not select records with a credit balance",
            ));
        }
        Sign::None => units,
    })
}

/// Digits with their point, without a sign.
fn in_major_units(amount: Amount, format: &Format) -> Result<String, Error> {
    let wanted = format.decimals.unwrap_or(amount.decimals);
    let digits = amount.units.unsigned_abs();
    let dropped = 10_u64.pow(amount.decimals.saturating_sub(wanted));
    if !digits.is_multiple_of(dropped) {
        return Err(data_fault(
            format!("the amount {amount} has more than {wanted} decimals, and none is dropped"),
            "write more decimals, or leave decimals out",
        ));
    }
    let mut text = (digits / dropped).to_string();
    text.extend(std::iter::repeat_n('0', wanted.saturating_sub(amount.decimals) as usize));
    let wanted = wanted as usize;
    if text.len() <= wanted {
        text.insert_str(0, &"0".repeat(wanted + 1 - text.len()));
    }
    let (whole, fraction) = text.split_at(text.len() - wanted);
    let mut grouped = String::with_capacity(text.len() + 8);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push_str(&format.thousands);
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push_str(&format.point);
        grouped.push_str(fraction);
    }
    Ok(grouped)
}

fn overpunched(mut digits: String, is_negative: bool) -> String {
    let signs = if is_negative { OVERPUNCH_NEGATIVE } else { OVERPUNCH_POSITIVE };
    let last = digits.pop().and_then(|last| last.to_digit(10)).unwrap_or_default();
    digits.push(signs[last as usize]);
    digits
}
