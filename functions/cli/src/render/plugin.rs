//! Plugins as text: what they are, need and take.

use super::number;
use super::table::{Table, wrap};
use arrears_host::{Descriptor, Plugin};
use serde_json::{Map, Value, json};
use wasmparser::{Parser, Payload};

/// Columns of a description.
const WIDTH: usize = 76;

/// A plugin with what its component says of itself.
pub struct Inspected<'a> {
    plugin: &'a Plugin,
    bytes: usize,
    imports: Vec<String>,
    exports: Vec<String>,
    schema: Value,
}

impl<'a> Inspected<'a> {
    /// Reads the component of an admitted plugin.
    pub fn new(plugin: &'a Plugin, component: &[u8]) -> Self {
        let (imports, exports) = interfaces(component);
        // Admission has read it as JSON already.
        let schema = serde_json::from_str(&plugin.descriptor().config_schema).unwrap_or_default();
        Self { plugin, bytes: component.len(), imports, exports, schema }
    }

    /// As plain data.
    pub fn document(&self) -> Value {
        let descriptor = self.plugin.descriptor();
        json!({
            "id": descriptor.id,
            "version": descriptor.version,
            "summary": descriptor.summary,
            "actions": descriptor.actions,
            "digest": self.plugin.digest(),
            "bytes": self.bytes,
            "imports": self.imports,
            "exports": self.exports,
            "facts_needed": descriptor.facts_needed,
            "effects_used": effects(descriptor),
            "max_batch": descriptor.max_batch,
            "fuel_per_item": descriptor.fuel_per_item,
            "config_schema": self.schema,
        })
    }

    /// For people.
    pub fn render(&self) -> String {
        let descriptor = self.plugin.descriptor();
        let facts = match descriptor.facts_needed.as_slice() {
            [] => "none beyond the balance and the days past due".to_owned(),
            facts => facts.join(", "),
        };
        let mut table = Table::new(["", ""]);
        table.row(["performs", &descriptor.actions.join(", ")]);
        table.row(["digest", self.plugin.digest()]);
        table.row(["size", &number::bytes(self.bytes as u64)]);
        table.row(["imports", &self.imports.join(", ")]);
        table.row(["exports", &self.exports.join(", ")]);
        table.row(["is told", &facts]);
        table.row(["may want", &effects(descriptor).join(", ")]);
        table.row([
            "batch",
            &format!("at most {} records", number::count(descriptor.max_batch.into())),
        ]);
        let fuel = number::count(descriptor.fuel_per_item);
        table.row(["fuel", &format!("at most {fuel} instructions for a record")]);
        let head = format!("{} {}: {}", descriptor.id, descriptor.version, descriptor.summary);
        format!("{head}\n\n{}\nConfig\n{}", table.render(), settings(&self.schema))
    }
}

fn effects(descriptor: &Descriptor) -> Vec<String> {
    descriptor.effects_used.iter().map(ToString::to_string).collect()
}

/// The names of the interfaces that a component imports and exports.
fn interfaces(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            // What is nested inside has interfaces of its own.
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
            Ok(Payload::ComponentImportSection(section)) if depth == 0 => {
                imports.extend(section.into_iter().flatten().map(|it| it.name.name.to_owned()));
            }
            Ok(Payload::ComponentExportSection(section)) if depth == 0 => {
                exports.extend(section.into_iter().flatten().map(|it| it.name.name.to_owned()));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    (imports, exports)
}

/// The settings that a schema allows, each with its description.
fn settings(schema: &Value) -> String {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    if properties.is_empty() {
        return "  takes no settings\n".to_owned();
    }
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let mut text = String::new();
    for (name, property) in properties {
        let needed = if required.iter().any(|it| it == name) { "required" } else { "optional" };
        text.push_str(&format!("  {name} ({}, {needed})\n", kind(property)));
        let description = property["description"].as_str().unwrap_or("no description");
        for line in wrap(description, WIDTH) {
            text.push_str(&format!("      {line}\n"));
        }
    }
    text
}

/// What kind of value a setting takes, in words.
fn kind(property: &Value) -> String {
    if let Some(reference) = property["x-arrears-ref"].as_str() {
        return format!("code of a {}", reference.replace('-', " "));
    }
    if let Some(words) = property["enum"].as_array() {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        return words.join(" or ");
    }
    match property["type"].as_str() {
        Some("string") => "text".to_owned(),
        Some("object") => "table".to_owned(),
        Some("array") => "list".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some(other) => other.to_owned(),
        None => "value".to_owned(),
    }
}
