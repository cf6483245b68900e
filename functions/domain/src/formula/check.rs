//! From the parser's tree to a checked one: names are known, types fit, and
//! what is constant is computed.

use super::evaluate::evaluate;
use super::limit::LIST_LENGTH_MAX;
use super::number;
use super::operator;
use super::scan::{Scan, error};
use super::tree::{Kind, Node};
use super::variable::{Path, resolve};
use super::{Facts, FormulaError, Owner, Reference, Type, Value, Variable, function};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, SelectExpr, SourceInfo, operators};
use rust_decimal::Decimal;
use std::ops::Range;

pub(super) type Result<T> = std::result::Result<T, FormulaError>;

/// Checks a formula.
pub(super) struct Checker<'t> {
    scan: &'t Scan<'t>,
    places: &'t SourceInfo,
    /// What it reads, in the order of the text.
    pub(super) reads: Vec<Reference>,
}

/// There are no facts while constants are computed.
struct NoFacts;

impl Facts for NoFacts {
    fn fact(&self, _: Variable) -> Option<Value> {
        None
    }

    fn attribute(&self, _: Owner, _: &str) -> Option<&str> {
        None
    }
}

impl<'t> Checker<'t> {
    pub(super) fn new(scan: &'t Scan<'t>, places: &'t SourceInfo) -> Self {
        Self { scan, places, reads: Vec::new() }
    }

    /// Checks a part.
    pub(super) fn node(&mut self, part: &IdedExpr) -> Result<Node> {
        let node = match &part.expr {
            Expr::Literal(literal) => self.literal(part, literal)?,
            Expr::Ident(_) => self.variable(part)?,
            Expr::Select(select) if select.test => self.has(part, select)?,
            Expr::Select(_) => self.variable(part)?,
            Expr::List(list) => self.list(part, &list.elements)?,
            Expr::Call(call) => self.call(part, call)?,
            Expr::Comprehension(_) => {
                let message = "loops are not supported in a formula".to_owned();
                let hint = "all, exists, map and filter are left out; name the values one by one";
                return Err(error(self.call_span(part, None), message, hint));
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                return Err(
                    self.unsupported(part, "formulas have values, lists, signs and functions")
                );
            }
        };
        self.folded(node)
    }

    /// The value, if all parts are constant: a mistake in it shows now, not
    /// when the first record meets it.
    fn folded(&self, node: Node) -> Result<Node> {
        if !node.can_be_folded() {
            return Ok(node);
        }
        match evaluate(self.scan.text, &node, &NoFacts) {
            Ok(evaluated) => Ok(Node::constant(evaluated.value, node.of, node.span)),
            Err(failure) => Err(error(
                node.span,
                failure.to_string(),
                "this part is the same for every record, so the formula could never work",
            )),
        }
    }

    fn literal(&self, part: &IdedExpr, literal: &LiteralValue) -> Result<Node> {
        let token = self.token(part);
        let mut span = self.span(token);
        // The sign is a part of the parser's literal, but not of its place.
        let sign = token.and_then(|token| token.checked_sub(1));
        let sign = sign.filter(|before| self.scan.is_sign_of_number(*before));
        let (value, of) = match literal {
            LiteralValue::Boolean(value) => (Value::Bool(*value.inner()), Type::Bool),
            LiteralValue::String(value) => (Value::Text(value.inner().to_owned()), Type::Text),
            LiteralValue::Int(value) => (Value::Int(*value.inner()), Type::Int),
            // The parser has made it inexact: it is read again from the text.
            LiteralValue::Double(_) => {
                let digits = self.scan.text.get(span.clone()).unwrap_or_default();
                let Ok(number) = Decimal::from_str_exact(digits) else {
                    return Err(
                        self.unsupported(part, "write digits and a decimal point, such as 25.00")
                    );
                };
                let number = if sign.is_some() { number::negated(number) } else { number };
                (Value::Decimal(number), Type::Decimal)
            }
            LiteralValue::Bytes(_) | LiteralValue::Null | LiteralValue::UInt(_) => {
                return Err(
                    self.unsupported(part, "write a number, a text in quotes, true or false")
                );
            }
        };
        if let (Some(sign), true) = (sign, of.is_number()) {
            span.start = self.scan.tokens[sign].span.start;
        }
        Ok(Node::constant(value, of, span))
    }

    fn variable(&mut self, part: &IdedExpr) -> Result<Node> {
        let Some((segments, span)) = self.path(part) else {
            return Err(self.unsupported(part, "only variables have parts: account.class"));
        };
        match resolve(&segments) {
            Ok(Path::Reference(reference)) => Ok(self.read(reference, span)),
            Ok(Path::Attributes(owner)) => {
                Ok(Node { kind: Kind::Attributes(owner), of: Type::Attributes, span })
            }
            Err(hint) => {
                let path = segments.join(".");
                Err(error(span, format!("there is no variable `{path}`"), &hint))
            }
        }
    }

    fn read(&mut self, reference: Reference, span: Range<usize>) -> Node {
        let of = match &reference {
            Reference::Variable(variable) => variable.of(),
            Reference::Attribute { .. } => Type::Text,
        };
        self.note(&reference);
        Node { kind: Kind::Read(reference), of, span }
    }

    fn note(&mut self, reference: &Reference) {
        if !self.reads.contains(reference) {
            self.reads.push(reference.clone());
        }
    }

    /// The words of `a.b.c` and their place.
    fn path<'e>(&self, part: &'e IdedExpr) -> Option<(Vec<&'e str>, Range<usize>)> {
        match &part.expr {
            Expr::Ident(name) => Some((vec![name.as_str()], self.span(self.token(part)))),
            Expr::Select(select) if !select.test => {
                let (mut segments, span) = self.path(&select.operand)?;
                segments.push(&select.field);
                let name = self.token(part).map(|point| point + 1);
                Some((segments, span.start..self.span(name).end))
            }
            _ => None,
        }
    }

    /// `has(account.attributes.paperless)`
    fn has(&mut self, part: &IdedExpr, select: &SelectExpr) -> Result<Node> {
        let span = self.call_span(part, None);
        let hint = "write has(account.attributes.NAME), or a variable that a record may lack";
        let Some((mut segments, _)) = self.path(&select.operand) else {
            return Err(error(span, "has(...) tests one variable".to_owned(), hint));
        };
        segments.push(&select.field);
        match resolve(&segments) {
            Ok(Path::Reference(reference)) => {
                self.note(&reference);
                Ok(Node { kind: Kind::Has(reference), of: Type::Bool, span })
            }
            Ok(Path::Attributes(_)) => {
                Err(error(span, "has(...) tests one variable".to_owned(), hint))
            }
            Err(hint) => {
                let path = segments.join(".");
                Err(error(span, format!("there is no variable `{path}`"), &hint))
            }
        }
    }

    fn list(&mut self, part: &IdedExpr, elements: &[IdedExpr]) -> Result<Node> {
        let span = self.call_span(part, None);
        if elements.len() > LIST_LENGTH_MAX {
            let message = format!("a list has at most {LIST_LENGTH_MAX} elements");
            return Err(error(span, message, "keep long lists in an attribute of the records"));
        }
        let mut nodes = elements.iter().map(|it| self.node(it)).collect::<Result<Vec<_>>>()?;
        if nodes.iter().any(|node| node.of == Type::Decimal) {
            nodes = nodes.into_iter().map(Node::widened).collect();
        }
        let Some(of) = nodes.first().map(|node| node.of.clone()) else {
            let hint = "list the values: ['COMM', 'RES']";
            return Err(error(span, "the list is empty".to_owned(), hint));
        };
        if let Some(other) = nodes.iter().find(|node| node.of != of) {
            let message = format!("the list begins with {of}, but this is {}", other.of);
            let hint = "all elements of a list have one type";
            return Err(error(other.span.clone(), message, hint));
        }
        if matches!(of, Type::List(_) | Type::Attributes) {
            let message = format!("a list cannot hold {of}");
            return Err(error(span, message, "list numbers, texts, dates, true or false"));
        }
        Ok(Node { kind: Kind::List(nodes), of: Type::List(Box::new(of)), span })
    }

    fn call(&mut self, part: &IdedExpr, call: &CallExpr) -> Result<Node> {
        if call.func_name == operators::INDEX {
            return self.index(part, call);
        }
        let target = call.target.iter().map(|target| self.node(target));
        let target = target.collect::<Result<Vec<_>>>()?;
        let is_method = !target.is_empty();
        let mut nodes = target;
        for argument in &call.args {
            nodes.push(self.node(argument)?);
        }
        if let Some(operator) = operator::named(&call.func_name) {
            return self.operation(part, operator, nodes);
        }
        let span = self.call_span(part, nodes.first().filter(|_| is_method));
        match function::resolve(&call.func_name, is_method, &mut nodes) {
            Ok((function, of)) => Ok(Node { kind: Kind::Call(function, nodes), of, span }),
            Err(mismatch) => Err(error(span, mismatch.message, &mismatch.hint)),
        }
    }

    fn operation(
        &mut self,
        part: &IdedExpr,
        operator: operator::Operator,
        nodes: Vec<Node>,
    ) -> Result<Node> {
        // A part in brackets has a place of its own, without them.
        let sign = self.span(self.token(part));
        let start = nodes.iter().map(|node| node.span.start).fold(sign.start, usize::min);
        let end = nodes.iter().map(|node| node.span.end).fold(sign.end, usize::max);
        let span = self.scan.balanced(start..end);
        let node = operator::apply(operator, nodes, span)?;
        if let Kind::Has(reference) = &node.kind {
            self.note(reference);
        }
        Ok(node)
    }

    /// `account.attributes['meter type']`
    fn index(&mut self, part: &IdedExpr, call: &CallExpr) -> Result<Node> {
        let [owner, name] = call.args.as_slice() else {
            return Err(self.unsupported(part, "only attributes have names in brackets"));
        };
        let (owner, name) = (self.node(owner)?, self.node(name)?);
        let span = self.call_span(part, Some(&owner));
        match (owner.kind, name.kind) {
            (Kind::Attributes(owner), Kind::Constant(Value::Text(name))) => {
                Ok(self.read(Reference::Attribute { owner, name: name.into() }, span))
            }
            _ => Err(error(
                span,
                "this has no values in brackets".to_owned(),
                "an attribute's name in quotes may stand in brackets: account.attributes['meter type']",
            )),
        }
    }

    /// The token that the parser gives as the place of a part.
    fn token(&self, part: &IdedExpr) -> Option<usize> {
        let (start, _) = self.places.offset_for(part.id)?;
        self.scan.token_at(usize::try_from(start).ok()?)
    }

    /// The bytes of a token. The two scans agree on every token; should they
    /// ever not, the whole formula is the place.
    fn span(&self, token: Option<usize>) -> Range<usize> {
        token
            .and_then(|token| self.scan.tokens.get(token))
            .map_or(0..self.scan.text.len(), |token| token.span.clone())
    }

    /// The bytes of what ends with the bracket that the parser gives as its
    /// place: a call with its name or its target, a list.
    fn call_span(&self, part: &IdedExpr, target: Option<&Node>) -> Range<usize> {
        let bracket = self.token(part);
        let name = match &part.expr {
            Expr::List(_) => bracket,
            _ => bracket.and_then(|bracket| bracket.checked_sub(1)),
        };
        let start = target.map_or(self.span(name).start, |target| target.span.start);
        self.scan.balanced(start..self.span(bracket).end)
    }

    fn unsupported(&self, part: &IdedExpr, hint: &str) -> FormulaError {
        let span = self.span(self.token(part));
        let text = self.scan.text.get(span.clone()).unwrap_or_default();
        error(span, format!("`{text}` is not supported in a formula"), hint)
    }
}
