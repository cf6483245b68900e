//! Formulas: rules that an agency writes itself.
//!
//! A formula is an expression of [CEL](https://cel.dev) over documented
//! variables. It is checked whole when the setup is loaded - every name and
//! every type - and computed for each record afterwards, with the inputs that
//! it read, so that a decision can be explained.
//!
//! ```text
//! delinquency.balance < 50.00
//! account.class == 'commercial' ? 'COMM' : 'RES'
//! has(account.attributes.paperless) && account.attributes.paperless == 'yes'
//! days_between(delinquency.entered_on, run.as_of) > 30 || delinquency.level >= 3
//! max(round(delinquency.balance * 0.015, 2), 5.00)
//! ```
//!
//! The language:
//!
//! - Variables: [`VARIABLES`]. What a record may lack is tested with
//!   `has(contact.name)`; an attribute whose name is no word is written
//!   `account.attributes['meter type']`, and tested with
//!   `'meter type' in account.attributes`.
//! - Literals: `true`, `14`, `25.00`, `'text'`, `"text"`, `['a', 'b']`.
//! - Signs, the loosest first: `? :`, `||`, `&&`, `== != < <= > >= in`, `+ -`,
//!   `* / %`, `! -`.
//! - Functions: [`FUNCTIONS`].
//!
//! Numbers are exact. `100.10 == 100.1`, and whole and decimal numbers mix. A
//! sum, difference or product that would need more than 28 digits fails rather
//! than being rounded; only a division is rounded, to 28 digits. As in CEL a
//! whole number divided by a whole number drops the fraction: `1 / 3` is 0, and
//! `1.0 / 3` is what is mostly meant.
//!
//! What differs from CEL: a number with a point is a decimal and no float; a
//! whole number of days may be added to a date; `&&` and `||` go from left to
//! right and stop when the answer is known, where CEL may also ignore a failure
//! on the left. Loops (`all`, `exists`, `map`), maps, regular expressions, bytes
//! and `null` are left out. There is no clock: the date is `run.as_of`.

// What formulas speak of.
mod error;
mod limit;
mod value;
mod variable;

// From a text to its parts.
mod parse;
mod scan;

// From the parts to a checked tree.
mod check;
mod function;
mod operator;
mod tree;

// From the tree to values.
mod case;
mod evaluate;
mod number;
mod results;

pub use case::{AccountCase, Case};
pub use error::{EvaluationError, FormulaError};
pub use function::{DocumentedFunction, FUNCTIONS};
pub use limit::{
    BRACKET_DEPTH_MAX, FORMULA_BYTES_MAX, FORMULA_TOKENS_MAX, LIST_LENGTH_MAX, ROUND_DIGITS_MAX,
};
pub use results::{LiteralResult, LiteralResults};
pub use value::{Type, Value};
pub use variable::{DocumentedVariable, Owner, Reference, VARIABLES, Variable};

use std::fmt;
use std::sync::Arc;

/// Where a formula finds the values of its variables.
pub trait Facts {
    /// The value of a variable, of the type that [`Variable::of`] says; none if
    /// the record has none.
    fn fact(&self, variable: Variable) -> Option<Value>;

    /// An attribute; none if the owner has none of the name.
    fn attribute(&self, owner: Owner, name: &str) -> Option<&str>;
}

/// What a formula gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The value, of the type that the formula was compiled for.
    pub value: Value,
    /// Every variable that was read, in the order of first reading, with its
    /// value as text; `(none)` for one that was found missing by `has`.
    pub inputs: Vec<(String, String)>,
}

/// A checked formula. Clones share it.
#[derive(Clone)]
pub struct Formula(Arc<Checked>);

struct Checked {
    text: String,
    root: tree::Node,
    reads: Vec<Reference>,
}

impl Formula {
    /// Checks a formula that must give the expected type. Where a decimal
    /// number is expected a whole one will do.
    ///
    /// # Errors
    /// [`FormulaError`] for the first mistake, with its place and what to do.
    pub fn compile(text: &str, expected: Type) -> Result<Self, FormulaError> {
        let scan = scan::Scan::new(text)?;
        let (parsed, places) = parse::parse(&scan)?;
        let mut checker = check::Checker::new(&scan, &places);
        let root = checker.node(&parsed)?;
        let root = if expected == Type::Decimal { root.widened() } else { root };
        if root.of != expected {
            let message = format!("{expected} is needed here; the formula gives {}", root.of);
            return Err(scan::error(root.span, message, result_hint(&expected, &root.of)));
        }
        Ok(Self(Arc::new(Checked { text: text.to_owned(), root, reads: checker.reads })))
    }

    /// The formula as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Every variable that it may read, in the order of the text.
    #[must_use]
    pub fn variables(&self) -> &[Reference] {
        &self.0.reads
    }

    /// The values that stand in the place of its result, and whether those are
    /// all that it can give: `x ? 'COMM' : 'RES'` gives `COMM` or `RES`.
    #[must_use]
    pub fn literal_results(&self) -> LiteralResults {
        results::literal_results(&self.0.root)
    }

    /// Computes the formula for a record.
    ///
    /// # Errors
    /// [`EvaluationError`] if the record lacks what the formula reads, or a
    /// computation has no exact result.
    pub fn evaluate(&self, facts: &dyn Facts) -> Result<Evaluated, EvaluationError> {
        evaluate::evaluate(&self.0.text, &self.0.root, facts)
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Formula").field(&self.0.text).finish()
    }
}

fn result_hint(expected: &Type, given: &Type) -> &'static str {
    match (expected, given) {
        (Type::Bool, _) => "compare it with something: account.attributes.paperless == 'yes'",
        (Type::Int, Type::Decimal) => "round it: int(round(x, 0))",
        (Type::Int, Type::Text) => "turn the text into a number: int(x)",
        (Type::Decimal, Type::Text) => "turn the text into a number: decimal(x)",
        (Type::Text, Type::List(_) | Type::Attributes) => "choose one of them",
        (Type::Text, _) => "write a code in quotes, or turn the value into text: string(x)",
        (Type::Date, Type::Text) => "turn the text into a date: date(x)",
        (Type::List(_), _) => "write the values in brackets: ['a', 'b']",
        _ => "change what the formula gives",
    }
}

#[cfg(test)]
#[path = "tests/random.rs"]
pub(crate) mod random;
#[cfg(test)]
mod tests;
