//! The rules for Rust: lengths, leftovers, and no float near money.
//!
//! Files are read as tokens, so that a word in a string is never taken for
//! code. Comments are what lies between the tokens.

use std::ops::Range;
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

use crate::tidy::ratchet::{Measure, MeasureKind};
use crate::tidy::{Finding, has_word, text};

/// Where an amount is computed: a float here loses somebody's cent. What only
/// measures time, a bench, may use them.
const MONEY_PATHS: [&str; 2] = ["functions/domain/", "plugins/"];

/// Macros for work in progress.
const LEFTOVER_MACROS: [&str; 3] = ["dbg", "todo", "unimplemented"];

/// What one file gave.
pub struct Source {
    /// What breaks a rule outright.
    pub findings: Vec<Finding>,
    /// Lengths, to be held against the limits and the ratchet.
    pub measures: Vec<Measure>,
}

/// Reads a file of Rust.
pub fn read(path: &str, text: &str) -> Source {
    let mut reader = Reader {
        path,
        text,
        no_floats: MONEY_PATHS.iter().any(|prefix| path.starts_with(prefix))
            && !path.contains("/benches/"),
        strings: Vec::new(),
        findings: Vec::new(),
        measures: Vec::new(),
    };
    match TokenStream::from_str(text) {
        Ok(stream) => {
            let tokens: Vec<TokenTree> = stream.into_iter().collect();
            let lines = text.lines().count() - test_lines(&tokens);
            reader.measure(MeasureKind::File, path.to_owned(), 1, lines);
            reader.tokens(&tokens);
            reader.marks();
        }
        Err(error) => {
            let line = error.span().start().line;
            reader.found(line, format!("this is not Rust: {error}"));
        }
    }
    Source { findings: reader.findings, measures: reader.measures }
}

/// Lines of the `#[cfg(test)] mod` at the top level of a file.
fn test_lines(tokens: &[TokenTree]) -> usize {
    let mut lines = 0;
    for (index, token) in tokens.iter().enumerate() {
        let [_, TokenTree::Group(attribute), rest @ ..] = &tokens[index..] else {
            continue;
        };
        if !is_punct(token, '#') || attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
            continue;
        }
        // Further attributes may stand between; an item without a body, such
        // as `mod tests;`, has no lines here.
        let item = rest.iter().take_while(|token| !is_punct(token, ';')).find_map(braces);
        let is_module = rest
            .iter()
            .take_while(|token| braces(token).is_none())
            .any(|token| is_ident(token, "mod"));
        if let (Some(body), true) = (item, is_module) {
            lines += body.span_close().end().line + 1 - token.span().start().line;
        }
    }
    lines
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    no_floats: bool,
    /// The bytes of string literals, in order; a doc comment is none.
    strings: Vec<Range<usize>>,
    findings: Vec<Finding>,
    measures: Vec<Measure>,
}

impl Reader<'_> {
    fn found(&mut self, line: usize, message: impl Into<String>) {
        self.findings.push(Finding::new(self.path, line, message));
    }

    fn measure(&mut self, kind: MeasureKind, name: String, line: usize, lines: usize) {
        self.measures.push(Measure { kind, name, path: self.path.to_owned(), line, lines });
    }

    /// Reads the tokens of a file or of what stands between two brackets.
    fn tokens(&mut self, tokens: &[TokenTree]) {
        for (index, token) in tokens.iter().enumerate() {
            let before = &tokens[..index];
            let after = &tokens[index + 1..];
            match token {
                TokenTree::Ident(ident) if *ident == "fn" => self.function(token, after),
                TokenTree::Ident(ident) => self.word(token, &ident.to_string(), after),
                TokenTree::Literal(literal) => self.literal(literal, before),
                TokenTree::Punct(_) if is_punct(token, '#') => self.attribute(token, after),
                TokenTree::Punct(_) => {}
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    self.tokens(&inner);
                }
            }
        }
    }

    /// A function runs from `fn` to its closing brace. What follows `fn` in a
    /// type, `fn(u8)`, is no name.
    fn function(&mut self, keyword: &TokenTree, after: &[TokenTree]) {
        let Some(TokenTree::Ident(name)) = after.first() else {
            return;
        };
        let body = after.iter().take_while(|token| !is_punct(token, ';')).find_map(braces);
        if let Some(body) = body {
            let first = keyword.span().start().line;
            let lines = body.span_close().end().line + 1 - first;
            let name = format!("{}::{name}", self.path);
            self.measure(MeasureKind::Function, name, first, lines);
        }
    }

    fn word(&mut self, token: &TokenTree, word: &str, after: &[TokenTree]) {
        let line = token.span().start().line;
        let is_macro = matches!(after, [bang, TokenTree::Group(_), ..] if is_punct(bang, '!'));
        if is_macro && LEFTOVER_MACROS.contains(&word) {
            self.found(line, format!("`{word}!` is left over"));
        }
        if self.no_floats && ["f32", "f64"].contains(&word) {
            self.found(line, format!("`{word}` on the way of money: use exact numbers"));
        }
    }

    fn literal(&mut self, literal: &Literal, before: &[TokenTree]) {
        let range = literal.span().byte_range();
        let written = &self.text[range.clone()];
        if written.ends_with(['"', '#']) {
            self.strings.push(range);
        } else if self.no_floats && is_float(written) && !follows_one_dot(before) {
            let line = literal.span().start().line;
            self.found(line, format!("`{written}` on the way of money: use exact numbers"));
        }
    }

    fn attribute(&mut self, hash: &TokenTree, after: &[TokenTree]) {
        let group = match after {
            [TokenTree::Group(group), ..] => group,
            [bang, TokenTree::Group(group), ..] if is_punct(bang, '!') => group,
            _ => return,
        };
        let line = hash.span().start().line;
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        let Some(TokenTree::Ident(name)) = inner.first() else {
            return;
        };
        if *name == "ignore" {
            self.found(line, "an ignored test proves nothing: mend it or remove it");
        } else if *name == "allow" {
            self.found(line, "use `expect` with a reason: it says when it is no longer needed");
        } else if *name == "expect" && !has_word(&group.to_string(), "reason") {
            self.found(line, "`expect` needs a reason");
        }
    }

    /// Marks for later, anywhere but in a string.
    fn marks(&mut self) {
        let mut start = 0;
        for (index, line) in self.text.split_inclusive('\n').enumerate() {
            let end = start + line.len();
            let mut outside: String = line.to_owned();
            for string in &self.strings {
                let from = string.start.clamp(start, end) - start;
                let to = string.end.clamp(start, end) - start;
                outside.replace_range(from..to, &" ".repeat(to - from));
            }
            if let Some(mark) = text::mark(&outside) {
                self.findings.push(text::mark_finding(self.path, index + 1, mark));
            }
            start = end;
        }
    }
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if *ident == name)
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn braces(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// Whether a number is written as a float: `1.5`, `1.`, `2e3`, `1f64`.
fn is_float(written: &str) -> bool {
    let radix = ["0x", "0o", "0b"].iter().any(|prefix| written.starts_with(prefix));
    let rest = written
        .trim_start_matches(|character: char| character.is_ascii_digit() || character == '_');
    written.starts_with(|first: char| first.is_ascii_digit())
        && !radix
        && (rest.starts_with(['.', 'e', 'E']) || ["f32", "f64"].contains(&rest))
}

/// Whether a number stands after one dot, not two: then it is the fields
/// `0.1` of `pair.0.1`, and not the end of a range.
fn follows_one_dot(before: &[TokenTree]) -> bool {
    match before {
        [.., first, last] => is_punct(last, '.') && !is_punct(first, '.'),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
