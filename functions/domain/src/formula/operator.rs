//! The signs between values: which types they take and what they give.

use super::FormulaError;
use super::check::Result;
use super::scan::error;
use super::tree::{Arithmetic, Comparison, Kind, Logic, Node};
use super::{Reference, Type, Value};
use cel::common::ast::operators;
use rust_decimal::Decimal;
use std::ops::Range;

/// A sign.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operator {
    Not,
    Negate,
    Choice,
    In,
    Logic(Logic),
    Compare(Comparison),
    Arithmetic(Arithmetic),
}

/// The operator that the parser calls by this name.
pub(super) fn named(name: &str) -> Option<Operator> {
    Some(match name {
        operators::LOGICAL_NOT => Operator::Not,
        operators::NEGATE => Operator::Negate,
        operators::CONDITIONAL => Operator::Choice,
        operators::IN => Operator::In,
        operators::LOGICAL_AND => Operator::Logic(Logic::And),
        operators::LOGICAL_OR => Operator::Logic(Logic::Or),
        operators::EQUALS => Operator::Compare(Comparison::Equal),
        operators::NOT_EQUALS => Operator::Compare(Comparison::NotEqual),
        operators::LESS => Operator::Compare(Comparison::Less),
        operators::LESS_EQUALS => Operator::Compare(Comparison::LessOrEqual),
        operators::GREATER => Operator::Compare(Comparison::Greater),
        operators::GREATER_EQUALS => Operator::Compare(Comparison::GreaterOrEqual),
        operators::ADD => Operator::Arithmetic(Arithmetic::Add),
        operators::SUBSTRACT => Operator::Arithmetic(Arithmetic::Subtract),
        operators::MULTIPLY => Operator::Arithmetic(Arithmetic::Multiply),
        operators::DIVIDE => Operator::Arithmetic(Arithmetic::Divide),
        operators::MODULO => Operator::Arithmetic(Arithmetic::Remainder),
        _ => return None,
    })
}

/// Checks the types of the sides and joins them.
pub(super) fn apply(operator: Operator, nodes: Vec<Node>, span: Range<usize>) -> Result<Node> {
    match operator {
        Operator::Not | Operator::Negate => match <[Node; 1]>::try_from(nodes) {
            Ok([node]) => unary(operator, node, span),
            Err(_) => Err(miscounted(span)),
        },
        Operator::Choice => match <[Node; 3]>::try_from(nodes) {
            Ok(parts) => choice(parts, span),
            Err(_) => Err(miscounted(span)),
        },
        _ => match <[Node; 2]>::try_from(nodes) {
            Ok(sides) => binary(operator, sides, span),
            Err(_) => Err(miscounted(span)),
        },
    }
}

fn miscounted(span: Range<usize>) -> FormulaError {
    error(span, "a value is missing here".to_owned(), "a sign stands between values")
}

fn unary(operator: Operator, node: Node, span: Range<usize>) -> Result<Node> {
    match (operator, &node.of) {
        (Operator::Not, Type::Bool) => {
            Ok(Node { kind: Kind::Not(Box::new(node)), of: Type::Bool, span })
        }
        (Operator::Not, of) => Err(error(
            span,
            format!("`!` takes true or false; this is {of}"),
            "compare it first: !(delinquency.level == 3)",
        )),
        (_, Type::Int | Type::Decimal) => {
            let of = node.of.clone();
            Ok(Node { kind: Kind::Negate(Box::new(node)), of, span })
        }
        (_, of) => {
            Err(error(span, format!("`-` takes numbers; this is {of}"), "only numbers have a sign"))
        }
    }
}

fn choice([condition, yes, no]: [Node; 3], span: Range<usize>) -> Result<Node> {
    if condition.of != Type::Bool {
        let message = format!("before `?` stands true or false; this is {}", condition.of);
        return Err(error(condition.span, message, "compare it with something: x == 'yes' ? ..."));
    }
    let (yes, no) = alike(yes, no);
    if yes.of != no.of {
        let message =
            format!("both values of a choice have one type; these are {} and {}", yes.of, no.of);
        return Err(error(span, message, "change one of them, or turn it into text: string(...)"));
    }
    if matches!(yes.of, Type::Attributes) {
        let hint = "choose between single attributes: account.attributes.NAME";
        return Err(error(span, "attributes cannot be chosen as a whole".to_owned(), hint));
    }
    let of = yes.of.clone();
    Ok(Node { kind: Kind::Choice(Box::new([condition, yes, no])), of, span })
}

fn binary(operator: Operator, [left, right]: [Node; 2], span: Range<usize>) -> Result<Node> {
    match operator {
        Operator::In => member(left, right, span),
        Operator::Logic(logic) => {
            for side in [&left, &right] {
                if side.of != Type::Bool {
                    let sign = if logic == Logic::And { "&&" } else { "||" };
                    let message = format!("`{sign}` takes true or false; this is {}", side.of);
                    let hint = "compare it with something: x == 'yes'";
                    return Err(error(side.span.clone(), message, hint));
                }
            }
            Ok(joined(|sides| Kind::Logic(logic, sides), [left, right], Type::Bool, span))
        }
        Operator::Compare(comparison) => compare(comparison, left, right, span),
        Operator::Arithmetic(sign) => arithmetic(sign, left, right, span),
        Operator::Not | Operator::Negate | Operator::Choice => Err(miscounted(span)),
    }
}

fn joined(
    kind: impl FnOnce(Box<[Node; 2]>) -> Kind,
    sides: [Node; 2],
    of: Type,
    span: Range<usize>,
) -> Node {
    Node { kind: kind(Box::new(sides)), of, span }
}

/// Brings two numbers to one type.
fn alike(left: Node, right: Node) -> (Node, Node) {
    match (&left.of, &right.of) {
        (Type::Int, Type::Decimal) => (left.widened(), right),
        (Type::Decimal, Type::Int) => (left, right.widened()),
        _ => (left, right),
    }
}

fn compare(comparison: Comparison, left: Node, right: Node, span: Range<usize>) -> Result<Node> {
    let (left, right) = alike(left, right);
    if left.of != right.of {
        let message = format!("{} cannot be compared with {}", left.of, right.of);
        return Err(error(span, message, conversion_hint(&left.of, &right.of)));
    }
    let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    match &left.of {
        Type::List(_) | Type::Attributes => {
            let message = format!("{} cannot be compared", left.of);
            Err(error(span, message, "test single values: account.class in ['a', 'b']"))
        }
        Type::Bool if !is_equality => Err(error(
            span,
            "true and false have no order".to_owned(),
            "use them as they are, or turn them round with !",
        )),
        _ => Ok(joined(|sides| Kind::Compare(comparison, sides), [left, right], Type::Bool, span)),
    }
}

fn conversion_hint(left: &Type, right: &Type) -> &'static str {
    match (left, right) {
        (Type::Text, Type::Int | Type::Decimal) | (Type::Int | Type::Decimal, Type::Text) => {
            "turn the text into a number: decimal(...) or int(...); or write the number in quotes"
        }
        (Type::Text, Type::Date) | (Type::Date, Type::Text) => {
            "turn the text into a date: date('2026-01-31')"
        }
        (Type::Text, Type::Bool) | (Type::Bool, Type::Text) => {
            "compare the text with 'true' or 'yes'"
        }
        (Type::Date, Type::Int | Type::Decimal) | (Type::Int | Type::Decimal, Type::Date) => {
            "count days: days_between(from, to)"
        }
        _ => "both sides have one type",
    }
}

fn arithmetic(sign: Arithmetic, left: Node, right: Node, span: Range<usize>) -> Result<Node> {
    let (left, right) = alike(left, right);
    let moves = matches!(sign, Arithmetic::Add | Arithmetic::Subtract);
    let of = match (&left.of, &right.of) {
        (Type::Int, Type::Int) => Type::Int,
        (Type::Decimal, Type::Decimal) => Type::Decimal,
        (Type::Text, Type::Text) if sign == Arithmetic::Add => Type::Text,
        (Type::Date, Type::Int) if moves => Type::Date,
        (left, right) => {
            let word = match sign {
                Arithmetic::Add => "+",
                Arithmetic::Subtract => "-",
                Arithmetic::Multiply => "*",
                Arithmetic::Divide => "/",
                Arithmetic::Remainder => "%",
            };
            let hint = match (left, right) {
                (Type::Date, Type::Date) => "count days: days_between(from, to)",
                (Type::Int, Type::Date) => "write the date first: run.as_of + 7",
                (Type::Text, _) | (_, Type::Text) => {
                    "turn a text into a number: decimal(...); or a number into a text: string(...)"
                }
                _ => "arithmetic takes numbers; whole days may be added to a date",
            };
            return Err(error(span, format!("`{word}` cannot join {left} and {right}"), hint));
        }
    };
    if matches!(sign, Arithmetic::Divide | Arithmetic::Remainder) && is_zero(&right) {
        let hint = "it would fail for every record";
        return Err(error(span, "this divides by zero".to_owned(), hint));
    }
    Ok(joined(|sides| Kind::Arithmetic(sign, sides), [left, right], of, span))
}

fn is_zero(node: &Node) -> bool {
    match &node.kind {
        Kind::Constant(Value::Int(number)) => *number == 0,
        Kind::Constant(Value::Decimal(number)) => *number == Decimal::ZERO,
        _ => false,
    }
}

fn member(value: Node, set: Node, span: Range<usize>) -> Result<Node> {
    match (&set.kind, &set.of) {
        // `'meter type' in account.attributes` is has(...) for a name that is
        // no word.
        (Kind::Attributes(owner), _) => match value.kind {
            Kind::Constant(Value::Text(name)) => {
                let reference = Reference::Attribute { owner: *owner, name: name.into() };
                Ok(Node { kind: Kind::Has(reference), of: Type::Bool, span })
            }
            _ => {
                let message = "the name of an attribute is a text in quotes".to_owned();
                Err(error(value.span, message, "write 'NAME' in account.attributes"))
            }
        },
        (_, Type::List(of)) => {
            let of = (**of).clone();
            let (value, set) = match (&value.of, &of) {
                (Type::Int, Type::Decimal) => (value.widened(), set),
                (Type::Decimal, Type::Int) => match widened_list(set) {
                    Ok(set) => (value, set),
                    Err(set) => return Err(strangers(&value.of, &set.of, span)),
                },
                (one, other) if one == other => (value, set),
                (one, _) => return Err(strangers(one, &set.of, span)),
            };
            Ok(joined(Kind::In, [value, set], Type::Bool, span))
        }
        (_, of) => Err(error(
            set.span,
            format!("after `in` stands a list; this is {of}"),
            "write the values in brackets: account.class in ['a', 'b']",
        )),
    }
}

fn strangers(value: &Type, set: &Type, span: Range<usize>) -> FormulaError {
    let message = format!("{value} cannot be in {set}");
    error(span, message, "the value and the elements have one type")
}

/// A written list of whole numbers as one of decimals.
fn widened_list(set: Node) -> std::result::Result<Node, Node> {
    let of = Type::List(Box::new(Type::Decimal));
    let Node { kind, of: was, span } = set;
    let kind = match kind {
        Kind::Constant(Value::List(values)) => {
            let wide = values.into_iter().map(|value| match value {
                Value::Int(number) => Value::Decimal(number.into()),
                other => other,
            });
            Kind::Constant(Value::List(wide.collect()))
        }
        Kind::List(nodes) => Kind::List(nodes.into_iter().map(Node::widened).collect()),
        kind => {
            return Err(Node { kind, of: was, span });
        }
    };
    Ok(Node { kind, of, span })
}
