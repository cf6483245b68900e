//! The CEL parser, with messages for people who have never seen a grammar.

use super::FormulaError;
use super::scan::{Scan, error};
use cel::IdedExpr;
use cel::common::ast::SourceInfo;
use cel::parser::{ParseError, Parser};

/// Parses a scanned formula; the second result knows where each part begins.
pub(super) fn parse(scan: &Scan<'_>) -> Result<(IdedExpr, SourceInfo), FormulaError> {
    Parser::new().parse_with_source_info(scan.text).map_err(|errors| {
        // What the grammar misses says more than what then could not be built.
        let syntax = errors.errors.iter().find(|it| it.msg.starts_with("Syntax error"));
        match syntax.or(errors.errors.first()) {
            Some(first) => explain(scan, first),
            None => whole(scan, "the formula cannot be read"),
        }
    })
}

fn explain(scan: &Scan<'_>, parse_error: &ParseError) -> FormulaError {
    let Some(offset) = offset(scan.text, parse_error.pos) else {
        // The parser's own bound on nesting gives no place.
        return whole(scan, "the formula is nested too deeply");
    };
    let Some(token) = scan.tokens.iter().position(|token| token.span.end > offset) else {
        let last = scan.tokens.last().map_or(0..0, |token| token.span.clone());
        let condition = scan.tokens.iter().any(|token| &scan.text[token.span.clone()] == "?");
        let hint = if condition {
            "a choice is written: condition ? value : other value"
        } else {
            "a value is missing at the end"
        };
        return error(last, "the formula ends too early".to_owned(), hint);
    };
    let span = scan.tokens[token].span.clone();
    let text = scan.str(token);
    if parse_error.msg.contains("has()") {
        let message = "has(...) tests one variable".to_owned();
        return error(span, message, "write has(account.attributes.NAME)");
    }
    if parse_error.msg.starts_with("reserved identifier") {
        let hint = "variables begin with delinquency, account, contact or run";
        return error(span, format!("`{text}` is a reserved word"), hint);
    }
    let hint = "look at what stands before it: a sign, a comma or a bracket may be missing";
    error(span, format!("`{text}` is not expected here"), hint)
}

fn whole(scan: &Scan<'_>, message: &str) -> FormulaError {
    error(0..scan.text.len(), message.to_owned(), "split the formula")
}

/// The byte at a line and a column, both from 1, the column in characters.
fn offset(text: &str, (line, column): (isize, isize)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    Some(start + text.get(start..)?.chars().take(column).map(char::len_utf8).sum::<usize>())
}
