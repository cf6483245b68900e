//! Computes checked formulas.

use super::function::Function;
use super::number::{self, Failure};
use super::tree::{Arithmetic, Comparison, Kind, Logic, Node};
use super::{Evaluated, EvaluationError, Facts, Reference, Value};
use crate::Date;
use chrono::TimeDelta;
use rust_decimal::Decimal;
use std::borrow::Cow;

type Result<T> = std::result::Result<T, EvaluationError>;

/// What the trace shows for a variable without a value.
const NO_VALUE: &str = "(none)";

/// Computes a formula, or a part of one.
pub(super) fn evaluate(text: &str, root: &Node, facts: &dyn Facts) -> Result<Evaluated> {
    let mut evaluator = Evaluator { text, facts, inputs: Vec::new(), read: Vec::new() };
    let value = evaluator.value(root)?;
    if value.is(&root.of) {
        Ok(Evaluated { value, inputs: evaluator.inputs })
    } else {
        Err(evaluator.wrong_type(root))
    }
}

struct Evaluator<'a> {
    text: &'a str,
    facts: &'a dyn Facts,
    inputs: Vec<(String, String)>,
    /// What is in the inputs already.
    read: Vec<&'a Reference>,
}

impl<'a> Evaluator<'a> {
    fn value(&mut self, node: &'a Node) -> Result<Value> {
        match &node.kind {
            Kind::Constant(value) => Ok(value.clone()),
            Kind::Read(reference) => self.read(reference, node),
            Kind::Has(reference) => Ok(Value::Bool(self.look(reference).is_some())),
            Kind::Attributes(_) => Err(self.wrong_type(node)),
            Kind::Not(part) => Ok(Value::Bool(!self.truth(part)?)),
            Kind::Negate(part) => match self.value(part)? {
                Value::Int(number) => {
                    number.checked_neg().map(Value::Int).ok_or_else(|| self.overflow(node))
                }
                Value::Decimal(number) => Ok(Value::Decimal(number::negated(number))),
                _ => Err(self.wrong_type(part)),
            },
            // From left to right: what does not matter any more is not computed.
            Kind::Logic(logic, sides) => {
                let left = self.truth(&sides[0])?;
                let decided = left == (*logic == Logic::Or);
                Ok(Value::Bool(if decided { left } else { self.truth(&sides[1])? }))
            }
            Kind::Compare(comparison, sides) => self.compare(*comparison, sides, node),
            Kind::Arithmetic(sign, sides) => self.arithmetic(*sign, sides, node),
            Kind::Choice(parts) => {
                let chosen = if self.truth(&parts[0])? { 1 } else { 2 };
                self.value(&parts[chosen])
            }
            Kind::In(sides) => {
                let value = self.borrowed(&sides[0])?;
                match &*self.borrowed(&sides[1])? {
                    Value::List(values) => Ok(Value::Bool(values.contains(&value))),
                    _ => Err(self.wrong_type(&sides[1])),
                }
            }
            Kind::List(parts) => {
                let values = parts.iter().map(|part| self.value(part)).collect::<Result<_>>()?;
                Ok(Value::List(values))
            }
            Kind::Call(function, arguments) => self.call(*function, arguments, node),
        }
    }

    /// The value, not copied if it is a constant.
    fn borrowed(&mut self, node: &'a Node) -> Result<Cow<'a, Value>> {
        match &node.kind {
            Kind::Constant(value) => Ok(Cow::Borrowed(value)),
            _ => self.value(node).map(Cow::Owned),
        }
    }

    fn truth(&mut self, node: &'a Node) -> Result<bool> {
        match self.value(node)? {
            Value::Bool(truth) => Ok(truth),
            _ => Err(self.wrong_type(node)),
        }
    }

    fn decimal(&mut self, node: &'a Node) -> Result<Decimal> {
        match self.value(node)? {
            Value::Decimal(number) => Ok(number),
            Value::Int(number) => Ok(number.into()),
            _ => Err(self.wrong_type(node)),
        }
    }

    /// The value of a variable, if the record has one; notes that it was read.
    fn look(&mut self, reference: &'a Reference) -> Option<Value> {
        let value = match reference {
            Reference::Variable(variable) => self.facts.fact(*variable),
            Reference::Attribute { owner, name } => {
                self.facts.attribute(*owner, name).map(|text| Value::Text(text.to_owned()))
            }
        };
        if !self.read.contains(&reference) {
            let text = value.as_ref().map_or_else(|| NO_VALUE.to_owned(), Value::to_string);
            self.inputs.push((reference.to_string(), text));
            self.read.push(reference);
        }
        value
    }

    fn read(&mut self, reference: &'a Reference, node: &Node) -> Result<Value> {
        match self.look(reference) {
            Some(value) if value.is(&node.of) => Ok(value),
            Some(_) => Err(self.wrong_type(node)),
            None => Err(match reference {
                Reference::Variable(_) => {
                    EvaluationError::MissingFact { variable: reference.clone() }
                }
                Reference::Attribute { .. } => {
                    EvaluationError::MissingAttribute { attribute: reference.clone() }
                }
            }),
        }
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        sides: &'a [Node; 2],
        node: &Node,
    ) -> Result<Value> {
        let left = self.borrowed(&sides[0])?;
        let right = self.borrowed(&sides[1])?;
        let order = match (&*left, &*right) {
            (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
            (Value::Int(left), Value::Int(right)) => left.cmp(right),
            (Value::Decimal(left), Value::Decimal(right)) => left.cmp(right),
            (Value::Text(left), Value::Text(right)) => left.cmp(right),
            (Value::Date(left), Value::Date(right)) => left.cmp(right),
            _ => return Err(self.wrong_type(node)),
        };
        Ok(Value::Bool(comparison.holds(order)))
    }

    fn arithmetic(&mut self, sign: Arithmetic, sides: &'a [Node; 2], node: &Node) -> Result<Value> {
        let left = self.value(&sides[0])?;
        let right = self.value(&sides[1])?;
        let result = match (left, right) {
            (Value::Int(left), Value::Int(right)) => {
                number::integers(sign, left, right).map(Value::Int)
            }
            (Value::Decimal(left), Value::Decimal(right)) => {
                number::decimals(sign, left, right).map(Value::Decimal)
            }
            (Value::Text(left), Value::Text(right)) => Ok(Value::Text(left + &right)),
            (Value::Date(date), Value::Int(days)) => move_date(sign, date, days).map(Value::Date),
            _ => return Err(self.wrong_type(node)),
        };
        result.map_err(|failure| match failure {
            Failure::Overflow => self.overflow(node),
            Failure::DivisionByZero => {
                EvaluationError::DivisionByZero { expression: self.source(node) }
            }
        })
    }

    fn call(&mut self, function: Function, arguments: &'a [Node], node: &Node) -> Result<Value> {
        match (function, arguments) {
            (Function::Round(digits), [number]) => {
                Ok(Value::Decimal(number::round(self.decimal(number)?, digits)))
            }
            (Function::Min | Function::Max, [first, rest @ ..]) => {
                let mut best = self.value(first)?;
                for argument in rest {
                    let next = self.value(argument)?;
                    if is_less(&next, &best) == (function == Function::Min) {
                        best = next;
                    }
                }
                Ok(best)
            }
            (_, [argument]) => {
                let value = self.value(argument)?;
                self.convert(function, value, node)
            }
            (_, [first, second]) => match (function, self.borrowed(first)?, self.borrowed(second)?)
            {
                (Function::DaysBetween, from, to) => match (&*from, &*to) {
                    (Value::Date(from), Value::Date(to)) => {
                        Ok(Value::Int((*to - *from).num_days()))
                    }
                    _ => Err(self.wrong_type(node)),
                },
                (_, text, part) => match (&*text, &*part) {
                    (Value::Text(text), Value::Text(part)) => Ok(Value::Bool(match function {
                        Function::Contains => text.contains(part),
                        Function::StartsWith => text.starts_with(part),
                        _ => text.ends_with(part),
                    })),
                    _ => Err(self.wrong_type(node)),
                },
            },
            _ => Err(self.wrong_type(node)),
        }
    }

    /// The functions of one value.
    fn convert(&self, function: Function, value: Value, node: &Node) -> Result<Value> {
        match (function, value) {
            (Function::Text, value) => Ok(Value::Text(value.to_string())),
            (Function::Abs, Value::Int(number)) => {
                number.checked_abs().map(Value::Int).ok_or_else(|| self.overflow(node))
            }
            (Function::Abs, Value::Decimal(number)) => Ok(Value::Decimal(number.abs())),
            (Function::Decimal, Value::Int(number)) => Ok(Value::Decimal(number.into())),
            (Function::Decimal, value @ Value::Decimal(_))
            | (Function::Int, value @ Value::Int(_)) => Ok(value),
            (Function::Decimal, Value::Text(text)) => number::parse(&text)
                .map(Value::Decimal)
                .ok_or_else(|| EvaluationError::NotANumber { expression: self.source(node), text }),
            (Function::Int, Value::Text(text)) => match number::parse(&text) {
                Some(number) => self.whole(number, node),
                None => Err(EvaluationError::NotANumber { expression: self.source(node), text }),
            },
            (Function::Int, Value::Decimal(number)) => self.whole(number, node),
            (Function::Date, Value::Text(text)) => parse_date(&text)
                .map(Value::Date)
                .ok_or_else(|| EvaluationError::NotADate { expression: self.source(node), text }),
            (Function::Size, Value::Text(text)) => {
                i64::try_from(text.chars().count()).map(Value::Int).map_err(|_| self.overflow(node))
            }
            (Function::LowerAscii, Value::Text(text)) => Ok(Value::Text(text.to_ascii_lowercase())),
            _ => Err(self.wrong_type(node)),
        }
    }

    fn whole(&self, number: Decimal, node: &Node) -> Result<Value> {
        if !number.fract().is_zero() {
            return Err(EvaluationError::NotWhole { expression: self.source(node), value: number });
        }
        number::whole(number).map(Value::Int).ok_or_else(|| self.overflow(node))
    }

    fn source(&self, node: &Node) -> String {
        self.text.get(node.span.clone()).unwrap_or(self.text).to_owned()
    }

    fn overflow(&self, node: &Node) -> EvaluationError {
        EvaluationError::Overflow { expression: self.source(node) }
    }

    fn wrong_type(&self, node: &Node) -> EvaluationError {
        EvaluationError::WrongType { expression: self.source(node), expected: node.of.clone() }
    }
}

fn is_less(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left < right,
        (Value::Decimal(left), Value::Decimal(right)) => left < right,
        (Value::Date(left), Value::Date(right)) => left < right,
        _ => false,
    }
}

fn move_date(sign: Arithmetic, date: Date, days: i64) -> std::result::Result<Date, Failure> {
    let days = TimeDelta::try_days(days).ok_or(Failure::Overflow)?;
    match sign {
        Arithmetic::Add => date.checked_add_signed(days),
        Arithmetic::Subtract => date.checked_sub_signed(days),
        _ => None,
    }
    .ok_or(Failure::Overflow)
}

/// `2026-01-31`, and nothing else: the library would also read `2026-1-31`.
fn parse_date(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|date| date.to_string() == text)
}
