//! The functions of formulas.

use super::limit::ROUND_DIGITS_MAX;
use super::tree::{Kind, Node};
use super::{Type, Value};
use crate::nearest::nearest;

/// A function, resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Date,
    DaysBetween,
    Round(u32),
    Min,
    Max,
    Abs,
    Decimal,
    Int,
    Text,
    Size,
    Contains,
    StartsWith,
    EndsWith,
    LowerAscii,
}

/// A function as documentation lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentedFunction {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub signature: &'static str,
    /// What it gives, and when it fails.
    pub meaning: &'static str,
    function: Function,
    /// Written behind a value: `x.size()`.
    is_method: bool,
}

macro_rules! functions {
    ($($function:expr, $method:literal, $name:literal, $signature:literal, $meaning:literal;)*) => {
        /// Every function: the table from which the documentation and the hints
        /// of errors are made.
        pub const FUNCTIONS: &[DocumentedFunction] = &[$(DocumentedFunction {
            name: $name,
            signature: $signature,
            meaning: $meaning,
            function: $function,
            is_method: $method,
        },)*];
    };
}

functions! {
    Function::Date, false, "date", "date(text)",
        "the date that a text such as '2026-01-31' names; fails if there is no such date";
    Function::DaysBetween, false, "days_between", "days_between(from, to)",
        "whole days from a date to another; negative if the second is earlier";
    Function::Round(0), false, "round", "round(number, digits)",
        "the number with so many digits after the point, half up (away from zero); digits is a \
         literal from 0 to 28, and 0 if it is left out";
    Function::Min, false, "min", "min(a, b, ...)", "the least of numbers or dates";
    Function::Max, false, "max", "max(a, b, ...)", "the greatest of numbers or dates";
    Function::Abs, false, "abs", "abs(number)", "the number without its sign";
    Function::Decimal, false, "decimal", "decimal(number or text)",
        "the decimal number; fails if a text is none";
    Function::Int, false, "int", "int(number or text)",
        "the whole number; fails if there is a fraction: round first";
    Function::Text, false, "string", "string(value)", "the value as text";
    Function::Size, false, "size", "size(text)", "how many characters the text has";
    Function::Size, true, "size", "text.size()", "how many characters the text has";
    Function::Contains, true, "contains", "text.contains(text)", "whether a text is part of it";
    Function::StartsWith, true, "startsWith", "text.startsWith(text)",
        "whether it begins with a text";
    Function::EndsWith, true, "endsWith", "text.endsWith(text)", "whether it ends with a text";
    Function::LowerAscii, true, "lowerAscii", "text.lowerAscii()",
        "the text with A to Z as small letters";
}

/// What is wrong with a call.
pub(super) struct Mismatch {
    pub(super) message: String,
    pub(super) hint: String,
}

/// Finds the function of a call and what it gives. Numbers among the arguments
/// are brought to one type where the function needs that.
pub(super) fn resolve(
    name: &str,
    is_method: bool,
    arguments: &mut Vec<Node>,
) -> Result<(Function, Type), Mismatch> {
    let known = FUNCTIONS.iter().find(|known| known.name == name && known.is_method == is_method);
    let Some(known) = known else {
        return Err(unknown(name));
    };
    let function = match (known.function, arguments.as_slice()) {
        (Function::Round(_), [_, digits]) => {
            Function::Round(round_digits(digits).ok_or_else(|| mismatch(known, arguments))?)
        }
        (function, _) => function,
    };
    if matches!(function, Function::Round(_)) {
        arguments.truncate(1);
    }
    if matches!(function, Function::Min | Function::Max)
        && arguments.iter().any(|argument| argument.of == Type::Decimal)
    {
        *arguments = std::mem::take(arguments).into_iter().map(Node::widened).collect();
    }
    match gives(function, arguments) {
        Some(of) => Ok((function, of)),
        None => Err(mismatch(known, arguments)),
    }
}

fn gives(function: Function, arguments: &[Node]) -> Option<Type> {
    let types: Vec<&Type> = arguments.iter().map(|argument| &argument.of).collect();
    match (function, types.as_slice()) {
        (Function::Date, [Type::Text]) => Some(Type::Date),
        (Function::DaysBetween, [Type::Date, Type::Date]) => Some(Type::Int),
        (Function::Round(_), [number]) if number.is_number() => Some(Type::Decimal),
        (Function::Abs, [number]) if number.is_number() => Some((*number).clone()),
        (Function::Min | Function::Max, [first, rest @ ..])
            if !rest.is_empty()
                && (first.is_number() || **first == Type::Date)
                && rest.iter().all(|of| of == first) =>
        {
            Some((*first).clone())
        }
        (Function::Decimal, [Type::Int | Type::Decimal | Type::Text]) => Some(Type::Decimal),
        (Function::Int, [Type::Int | Type::Decimal | Type::Text]) => Some(Type::Int),
        (Function::Text, [Type::List(_) | Type::Attributes]) => None,
        (Function::Text, [_]) => Some(Type::Text),
        (Function::Size, [Type::Text]) => Some(Type::Int),
        (Function::LowerAscii, [Type::Text]) => Some(Type::Text),
        (
            Function::Contains | Function::StartsWith | Function::EndsWith,
            [Type::Text, Type::Text],
        ) => Some(Type::Bool),
        _ => None,
    }
}

fn round_digits(node: &Node) -> Option<u32> {
    let Kind::Constant(Value::Int(digits)) = node.kind else {
        return None;
    };
    u32::try_from(digits).ok().filter(|digits| *digits <= ROUND_DIGITS_MAX)
}

fn mismatch(known: &DocumentedFunction, arguments: &[Node]) -> Mismatch {
    let given: Vec<String> = arguments.iter().map(|argument| argument.of.to_string()).collect();
    let given = if given.is_empty() { "nothing".to_owned() } else { given.join(", ") };
    Mismatch {
        message: format!("`{}` cannot take {given}", known.name),
        hint: format!("it is written {}: {}", known.signature, known.meaning),
    }
}

fn unknown(name: &str) -> Mismatch {
    let hint = match nearest(name, FUNCTIONS.iter().map(|known| known.name)) {
        Some(near) => {
            let signatures: Vec<&str> = FUNCTIONS
                .iter()
                .filter(|known| known.name == near)
                .map(|known| known.signature)
                .collect();
            format!("did you mean {}?", signatures.join(" or "))
        }
        None => {
            let known: Vec<&str> = FUNCTIONS.iter().map(|known| known.signature).collect();
            format!("formulas have has(variable), {}", known.join(", "))
        }
    };
    Mismatch { message: format!("there is no function `{name}` of this form"), hint }
}
