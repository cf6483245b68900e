//! Finds what is wrong with a template by reading it, in branches that no sample
//! takes too: unknown variables and filters, and comparisons that the engine
//! would answer, but not as meant (to it, each amount is more than each number).
//!
//! It also keeps templates small: texts that are joined again and again could
//! fill the memory, and no limit on steps or output would see it.

mod expression;
mod filter;
mod operator;
mod path;

use super::mistake::{Part, TemplateMistake, in_words};
use super::variable::Kind;
use minijinja::machinery::{Span, WhitespaceConfig, ast, parse};
use std::collections::BTreeMap;

/// How many texts may be joined in one value: a line has some dozens of fields.
const JOINED_TEXTS_MAX: u32 = 500;
/// How deep expressions and blocks may stand in each other; the checks go as
/// deep as the template does.
const DEPTH_MAX: u32 = 64;

/// What a value is, as far as reading tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Whole,
    Amount,
    Date,
    Bool,
    List,
    Balances,
    Balance,
    Loop,
    /// Something else, or not known.
    Unknown,
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Whole => Self::Whole,
            Kind::Amount => Self::Amount,
            Kind::Date => Self::Date,
            Kind::Balances => Self::Balances,
        }
    }
}

/// What is known of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Facts {
    of: Type,
    /// Whether it may be empty text although it is no text.
    may_be_empty: bool,
    /// How many texts it is made of at most.
    joined: u32,
}

impl Facts {
    const UNKNOWN: Self = Self::of(Type::Unknown);

    const fn of(of: Type) -> Self {
        Self { of, may_be_empty: false, joined: 1 }
    }

    /// What is known of a value that is one of the two.
    fn or(self, other: Self) -> Self {
        Self {
            of: if self.of == other.of { self.of } else { Type::Unknown },
            may_be_empty: self.may_be_empty || other.may_be_empty,
            joined: self.joined.max(other.joined),
        }
    }
}

/// Reads the template, and says what is wrong with it.
pub(super) fn check(part: Part, source: &str) -> Vec<TemplateMistake> {
    let whitespace = WhitespaceConfig { keep_trailing_newline: true, ..Default::default() };
    let tree = match parse(source, part.as_str(), Default::default(), whitespace) {
        Ok(tree) => tree,
        Err(error) => {
            let (message, hint) = in_words(&error);
            let hint = hint.or_else(|| syntax_hint(&message));
            return vec![TemplateMistake {
                message,
                hint,
                ..TemplateMistake::of(part, source, &error)
            }];
        }
    };
    let mut checker = Checker::new(part, source);
    checker.statement(&tree);
    checker.mistakes
}

fn syntax_hint(message: &str) -> Option<String> {
    if message.contains("unknown statement") {
        return Some(
            "templates have if, for, set and with; include and macros are left out".to_owned(),
        );
    }
    message.contains("unexpected end of input").then(|| {
        "close each {{ with }}, each {% if %} with {% endif %}, each {% for %} with {% endfor %}"
            .to_owned()
    })
}

struct Checker<'t> {
    part: Part,
    source: &'t str,
    scopes: Vec<BTreeMap<&'t str, Facts>>,
    mistakes: Vec<TemplateMistake>,
    depth: u32,
}

impl<'t> Checker<'t> {
    fn new(part: Part, source: &'t str) -> Self {
        let scopes = vec![BTreeMap::new()];
        Self { part, source, scopes, mistakes: Vec::new(), depth: 0 }
    }

    fn report(&mut self, span: Span, message: impl Into<String>, hint: Option<&str>) {
        let start = span.start_offset as usize;
        let length = (span.end_offset as usize).saturating_sub(start);
        let what = (message.into(), hint.map(str::to_owned));
        self.mistakes.push(TemplateMistake::new(self.part, self.source, start, length, what));
    }

    /// Goes one level down, unless that is too deep; a mistake of depth is
    /// reported once.
    fn deeper<T>(&mut self, span: Span, go: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth == DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} blocks or brackets stand in each other");
            self.report(span, message, Some("split the expression with {% set %}"));
            return None;
        }
        self.depth += 1;
        let result = go(self);
        self.depth -= 1;
        Some(result)
    }

    fn known(&self, name: &str) -> Option<Facts> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).copied()
    }

    fn set(&mut self, name: &'t str, facts: Facts) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, facts);
        }
    }

    fn statements(&mut self, statements: &[ast::Stmt<'t>]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &ast::Stmt<'t>) {
        match statement {
            ast::Stmt::Template(template) => self.statements(&template.children),
            ast::Stmt::EmitRaw(_) => {}
            ast::Stmt::EmitExpr(emit) => self.emit(&emit.expr),
            ast::Stmt::IfCond(condition) => {
                self.deeper(condition.span(), |checker| {
                    checker.expression(&condition.expr);
                    checker.branches(&condition.true_body, &condition.false_body);
                });
            }
            ast::Stmt::ForLoop(each) => {
                self.deeper(each.span(), |checker| checker.each(each));
            }
            ast::Stmt::Set(set) => {
                let facts = self.expression(&set.expr);
                self.assign(&set.target, facts);
            }
            ast::Stmt::WithBlock(with) => {
                self.deeper(with.span(), |checker| {
                    checker.scopes.push(BTreeMap::new());
                    for (target, value) in &with.assignments {
                        let facts = checker.expression(value);
                        checker.assign(target, facts);
                    }
                    checker.statements(&with.body);
                    checker.scopes.pop();
                });
            }
            ast::Stmt::SetBlock(block) => {
                let hint = "write {% set name = ... %}, and join texts with ~";
                self.report(block.span(), "a block of text cannot be set", Some(hint));
            }
            ast::Stmt::FilterBlock(block) => {
                let hint = "filter each value: {{ value | filter }}";
                self.report(block.span(), "a block of text cannot be filtered", Some(hint));
            }
            ast::Stmt::AutoEscape(block) => {
                let hint = "the export setup says how values are escaped, with its key `escape`";
                self.report(block.span(), "a template does not choose its escapes", Some(hint));
            }
            ast::Stmt::Do(call) => {
                self.report(call.span(), "templates have no functions to call", None);
            }
        }
    }

    fn emit(&mut self, expression: &ast::Expr<'t>) {
        let what = self.expression(expression).of;
        if matches!(what, Type::List | Type::Balances | Type::Balance | Type::Loop) {
            let hint = "write its values: {% for sum in totals.balances %}{{ sum.amount }}...";
            self.report(expression.span(), "a list cannot be written as one value", Some(hint));
        }
    }

    /// Two bodies of which one is taken: what is set in both, or was set before,
    /// is set afterwards.
    fn branches(&mut self, one: &[ast::Stmt<'t>], other: &[ast::Stmt<'t>]) {
        let mut scopes = [one, other].map(|body| {
            self.scopes.push(BTreeMap::new());
            self.statements(body);
            self.scopes.pop().unwrap_or_default()
        });
        let names: Vec<&'t str> = scopes.iter().flat_map(|scope| scope.keys().copied()).collect();
        for name in names {
            let before = self.known(name);
            let ends = scopes.each_mut().map(|scope| scope.get(name).copied().or(before));
            if let [Some(one), Some(other)] = ends {
                self.set(name, one.or(other));
            }
        }
    }

    fn each(&mut self, each: &ast::ForLoop<'t>) {
        let facts = self.expression(&each.iter);
        let item = match facts.of {
            Type::Balances => Facts::of(Type::Balance),
            Type::List => Facts { joined: facts.joined, ..Facts::UNKNOWN },
            _ => {
                let hint = "loop over totals.balances or over a list such as ['A', 'B']";
                self.report(each.iter.span(), "this is no list", Some(hint));
                Facts::UNKNOWN
            }
        };
        if each.recursive {
            self.report(each.iter.span(), "a loop cannot be recursive", None);
        }
        self.scopes.push(BTreeMap::from([("loop", Facts::of(Type::Loop))]));
        self.assign(&each.target, item);
        if let Some(condition) = &each.filter_expr {
            self.expression(condition);
        }
        self.statements(&each.body);
        self.check_growth(each);
        self.scopes.pop();
        self.branches(&each.else_body, &[]);
    }

    /// The engine keeps what a loop sets for its next turn: a text that grows
    /// with each turn could grow without end.
    fn check_growth(&mut self, each: &ast::ForLoop<'t>) {
        let first = self.scopes.last().cloned().unwrap_or_default();
        let mistakes = self.mistakes.len();
        self.statements(&each.body);
        self.mistakes.truncate(mistakes);
        let Some(second) = self.scopes.last() else { return };
        let grown = second.iter().find(|(name, facts)| {
            first.get(*name).is_some_and(|before| before.joined < facts.joined)
        });
        if let Some((name, _)) = grown {
            let message = format!("`{name}` grows with each turn of the loop");
            let hint = "write the texts as they come instead of collecting them";
            self.report(each.iter.span(), message, Some(hint));
        }
    }

    fn assign(&mut self, target: &ast::Expr<'t>, facts: Facts) {
        match target {
            ast::Expr::Var(variable) if path::is_group(variable.id) || variable.id == "loop" => {
                let message = format!("`{}` is the name of something else", variable.id);
                self.report(target.span(), message, Some("choose another name"));
            }
            ast::Expr::Var(variable) => self.set(variable.id, facts),
            _ => self.report(target.span(), "one name is set at a time", None),
        }
    }
}
