//! One case through one component: what it comes to, what it cost, and whether the plugin
//! keeps to the contract meanwhile.

use std::collections::BTreeMap;

use arrears_host::{
    Case as Decided, ConfigError, Grant, LogLine, Performed, Plugin, Subject, Usage,
};
use serde_json::{Map, Value, json};

use super::{Case, document};

/// What a case came to.
#[derive(Debug)]
pub struct Outcome {
    /// In the shape of a case's `expect`.
    pub found: Value,
    /// Rules of the contract that the plugin broke: no expectation makes them right.
    pub defects: Vec<String>,
    /// What all subjects in one request cost.
    pub usage: Usage,
    /// What the plugin wrote for the operator.
    pub log: Vec<LogLine>,
}

impl Outcome {
    fn refused(found: Value, defects: Vec<String>) -> Self {
        Self { found, defects, usage: Usage::default(), log: Vec::new() }
    }
}

/// Puts a case through a plugin: its settings are checked as when a setup is loaded, then
/// its subjects are performed together, each alone, and in reverse order.
#[must_use]
pub fn perform(plugin: &Plugin, case: &Case) -> Outcome {
    match plugin.check_config(&case.configuration) {
        Ok(()) => decide(plugin, case),
        Err(ConfigError::NotJson { .. }) => {
            Outcome::refused(json!({ "schema_violations": [""] }), Vec::new())
        }
        Err(ConfigError::Settings(violations)) => {
            let pointers: Vec<&str> = violations.iter().map(|it| it.pointer.as_str()).collect();
            Outcome::refused(json!({ "schema_violations": pointers }), Vec::new())
        }
        Err(ConfigError::Fault(fault)) => {
            Outcome::refused(json!({ "fault": document::fault(&fault) }), Vec::new())
        }
        Err(error @ ConfigError::Failure(_)) => {
            Outcome::refused(json!({}), vec![error.to_string()])
        }
    }
}

fn decide(plugin: &Plugin, case: &Case) -> Outcome {
    let together = request(plugin, case, &case.subjects);
    let mut defects: Vec<String> = together
        .strikes
        .iter()
        .map(|strike| format!("{}: {}", strike.key, strike.failure))
        .collect();
    if defects.is_empty() {
        defects = dependent(plugin, case, &together);
    }
    let mut found = Map::new();
    if !case.subjects.is_empty() {
        let decisions = case.subjects.iter().zip(&together.cases);
        let decisions = decisions.map(|(it, case)| (it.key.clone(), document::verdict(case)));
        found.insert("decisions".to_owned(), decisions.collect::<Map<_, _>>().into());
    }
    let Performed { usage, log, .. } = together;
    Outcome { found: Value::Object(found), defects, usage, log }
}

/// Subjects whose decision depends on the batch that they are in.
fn dependent(plugin: &Plugin, case: &Case, together: &Performed) -> Vec<String> {
    let reversed: Vec<Subject> = case.subjects.iter().rev().cloned().collect();
    let backwards = request(plugin, case, &reversed);
    let backwards: BTreeMap<&str, &Decided> =
        reversed.iter().map(|it| it.key.as_str()).zip(&backwards.cases).collect();
    let mut defects = Vec::new();
    for (subject, decided) in case.subjects.iter().zip(&together.cases) {
        let key = subject.key.as_str();
        let alone = request(plugin, case, std::slice::from_ref(subject));
        if alone.cases.first() != Some(decided) {
            defects.push(depends(key, "alone", alone.cases.first(), decided));
        } else if backwards.get(key) != Some(&decided) {
            let other = backwards.get(key).copied();
            defects.push(depends(key, "in a batch in reverse order", other, decided));
        }
    }
    defects
}

fn depends(key: &str, how: &str, other: Option<&Decided>, decided: &Decided) -> String {
    let text = |case: Option<&Decided>| case.map(document::verdict).unwrap_or_default();
    format!(
        "{key}: the decision depends on the batch, and must not: {how} it is {}, with the others \
         {}",
        text(other),
        text(Some(decided)),
    )
}

fn request(plugin: &Plugin, case: &Case, subjects: &[Subject]) -> Performed {
    let grant = Grant::of(plugin.descriptor());
    plugin.perform(&grant, &case.context, &case.configuration, subjects)
}
