//! Which values a formula can give, as far as its text tells.

use super::Value;
use super::tree::{Kind, Node};

/// The values that a formula can give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralResults {
    /// Those that are written in the formula, in order, with their places.
    pub results: Vec<LiteralResult>,
    /// Whether they are all: `false` if the formula may give a computed value.
    pub complete: bool,
}

/// A value that is written in a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralResult {
    /// The value.
    pub value: Value,
    /// Where it begins, in bytes.
    pub offset: usize,
    /// How many bytes it covers.
    pub length: usize,
}

/// Collects what stands in the place of the result: both values of a choice,
/// and of the choices inside it.
pub(super) fn literal_results(root: &Node) -> LiteralResults {
    let mut found = LiteralResults { results: Vec::new(), complete: true };
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.kind {
            Kind::Constant(value) => found.results.push(LiteralResult {
                value: value.clone(),
                offset: node.span.start,
                length: node.span.len(),
            }),
            Kind::Choice(parts) => open.extend([&parts[2], &parts[1]]),
            _ => found.complete = false,
        }
    }
    found
}
