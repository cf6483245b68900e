//! The JSON schema of a plugin's settings.
//!
//! A schema comes from a vendor and is therefore bounded before it is used: no
//! reference leaves the document, references make no circle, and what they
//! expand to has a limit. Patterns run in linear time.

use std::collections::HashMap;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use crate::error::Violation;
use crate::limits::{CONFIG_VIOLATIONS_MAX, Limits};

/// The keyword that marks a setting as the code of a definition.
const REFERENCE_KEYWORD: &str = "x-arrears-ref";

/// Keywords that resolve a reference in ways that cannot be bounded by reading
/// the schema; no schema of settings needs them.
const FORBIDDEN_KEYWORDS: [&str; 6] =
    ["$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$anchor", "$id"];

/// Levels of a schema, each reference counting as one: settings are flat, and
/// each level takes a part of the stack of whoever reads the schema.
const DEPTH_MAX: usize = 64;

/// Characters kept of the words for a violation: a value that is quoted in it
/// may be long.
const VIOLATION_CHARS_MAX: usize = 400;

/// Size to which a single pattern may compile.
const PATTERN_BYTES_MAX: usize = 256 * 1024;

/// A definition that the settings name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What it is, by the schema: "line-item-type".
    pub kind: String,
    /// Its code, by the settings.
    pub code: String,
    /// Where in the settings, as a JSON pointer: "/fees/0/line_item_type".
    pub pointer: String,
}

/// A schema that was found harmless and correct.
#[derive(Debug)]
pub(crate) struct Schema {
    document: Value,
    validator: Validator,
}

impl Schema {
    /// Reads a schema. The error says what is wrong with it.
    pub(crate) fn new(text: &str, limits: &Limits) -> Result<Self, String> {
        if text.len() > limits.config_schema_bytes_max {
            return Err(format!(
                "has {} bytes, more than the {} that are allowed",
                text.len(),
                limits.config_schema_bytes_max
            ));
        }
        let document: Value =
            serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        let mut size = Expansion::new(&document, limits.config_schema_nodes_max);
        size.of(&document)?;
        let validator = jsonschema::draft202012::options()
            .with_pattern_options(
                PatternOptions::regex()
                    .size_limit(PATTERN_BYTES_MAX)
                    .dfa_size_limit(PATTERN_BYTES_MAX),
            )
            .build(&document)
            .map_err(|error| {
                let at = error.instance_path().to_string();
                format!("is no JSON Schema of draft 2020-12: {}", words(&at, &error))
            })?;
        Ok(Self { document, validator })
    }

    /// What is wrong with the settings; nothing if they keep to the schema.
    pub(crate) fn violations(&self, settings: &Value) -> Vec<Violation> {
        self.validator
            .iter_errors(settings)
            .take(CONFIG_VIOLATIONS_MAX)
            .map(|error| Violation {
                pointer: error.instance_path().to_string(),
                message: words("", &error),
            })
            .collect()
    }

    /// The definitions that the settings name, each once for each place.
    pub(crate) fn references(&self, settings: &Value) -> Vec<Reference> {
        let mut found = Vec::new();
        self.collect(&self.document, settings, "", &mut found);
        found.sort_by(|a: &Reference, b| (&a.pointer, &a.kind).cmp(&(&b.pointer, &b.kind)));
        found.dedup();
        found
    }

    fn collect(&self, schema: &Value, value: &Value, pointer: &str, found: &mut Vec<Reference>) {
        let Value::Object(keywords) = schema else {
            return;
        };
        if let (Some(Value::String(kind)), Value::String(code)) =
            (keywords.get(REFERENCE_KEYWORD), value)
        {
            found.push(Reference {
                kind: kind.clone(),
                code: code.clone(),
                pointer: pointer.to_owned(),
            });
        }
        if let Some(target) =
            keywords.get("$ref").and_then(|reference| resolve(&self.document, reference.as_str()?))
        {
            self.collect(target, value, pointer, found);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for part in keywords.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.collect(part, value, pointer, found);
            }
        }
        for keyword in ["if", "then", "else"] {
            if let Some(part) = keywords.get(keyword) {
                self.collect(part, value, pointer, found);
            }
        }
        match value {
            Value::Object(members) => {
                let properties = keywords.get("properties");
                for (name, member) in members {
                    let schema = properties
                        .and_then(|properties| properties.get(name))
                        .or_else(|| keywords.get("additionalProperties"));
                    if let Some(schema) = schema {
                        let name = name.replace('~', "~0").replace('/', "~1");
                        self.collect(schema, member, &format!("{pointer}/{name}"), found);
                    }
                }
            }
            Value::Array(elements) => {
                let prefix = keywords.get("prefixItems").and_then(Value::as_array);
                for (index, element) in elements.iter().enumerate() {
                    let schema = prefix
                        .and_then(|prefix| prefix.get(index))
                        .or_else(|| keywords.get("items"));
                    if let Some(schema) = schema {
                        self.collect(schema, element, &format!("{pointer}/{index}"), found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The words for a violation, with its place in front unless that is empty.
fn words(at: &str, error: &jsonschema::ValidationError<'_>) -> String {
    let text = error.to_string();
    let mut text: String = text.chars().take(VIOLATION_CHARS_MAX).collect();
    if !at.is_empty() {
        text = format!("{at}: {text}");
    }
    text
}

/// The node of the document that a local reference names.
fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// Counts nodes, with each reference replaced by its target.
struct Expansion<'a> {
    document: &'a Value,
    nodes_max: usize,
    depth: usize,
    /// Size of the target of each reference; none while it is being counted.
    sizes: HashMap<&'a str, Option<usize>>,
}

impl<'a> Expansion<'a> {
    fn new(document: &'a Value, nodes_max: usize) -> Self {
        Self { document, nodes_max, depth: 0, sizes: HashMap::new() }
    }

    fn of(&mut self, node: &'a Value) -> Result<usize, String> {
        if self.depth == DEPTH_MAX {
            return Err(format!("is deeper than {DEPTH_MAX} levels: make it flatter"));
        }
        self.depth += 1;
        let size = self.count(node)?;
        self.depth -= 1;
        Ok(size)
    }

    fn count(&mut self, node: &'a Value) -> Result<usize, String> {
        let mut size = 1_usize;
        match node {
            Value::Array(elements) => {
                for element in elements {
                    size = size.saturating_add(self.of(element)?);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    size = size.saturating_add(match (name.as_str(), member) {
                        ("$ref", Value::String(reference)) => self.target(reference)?,
                        (name, Value::String(_)) if FORBIDDEN_KEYWORDS.contains(&name) => {
                            return Err(format!(
                                "uses `{name}`: name a part of the schema with `$ref` and `#/$defs/...`"
                            ));
                        }
                        _ => self.of(member)?,
                    });
                }
            }
            _ => {}
        }
        if size > self.nodes_max {
            return Err(format!(
                "expands to more than the {} nodes that are allowed: use fewer references",
                self.nodes_max
            ));
        }
        Ok(size)
    }

    fn target(&mut self, reference: &'a str) -> Result<usize, String> {
        match self.sizes.get(reference) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return Err(format!(
                    "refers to itself by `{reference}`: settings are of finite depth, write it out"
                ));
            }
            None => {}
        }
        if !reference.starts_with('#') {
            return Err(format!("refers to `{reference}` outside of itself: put it under `$defs`"));
        }
        let target = resolve(self.document, reference)
            .ok_or_else(|| format!("refers to `{reference}`, which it does not have"))?;
        self.sizes.insert(reference, None);
        let size = self.of(target)?;
        self.sizes.insert(reference, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(document: &Value) -> Result<Schema, String> {
        Schema::new(&document.to_string(), &Limits::default())
    }

    #[test]
    fn a_harmful_schema_is_refused() {
        let chain: serde_json::Map<String, Value> = (0..1_000)
            .map(|level| {
                (format!("level{level}"), json!({"$ref": format!("#/$defs/level{}", level + 1)}))
            })
            .chain([("level1000".to_owned(), json!(true))])
            .collect();
        let doubling: serde_json::Map<String, Value> = (0..18)
            .map(|level| {
                let next = format!("#/$defs/level{}", level + 1);
                let both = json!({"allOf": [{"$ref": next}, {"$ref": next}]});
                (format!("level{level}"), both)
            })
            .chain([("level18".to_owned(), json!(true))])
            .collect();
        let cases = [
            (json!({"$ref": "#"}), "refers to itself"),
            (
                json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"items": {"$ref": "#/$defs/a"}}}}),
                "refers to itself",
            ),
            (json!({"$ref": "https://example.com/schema"}), "outside of itself"),
            (json!({"$ref": "file:///etc/passwd"}), "outside of itself"),
            (json!({"$ref": "#/$defs/none"}), "does not have"),
            (json!({"$dynamicRef": "#a"}), "uses `$dynamicRef`"),
            (json!({"$ref": "#/$defs/level0", "$defs": doubling}), "expands to more"),
            (json!({"$ref": "#/$defs/level0", "$defs": chain}), "deeper than 64"),
            (json!({"type": "objekt"}), "no JSON Schema"),
            (json!({"pattern": "(?=a)b"}), "no JSON Schema"),
            (json!({"pattern": "(a{1000}){1000}"}), "no JSON Schema"),
        ];
        for (document, expected) in cases {
            let error = schema(&document).unwrap_err();
            assert!(error.contains(expected), "{document}: {error}");
        }
        let long = format!("{{\"title\": \"{}\"}}", "x".repeat(70_000));
        assert!(Schema::new(&long, &Limits::default()).unwrap_err().contains("bytes"));
        assert!(Schema::new("{", &Limits::default()).unwrap_err().contains("not JSON"));
    }

    #[test]
    fn each_violation_names_its_place() {
        let schema = schema(&json!({
            "type": "object",
            "required": ["amount"],
            "additionalProperties": false,
            "properties": {"amount": {"type": "string", "pattern": "^[0-9]+$"}, "days": {"type": "array", "items": {"minimum": 1}}},
        }))
        .unwrap();
        let found = schema.violations(&json!({"amount": "a", "days": [1, 0], "colour": 1}));
        let places: Vec<&str> = found.iter().map(|violation| violation.pointer.as_str()).collect();
        assert!(places.contains(&"/amount") && places.contains(&"/days/1") && places.contains(&""));
        assert!(found.iter().any(|violation| violation.message.contains("colour")));
        assert!(schema.violations(&json!({"amount": "12"})).is_empty());
    }

    #[test]
    fn a_pattern_that_backtracks_for_ever_elsewhere_is_linear_here() {
        let schema = schema(&json!({"pattern": "^(a+)+$"})).unwrap();
        let text = format!("{}b", "a".repeat(50_000));
        assert_eq!(schema.violations(&json!(text)).len(), 1);
    }

    #[test]
    fn references_are_found_in_depth() {
        let schema = schema(&json!({
            "properties": {
                "line_item_type": {"x-arrears-ref": "line-item-type"},
                "letters": {"type": "array", "items": {"$ref": "#/$defs/letter"}},
                "by/level": {"additionalProperties": {"x-arrears-ref": "request-type"}},
                "plain": {"type": "string"},
            },
            "allOf": [{"properties": {"line_item_type": {"x-arrears-ref": "line-item-type"}}}],
            "$defs": {"letter": {"properties": {"code": {"x-arrears-ref": "correspondence"}}}},
        }))
        .unwrap();
        let found = schema.references(&json!({
            "line_item_type": "FEE",
            "letters": [{"code": "FIRST"}, {"code": 7}, {"code": "LAST"}],
            "by/level": {"1": "SHUTOFF"},
            "plain": "FEE",
        }));
        let found: Vec<String> = found
            .iter()
            .map(|reference| format!("{} {} {}", reference.pointer, reference.kind, reference.code))
            .collect();
        assert_eq!(
            found,
            [
                "/by~1level/1 request-type SHUTOFF",
                "/letters/0/code correspondence FIRST",
                "/letters/2/code correspondence LAST",
                "/line_item_type line-item-type FEE",
            ]
        );
    }
}
