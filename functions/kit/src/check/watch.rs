//! Puts a plugin into situations and writes down what it does: together, again, in reverse
//! order, and each subject alone.

use std::collections::BTreeMap;
use std::slice;

use arrears_host::{
    Case as Decided, CaseError, Context, Grant, Performed, Plugin, Strike, Subject,
};

use super::situations::Request;
use crate::case::verdict;

/// Characters of a decision that are shown.
const SHOWN_CHARS: usize = 300;

/// What was seen of a plugin.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Subjects that it was asked about.
    pub(crate) subjects: usize,
    /// Effects that it returned for them.
    pub(crate) effects: usize,
    /// Its defects, with the situation.
    pub(crate) strikes: Vec<(String, Strike)>,
    /// What it did without a subject, if not nothing, with the situation.
    pub(crate) empty: Vec<(String, CaseError)>,
    /// Where it decided in two ways.
    pub(crate) differences: Vec<String>,
    /// The most instructions of a subject, beyond those of a call without one.
    pub(crate) fuel_max: u64,
    /// That subject, with its situation.
    pub(crate) dearest: String,
    /// The most instructions of a call without a subject.
    pub(crate) start_fuel_max: u64,
}

/// Watches a plugin in each situation. One in which it has a defect is left at once: all
/// that follows would only repeat it.
pub(crate) fn watch(plugin: &Plugin, requests: &[Request]) -> Watched {
    let mut watched = Watched::default();
    for request in requests {
        let situation = &request.situation;
        match plugin.perform_nothing(&request.context, &request.configuration) {
            Ok(usage) => {
                watched.start_fuel_max = watched.start_fuel_max.max(usage.fuel);
                watched.look(&Probe { plugin, request, start_fuel: usage.fuel });
            }
            Err(error) => watched.empty.push((situation.clone(), error)),
        }
    }
    watched
}

impl Watched {
    fn look(&mut self, probe: &Probe<'_>) {
        let Request { situation, subjects, .. } = probe.request;
        let together = probe.perform(1, subjects);
        self.subjects += subjects.len();
        if !together.strikes.is_empty() {
            let strikes = together.strikes.into_iter();
            self.strikes.extend(strikes.map(|strike| (situation.clone(), strike)));
            return;
        }
        self.effects += together.cases.iter().map(effects).sum::<usize>();
        self.cost(probe.fuel_per_subject(&together), situation);
        let decided: BTreeMap<&str, &Decided> =
            subjects.iter().map(|it| it.key.as_str()).zip(&together.cases).collect();

        let reversed: Vec<Subject> = subjects.iter().rev().cloned().collect();
        let others = [("asked again", 1, subjects), ("at a second attempt", 2, subjects)];
        for (how, attempt, subjects) in
            others.into_iter().chain([("in reverse order", 1, &reversed)])
        {
            let performed = probe.perform(attempt, subjects);
            self.differences.extend(probe.differences(how, &decided, subjects, &performed));
        }
        for subject in subjects {
            let subjects = slice::from_ref(subject);
            let performed = probe.perform(1, subjects);
            self.differences.extend(probe.differences("alone", &decided, subjects, &performed));
            self.cost(probe.fuel_per_subject(&performed), &format!("{situation}: {}", subject.key));
        }
    }

    fn cost(&mut self, fuel: u64, whose: &str) {
        if fuel > self.fuel_max {
            self.fuel_max = fuel;
            whose.clone_into(&mut self.dearest);
        }
    }
}

/// A plugin in a situation.
pub(crate) struct Probe<'a> {
    pub(crate) plugin: &'a Plugin,
    pub(crate) request: &'a Request,
    /// Instructions of a call without a subject.
    pub(crate) start_fuel: u64,
}

impl Probe<'_> {
    pub(crate) fn perform(&self, attempt: u32, subjects: &[Subject]) -> Performed {
        let grant = Grant::of(self.plugin.descriptor());
        let context = Context { attempt, ..self.request.context.clone() };
        self.plugin.perform(&grant, &context, &self.request.configuration, subjects)
    }

    fn fuel_per_subject(&self, performed: &Performed) -> u64 {
        let usage = &performed.usage;
        let for_subjects = usage.fuel.saturating_sub(self.start_fuel.saturating_mul(usage.calls));
        for_subjects / usage.cases.max(1)
    }

    /// Subjects that were decided otherwise than before.
    pub(crate) fn differences(
        &self,
        how: &str,
        decided: &BTreeMap<&str, &Decided>,
        subjects: &[Subject],
        performed: &Performed,
    ) -> Vec<String> {
        let pairs = subjects.iter().zip(&performed.cases).filter_map(|(subject, second)| {
            let first = decided.get(subject.key.as_str())?;
            (*first != second).then(|| {
                let situation = &self.request.situation;
                let (first, second) = (shown(first), shown(second));
                format!("{situation}: {}: first {first}, {how} {second}", subject.key)
            })
        });
        pairs.collect()
    }
}

fn effects(case: &Decided) -> usize {
    match case {
        Decided::Apply(effects) => effects.len(),
        _ => 0,
    }
}

fn shown(case: &Decided) -> String {
    let text = verdict(case).to_string();
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    shown
}
