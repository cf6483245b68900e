//! The config that a plugin's own schema shows: clerks copy it, and the gate tries it.

use std::collections::{BTreeMap, BTreeSet};

use arrears_host::contract::{Definition, EffectKind};
use arrears_host::{ConfigError, Configuration, Plugin, Reference};
use serde_json::{Value, json};

use super::{Finding, Rule};

/// Kinds of line item types.
const LINE_ITEM_KINDS: [(&str, EffectKind); 3] = [
    ("charge", EffectKind::OneOffCharge),
    ("penalty", EffectKind::OneOffPenalty),
    ("deposit", EffectKind::DepositCharge),
];

/// Properties of a schema that are told at once.
const TOLD_MAX: usize = 5;

/// Whether clerks can read the schema. That it is bounded and valid, admission has found.
pub(crate) fn schema(plugin: &Plugin) -> Vec<Finding> {
    let schema: Value =
        serde_json::from_str(&plugin.descriptor().config_schema).unwrap_or_default();
    let mut wrong = Vec::new();
    if schema["additionalProperties"] != json!(false) {
        wrong.push(
            "set `\"additionalProperties\": false`, so that a misspelt setting is found".to_owned(),
        );
    }
    let mut silent = Vec::new();
    undescribed(&schema, "", &mut silent);
    if !silent.is_empty() {
        let more = if silent.len() > TOLD_MAX { ", ..." } else { "" };
        silent.truncate(TOLD_MAX);
        wrong.push(format!("give a `description` to {}{more}", silent.join(", ")));
    }
    vec![if wrong.is_empty() {
        Finding::passed(Rule::ConfigSchema, "bounded, valid, and each setting is described")
    } else {
        let message = format!("clerks cannot work with it: {}", wrong.join("; "));
        Finding::refused(Rule::ConfigSchema, message)
    }]
}

fn undescribed(schema: &Value, pointer: &str, silent: &mut Vec<String>) {
    let properties = schema["properties"].as_object();
    for (name, property) in properties.into_iter().flatten() {
        let pointer = format!("{pointer}/{name}");
        if !property["description"].is_string() {
            silent.push(pointer.clone());
        }
        undescribed(property, &pointer, silent);
    }
}

/// Whether each of the schema's examples is taken, and a config to go on with: the first
/// example that is, or no settings at all if they are enough.
pub(crate) fn example(plugin: &Plugin) -> (Finding, Option<Configuration>) {
    let schema: Value =
        serde_json::from_str(&plugin.descriptor().config_schema).unwrap_or_default();
    let examples = schema["examples"].as_array().map_or(&[][..], Vec::as_slice);
    if examples.is_empty() {
        let finding = Finding::refused(
            Rule::Example,
            "the config schema has no `examples`: put one valid config into that list, at the \
             top of the schema",
        );
        return (finding, configuration(plugin, &json!({})).ok());
    }
    let mut taken = None;
    let mut refused = Vec::new();
    for (index, example) in examples.iter().enumerate() {
        match configuration(plugin, example) {
            Ok(configuration) => taken = taken.or(Some(configuration)),
            Err(error) => refused.push(format!("/examples/{index}: {error}")),
        }
    }
    let finding = if refused.is_empty() {
        let count = examples.len();
        let words = if count == 1 { "its example is taken" } else { "its examples are taken" };
        Finding::passed(Rule::Example, words)
    } else {
        let message = format!("{}; mend the example or what checks it", refused.join("; "));
        Finding::refused(Rule::Example, message)
    };
    (finding, taken)
}

/// A configuration with these settings and made-up definitions for what they name, such
/// that the plugin takes it; or what the plugin says.
pub(crate) fn configuration(
    plugin: &Plugin,
    settings: &Value,
) -> Result<Configuration, ConfigError> {
    let mut fields = BTreeSet::new();
    nested_names(settings, &mut fields);
    let settings = settings.to_string();
    let references = plugin.references(&settings)?;
    let attempt = |kind: &str| {
        let definitions = references.iter().map(|it| definition(it, kind, &fields)).collect();
        let configuration = Configuration { settings: settings.clone(), definitions };
        plugin.check_config(&configuration).map(|()| configuration)
    };
    // What a line item type must be is not in the schema: the plugin's effects suggest it,
    // and its `check-config` decides.
    let declared = &plugin.descriptor().effects_used;
    let mut kinds = LINE_ITEM_KINDS;
    kinds.sort_by_key(|(_, effect)| !declared.contains(effect));
    let [(first, _), others @ ..] = kinds;
    attempt(first)
        .or_else(|error| others.iter().find_map(|(kind, _)| attempt(kind).ok()).ok_or(error))
}

/// The names of members below the top of some settings: they may be those of fields that a
/// correspondence must have.
fn nested_names(value: &Value, names: &mut BTreeSet<String>) {
    let members = value.as_object().into_iter().flat_map(|members| members.values());
    let elements = value.as_array().into_iter().flatten();
    for inner in members.chain(elements) {
        names.extend(inner.as_object().into_iter().flat_map(|it| it.keys().cloned()));
        nested_names(inner, names);
    }
}

fn definition(
    reference: &Reference,
    line_item_kind: &str,
    fields: &BTreeSet<String>,
) -> Definition {
    let Reference { kind, code, .. } = reference;
    let body = match kind.as_str() {
        "correspondence" => {
            let text = "{{contact.name | else \"customer\"}}";
            let names = fields.iter().map(String::as_str).chain(["name"]);
            let fields: BTreeMap<&str, &str> = names.map(|name| (name, text)).collect();
            json!({ "code": code, "name": "A letter", "channel": "letter", "fields": fields })
        }
        "line-item-type" => json!({ "code": code, "name": "A line", "kind": line_item_kind }),
        "request-type" => json!({ "code": code, "name": "A request", "priority": 3 }),
        _ => json!({ "code": code, "name": "Something" }),
    };
    Definition { kind: kind.clone(), code: code.clone(), body: body.to_string() }
}
