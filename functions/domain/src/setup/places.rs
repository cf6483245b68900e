//! Where the parts of a setup stand: what the checks after reading need to
//! point at a mistake. The model itself does not carry places.

use super::mistake::Span;
use std::collections::BTreeMap;

/// Where a text stands, and how to find a part of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// The whole value, quotes included.
    pub(super) span: Span,
    /// Bytes from there to the text itself; none if the text is written with
    /// escapes, so that its bytes are not those of the source.
    pub(super) to_text: Option<usize>,
}

impl Place {
    /// The place of a text value.
    pub(super) fn of_text(source: &str, span: Span, text: &str) -> Self {
        let raw = source.get(span.offset..span.offset + span.length).unwrap_or_default();
        // Three quotes before one: `"""` starts with `"` too. A newline right
        // after three quotes is not part of the text.
        let to_text = ["\"\"\"\r\n", "\"\"\"\n", "\"\"\"", "'''\r\n", "'''\n", "'''", "\"", "'"]
            .into_iter()
            .find(|opening| raw.starts_with(opening))
            .and_then(|opening| {
                let body = &raw[opening.len()..];
                let quotes = opening.trim_end().len();
                let inner = body.get(..body.len().checked_sub(quotes)?)?;
                (inner == text).then_some(opening.len())
            });
        Self { span, to_text }
    }

    /// A part of the text; the whole value if parts cannot be found.
    pub(super) fn part(self, offset: usize, length: usize) -> Span {
        match self.to_text {
            Some(to_text) => {
                Span { offset: self.span.offset + to_text + offset, length, ..self.span }
            }
            None => self.span,
        }
    }
}

/// Whose rule it is: a bill type's group (or the collections group), a scheme,
/// a milestone of a scheme, an export setup.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Group(Option<String>),
    Scheme(String),
    Milestone(String, String),
    ExportSetup(String),
}

/// The places of codes and rules by owner and key.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<(Owner, &'static str), Place>);

impl Places {
    pub(super) fn put(&mut self, owner: &Owner, key: &'static str, place: Place) {
        self.0.entry((owner.clone(), key)).or_insert(place);
    }

    /// The place; the default one for what the setup did not write (the LIENS
    /// scheme).
    pub(super) fn get(&self, owner: &Owner, key: &'static str) -> Place {
        self.0.get(&(owner.clone(), key)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_text_is_found_past_its_quotes() {
        for (raw, text, expected) in [
            ("'a + b'", "a + b", (1 + 4, 1)),
            ("\"a + b\"", "a + b", (1 + 4, 1)),
            ("'''\na + b'''", "a + b", (4 + 4, 1)),
            ("\"\"\"a + b\"\"\"", "a + b", (3 + 4, 1)),
            (r#""a \u002B b""#, "a + b", (0, 12)),
        ] {
            let span = Span { source: 0, offset: 0, length: raw.len() };
            let part = Place::of_text(raw, span, text).part(4, 1);
            assert_eq!((part.offset, part.length), expected, "{raw}");
        }
    }
}
