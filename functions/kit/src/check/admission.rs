//! Admission, stage by stage: which one a component fails at, and what it passed before.

use std::error::Error;
use std::fs;
use std::path::Path;

use arrears_host::{Host, HostError, Plugin};

use super::{Finding, RULES, Rule, grouped};
use crate::error::KitError;
use crate::file;
use crate::names::Names;

/// What admission has found out.
pub(crate) struct LookedAt {
    pub(crate) bytes: u64,
    pub(crate) digest: Option<String>,
    pub(crate) plugin: Option<Plugin>,
    pub(crate) findings: Vec<Finding>,
}

/// Reads a component, unless it is too large, and asks the host to admit it.
pub(crate) fn admit(host: &Host, path: &Path) -> Result<LookedAt, KitError> {
    let bytes = fs::metadata(path).map_err(KitError::reading(path))?.len();
    let mut looked_at = LookedAt { bytes, digest: None, plugin: None, findings: Vec::new() };
    let wasm = match file::component(host, path) {
        Err(KitError::Refused { source, .. }) => {
            looked_at.findings.push(Finding::refused(Rule::Size, source.to_string()));
            return Ok(looked_at);
        }
        wasm => wasm?,
    };
    looked_at.digest = Some(arrears_host::digest(&wasm));
    match host.admit(&wasm) {
        Ok(plugin) => {
            looked_at.findings = passed_before(Rule::Name, host, &wasm);
            looked_at.plugin = Some(plugin);
        }
        Err(error) => looked_at.findings = refused(&error, host, &wasm),
    }
    Ok(looked_at)
}

fn refused(error: &HostError, host: &Host, wasm: &[u8]) -> Vec<Finding> {
    let rule = stage(error);
    let mut findings = passed_before(rule, host, wasm);
    findings.push(Finding::refused(rule, in_words(error)));
    // The gate stops at the first of these two; a vendor wants to see both.
    if rule == Rule::World {
        findings.push(imports(&Names::read(wasm)));
    }
    if rule == Rule::Imports {
        findings.retain(|finding| finding.rule != Rule::Imports);
        findings.push(imports(&Names::read(wasm)));
    }
    findings
}

/// The rule that an error of admission is about.
fn stage(error: &HostError) -> Rule {
    match error {
        HostError::TooLarge { .. } => Rule::Size,
        HostError::WrongWorld { .. } | HostError::WrongVersion { .. } => Rule::World,
        HostError::ForbiddenImport { .. } => Rule::Imports,
        HostError::Compile(_) => Rule::Compile,
        HostError::WrongTypes { .. } => Rule::Types,
        HostError::Describe(_) | HostError::Unsteady => Rule::Describe,
        HostError::Descriptor { field: "config-schema", .. } => Rule::ConfigSchema,
        HostError::Descriptor { .. } => Rule::Descriptor,
        _ => Rule::Component,
    }
}

/// The error with its causes, and what to do where it does not say so itself.
fn in_words(error: &HostError) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        words.push_str(&format!(": {source}"));
        next = source.source();
    }
    match error {
        HostError::Compile(_) => {
            words.push_str(
                "; build it again with a current toolchain, without experimental features",
            );
        }
        HostError::Describe(_) => {
            words.push_str("; return a constant from `describe`, and compute nothing before it");
        }
        HostError::Descriptor { .. } => words.push_str("; mend it in what `describe` returns"),
        _ => {}
    }
    words
}

/// What a component that got as far as a rule has passed before it.
fn passed_before(rule: Rule, host: &Host, wasm: &[u8]) -> Vec<Finding> {
    let before = RULES.into_iter().filter(|it| *it < rule && *it <= Rule::Descriptor);
    let names = Names::read(wasm);
    let passed = before.map(|passed| match passed {
        Rule::Imports => imports(&names),
        other => Finding::passed(other, words(other, host, wasm, &names)),
    });
    // The name is looked at when there is a plugin.
    passed.collect()
}

fn words(rule: Rule, host: &Host, wasm: &[u8], names: &Names) -> String {
    match rule {
        Rule::Size => {
            let most = host.limits().component_bytes_max as u64;
            format!("{} of at most {} bytes", grouped(wasm.len() as u64), grouped(most))
        }
        Rule::Component => "a component, whole".to_owned(),
        Rule::World => format!("exports {}", names.exports.join(", ")),
        Rule::Compile => "can be compiled".to_owned(),
        Rule::Types => "starts, and its types are those of the contract".to_owned(),
        Rule::Describe => "says the same of itself each time".to_owned(),
        _ => "keeps to the contract".to_owned(),
    }
}

fn imports(names: &Names) -> Finding {
    let foreign = names.foreign_imports();
    if !foreign.is_empty() {
        return Finding::refused(
            Rule::Imports,
            format!(
                "imports {}, which no plugin is given; only arrears:action/log is: build it \
                 without clock, files, network and randomness",
                foreign.join(", ")
            ),
        );
    }
    Finding::passed(
        Rule::Imports,
        match names.imports.as_slice() {
            [] => "imports nothing".to_owned(),
            imports => format!("imports {}, which every plugin is given", imports.join(", ")),
        },
    )
}
