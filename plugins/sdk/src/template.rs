//! Texts with facts in them: "Dear {{contact.name | else "customer"}}".
//!
//! That is the whole language: a fact's name between double braces, and
//! optionally a text to take when the record lacks the fact. A default text
//! cannot hold a double quote.

use crate::{Fault, Subject, facts, fault};

/// The longest text that the host takes in an effect.
pub const TEXT_BYTES_MAX: usize = 8_192;

/// A text, cut at its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    /// Length of the literal pieces: the least that the filled text needs.
    literal_bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Fact { name: String, default: Option<String> },
}

impl Template {
    /// Cuts a text at its facts. `pointer` says where in the setup the text
    /// stands, for the person who reads the fault.
    ///
    /// # Errors
    /// Code `bad-template` for braces that are not closed or hold something
    /// else than a name and a default, `unknown-fact` for a name that no
    /// record can have.
    pub fn parse(text: &str, pointer: &str) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut literal_bytes = 0;
        let mut rest = text;
        loop {
            let (literal, found) = match rest.split_once("{{") {
                Some((literal, after)) => (literal, Some(after)),
                None => (rest, None),
            };
            if !literal.is_empty() {
                literal_bytes += literal.len();
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            let Some(after) = found else { break };
            let (inside, after) = after
                .split_once("}}")
                .ok_or_else(|| bad_template(pointer, "a \"{{\" is not closed by \"}}\""))?;
            pieces.push(parse_fact(inside, pointer)?);
            rest = after;
        }
        Ok(Self { pieces, literal_bytes })
    }

    /// A text that is taken as it stands, braces and all.
    #[must_use]
    pub fn literal(text: String) -> Self {
        Self { literal_bytes: text.len(), pieces: vec![Piece::Literal(text)] }
    }

    /// The text with the subject's facts in it. `place` names the text in the
    /// fault: "field \"name\"".
    ///
    /// # Errors
    /// Code `missing-fact` if the record lacks a fact that has no default,
    /// `text-too-long` and `control-character` if the host takes no such text: beyond [`TEXT_BYTES_MAX`].
    pub fn fill(&self, subject: &Subject, place: &str) -> Result<String, Fault> {
        /// Room for a few facts, so that most texts are written in one go.
        const FACTS_BYTES: usize = 64;
        let mut text = String::with_capacity(self.literal_bytes + FACTS_BYTES);
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Fact { name, default } => {
                    let value = facts::find(subject, name)
                        .or(default.as_deref())
                        .ok_or_else(|| missing_fact(subject, place, name))?;
                    text.push_str(value);
                }
            }
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(too_long(subject, place, text.len()));
        }
        if holds_unprintable(&text) {
            return Err(control_character(subject, place));
        }
        Ok(text)
    }
}

fn parse_fact(inside: &str, pointer: &str) -> Result<Piece, Fault> {
    let (name, default) = match inside.split_once('|') {
        None => (inside.trim(), None),
        Some((name, filter)) => {
            let default = filter
                .trim()
                .strip_prefix("else")
                .and_then(|quoted| quoted.trim().strip_prefix('"'))
                .and_then(|quoted| quoted.strip_suffix('"'))
                .filter(|default| !default.contains('"'))
                .ok_or_else(|| {
                    bad_template(pointer, "after \"|\" only `else \"some text\"` may stand")
                })?;
            (name.trim(), Some(default.to_owned()))
        }
    };
    if !facts::is_known(name) {
        return Err(fault::config(
            "unknown-fact",
            format!(
                "{pointer}: no record has a fact {name:?}; known are {}",
                facts::suggestions(name)
            ),
        ));
    }
    Ok(Piece::Fact { name: name.to_owned(), default })
}

#[cold]
fn bad_template(pointer: &str, what: &str) -> Fault {
    fault::config(
        "bad-template",
        format!(
            "{pointer}: {what}; write {{{{contact.name}}}} or {{{{contact.name | else \"customer\"}}}}"
        ),
    )
}

/// Whether a text holds what a terminal or a printer would obey: the host takes none.
fn holds_unprintable(text: &str) -> bool {
    let is_unprintable =
        |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    // Bytes that control characters begin with: hardly any text has one.
    let is_suspect = |byte: u8| byte < b' ' || byte == 0x7f || byte == 0xc2;
    text.bytes().any(is_suspect) && text.chars().any(is_unprintable)
}

#[cold]
fn control_character(subject: &Subject, place: &str) -> Fault {
    fault::data(
        "control-character",
        format!(
            "account {}: {place} would hold a control character; correct the facts that it names",
            subject.account
        ),
    )
}

#[cold]
fn missing_fact(subject: &Subject, place: &str, name: &str) -> Fault {
    fault::data(
        "missing-fact",
        format!(
            "account {}: {place} needs {name}, which the record does not have; \
             fill it in, or give a default: {{{{{name} | else \"some text\"}}}}",
            subject.account
        ),
    )
}

#[cold]
fn too_long(subject: &Subject, place: &str, bytes: usize) -> Fault {
    fault::data(
        "text-too-long",
        format!(
            "account {}: {place} would be {bytes} bytes long with this record's facts; at most \
             {TEXT_BYTES_MAX} are possible",
            subject.account
        ),
    )
}
