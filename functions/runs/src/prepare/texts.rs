//! Facts that the texts of an action cannot have: a record has no payment, and a
//! payment has no record. A plugin does not know which of them its action is for, so
//! that the first of a run's letters would be the one to tell.

use super::place;
use arrears_domain::Setup;
use arrears_domain::setup::{Action, Mistake};
use arrears_host::Reference;
use serde_json::Value;
use std::collections::BTreeSet;

/// What an action is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A record, at a milestone.
    Record,
    /// A payment, when it is collected.
    Payment,
}

impl Of {
    /// What the names of facts begin with that the other one has.
    fn others(self) -> &'static str {
        match self {
            Self::Record => "payment.",
            Self::Payment => "delinquency.",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Record => "facts of payments are for the actions of payment profiles",
            Self::Payment => {
                "use facts of the payment, such as payment.amount and payment.collection_date"
            }
        }
    }
}

/// The texts of an action's config, and those of the correspondence that it names,
/// which ask for facts of the other one. A text with a default has it.
///
/// A vendor's texts are left alone: what braces mean in them is the vendor's affair.
pub(super) fn check(
    setup: &Setup,
    action: &Action,
    of: Of,
    references: &[Reference],
) -> Vec<Mistake> {
    if action.action_type.contains(':') {
        return Vec::new();
    }
    let mut texts = Vec::new();
    collect(&action.config, "", &mut texts);
    let replaced = action.config.get("fields").and_then(Value::as_object);
    for reference in references {
        let Some(body) = setup.definition(&reference.kind, &reference.code) else { continue };
        let fields = body.get("fields").and_then(Value::as_object).into_iter().flatten();
        for (name, text) in fields {
            if replaced.is_none_or(|own| !own.contains_key(name))
                && let Some(text) = text.as_str()
            {
                let whose = format!("field `{name}` of {} `{}`", reference.kind, reference.code);
                texts.push(Text { pointer: reference.pointer.clone(), whose, text: text.into() });
            }
        }
    }
    texts.iter().flat_map(|text| text.mistakes(action, of)).collect()
}

struct Text {
    pointer: String,
    whose: String,
    text: String,
}

impl Text {
    fn mistakes(&self, action: &Action, of: Of) -> Vec<Mistake> {
        let what = match of {
            Of::Record => "a record",
            Of::Payment => "a payment",
        };
        let needed = facts_needed(&self.text);
        let others = needed.into_iter().filter(|name| name.starts_with(of.others()));
        let mistake = |name| {
            let message = format!("{}: {what} has no fact `{name}`", self.whose);
            Mistake::error("unknown-fact", place(action, &self.pointer), message).hint(of.hint())
        };
        others.map(mistake).collect()
    }
}

/// All texts of a config, with their JSON pointers.
fn collect(value: &Value, pointer: &str, texts: &mut Vec<Text>) {
    let below = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::String(text) => texts.push(Text {
            pointer: pointer.to_owned(),
            whose: format!("`{pointer}`"),
            text: text.clone(),
        }),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &below(&index.to_string()), texts);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                collect(member, &below(key), texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The facts that a text needs, each once: those without a default.
fn facts_needed(text: &str) -> BTreeSet<&str> {
    let pieces = text.split("{{").skip(1);
    let inside = pieces.filter_map(|piece| piece.split_once("}}")).map(|(inside, _)| inside.trim());
    inside.filter(|inside| !inside.contains('|')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_needs_the_facts_that_have_no_default() {
        let cases: [(&str, &[&str]); 4] = [
            ("no braces", &[]),
            (
                "{{payment.id}}: {{ payment.amount }}, {{payment.id}}",
                &["payment.amount", "payment.id"],
            ),
            (r#"{{payment.mandate | else "none"}} {{contact.name}}"#, &["contact.name"]),
            ("{{payment.id", &[]),
        ];
        for (text, needed) in cases {
            assert_eq!(facts_needed(text).into_iter().collect::<Vec<_>>(), needed, "{text}");
        }
    }

    #[test]
    fn every_text_of_a_config_has_its_pointer() {
        let config = serde_json::json!({
            "correspondence": "C", "fields": { "a/b": "x", "c": ["y"] }, "priority": 1
        });
        let mut texts = Vec::new();
        collect(&config, "", &mut texts);
        let pointers: Vec<&str> = texts.iter().map(|text| text.pointer.as_str()).collect();
        assert_eq!(pointers, ["/correspondence", "/fields/a~1b", "/fields/c/0"]);
    }
}
