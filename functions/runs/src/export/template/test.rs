//! What `{% if %}` may ask with `is`. The comparisons know amounts, which the
//! engine's own operators compare with each other only.

use super::amount::Amount;
use super::mistake::{data_fault, shown};
use minijinja::value::Value;
use minijinja::{Environment, Error};
use std::cmp::Ordering;

/// The tests of templates: name, number of arguments, meaning.
pub const TESTS: &[(&str, usize, &str)] = &[
    ("eq", 1, "equal: amounts and numbers by their value"),
    ("ne", 1, "not equal"),
    ("lt", 1, "less, or a date before; an empty value never is"),
    ("le", 1, "less or equal; an empty value never is"),
    ("gt", 1, "more, or a date after; an empty value never is"),
    ("ge", 1, "more or equal; an empty value never is"),
    ("empty", 0, "absent, or empty text"),
    ("startingwith", 1, "text that begins with another"),
    ("endingwith", 1, "text that ends with another"),
];

/// Gives the engine the tests of the table.
pub(super) fn register(engine: &mut Environment<'static>) {
    engine.add_test("eq", |a: &Value, b: &Value| is(a, b, Ordering::is_eq));
    engine.add_test("ne", |a: &Value, b: &Value| is(a, b, Ordering::is_eq).map(|equal| !equal));
    engine.add_test("lt", |a: &Value, b: &Value| is(a, b, Ordering::is_lt));
    engine.add_test("le", |a: &Value, b: &Value| is(a, b, Ordering::is_le));
    engine.add_test("gt", |a: &Value, b: &Value| is(a, b, Ordering::is_gt));
    engine.add_test("ge", |a: &Value, b: &Value| is(a, b, Ordering::is_ge));
    engine.add_test("empty", is_empty);
    engine.add_test("startingwith", minijinja::tests::is_startingwith);
    engine.add_test("endingwith", minijinja::tests::is_endingwith);
}

fn is_empty(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.as_str() == Some("")
}

/// Compares numbers if one of the two is a number or an amount, else text. With
/// an empty value, nothing but another one is equal.
fn is(a: &Value, b: &Value, wanted: fn(Ordering) -> bool) -> Result<bool, Error> {
    if is_empty(a) || is_empty(b) {
        // `le` and `ge` are orders too, though they hold for equal values.
        let asks_equality =
            wanted(Ordering::Equal) && !wanted(Ordering::Less) && !wanted(Ordering::Greater);
        return Ok(asks_equality && is_empty(a) && is_empty(b));
    }
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
        return Ok(wanted(a.cmp(b)));
    }
    Ok(wanted(number(a)?.compare(number(b)?)))
}

fn number(value: &Value) -> Result<Amount, Error> {
    Amount::of(value).ok_or_else(|| {
        data_fault(
            format!("`{}` is no number to compare with", shown(&value.to_string())),
            "compare with a number such as 100 or '99.50', or compare two texts",
        )
    })
}
