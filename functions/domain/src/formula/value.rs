//! Types and values of formulas.

use crate::Date;
use rust_decimal::Decimal;
use std::fmt;

/// What a formula may give, and what variables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// An exact decimal number of up to 28 digits.
    Decimal,
    /// Text.
    Text,
    /// A calendar date.
    Date,
    /// A list of values of one type.
    List(Box<Type>),
    /// Named texts, of which a formula reads single ones: `account.attributes.NAME`.
    Attributes,
}

impl Type {
    /// Whether it is a number.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Decimal)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("true or false"),
            Self::Int => f.write_str("a whole number"),
            Self::Decimal => f.write_str("a decimal number"),
            Self::Text => f.write_str("a text"),
            Self::Date => f.write_str("a date"),
            Self::List(of) => write!(f, "a list (each element {of})"),
            Self::Attributes => f.write_str("a set of attributes"),
        }
    }
}

/// A value. `Display` shows it as people read it: texts without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number.
    Decimal(Decimal),
    /// Text.
    Text(String),
    /// A date.
    Date(Date),
    /// Values of one type.
    List(Vec<Value>),
}

impl Value {
    /// Whether the value is of the type. An empty list is of every list type.
    pub(super) fn is(&self, of: &Type) -> bool {
        match (self, of) {
            (Self::Bool(_), Type::Bool)
            | (Self::Int(_), Type::Int)
            | (Self::Decimal(_), Type::Decimal)
            | (Self::Text(_), Type::Text)
            | (Self::Date(_), Type::Date) => true,
            (Self::List(values), Type::List(of)) => values.iter().all(|value| value.is(of)),
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Date(value) => value.fmt(f),
            Self::List(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}")?;
                }
                f.write_str("]")
            }
        }
    }
}
