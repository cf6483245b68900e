//! The tree of a source, with the place of everything, and the sink for
//! mistakes.
//!
//! Reading never stops at a mistake: what cannot be read is reported once and
//! read as absent, so that one pass shows everything that is wrong.

use super::Source;
use super::mistake::{Mistake, Span, code};
use super::places::{Place, Places};
use crate::Identifier;
use crate::nearest::did_you_mean;
use std::cell::RefCell;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What one reading has found so far.
pub(super) struct Reading<'a> {
    pub(super) sources: &'a [Source],
    pub(super) mistakes: RefCell<Vec<Mistake>>,
    pub(super) places: RefCell<Places>,
    /// By kind, the codes with their first places.
    claimed: RefCell<BTreeMap<String, BTreeMap<String, Span>>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(sources: &'a [Source]) -> Self {
        Self {
            sources,
            mistakes: RefCell::default(),
            places: RefCell::default(),
            claimed: RefCell::default(),
        }
    }

    pub(super) fn report(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().push(mistake);
    }

    /// Whether the code is the first of its kind; a second one is reported.
    pub(super) fn claim(&self, kind: &str, code: &str, span: Span) -> bool {
        let mut claimed = self.claimed.borrow_mut();
        let codes = claimed.entry(kind.to_owned()).or_default();
        let first = *codes.entry(code.to_owned()).or_insert(span);
        if first != span {
            self.report(
                Mistake::error(
                    code::DUPLICATE_CODE,
                    span,
                    format!("there are two {kind} `{code}`"),
                )
                .hint("give one of them another code, or remove it")
                .related(first, "the first one"),
            );
        }
        first == span
    }

    /// Whether a code of the kind is defined, be it well or badly: what is
    /// defined badly has been reported there.
    pub(super) fn is_claimed(&self, kind: &str, code: &str) -> bool {
        self.claimed.borrow().get(kind).is_some_and(|codes| codes.contains_key(code))
    }

    /// The codes of a kind that are defined.
    pub(super) fn claimed(&self, kind: &str) -> Vec<String> {
        let claimed = self.claimed.borrow();
        claimed.get(kind).map(|codes| codes.keys().cloned().collect()).unwrap_or_default()
    }
}

/// One table, and which of its keys have been asked for.
pub(super) struct Table<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) span: Span,
    what: &'a str,
    entries: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
}

/// The value of a key or of a list's entry; perhaps absent.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) reading: &'a Reading<'a>,
    /// The key, or what stands for it in messages.
    pub(super) name: &'a str,
    source: usize,
    pub(super) value: Option<&'a Spanned<DeValue<'a>>>,
}

/// A key with its value, where the keys are names that the agency chose.
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) key_span: Span,
    pub(super) node: Node<'a>,
}

impl<'a> Table<'a> {
    /// The table at the top of a source.
    pub(super) fn top(reading: &'a Reading<'a>, source: usize, entries: &'a DeTable<'a>) -> Self {
        let span = Span { source, offset: 0, length: 0 };
        Table { reading, span, what: "a setup", entries, asked: RefCell::default() }
    }

    /// The value of a key; absent if there is none.
    pub(super) fn optional(&self, key: &'static str) -> Node<'a> {
        self.asked.borrow_mut().push(key);
        Node {
            reading: self.reading,
            name: key,
            source: self.span.source,
            value: self.entries.get(key),
        }
    }

    /// The value of a key; that there is none is reported.
    pub(super) fn required(&self, key: &'static str) -> Node<'a> {
        let node = self.optional(key);
        if node.value.is_none() {
            self.reading.report(
                Mistake::error(
                    code::MISSING_KEY,
                    self.span,
                    format!("{} needs `{key}`", self.what),
                )
                .hint(format!("add `{key} = ...`")),
            );
        }
        node
    }

    /// Reports the keys that nobody has asked for.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries {
            let name: &str = key.get_ref();
            if !asked.contains(&name) {
                self.reading.report(
                    Mistake::error(
                        code::UNKNOWN_KEY,
                        span_of(self.span.source, key),
                        format!("{} has no `{name}`", self.what),
                    )
                    .maybe_hint(did_you_mean(name, asked.iter().copied())),
                );
            }
        }
    }
}

impl Entry<'_> {
    /// Whether the key has the shape of all identifiers; if not, it is reported.
    pub(super) fn is_code(&self) -> bool {
        let parsed = crate::SchemeCode::parse(self.key);
        if let Err(error) = &parsed {
            let message = format!("the key is not a code: {error}");
            let mistake = Mistake::error(code::BAD_CODE, self.key_span, message);
            self.node.reading.report(mistake);
        }
        parsed.is_ok()
    }
}

impl<'a> Node<'a> {
    pub(super) fn is_present(self) -> bool {
        self.value.is_some()
    }

    /// Where it stands; the default place if it is absent.
    pub(super) fn span(self) -> Span {
        self.value.map_or_else(Span::default, |value| span_of(self.source, value))
    }

    /// Where its text stands.
    pub(super) fn place(self) -> Place {
        let span = self.span();
        match self.value.map(Spanned::get_ref) {
            Some(DeValue::String(text)) => {
                Place::of_text(&self.reading.sources[self.source].text, span, text)
            }
            _ => Place { span, to_text: None },
        }
    }

    /// The same value, called otherwise in messages.
    pub(super) fn called(self, name: &'a str) -> Self {
        Node { name, ..self }
    }

    /// Reports a mistake at this value.
    pub(super) fn wrong(self, code: &'static str, message: impl Into<String>, hint: &str) {
        self.reading.report(Mistake::error(code, self.span(), message).hint(hint));
    }

    /// Reads a table; keys that `read` does not ask for are reported.
    pub(super) fn table<T>(self, what: &'a str, read: impl FnOnce(&Table<'a>) -> T) -> Option<T> {
        let DeValue::Table(entries) = self.value?.get_ref() else {
            self.wrong_type("a table");
            return None;
        };
        let (reading, span) = (self.reading, self.span());
        let table = Table { reading, span, what, entries, asked: RefCell::default() };
        let result = read(&table);
        table.finish();
        Some(result)
    }

    /// The entries of a list; what is no list is reported.
    pub(super) fn list(self) -> Vec<Node<'a>> {
        match self.value.map(Spanned::get_ref) {
            None => Vec::new(),
            Some(DeValue::Array(items)) => {
                items.iter().map(|item| Node { value: Some(item), ..self }).collect()
            }
            Some(_) => {
                self.wrong_type("a list");
                Vec::new()
            }
        }
    }

    /// Reads a list of tables (`[[name]]`), of which there may be so many.
    pub(super) fn tables<T>(
        self,
        what: &'a str,
        most: usize,
        read: impl Fn(&Table<'a>) -> Option<T>,
    ) -> Vec<T> {
        if let Some(DeValue::Table(_)) = self.value.map(Spanned::get_ref) {
            let message = format!("`{}` is one table, where a list of tables is meant", self.name);
            self.wrong(code::WRONG_TYPE, message, "write its name in two brackets: `[[...]]`");
            return Vec::new();
        }
        let items = self.list();
        self.check_number(&items, most);
        items.into_iter().take(most).filter_map(|item| item.table(what, &read).flatten()).collect()
    }

    /// The entries of a table whose keys are the agency's own names, as written.
    pub(super) fn entries(self) -> Vec<Entry<'a>> {
        let Some(value) = self.value else {
            return Vec::new();
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type("a table");
            return Vec::new();
        };
        let mut entries: Vec<Entry<'a>> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                key_span: span_of(self.source, key),
                node: Node { name: key.get_ref(), value: Some(value), ..self },
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span);
        entries
    }

    /// Reports the first entry beyond the limit.
    pub(super) fn check_number(self, items: &[Node<'a>], most: usize) {
        if let Some(item) = items.get(most) {
            item.wrong(
                code::TOO_LARGE,
                format!("there are more than {most} of `{}`", self.name),
                "split the setup, or remove what is no longer used",
            );
        }
    }

    /// Reports that the value should have been something else.
    pub(super) fn wrong_type(self, expected: &str) {
        let found = match self.value.map(Spanned::get_ref) {
            None => "missing",
            Some(DeValue::String(_)) => "text",
            Some(DeValue::Integer(_)) => "a whole number",
            Some(DeValue::Float(_)) => "a number with decimals",
            Some(DeValue::Boolean(_)) => "a flag (`true` or `false`)",
            Some(DeValue::Datetime(_)) => "a date or a time",
            Some(DeValue::Array(_)) => "a list",
            Some(DeValue::Table(_)) => "a table",
        };
        let message = format!("`{}` is {found}, where {expected} is meant", self.name);
        self.reading.report(Mistake::error(code::WRONG_TYPE, self.span(), message));
    }
}

fn span_of<T>(source: usize, spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span { source, offset: range.start, length: range.len() }
}
