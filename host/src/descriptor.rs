//! The rules for what a plugin says of itself.

use std::collections::BTreeSet;

use semver::Version;

use crate::contract::Descriptor;
use crate::error::{HostError, quoted};
use crate::limits::Limits;

/// Bytes of an id, as the contract says.
const ID_BYTES_MAX: usize = 64;
/// Bytes of the one-line summary: it is a row of a list.
const SUMMARY_BYTES_MAX: usize = 200;

/// Nothing if the description keeps to the contract. The schema is checked by
/// whoever compiles it.
pub(crate) fn check(descriptor: &Descriptor, limits: &Limits) -> Result<(), HostError> {
    if descriptor.id.len() > ID_BYTES_MAX || !is_name(&descriptor.id) {
        return Err(wrong(
            "id",
            format!("must be 1 to {ID_BYTES_MAX} lower-case letters, digits and hyphens"),
        ));
    }
    if let Err(error) = Version::parse(&descriptor.version) {
        return Err(wrong("version", format!("is no semantic version: {error}")));
    }
    let summary = &descriptor.summary;
    if summary.len() > SUMMARY_BYTES_MAX || summary.chars().any(char::is_control) {
        return Err(wrong(
            "summary",
            format!("must be one line of at most {SUMMARY_BYTES_MAX} bytes"),
        ));
    }
    let is_action = |action: &str| action.split(':').all(is_name) && action.split(':').count() <= 2;
    let actions = &descriptor.actions;
    if actions.is_empty() {
        return Err(wrong("actions", "names no action type".to_owned()));
    }
    entries("actions", actions, limits, is_action, "`notice` or `acme:sms`")?;
    let facts = &descriptor.facts_needed;
    entries("facts-needed", facts, limits, is_fact_pattern, "`account.class` or `contact.*`")?;
    if descriptor.max_batch == 0 || descriptor.max_batch > limits.batch_max {
        return Err(wrong(
            "max-batch",
            format!("is {}, not in 1 to {}", descriptor.max_batch, limits.batch_max),
        ));
    }
    if descriptor.fuel_per_item == 0 || descriptor.fuel_per_item > limits.fuel_per_item_max {
        return Err(wrong(
            "fuel-per-item",
            format!("is {}, not in 1 to {}", descriptor.fuel_per_item, limits.fuel_per_item_max),
        ));
    }
    let kinds: BTreeSet<_> = descriptor.effects_used.iter().collect();
    if kinds.len() != descriptor.effects_used.len() {
        return Err(wrong("effects-used", "names a kind twice".to_owned()));
    }
    Ok(())
}

pub(crate) fn wrong(field: &'static str, reason: String) -> HostError {
    HostError::Descriptor { field, reason: quoted(&reason) }
}

/// Each entry well-formed, none twice, not too many.
fn entries(
    field: &'static str,
    entries: &[String],
    limits: &Limits,
    is_right: impl Fn(&str) -> bool,
    example: &str,
) -> Result<(), HostError> {
    if entries.len() > limits.descriptor_entries_max {
        return Err(wrong(
            field,
            format!("has {} entries; {} are allowed", entries.len(), limits.descriptor_entries_max),
        ));
    }
    let mut known = BTreeSet::new();
    for entry in entries {
        if entry.len() > limits.code_bytes_max || !is_right(entry) {
            let shown: String = entry.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(wrong(field, format!("has `{shown}`; write it like {example}")));
        }
        if !known.insert(entry) {
            return Err(wrong(field, format!("has `{entry}` twice")));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A dotted name, or all names below one. What stands behind `attributes.` is
/// the agency's and may have capitals.
fn is_fact_pattern(pattern: &str) -> bool {
    let name = pattern.strip_suffix(".*").unwrap_or(pattern);
    !name.is_empty()
        && name.split('.').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::EffectKind;

    fn descriptor() -> Descriptor {
        Descriptor {
            id: "acme-sms-2".to_owned(),
            version: "1.4.0-rc.1".to_owned(),
            summary: "Sends a text message".to_owned(),
            actions: vec!["notice".to_owned(), "acme:sms".to_owned()],
            config_schema: "{}".to_owned(),
            facts_needed: vec!["contact.*".to_owned(), "account.attributes.Zone_2".to_owned()],
            effects_used: vec![EffectKind::Notice],
            max_batch: 1_000,
            fuel_per_item: 50_000,
        }
    }

    #[test]
    fn a_right_one_passes() {
        check(&descriptor(), &Limits::default()).unwrap();
    }

    #[test]
    fn each_rule_is_held() {
        type Mistake = fn(&mut Descriptor);
        let mistakes: [(&str, Mistake); 16] = [
            ("id", |d| d.id.clear()),
            ("id", |d| d.id = "Acme".to_owned()),
            ("id", |d| d.id = "a".repeat(65)),
            ("version", |d| d.version = "1.4".to_owned()),
            ("summary", |d| d.summary = "a\nb".to_owned()),
            ("summary", |d| d.summary = "a".repeat(201)),
            ("actions", |d| d.actions.clear()),
            ("actions", |d| d.actions.push("a:b:c".to_owned())),
            ("actions", |d| d.actions.push("notice".to_owned())),
            ("actions", |d| d.actions = (0..65).map(|n| n.to_string()).collect()),
            ("facts-needed", |d| d.facts_needed.push("*".to_owned())),
            ("facts-needed", |d| d.facts_needed.push("a..b".to_owned())),
            ("max-batch", |d| d.max_batch = 0),
            ("max-batch", |d| d.max_batch = 1_001),
            ("fuel-per-item", |d| d.fuel_per_item = u64::MAX),
            ("effects-used", |d| d.effects_used.push(EffectKind::Notice)),
        ];
        for (expected, mistake) in mistakes {
            let mut descriptor = descriptor();
            mistake(&mut descriptor);
            match check(&descriptor, &Limits::default()) {
                Err(HostError::Descriptor { field, .. }) => assert_eq!(field, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }
}
