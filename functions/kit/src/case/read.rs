//! Reads cases. A mistake is told with its file, line and place.
//!
//! ```json
//! {
//!   "about": "one sentence: what this shows",
//!   "config": { "line_item_type": "LATE", "percent": "1.5" },
//!   "definitions": [{ "kind": "line-item-type", "code": "LATE", "body": {} }],
//!   "context": { "milestone": "FINAL", "level": 2, "as_of": "2026-11-21" },
//!   "subjects": [{
//!     "key": "D-1", "account": "A-1001", "contact": "C-1", "balance": "152.30 USD",
//!     "days_past_due": 45, "facts": { "contact.name": "R. Vance" }
//!   }],
//!   "expect": { "decisions": { "D-1": { "skip": "the balance is below the minimum" } } }
//! }
//! ```
//!
//! `about` and `config` must be there. `expect` is an object of what the case comes to:
//! `schema_violations` (pointers into the config), or `fault` (what `check-config` says),
//! or `decisions` by key: `apply` with effects, `skip` with a reason, `fail` with a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrears_host::contract::{Definition, DelinquencyKind, Event, Money};
use arrears_host::{Configuration, Context, Subject};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_path_to_error::{Path as Place, Segment};

use super::money;
use crate::error::KitError;
use crate::file;

/// A story about a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The file that it is in.
    pub path: PathBuf,
    /// One sentence: what it shows.
    pub about: String,
    /// How the action is configured.
    pub configuration: Configuration,
    /// Of the run.
    pub context: Context,
    /// For whom the action is performed.
    pub subjects: Vec<Subject>,
    /// What is expected; an empty object if it is left out.
    pub expect: Value,
    /// The file's text: what is accepted is written into it.
    pub(crate) text: String,
}

/// Reads every case of a folder, in the order of their names.
///
/// # Errors
/// [`KitError::NoCases`] if there is none; otherwise as [`Case::read`].
pub fn folder(folder: &Path) -> Result<Vec<Case>, KitError> {
    let entries = std::fs::read_dir(folder).map_err(KitError::reading(folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(KitError::reading(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(KitError::NoCases { folder: folder.to_owned() });
    }
    paths.sort();
    paths.iter().map(|path| Case::read(path)).collect()
}

impl Case {
    /// Reads one case.
    ///
    /// # Errors
    /// [`KitError::File`], or [`KitError::Case`] with the first mistake.
    pub fn read(path: &Path) -> Result<Self, KitError> {
        Self::parse(path, file::text(path)?)
    }

    /// Reads a case from its text; `path` is for errors.
    ///
    /// # Errors
    /// [`KitError::Case`] with the first mistake.
    pub fn parse(path: &Path, text: String) -> Result<Self, KitError> {
        let written = written(path, &text)?;
        Ok(Self {
            path: path.to_owned(),
            configuration: written.configuration(),
            context: written.context.context(),
            about: written.about,
            subjects: written.subjects.into_iter().map(WrittenSubject::subject).collect(),
            expect: Value::Object(written.expect),
            text,
        })
    }
}

fn written(path: &Path, text: &str) -> Result<Written, KitError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read: Result<Written, _> = serde_path_to_error::deserialize(&mut json);
    let written = read.map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.inner();
        mistake(path, inner.line(), inner.column(), pointer, words(inner))
    })?;
    json.end().map_err(|error| {
        mistake(path, error.line(), error.column(), String::new(), words(&error))
    })?;
    Ok(written)
}

fn mistake(path: &Path, line: usize, column: usize, pointer: String, reason: String) -> KitError {
    KitError::Case { path: path.to_owned(), line, column, pointer, reason }
}

/// The parser's words without their place, which is told before them.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

fn pointer(place: &Place) -> String {
    let segments = place.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => {
            format!("/{}", key.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => String::new(),
    });
    segments.collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    about: String,
    config: Value,
    #[serde(default)]
    definitions: Vec<WrittenDefinition>,
    #[serde(default)]
    context: WrittenContext,
    #[serde(default, deserialize_with = "unique")]
    subjects: Vec<WrittenSubject>,
    #[serde(default)]
    expect: Map<String, Value>,
}

/// Subjects, none of which has the key of another.
fn unique<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Vec<WrittenSubject>, D::Error> {
    let subjects = Vec::<WrittenSubject>::deserialize(deserializer)?;
    let mut keys = BTreeSet::new();
    match subjects.iter().find(|subject| !keys.insert(subject.key.as_str())) {
        Some(WrittenSubject { key, .. }) => {
            Err(D::Error::custom(format!("two subjects have the key `{key}`: give each its own")))
        }
        None => Ok(subjects),
    }
}

/// An amount with all decimals of its currency.
fn amount<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Money, D::Error> {
    let text = String::deserialize(deserializer)?;
    money::parse(&text).map_err(|reason| D::Error::custom(format!("`{text}` {reason}")))
}

impl Written {
    fn configuration(&self) -> Configuration {
        let definition = |it: &WrittenDefinition| Definition {
            kind: it.kind.clone(),
            code: it.code.clone(),
            body: it.body.to_string(),
        };
        Configuration {
            settings: self.config.to_string(),
            definitions: self.definitions.iter().map(definition).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDefinition {
    kind: String,
    code: String,
    body: Value,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenContext {
    milestone: String,
    level: u32,
    as_of: String,
}

impl Default for WrittenContext {
    fn default() -> Self {
        Self { milestone: "FINAL".to_owned(), level: 2, as_of: "2026-11-21".to_owned() }
    }
}

impl WrittenContext {
    fn context(&self) -> Context {
        Context {
            run_key: "collections-000007".to_owned(),
            agency: "default".to_owned(),
            scheme: "RES".to_owned(),
            milestone: self.milestone.clone(),
            level: self.level,
            event: Event::EntryOrIncrement,
            as_of: self.as_of.clone(),
            attempt: 1,
        }
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenSubject {
    key: String,
    account: String,
    contact: String,
    #[serde(deserialize_with = "amount")]
    balance: Money,
    days_past_due: u32,
    facts: BTreeMap<String, String>,
}

impl Default for WrittenSubject {
    fn default() -> Self {
        Self {
            key: "D-1".to_owned(),
            account: "A-1001".to_owned(),
            contact: "C-1".to_owned(),
            balance: Money { minor_units: 15_230, currency: "USD".to_owned() },
            days_past_due: 45,
            facts: BTreeMap::new(),
        }
    }
}

impl WrittenSubject {
    fn subject(self) -> Subject {
        Subject {
            key: self.key,
            account: self.account,
            contact: self.contact,
            kind: DelinquencyKind::Collections,
            balance: self.balance,
            days_past_due: self.days_past_due,
            entered_on: "2026-10-01".to_owned(),
            facts: self.facts.into_iter().collect(),
        }
    }
}
