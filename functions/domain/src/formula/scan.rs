//! The words and signs of a formula with their places.
//!
//! The CEL parser decides what a formula means. This scan goes over the text
//! before it, for what the parser does not give: bounds on size and nesting,
//! decimal literals as they are written (the parser's own have become floats),
//! the place of every part, and messages for the slips that people make.

use super::FormulaError;
use super::limit::{BRACKET_DEPTH_MAX, FORMULA_BYTES_MAX, FORMULA_TOKENS_MAX};
use rust_decimal::Decimal;
use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// `account`
    Word,
    /// `14`, `50.00`
    Number,
    /// `'COMM'`
    Text,
    /// `(` or `[`, with the position of what closes it.
    Open(usize),
    /// `)` or `]`, with the position of what opened it.
    Close(usize),
    /// Any other sign.
    Sign,
}

/// A word, number, text or sign.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Its bytes in the text.
    pub(super) span: Range<usize>,
}

/// A scanned formula.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
}

impl<'t> Scan<'t> {
    /// Scans a text.
    pub(super) fn new(text: &'t str) -> Result<Self, FormulaError> {
        if text.len() > FORMULA_BYTES_MAX {
            let message = format!("a formula has at most {FORMULA_BYTES_MAX} bytes");
            return Err(error(0..text.len(), message, "move parts of it into attributes"));
        }
        let mut scanner = Scanner { scan: Self { text, tokens: Vec::new() }, open: Vec::new() };
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            at = scanner.step(at, next)?;
            if scanner.scan.tokens.len() > FORMULA_TOKENS_MAX {
                let message = format!("a formula has at most {FORMULA_TOKENS_MAX} words and signs");
                return Err(error(
                    0..text.len(),
                    message,
                    "split the rule, or use a list with `in`",
                ));
            }
        }
        scanner.finish()
    }

    /// What the token says.
    pub(super) fn str(&self, position: usize) -> &'t str {
        self.tokens.get(position).map_or("", |token| &self.text[token.span.clone()])
    }

    /// The token that begins at the byte.
    pub(super) fn token_at(&self, offset: usize) -> Option<usize> {
        self.tokens.binary_search_by_key(&offset, |token| token.span.start).ok()
    }

    /// Whether the token is a minus that belongs to what follows it.
    pub(super) fn is_sign_of_number(&self, position: usize) -> bool {
        self.str(position) == "-"
            && !position.checked_sub(1).is_some_and(|before| {
                matches!(
                    self.tokens[before].kind,
                    TokenKind::Word | TokenKind::Number | TokenKind::Text | TokenKind::Close(_)
                ) && self.str(before) != "in"
            })
    }

    /// The bytes of a part of the formula, widened until its brackets balance:
    /// `a + b) * c` is a part that begins with the bracket before `a`.
    pub(super) fn balanced(&self, part: Range<usize>) -> Range<usize> {
        let first = self.tokens.partition_point(|token| token.span.start < part.start);
        let after = self.tokens.partition_point(|token| token.span.start < part.end);
        let mut widened = part;
        for token in self.tokens.get(first..after).unwrap_or_default() {
            match token.kind {
                TokenKind::Open(close) if close >= after => {
                    widened.end = widened.end.max(self.tokens[close].span.end);
                }
                TokenKind::Close(open) if open < first => {
                    widened.start = widened.start.min(self.tokens[open].span.start);
                }
                _ => {}
            }
        }
        widened
    }
}

struct Scanner<'t> {
    scan: Scan<'t>,
    /// Positions of the brackets that are still open.
    open: Vec<usize>,
}

impl<'t> Scanner<'t> {
    /// Takes what begins at a byte, and returns where it ends.
    fn step(&mut self, at: usize, next: char) -> Result<usize, FormulaError> {
        let text = self.scan.text;
        let rest = &text[at..];
        match next {
            ' ' | '\t' | '\r' | '\n' => Ok(at + 1),
            '/' if rest.starts_with("//") => Ok(at + rest.find('\n').unwrap_or(rest.len())),
            '\'' | '"' => self.text_literal(at, next),
            '0'..='9' => self.number(at),
            '.' if rest[1..].starts_with(|digit: char| digit.is_ascii_digit()) => Err(error(
                at..at + 1,
                "a number does not begin with a point".to_owned(),
                "write 0.5 instead of .5",
            )),
            'a'..='z' | 'A'..='Z' | '_' => self.word(at),
            '(' | '[' => self.open_bracket(at),
            ')' | ']' => self.close_bracket(at, next),
            _ => self.sign(at, next),
        }
    }

    fn push(&mut self, kind: TokenKind, span: Range<usize>) -> usize {
        let end = span.end;
        self.scan.tokens.push(Token { kind, span });
        end
    }

    fn text_literal(&mut self, at: usize, quote: char) -> Result<usize, FormulaError> {
        let rest = &self.scan.text[at..];
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        if rest.starts_with(&triple) {
            let message = format!("{triple} has no meaning in a formula");
            return Err(error(at..at + 3, message, "write a text as 'COMM' or \"COMM\""));
        }
        let mut escaped = false;
        for (offset, character) in rest.char_indices().skip(1) {
            match character {
                '\n' | '\r' => break,
                '\'' | '"' | '\\' | 'n' | 't' if escaped => escaped = false,
                _ if escaped => {
                    let message = format!("`\\{character}` has no meaning in a text");
                    let span = at + offset - 1..at + offset + character.len_utf8();
                    return Err(error(span, message, "write \\\\ for a backslash"));
                }
                '\\' => escaped = true,
                _ if character == quote => {
                    return Ok(self.push(TokenKind::Text, at..at + offset + 1));
                }
                _ => {}
            }
        }
        let message = "the text that begins here is never closed".to_owned();
        Err(error(at..at + 1, message, &format!("add {quote} at its end")))
    }

    fn number(&mut self, at: usize) -> Result<usize, FormulaError> {
        let rest = &self.scan.text[at..];
        let digits = |from: &str| from.bytes().take_while(u8::is_ascii_digit).count();
        let mut length = digits(rest);
        let fraction = rest[length..].strip_prefix('.').map_or(0, digits);
        if fraction > 0 {
            length += 1 + fraction;
        }
        let wrong =
            |length: usize, message: String, hint: &str| Err(error(at..at + length, message, hint));
        let more = rest[length..].bytes().take_while(|byte| is_word_byte(*byte)).count();
        if more > 0 {
            let message = format!("`{}` is no number", &rest[..length + more]);
            return wrong(
                length + more,
                message,
                "write digits and a decimal point, such as 25.00",
            );
        }
        let number = &rest[..length];
        if fraction == 0 && number.parse::<i64>().is_err() {
            let message = format!("`{number}` is larger than whole numbers go");
            return wrong(length, message, "write it with a decimal point, such as 25.0");
        }
        if fraction > 0 && Decimal::from_str_exact(number).is_err() {
            let message = format!("`{number}` has more digits than the 28 that a number can have");
            return wrong(length, message, "shorten it; nothing is rounded silently");
        }
        Ok(self.push(TokenKind::Number, at..at + length))
    }

    fn word(&mut self, at: usize) -> Result<usize, FormulaError> {
        let rest = &self.scan.text[at..];
        let length = rest.bytes().take_while(|byte| is_word_byte(*byte)).count();
        let word = &rest[..length];
        let is_field =
            self.scan.tokens.last().is_some_and(|token| &self.scan.text[token.span.clone()] == ".");
        let hint = match word.to_ascii_lowercase().as_str() {
            "and" => Some("write && for `and`"),
            "or" => Some("write || for `or`"),
            "not" => Some("write ! for `not`"),
            "if" | "then" | "else" => Some("write: condition ? value : other value"),
            "null" | "none" | "nil" => Some("test whether there is a value: has(...)"),
            "r" | "b" | "rb" | "br" if rest[length..].starts_with(['\'', '"']) => {
                Some("write a text as 'COMM' or \"COMM\"")
            }
            _ => None,
        };
        match hint {
            Some(hint) if !is_field => {
                let message = format!("`{word}` has no meaning in a formula");
                Err(error(at..at + length, message, hint))
            }
            _ => Ok(self.push(TokenKind::Word, at..at + length)),
        }
    }

    fn open_bracket(&mut self, at: usize) -> Result<usize, FormulaError> {
        if self.open.len() == BRACKET_DEPTH_MAX {
            let message = format!("brackets nest more than {BRACKET_DEPTH_MAX} deep");
            return Err(error(at..at + 1, message, "split the formula"));
        }
        self.open.push(self.scan.tokens.len());
        // What closes it is filled in when it comes.
        Ok(self.push(TokenKind::Open(usize::MAX), at..at + 1))
    }

    fn close_bracket(&mut self, at: usize, bracket: char) -> Result<usize, FormulaError> {
        let expected = if bracket == ')' { "(" } else { "[" };
        let position = self.scan.tokens.len();
        match self.open.pop() {
            Some(open) if self.scan.str(open) == expected => {
                self.scan.tokens[open].kind = TokenKind::Open(position);
                Ok(self.push(TokenKind::Close(open), at..at + 1))
            }
            Some(open) => {
                let message = format!("`{bracket}` does not close `{}`", self.scan.str(open));
                Err(error(at..at + 1, message, "close the brackets in the order of their opening"))
            }
            None => {
                let message = format!("`{bracket}` closes nothing");
                Err(error(at..at + 1, message, &format!("remove it, or add `{expected}` before")))
            }
        }
    }

    fn sign(&mut self, at: usize, next: char) -> Result<usize, FormulaError> {
        const TWO: [&str; 6] = ["&&", "||", "==", "!=", "<=", ">="];
        let rest = &self.scan.text[at..];
        if rest.starts_with("<>") {
            return Err(error(
                at..at + 2,
                "`<>` has no meaning in a formula".to_owned(),
                "write !=",
            ));
        }
        if TWO.iter().any(|two| rest.starts_with(two)) {
            return Ok(self.push(TokenKind::Sign, at..at + 2));
        }
        let hint = match next {
            '+' | '*' | '/' | '%' | '<' | '>' | '!' | '?' | ':' | ',' | '.' => {
                return Ok(self.push(TokenKind::Sign, at..at + 1));
            }
            '-' => {
                // The parser drops pairs of minus signs, which would leave the
                // sign of a number in doubt.
                let before = self.scan.tokens.len().checked_sub(1);
                if !before.is_some_and(|before| self.scan.is_sign_of_number(before)) {
                    return Ok(self.push(TokenKind::Sign, at..at + 1));
                }
                "remove both minus signs"
            }
            '=' => "write == to compare",
            '&' => "write && for `and`",
            '|' => "write || for `or`",
            '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => "write straight quotes: 'COMM'",
            '{' | '}' => {
                "formulas have no maps; choose between values with: condition ? value : other value"
            }
            _ => "formulas have variables, numbers, texts in quotes and the signs of arithmetic",
        };
        let message = format!("`{}` has no meaning here", next.escape_debug());
        Err(error(at..at + next.len_utf8(), message, hint))
    }

    fn finish(self) -> Result<Scan<'t>, FormulaError> {
        if let Some(open) = self.open.last() {
            let message = format!("`{}` is never closed", self.scan.str(*open));
            let close = if self.scan.str(*open) == "(" { ")" } else { "]" };
            let span = self.scan.tokens[*open].span.clone();
            return Err(error(span, message, &format!("add `{close}`")));
        }
        if self.scan.tokens.is_empty() {
            let hint = "write a value, such as 14, or a rule, such as delinquency.balance < 50.00";
            return Err(error(0..self.scan.text.len(), "the formula is empty".to_owned(), hint));
        }
        Ok(self.scan)
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// An error at a place.
pub(super) fn error(span: Range<usize>, message: String, hint: &str) -> FormulaError {
    FormulaError { message, offset: span.start, length: span.len(), hint: Some(hint.to_owned()) }
}
