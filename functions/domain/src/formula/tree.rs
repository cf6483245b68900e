//! A checked formula: every part has its type and its place.

use super::function::Function;
use super::{Owner, Reference, Type, Value};
use std::ops::Range;

/// A part of a formula.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// What it gives.
    pub(super) of: Type,
    /// Its bytes in the formula.
    pub(super) span: Range<usize>,
}

/// What a part is. Both sides of an operator have the same type, except where
/// days are added to a date.
#[derive(Debug)]
pub(super) enum Kind {
    Constant(Value),
    Read(Reference),
    Has(Reference),
    /// All attributes of an owner: never computed, only read from by name.
    Attributes(Owner),
    Not(Box<Node>),
    Negate(Box<Node>),
    Logic(Logic, Box<[Node; 2]>),
    Compare(Comparison, Box<[Node; 2]>),
    Arithmetic(Arithmetic, Box<[Node; 2]>),
    Choice(Box<[Node; 3]>),
    In(Box<[Node; 2]>),
    List(Vec<Node>),
    Call(Function, Vec<Node>),
}

/// `&&` and `||`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logic {
    And,
    Or,
}

/// The comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Whether two values of this order satisfy it.
    pub(super) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// The signs of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Node {
    /// A known value.
    pub(super) fn constant(value: Value, of: Type, span: Range<usize>) -> Self {
        Self { kind: Kind::Constant(value), of, span }
    }

    /// Whether it is known before any record is: all that it is made of is.
    pub(super) fn is_constant(&self) -> bool {
        matches!(self.kind, Kind::Constant(_))
    }

    /// Whether all parts of it are constant, so that it can be computed now. A
    /// choice stays, so that every value that it may give can be checked.
    pub(super) fn can_be_folded(&self) -> bool {
        match &self.kind {
            Kind::Constant(_)
            | Kind::Read(_)
            | Kind::Has(_)
            | Kind::Attributes(_)
            | Kind::Choice(_) => false,
            Kind::Not(part) | Kind::Negate(part) => part.is_constant(),
            Kind::Logic(_, parts)
            | Kind::Compare(_, parts)
            | Kind::Arithmetic(_, parts)
            | Kind::In(parts) => parts.iter().all(Self::is_constant),
            Kind::List(parts) | Kind::Call(_, parts) => parts.iter().all(Self::is_constant),
        }
    }

    /// The same number as a decimal.
    pub(super) fn widened(self) -> Self {
        if self.of != Type::Int {
            return self;
        }
        let span = self.span.clone();
        let kind = match self.kind {
            Kind::Constant(Value::Int(value)) => Kind::Constant(Value::Decimal(value.into())),
            Kind::Choice(parts) => {
                let [condition, yes, no] = *parts;
                Kind::Choice(Box::new([condition, yes.widened(), no.widened()]))
            }
            kind => Kind::Call(
                Function::Decimal,
                vec![Self { kind, of: Type::Int, span: span.clone() }],
            ),
        };
        Self { kind, of: Type::Decimal, span }
    }
}
