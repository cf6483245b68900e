//! What is known of expressions.

use super::path::{self, Complaint};
use super::{Checker, Facts, JOINED_TEXTS_MAX, Type};
use minijinja::machinery::{Span, ast};

/// What a loop tells of itself.
const LOOP: [(&str, Type); 7] = [
    ("index", Type::Whole),
    ("index0", Type::Whole),
    ("revindex", Type::Whole),
    ("revindex0", Type::Whole),
    ("length", Type::Whole),
    ("first", Type::Bool),
    ("last", Type::Bool),
];

impl<'t> Checker<'t> {
    pub(super) fn expression(&mut self, expression: &ast::Expr<'t>) -> Facts {
        let facts = self.deeper(expression.span(), |checker| checker.facts(expression));
        let facts = facts.unwrap_or(Facts::UNKNOWN);
        if facts.joined <= JOINED_TEXTS_MAX {
            return facts;
        }
        let message = format!("more than {JOINED_TEXTS_MAX} texts are joined into one");
        self.report(expression.span(), message, Some("write them one after the other"));
        Facts { joined: 1, ..facts }
    }

    fn facts(&mut self, expression: &ast::Expr<'t>) -> Facts {
        match expression {
            ast::Expr::Var(_) | ast::Expr::GetAttr(_) => self.variable(expression),
            ast::Expr::GetItem(item) => self.item(expression, item),
            ast::Expr::Const(constant) => self.constant(constant, expression.span()),
            ast::Expr::Slice(slice) => {
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expression(bound);
                }
                let of = self.expression(&slice.expr);
                if !matches!(of.of, Type::Text | Type::Date | Type::Unknown) {
                    let message = "only text can be cut into pieces";
                    self.report(expression.span(), message, None);
                }
                Facts { of: Type::Text, ..of }
            }
            ast::Expr::UnaryOp(operation) => self.unary(operation),
            ast::Expr::BinOp(operation) => self.binary(operation),
            ast::Expr::Compare(compare) => self.chain(compare),
            ast::Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                let then = self.expression(&choice.true_expr);
                match &choice.false_expr {
                    Some(otherwise) => then.or(self.expression(otherwise)),
                    None => Facts { may_be_empty: true, ..then },
                }
            }
            ast::Expr::Filter(filter) => self.filter(filter, expression.span()),
            ast::Expr::Test(test) => self.test(test, expression.span()),
            ast::Expr::Call(_) => {
                let hint = "use filters, {{ value | filter }}, and tests, {% if value is empty %}";
                self.report(expression.span(), "templates have no functions to call", Some(hint));
                Facts::UNKNOWN
            }
            ast::Expr::List(list) => {
                let joined = list.items.iter().map(|item| self.expression(item).joined).max();
                Facts { joined: joined.unwrap_or(1), ..Facts::of(Type::List) }
            }
            ast::Expr::Map(_) => {
                let message = "templates have no maps";
                self.report(expression.span(), message, Some("choose with if and elif"));
                Facts::UNKNOWN
            }
        }
    }

    fn constant(&mut self, constant: &ast::Const, span: Span) -> Facts {
        let value = &constant.value;
        if value.is_number() && !value.is_integer() {
            let hint = "write the number as text, in quotes: '99.50'";
            self.report(span, "numbers with a point are not exact", Some(hint));
            return Facts::of(Type::Whole);
        }
        match value.kind() {
            minijinja::value::ValueKind::String => Facts::of(Type::Text),
            minijinja::value::ValueKind::Number => Facts::of(Type::Whole),
            minijinja::value::ValueKind::Bool => Facts::of(Type::Bool),
            minijinja::value::ValueKind::Seq => Facts::of(Type::List),
            _ => Facts::UNKNOWN,
        }
    }

    /// `a.b`, `a['b']` and `a[b]`.
    fn item(&mut self, expression: &ast::Expr<'t>, item: &ast::GetItem<'t>) -> Facts {
        if path_of(expression).is_some() {
            return self.variable(expression);
        }
        self.expression(&item.subscript_expr);
        match path_of(&item.expr).as_deref() {
            // Which attribute, is known later; that there is one, is not asked.
            Some([owner, "attributes"]) if path::is_group(owner) => {
                match path::resolve(&[owner, "attributes", "NAME"], self.part) {
                    Ok(_) => return Facts::of(Type::Text),
                    Err(complaint) => self.complain(expression.span(), complaint),
                }
            }
            _ => {
                let hint = "write the name after a point, account.attributes.NAME";
                self.report(expression.span(), "values are not chosen by number", Some(hint));
            }
        }
        Facts::UNKNOWN
    }

    fn variable(&mut self, expression: &ast::Expr<'t>) -> Facts {
        let span = whole_span(expression);
        let Some(path) = path_of(expression) else {
            self.report(span, "this value has no parts", None);
            return Facts::UNKNOWN;
        };
        match (path.first().and_then(|first| self.known(first)), path.as_slice()) {
            (Some(facts), [_]) => facts,
            (Some(Facts { of: Type::Balance, .. }), [_, "currency"]) => Facts::of(Type::Text),
            (Some(Facts { of: Type::Balance, .. }), [_, "amount"]) => Facts::of(Type::Amount),
            (Some(Facts { of: Type::Balance, .. }), _) => {
                let hint = "a sum has a currency and an amount";
                self.report(span, format!("there is no `{}`", path.join(".")), Some(hint));
                Facts::UNKNOWN
            }
            (Some(Facts { of: Type::Loop, .. }), [_, name]) => {
                let known = LOOP.iter().find(|(known, _)| known == name);
                if known.is_none() {
                    let hint = "a loop has index, index0, revindex, revindex0, length, first, last";
                    self.report(span, format!("there is no `loop.{name}`"), Some(hint));
                }
                known.map_or(Facts::UNKNOWN, |(_, of)| Facts::of(*of))
            }
            (Some(_), _) => {
                self.report(span, format!("`{}` has no parts", path[0]), None);
                Facts::UNKNOWN
            }
            (None, path) => match path::resolve(path, self.part) {
                Ok(variable) => {
                    let (of, may_be_empty) = path::meaning(variable);
                    Facts { may_be_empty, ..Facts::of(of) }
                }
                Err(complaint) => {
                    self.complain(span, complaint);
                    Facts::UNKNOWN
                }
            },
        }
    }

    pub(super) fn complain(&mut self, span: Span, (message, hint): Complaint) {
        self.report(span, message, hint.as_deref());
    }
}

/// Where the expression stands: the engine's own span of a path begins at its
/// last point, that of a filtered value at the filter.
pub(super) fn whole_span(expression: &ast::Expr<'_>) -> Span {
    let (start, end) = (first_operand(expression).span(), expression.span());
    Span {
        start_line: start.start_line,
        start_col: start.start_col,
        start_offset: start.start_offset,
        ..end
    }
}

fn first_operand<'a, 't>(expression: &'a ast::Expr<'t>) -> &'a ast::Expr<'t> {
    let inner = match expression {
        ast::Expr::GetAttr(attribute) => Some(&attribute.expr),
        ast::Expr::GetItem(item) => Some(&item.expr),
        ast::Expr::Filter(filter) => filter.expr.as_ref(),
        _ => None,
    };
    inner.map_or(expression, first_operand)
}

/// `account.id` and `account['id']`, as a list of names.
fn path_of<'a>(expression: &'a ast::Expr<'_>) -> Option<Vec<&'a str>> {
    let mut names = Vec::new();
    let mut inner = expression;
    loop {
        inner = match inner {
            ast::Expr::Var(variable) => {
                names.push(variable.id);
                names.reverse();
                return Some(names);
            }
            ast::Expr::GetAttr(attribute) => {
                names.push(attribute.name);
                &attribute.expr
            }
            ast::Expr::GetItem(item) => {
                let ast::Expr::Const(name) = &item.subscript_expr else { return None };
                names.push(name.value.as_str()?);
                &item.expr
            }
            _ => return None,
        }
    }
}
