//! The limits of formulas, and why they are where they are.

/// The most bytes of a formula: far more than a person can check by reading,
/// and it bounds all work that the text causes.
pub const FORMULA_BYTES_MAX: usize = 4_096;

/// The most words, numbers, texts and signs of a formula. A chain such as
/// `a + b + ...` nests one level for each sign, so this bounds the depth of
/// the tree, and with it the stack.
pub const FORMULA_TOKENS_MAX: usize = 1_000;

/// How deep brackets may nest. The parser goes down ten rules for each level;
/// nobody reads more than a handful.
pub const BRACKET_DEPTH_MAX: usize = 32;

/// The most elements of a list. A longer one belongs into an attribute.
pub const LIST_LENGTH_MAX: usize = 200;

/// Digits after the point to which `round` may round: all that a number has.
pub const ROUND_DIGITS_MAX: u32 = 28;
