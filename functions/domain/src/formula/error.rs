//! What can be wrong with a formula, before it runs and while it runs.

use super::Type;
use super::variable::{Reference, is_word};
use rust_decimal::Decimal;

/// Why a text is no formula. The place is a range of bytes in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormulaError {
    /// What is wrong.
    pub message: String,
    /// Where the mistake begins, in bytes.
    pub offset: usize,
    /// How many bytes it covers.
    pub length: usize,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Why a formula gives nothing for a record. Each names the part of the formula
/// that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The record has no value for the variable.
    #[error("the record has no {variable}; test it first: has({variable})")]
    MissingFact {
        /// The variable.
        variable: Reference,
    },
    /// The record has no attribute of the name.
    #[error("the record has no attribute {attribute}; test it first: {}", test(.attribute))]
    MissingAttribute {
        /// The attribute.
        attribute: Reference,
    },
    /// A number is too large, or needs more digits than there are.
    #[error(
        "`{expression}` needs a number that is too large or has more than 28 digits; round its parts"
    )]
    Overflow {
        /// The part of the formula.
        expression: String,
    },
    /// A divisor is zero.
    #[error("`{expression}` divides by zero; test the divisor first")]
    DivisionByZero {
        /// The part of the formula.
        expression: String,
    },
    /// A text is not the number that it was taken for.
    #[error("`{expression}`: `{text}` is no number; a number is written like 14 or 25.00")]
    NotANumber {
        /// The part of the formula.
        expression: String,
        /// The text.
        text: String,
    },
    /// A decimal number with a fraction was taken for a whole number.
    #[error("`{expression}`: {value} is no whole number; round it first: round(x, 0)")]
    NotWhole {
        /// The part of the formula.
        expression: String,
        /// The number.
        value: Decimal,
    },
    /// A text is not the date that it was taken for.
    #[error("`{expression}`: `{text}` is no date; a date is written like 2026-01-31")]
    NotADate {
        /// The part of the formula.
        expression: String,
        /// The text.
        text: String,
    },
    /// What gives the facts gave a value of another type than documented.
    #[error(
        "`{expression}` must be {expected}, and is not; the source of the record's facts is wrong"
    )]
    WrongType {
        /// The part of the formula.
        expression: String,
        /// What was documented.
        expected: Type,
    },
}

/// How the attribute is tested; only a name that is a word can stand in `has`.
fn test(attribute: &Reference) -> String {
    match attribute {
        Reference::Attribute { owner, name } if !is_word(name) => {
            format!("'{name}' in {}.attributes", owner.as_str())
        }
        _ => format!("has({attribute})"),
    }
}
