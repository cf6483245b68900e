//! Filters and tests, and their arguments.

use super::{Checker, Facts, Type};
use crate::export::template::filter::{self, DocumentedFilter};
use crate::export::template::mistake::in_words;
use crate::export::template::test::TESTS;
use arrears_domain::nearest::nearest;
use minijinja::machinery::{Span, ast};
use minijinja::value::{Kwargs, Value};

/// Arguments, as far as they can be read.
#[derive(Default)]
struct Arguments<'t> {
    positional: Vec<Option<Value>>,
    keywords: Vec<(&'t str, Option<Value>)>,
    facts: Vec<Facts>,
}

impl<'t> Checker<'t> {
    pub(super) fn filter(&mut self, filter: &ast::Filter<'t>, span: Span) -> Facts {
        let input = filter.expr.as_ref().map_or(Facts::UNKNOWN, |inner| self.expression(inner));
        let arguments = self.arguments(&filter.args);
        let Some(known) = DocumentedFilter::named(filter.name) else {
            self.unknown_filter(filter.name, span);
            return Facts { joined: input.joined, ..Facts::UNKNOWN };
        };
        if let Some(inner) = &filter.expr {
            self.must_take_one_value(inner, input);
            if !is_same_filter(inner, filter.name) {
                self.must_not_be_finished(inner, filter.name);
            }
        }
        self.check_arguments(known, &arguments, span);
        match (filter.name, arguments.facts.first()) {
            ("default", Some(instead)) => Facts { may_be_empty: false, ..input }.or(*instead),
            ("length", _) => Facts::of(Type::Whole),
            _ => Facts { joined: input.joined, ..Facts::of(Type::Text) },
        }
    }

    fn unknown_filter(&mut self, name: &str, span: Span) {
        let hint = match name {
            "safe" | "escape" | "e" => Some(
                "the key `escape` of the export setup says how values are escaped; xml and csv do \
                 it for one value"
                    .to_owned(),
            ),
            _ => nearest(name, filter::names())
                .map(|known| format!("did you mean `{known}`?"))
                .or_else(|| {
                    Some(format!("filters: {}", filter::names().collect::<Vec<_>>().join(", ")))
                }),
        };
        self.report(span, format!("there is no filter `{name}`"), hint.as_deref());
    }

    fn must_take_one_value(&mut self, inner: &ast::Expr<'t>, input: Facts) {
        if matches!(input.of, Type::List | Type::Balances | Type::Balance | Type::Loop) {
            self.report(
                inner.span(),
                "a list cannot be filtered",
                Some("filter each of its values"),
            );
        }
    }

    /// `csv` and `xml` make a value ready for the file: what comes after would
    /// change quotes and escapes.
    pub(super) fn must_not_be_finished(&mut self, inner: &ast::Expr<'t>, then: &str) {
        let ast::Expr::Filter(filter) = inner else { return };
        if DocumentedFilter::named(filter.name).is_some_and(DocumentedFilter::finishes) {
            let message =
                format!("`{}` finishes a value, and `{then}` comes after it", filter.name);
            let hint = format!("let `{}` be the last", filter.name);
            self.report(inner.span(), message, Some(&hint));
        }
    }

    pub(super) fn test(&mut self, test: &ast::Test<'t>, span: Span) -> Facts {
        self.expression(&test.expr);
        let arguments = self.arguments(&test.args);
        match TESTS.iter().find(|(name, ..)| *name == test.name) {
            None => {
                let hint = match test.name {
                    "defined" | "undefined" | "none" => {
                        Some("what is absent is empty text: write `is empty`".to_owned())
                    }
                    name => nearest(name, TESTS.iter().map(|(known, ..)| *known))
                        .map(|known| format!("did you mean `{known}`?"))
                        .or_else(|| {
                            let names: Vec<&str> = TESTS.iter().map(|(name, ..)| *name).collect();
                            Some(format!("tests: {}", names.join(", ")))
                        }),
                };
                self.report(span, format!("there is no test `{}`", test.name), hint.as_deref());
            }
            Some((name, wanted, _))
                if arguments.positional.len() != *wanted || !arguments.keywords.is_empty() =>
            {
                let message = format!(
                    "arguments of `{name}`: {wanted} wanted, {} given",
                    arguments.positional.len()
                );
                self.report(span, message, Some("write `value is gt(100)` or `value is empty`"));
            }
            Some(_) => {}
        }
        Facts::of(Type::Bool)
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'t>]) -> Arguments<'t> {
        let mut read = Arguments::default();
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(value) => {
                    let facts = self.expression(value);
                    read.facts.push(facts);
                    read.positional.push(constant(value));
                }
                ast::CallArg::Kwarg(name, value) => {
                    self.expression(value);
                    read.keywords.push((name, constant(value)));
                }
                ast::CallArg::PosSplat(value) | ast::CallArg::KwargSplat(value) => {
                    let message = "arguments are written one by one, without *";
                    self.report(value.span(), message, None);
                }
            }
        }
        read
    }

    fn check_arguments(&mut self, filter: &DocumentedFilter, given: &Arguments<'t>, span: Span) {
        let usage = format!("write {}", filter.usage);
        if given.positional.len() != filter.positional {
            let message = format!(
                "arguments of `{}` without a name: {} wanted, {} given",
                filter.name,
                filter.positional,
                given.positional.len()
            );
            return self.report(span, message, Some(&usage));
        }
        let strange = given.keywords.iter().find(|(name, _)| !filter.keywords.contains(name));
        if let Some((name, _)) = strange {
            let message = format!("`{}` has no argument `{name}`", filter.name);
            return self.report(span, message, Some(&usage));
        }
        // Arguments that are computed are checked when they are.
        let positional: Option<Vec<Value>> = given.positional.iter().cloned().collect();
        let keywords: Option<Kwargs> = given
            .keywords
            .iter()
            .map(|(name, value)| value.clone().map(|value| (*name, value)))
            .collect();
        let (Some(positional), Some(keywords)) = (positional, keywords) else { return };
        if let Err(error) = filter.check(&positional, &keywords) {
            let (message, hint) = in_words(&error);
            self.report(span, message, Some(hint.as_deref().unwrap_or(&usage)));
        }
    }
}

fn is_same_filter(inner: &ast::Expr<'_>, name: &str) -> bool {
    matches!(inner, ast::Expr::Filter(filter) if filter.name == name)
}

/// The value of a constant. Computations are left to the engine: even a constant
/// one may be large.
fn constant(expression: &ast::Expr<'_>) -> Option<Value> {
    match expression {
        ast::Expr::Const(constant) => Some(constant.value.clone()),
        ast::Expr::UnaryOp(operation) => match (&operation.op, &operation.expr) {
            (ast::UnaryOpKind::Neg, ast::Expr::Const(_)) => expression.as_const(),
            _ => None,
        },
        _ => None,
    }
}
