//! What is known of computations and comparisons.
//!
//! To the engine, values of two kinds have an order too: each number is less
//! than each text, and each text less than each amount. A template that compares
//! them would be wrong without a word, so it is refused here.

use super::expression::whole_span;
use super::{Checker, Facts, Type};
use minijinja::machinery::ast::{self, BinOpKind, CompareOpKind, UnaryOpKind};

/// A comparison as a test does it, which knows amounts and empty values.
fn test_instead(operator: CompareOpKind) -> &'static str {
    match operator {
        CompareOpKind::Eq => "eq",
        CompareOpKind::Ne => "ne",
        CompareOpKind::Lt => "lt",
        CompareOpKind::Lte => "le",
        CompareOpKind::Gt => "gt",
        CompareOpKind::Gte => "ge",
        CompareOpKind::In | CompareOpKind::NotIn => "in",
    }
}

fn compares(operator: BinOpKind) -> Option<CompareOpKind> {
    Some(match operator {
        BinOpKind::Eq => CompareOpKind::Eq,
        BinOpKind::Ne => CompareOpKind::Ne,
        BinOpKind::Lt => CompareOpKind::Lt,
        BinOpKind::Lte => CompareOpKind::Lte,
        BinOpKind::Gt => CompareOpKind::Gt,
        BinOpKind::Gte => CompareOpKind::Gte,
        BinOpKind::In => CompareOpKind::In,
        _ => return None,
    })
}

impl<'t> Checker<'t> {
    pub(super) fn unary(&mut self, operation: &ast::UnaryOp<'t>) -> Facts {
        let facts = self.expression(&operation.expr);
        match operation.op {
            UnaryOpKind::Not => Facts::of(Type::Bool),
            UnaryOpKind::Neg => {
                self.must_be_whole(&operation.expr, facts);
                Facts::of(Type::Whole)
            }
        }
    }

    pub(super) fn binary(&mut self, operation: &ast::BinOp<'t>) -> Facts {
        let left = self.expression(&operation.left);
        let right = self.expression(&operation.right);
        if let Some(operator) = compares(operation.op) {
            self.comparison(operator, (&operation.left, left), (&operation.right, right));
            return Facts::of(Type::Bool);
        }
        let at = operation.right.span();
        match operation.op {
            BinOpKind::ScAnd | BinOpKind::ScOr => left.or(right),
            BinOpKind::Concat => {
                for (side, facts) in [(&operation.left, left), (&operation.right, right)] {
                    self.must_not_be_finished(side, "~");
                    self.must_be_one_value(side, facts);
                }
                let joined = left.joined.saturating_add(right.joined);
                Facts { joined, ..Facts::of(Type::Text) }
            }
            BinOpKind::Div => {
                let hint = "// divides whole numbers";
                self.report(at, "/ gives numbers with a point, which are not exact", Some(hint));
                Facts::of(Type::Whole)
            }
            BinOpKind::Pow => {
                self.report(at, "templates have no powers", None);
                Facts::of(Type::Whole)
            }
            _ => {
                self.must_be_whole(&operation.left, left);
                self.must_be_whole(&operation.right, right);
                Facts::of(Type::Whole)
            }
        }
    }

    /// `a < b < c`.
    pub(super) fn chain(&mut self, compare: &ast::Compare<'t>) -> Facts {
        let mut left = (&compare.expr, self.expression(&compare.expr));
        for next in &compare.ops {
            let right = (&next.expr, self.expression(&next.expr));
            self.comparison(next.op, left, right);
            left = right;
        }
        Facts::of(Type::Bool)
    }

    fn must_be_whole(&mut self, operand: &ast::Expr<'t>, facts: Facts) {
        if facts.of == Type::Whole && !facts.may_be_empty {
            return;
        }
        let (message, hint) = match facts.of {
            Type::Whole => {
                ("this may be empty, and nothing can be computed then", "add | default(0)")
            }
            Type::Amount => (
                "templates do not compute amounts",
                "write what the book says; totals.balance is the sum of a file",
            ),
            Type::Text | Type::Date => ("text cannot be computed", "join texts with ~"),
            _ => ("this is no whole number", "templates compute whole numbers only"),
        };
        self.report(whole_span(operand), message, Some(hint));
    }

    fn must_be_one_value(&mut self, operand: &ast::Expr<'t>, facts: Facts) {
        if matches!(facts.of, Type::List | Type::Balances | Type::Balance | Type::Loop) {
            self.report(operand.span(), "a list cannot be joined with a text", None);
        }
    }

    fn comparison(
        &mut self,
        operator: CompareOpKind,
        (left, left_facts): (&ast::Expr<'t>, Facts),
        (right, right_facts): (&ast::Expr<'t>, Facts),
    ) {
        if matches!(operator, CompareOpKind::In | CompareOpKind::NotIn) {
            if matches!(left_facts.of, Type::Amount) {
                let hint = "compare it with each: {% if delinquency.balance is eq(100) or ... %}";
                self.report(whole_span(left), "an amount is in no list", Some(hint));
            }
            return;
        }
        let test = test_instead(operator);
        let is_order = !matches!(operator, CompareOpKind::Eq | CompareOpKind::Ne);
        if !agree(left_facts.of, right_facts.of) {
            let message = format!(
                "{} and {} do not compare with an operator",
                name(left_facts.of),
                name(right_facts.of)
            );
            let hint = format!("write `is {test}(...)`: {}", instead(self, left, test, right));
            self.report(whole_span(left), message, Some(&hint));
        } else if is_order && (left_facts.may_be_empty || right_facts.may_be_empty) {
            let empty = if left_facts.may_be_empty { left } else { right };
            let hint = format!(
                "write `is {test}(...)`, which an empty value never is: {}",
                instead(self, left, test, right)
            );
            self.report(whole_span(empty), "this may be empty, and has no order then", Some(&hint));
        }
    }

    fn text_of(&self, expression: &ast::Expr<'_>) -> &'t str {
        let span = whole_span(expression);
        let range = span.start_offset as usize..span.end_offset as usize;
        self.source.get(range).unwrap_or("...")
    }
}

/// The comparison written as a test.
fn instead(
    checker: &Checker<'_>,
    left: &ast::Expr<'_>,
    test: &str,
    right: &ast::Expr<'_>,
) -> String {
    format!("{} is {test}({})", checker.text_of(left), checker.text_of(right))
}

/// Whether the engine compares such values as a reader would.
fn agree(left: Type, right: Type) -> bool {
    use Type::{Amount, Balance, Balances, Date, List, Loop, Text, Unknown};
    match (left, right) {
        (Amount, other) | (other, Amount) => other == Amount,
        (List | Balances | Balance | Loop, _) | (_, List | Balances | Balance | Loop) => false,
        (Unknown, _) | (_, Unknown) | (Text | Date, Text | Date) => true,
        (left, right) => left == right,
    }
}

fn name(of: Type) -> &'static str {
    match of {
        Type::Text => "a text",
        Type::Whole => "a whole number",
        Type::Amount => "an amount",
        Type::Date => "a date",
        Type::Bool => "a truth value",
        Type::List | Type::Balances => "a list",
        Type::Balance => "a sum of a currency",
        Type::Loop => "a loop",
        Type::Unknown => "something else",
    }
}
