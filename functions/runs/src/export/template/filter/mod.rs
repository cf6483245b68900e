//! The filters of templates: one table, from which the engine, the checks and
//! the documentation are made. There are no others: whatever could read files,
//! compute with floats or fill the memory is left out.

mod amount;
mod date;
mod text;
mod width;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error};

/// A filter as documentation lists it.
#[derive(Debug, Clone, Copy)]
pub struct DocumentedFilter {
    /// Its name.
    pub name: &'static str,
    /// How it is written, with all its arguments.
    pub usage: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// How many arguments must be given by position: no more, no fewer.
    pub positional: usize,
    /// The arguments that may be given by name.
    pub keywords: &'static [&'static str],
    check: Check,
}

/// Finds what is wrong with arguments, whatever the value.
type Check = fn(&[Value], &Kwargs) -> Result<(), Error>;

impl DocumentedFilter {
    /// The filter with the name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FILTERS.iter().find(|filter| filter.name == name)
    }

    /// Finds what is wrong with constant arguments, whatever the value.
    pub(super) fn check(&self, positional: &[Value], keywords: &Kwargs) -> Result<(), Error> {
        (self.check)(positional, keywords)
    }

    /// Whether its result is finished for the file, so that no other filter may
    /// change it.
    pub(super) fn finishes(&self) -> bool {
        matches!(self.name, "csv" | "xml")
    }
}

const fn filter(
    name: &'static str,
    usage: &'static str,
    meaning: &'static str,
    positional: usize,
    keywords: &'static [&'static str],
    check: Check,
) -> DocumentedFilter {
    DocumentedFilter { name, usage, meaning, positional, keywords, check }
}

/// Every filter of templates.
pub const FILTERS: &[DocumentedFilter] = &[
    filter(
        "csv",
        "csv(formulas=false)",
        "a field of comma-separated values, quoted if it must be; a text that a spreadsheet would \
         compute gets a ' before it, unless formulas=true",
        0,
        &["formulas"],
        |_, options| text::csv_options(options).map(|_| ()),
    ),
    filter("xml", "xml", "text or an attribute's value of an XML document", 0, &[], no_check),
    filter(
        "left",
        "left(WIDTH, truncate=false, fill=' ')",
        "text at the left of a field of WIDTH characters; a longer one is an error, or is cut off \
         at its end with truncate=true",
        1,
        &["truncate", "fill"],
        check_field,
    ),
    filter(
        "right",
        "right(WIDTH, truncate=false, fill=' ')",
        "text at the right of a field of WIDTH characters; a longer one is an error, or is cut off \
         at its beginning with truncate=true",
        1,
        &["truncate", "fill"],
        check_field,
    ),
    filter(
        "zero",
        "zero(WIDTH)",
        "a whole number at the right of a field of WIDTH characters, filled with zeros; its sign \
         comes first",
        1,
        &[],
        |positional, _| width::checked_width(first::<i64>(positional)?).map(|_| ()),
    ),
    filter(
        "ascii",
        "ascii",
        "text in ASCII: accents are left out, other scripts are transliterated, what has no form \
         becomes ?",
        0,
        &[],
        no_check,
    ),
    filter(
        "date",
        "date('%Y%m%d')",
        "a date in the form of a strftime pattern",
        1,
        &[],
        |positional, _| date::check_pattern(first::<&str>(positional)?),
    ),
    filter(
        "amount",
        "amount(unit='major', point='.', thousands='', decimals=2, sign='leading')",
        "an amount in another form; unit is major or minor, decimals are the currency's unless \
         given, sign is leading, trailing, parentheses, overpunch or none",
        0,
        &["unit", "point", "thousands", "decimals", "sign"],
        |_, options| amount::Format::read(options).map(|_| ()),
    ),
    filter("default", "default('none')", "another value for an empty one", 1, &[], no_check),
    filter("upper", "upper", "text in capital letters", 0, &[], no_check),
    filter("lower", "lower", "text in small letters", 0, &[], no_check),
    filter("trim", "trim", "text without blanks around it", 0, &[], no_check),
    filter("length", "length", "how many characters a text has", 0, &[], no_check),
    filter("tojson", "tojson", "a value as JSON writes it", 0, &[], no_check),
    filter(
        "replace",
        "replace('-', '')",
        "text with each occurrence of one text replaced by another",
        2,
        &[],
        |positional, _| minijinja::value::from_args::<(&str, &str)>(positional).map(|_| ()),
    ),
];

/// The filters that a template may use, for people who looked for another.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    FILTERS.iter().map(|filter| filter.name)
}

/// Gives the engine the filters of the table.
pub(super) fn register(engine: &mut Environment<'static>) {
    engine.add_filter("csv", text::csv);
    engine.add_filter("xml", text::xml);
    engine.add_filter("left", width::left);
    engine.add_filter("right", width::right);
    engine.add_filter("zero", width::zero);
    engine.add_filter("ascii", text::ascii);
    engine.add_filter("date", date::date);
    engine.add_filter("amount", amount::amount);
    engine.add_filter("default", text::default);
    engine.add_filter("upper", text::upper);
    engine.add_filter("lower", text::lower);
    engine.add_filter("trim", text::trim);
    engine.add_filter("length", text::length);
    engine.add_filter("tojson", text::to_json);
    engine.add_filter("replace", text::replace);
}

fn no_check(_: &[Value], _: &Kwargs) -> Result<(), Error> {
    Ok(())
}

fn check_field(positional: &[Value], options: &Kwargs) -> Result<(), Error> {
    width::Field::read(first::<i64>(positional)?, options).map(|_| ())
}

fn first<'a, T>(positional: &'a [Value]) -> Result<T, Error>
where
    T: minijinja::value::ArgType<'a, Output = T>,
{
    minijinja::value::from_args::<(T,)>(positional).map(|(value,)| value)
}
