//! The gate that an agency's host holds a plugin to, as a report: each rule, whether the
//! component keeps it, and what to change if it does not.
//!
//! In reading order: what a report says, the stages of admission, the config that the
//! plugin's own schema shows, the situations that it is put into, and what it costs.

mod admission;
mod conformance;
mod example;
mod facts;
mod situations;
mod watch;

use std::path::Path;

use arrears_host::trust::not_an_imitation;
use arrears_host::{Host, Plugin};
use serde::Serialize;

use crate::case::Case;
use crate::error::KitError;

/// The product's own plugins, which no other may imitate.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltIns<'a> {
    /// Their ids and action types.
    pub names: &'a [&'a str],
    /// Digests of their components: one of them imitates nobody.
    pub digests: &'a [String],
}

/// What the gate says of a component.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// Its digest, if it was read.
    pub digest: Option<String>,
    /// The plugin's id and version, if it says what it is.
    pub plugin: Option<String>,
    /// Rules that it breaks. None: an agency may add it.
    pub refused: usize,
    /// Each rule, in the order in which the gate looks at them.
    pub findings: Vec<Finding>,
}

/// What was found of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Whether the component keeps it.
    pub verdict: Verdict,
    /// What was found; of a refusal, also what to change.
    pub message: String,
}

/// Whether a component keeps a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does.
    Passed,
    /// It does not.
    Refused,
    /// It was not looked at, since it needs what was refused before.
    Unknown,
}

/// The rules of the gate, in the order in which they are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The file is not too large.
    Size,
    /// It is a component, whole and not made to wear out its reader.
    Component,
    /// It exports the world's interface in a version that the host speaks.
    World,
    /// It imports what every plugin is given, and nothing else.
    Imports,
    /// It can be compiled.
    Compile,
    /// It can be started, and its types are the contract's.
    Types,
    /// It says what it is, and the same each time.
    Describe,
    /// What it says keeps to the contract.
    Descriptor,
    /// It is not named like a built-in.
    Name,
    /// Its config schema is bounded, valid and readable for clerks.
    ConfigSchema,
    /// Its config schema has an example that `check-config` takes.
    Example,
    /// It decides in every situation of the conformance cases.
    Conformance,
    /// It decides the same each time and in any batch.
    Determinism,
    /// It returns no effect that it does not declare, and none out of range.
    Effects,
    /// It costs no more than it declares.
    Fuel,
    /// It takes thousands of subjects, in batches of the size that it declares.
    Batches,
}

impl Rule {
    /// Its name: `config-schema`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Component => "component",
            Self::World => "world",
            Self::Imports => "imports",
            Self::Compile => "compile",
            Self::Types => "types",
            Self::Describe => "describe",
            Self::Descriptor => "descriptor",
            Self::Name => "name",
            Self::ConfigSchema => "config-schema",
            Self::Example => "example",
            Self::Conformance => "conformance",
            Self::Determinism => "determinism",
            Self::Effects => "effects",
            Self::Fuel => "fuel",
            Self::Batches => "batches",
        }
    }
}

/// All rules, in their order.
pub const RULES: [Rule; 16] = [
    Rule::Size,
    Rule::Component,
    Rule::World,
    Rule::Imports,
    Rule::Compile,
    Rule::Types,
    Rule::Describe,
    Rule::Descriptor,
    Rule::Name,
    Rule::ConfigSchema,
    Rule::Example,
    Rule::Conformance,
    Rule::Determinism,
    Rule::Effects,
    Rule::Fuel,
    Rule::Batches,
];

impl Finding {
    pub(crate) fn passed(rule: Rule, message: impl Into<String>) -> Self {
        Self { rule, verdict: Verdict::Passed, message: message.into() }
    }

    pub(crate) fn refused(rule: Rule, message: impl Into<String>) -> Self {
        Self { rule, verdict: Verdict::Refused, message: message.into() }
    }

    pub(crate) fn unknown(rule: Rule, message: impl Into<String>) -> Self {
        Self { rule, verdict: Verdict::Unknown, message: message.into() }
    }
}

/// Holds a component to the gate. `cases` are the vendor's own, whose subjects are looked at
/// like those of the conformance cases.
///
/// # Errors
/// The file cannot be read. What is wrong with the component is no error, but told.
pub fn check(
    host: &Host,
    path: &Path,
    built_ins: BuiltIns<'_>,
    cases: &[Case],
) -> Result<Report, KitError> {
    let looked_at = admission::admit(host, path)?;
    let mut findings = looked_at.findings;
    if let Some(plugin) = &looked_at.plugin {
        findings.push(name(plugin, built_ins));
        findings.extend(behaviour(plugin, cases));
    }
    let after = "not looked at: mend what is refused above first";
    for rule in RULES {
        if !findings.iter().any(|finding| finding.rule == rule) {
            findings.push(Finding::unknown(rule, after));
        }
    }
    findings.sort_by_key(|finding| finding.rule);
    Ok(Report {
        file: path.display().to_string(),
        bytes: looked_at.bytes,
        digest: looked_at.digest,
        plugin: looked_at.plugin.map(|plugin| {
            let descriptor = plugin.descriptor();
            format!("{} {}", descriptor.id, descriptor.version)
        }),
        refused: findings.iter().filter(|it| it.verdict == Verdict::Refused).count(),
        findings,
    })
}

fn name(plugin: &Plugin, built_ins: BuiltIns<'_>) -> Finding {
    let descriptor = plugin.descriptor();
    if built_ins.digests.iter().any(|digest| digest == plugin.digest()) {
        return Finding::passed(Rule::Name, format!("is the built-in `{}`", descriptor.id));
    }
    match not_an_imitation(descriptor, built_ins.names) {
        Ok(()) => {
            let actions = descriptor.actions.join(", ");
            let id = &descriptor.id;
            Finding::passed(Rule::Name, format!("`{id}` performs {actions}: no built-in's name"))
        }
        Err(error) => Finding::refused(Rule::Name, error.to_string()),
    }
}

/// What the plugin does when it is asked to decide.
fn behaviour(plugin: &Plugin, cases: &[Case]) -> Vec<Finding> {
    let mut findings = example::schema(plugin);
    let (example, configuration) = example::example(plugin);
    findings.push(example);
    let is_taken = |case: &&Case| plugin.check_config(&case.configuration).is_ok();
    let cases: Vec<&Case> = cases.iter().filter(is_taken).collect();
    let of_a_case = || cases.first().map(|case| case.configuration.clone());
    let Some(configuration) = configuration.or_else(of_a_case) else {
        return findings;
    };
    let requests = situations::requests(plugin.descriptor(), &configuration, &cases);
    let watched = watch::watch(plugin, &requests);
    findings.extend(conformance::findings(plugin, &watched));
    if watched.strikes.is_empty() && watched.empty.is_empty() {
        findings.push(conformance::batches(plugin, &requests[0]));
    }
    findings
}

/// A number as people read it: `33,554,432`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (33_554_432, "33,554,432")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
