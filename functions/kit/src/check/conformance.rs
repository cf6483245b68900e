//! What was seen of a plugin, rule by rule.

use std::collections::BTreeMap;
use std::slice;

use arrears_host::{CaseError, Failure, FailureKind, Plugin, Subject};

use super::situations::Request;
use super::watch::{Probe, Watched};
use super::{Finding, Rule, grouped};

/// Defects that are told of one rule; a plugin with one has it in many situations.
const TOLD_MAX: usize = 3;

/// Subjects that show whether batches are cut well.
const MANY: usize = 10_000;

/// Subjects of one request, so that a plugin that fails at them is soon found out.
const AT_ONCE: usize = 1_000;

/// The findings that a plugin's decisions lead to.
pub(crate) fn findings(plugin: &Plugin, watched: &Watched) -> Vec<Finding> {
    vec![
        conformance(watched),
        determinism(watched),
        effects(plugin, watched),
        fuel(plugin, watched),
    ]
}

fn conformance(watched: &Watched) -> Finding {
    let mut broken = defects(watched, |kind| {
        !matches!(kind, FailureKind::Contract | FailureKind::Fuel | FailureKind::Deadline)
    });
    let refused = watched.empty.iter().filter_map(|(situation, error)| match error {
        CaseError::Fault(_) => Some(format!(
            "{situation}: without a subject it refuses a config that its `check-config` takes: \
             {error}"
        )),
        CaseError::Failure(_) => None,
    });
    broken.extend(refused);
    let remedy = "skip or fail such a subject with a reason that a clerk can act on";
    finding(Rule::Conformance, &broken, remedy, || {
        format!("decides all of {} subjects, ordinary and odd", watched.subjects)
    })
}

fn determinism(watched: &Watched) -> Finding {
    let remedy = "let a decision depend on its subject, the config and the context alone, not on \
                  the attempt and not on what is kept between subjects";
    finding(Rule::Determinism, &watched.differences, remedy, || {
        "decides the same each time, alone and in any order".to_owned()
    })
}

fn effects(plugin: &Plugin, watched: &Watched) -> Finding {
    let broken = defects(watched, |kind| kind == FailureKind::Contract);
    let remedy = "answer each subject once, with effects of the kinds in `effects-used` that keep \
                  to the limits of wit/README.md";
    finding(Rule::Effects, &broken, remedy, || {
        let declared = &plugin.descriptor().effects_used;
        let declared: Vec<&str> = declared.iter().map(|kind| kind.name()).collect();
        match (watched.effects, declared.as_slice()) {
            (_, []) => "declares no effects and returns none".to_owned(),
            (0, _) => "returned none in any situation: `--cases` looks at yours too".to_owned(),
            (count, declared) => {
                format!("returned {count} effects, all of {}", declared.join(", "))
            }
        }
    })
}

fn fuel(plugin: &Plugin, watched: &Watched) -> Finding {
    let declared = plugin.descriptor().fuel_per_item;
    let most = watched.fuel_max;
    let mut broken =
        defects(watched, |kind| matches!(kind, FailureKind::Fuel | FailureKind::Deadline));
    if most > declared {
        broken.push(format!(
            "{}: a subject cost {} instructions, more than the {} of `fuel-per-item`",
            watched.dearest,
            grouped(most),
            grouped(declared)
        ));
    }
    if broken.is_empty() && watched.dearest.is_empty() {
        return Finding::unknown(Rule::Fuel, "not measured: no situation went well");
    }
    let remedy = "declare ten times what you measure, or do less";
    finding(Rule::Fuel, &broken, remedy, || {
        let tenths = declared.saturating_mul(10) / most.max(1);
        format!(
            "a subject cost at most {} instructions ({}); {} are declared, {}.{} times that; a call \
             without a subject cost {}",
            grouped(most),
            watched.dearest,
            grouped(declared),
            grouped(tenths / 10),
            tenths % 10,
            grouped(watched.start_fuel_max)
        )
    })
}

/// Defects of some kinds, in words.
fn defects(watched: &Watched, is_wanted: impl Fn(FailureKind) -> bool) -> Vec<String> {
    let empty = watched.empty.iter().filter_map(|(situation, error)| match error {
        CaseError::Failure(failure) => Some((situation, "without a subject", failure)),
        CaseError::Fault(_) => None,
    });
    let struck = watched.strikes.iter();
    let struck = struck.map(|(situation, it)| (situation, it.key.as_str(), &it.failure));
    let defects = struck.chain(empty).filter(|(_, _, failure)| is_wanted(failure.kind));
    defects.map(|(situation, whose, failure)| words(situation, whose, failure)).collect()
}

fn words(situation: &str, whose: &str, failure: &Failure) -> String {
    format!("{situation}: {whose}: {failure}")
}

fn finding(
    rule: Rule,
    broken: &[String],
    remedy: &str,
    passed: impl FnOnce() -> String,
) -> Finding {
    if broken.is_empty() {
        return Finding::passed(rule, passed());
    }
    let mut told = broken[..broken.len().min(TOLD_MAX)].join("; ");
    if broken.len() > TOLD_MAX {
        told.push_str(&format!("; and {} more like these", broken.len() - TOLD_MAX));
    }
    Finding::refused(rule, format!("{told}; {remedy}"))
}

/// Thousands of ordinary subjects, in batches as large as the plugin says that it takes.
pub(crate) fn batches(plugin: &Plugin, ordinary: &Request) -> Finding {
    let probe = Probe { plugin, request: ordinary, start_fuel: 0 };
    let numbered = |number: usize| {
        let model = &ordinary.subjects[number % ordinary.subjects.len()];
        Subject { key: format!("{}/{number}", model.key), ..model.clone() }
    };
    let (mut calls, mut memory_bytes) = (0, 0);
    for from in (0..MANY).step_by(AT_ONCE) {
        let subjects: Vec<Subject> = (from..from + AT_ONCE).map(numbered).collect();
        let performed = probe.perform(1, &subjects);
        if let Some(strike) = performed.strikes.first() {
            let broken = words("among many", &strike.key, &strike.failure);
            let remedy = "declare a smaller `max-batch`, or more fuel, or use less of both";
            return Finding::refused(Rule::Batches, format!("{broken}; {remedy}"));
        }
        let last = AT_ONCE - 1;
        let decided = BTreeMap::from([(subjects[last].key.as_str(), &performed.cases[last])]);
        let alone = slice::from_ref(&subjects[last]);
        let differences = probe.differences("alone", &decided, alone, &probe.perform(1, alone));
        if let [difference, ..] = differences.as_slice() {
            let remedy = "keep nothing between subjects";
            return Finding::refused(Rule::Batches, format!("{difference}; {remedy}"));
        }
        calls += performed.usage.calls;
        memory_bytes = performed.usage.memory_high_water_bytes.max(memory_bytes);
    }
    Finding::passed(
        Rule::Batches,
        format!(
            "decides {} subjects in {} calls, in {} bytes of memory at most",
            grouped(MANY as u64),
            grouped(calls),
            grouped(memory_bytes as u64)
        ),
    )
}
