//! Many subjects through one plugin: split into batches, each in a store of
//! its own; a batch that fails is halved until the subject that does it is
//! found, and the others are finished.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::admit::Plugin;
use crate::call::{Called, LogLine, call};
use crate::check::{Checker, Grant};
use crate::contract::{Configuration, Context, Decision, Effect, Fault, Subject, Verdict};
use crate::error::{CaseError, Failure, FailureKind};
use crate::limits::Limits;

/// The outcome for one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Case {
    /// These effects, checked against the grant, are to be committed. None is
    /// also an outcome.
    Apply(Vec<Effect>),
    /// Nothing is to be done, and why.
    Skip(String),
    /// There is no verdict.
    Failed(CaseError),
}

/// A defect that a plugin has shown, to count against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strike {
    /// The subject that brought it out.
    pub key: String,
    /// What happened.
    pub failure: Failure,
}

/// What the plugin used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Calls of the guest, those that failed among them.
    pub calls: u64,
    /// Subjects.
    pub cases: u64,
    /// Instructions. The same for the same request, unless a deadline struck.
    pub fuel: u64,
    /// Time in the sandbox, start of the guest included.
    pub wall: Duration,
    /// The most linear memory that a call had.
    pub memory_high_water_bytes: usize,
    /// Log lines beyond the limit.
    pub log_lines_dropped: u64,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performed {
    /// One outcome for each subject, in their order.
    pub cases: Vec<Case>,
    /// What it cost.
    pub usage: Usage,
    /// The plugin's defects.
    pub strikes: Vec<Strike>,
    /// What it wrote for the operator. Of a batch that failed and was halved,
    /// only the lines of the halves are kept.
    pub log: Vec<LogLine>,
}

/// Performs the action for all subjects.
pub(crate) fn perform(
    plugin: &Plugin,
    grant: &Grant,
    context: &Context,
    configuration: &Configuration,
    subjects: &[Subject],
) -> Performed {
    let mut keys = HashSet::with_capacity(subjects.len());
    let first: Vec<bool> =
        subjects.iter().map(|subject| keys.insert(subject.key.as_str())).collect();
    if first.iter().all(|first| *first) {
        return Batches::new(plugin, grant, context, configuration, subjects).run();
    }
    // The caller's mistake: the first subject of each key is performed.
    let unique: Vec<Subject> = subjects
        .iter()
        .zip(&first)
        .filter(|(_, first)| **first)
        .map(|(subject, _)| subject.clone())
        .collect();
    let mut performed = Batches::new(plugin, grant, context, configuration, &unique).run();
    let mut done = std::mem::take(&mut performed.cases).into_iter();
    performed.cases = subjects
        .iter()
        .zip(&first)
        .filter_map(|(subject, first)| if *first { done.next() } else { Some(doubled(subject)) })
        .collect();
    performed
}

/// Calls the guest without a subject, with the fuel that a call has on top of its
/// subjects.
pub(crate) fn perform_nothing(
    plugin: &Plugin,
    context: &Context,
    configuration: &Configuration,
) -> Result<Usage, CaseError> {
    let limits = plugin.limits();
    let fuel = call_fuel(limits, plugin.descriptor().fuel_per_item, 0);
    let called = call(plugin.sandbox(), plugin.guest(), limits, fuel, |store, guest| {
        guest.arrears_action_action().call_perform(store, context, configuration, &[])
    });
    let usage = Usage {
        calls: 1,
        cases: 0,
        fuel: called.fuel,
        wall: called.wall,
        memory_high_water_bytes: called.memory_bytes,
        log_lines_dropped: called.log_lines_dropped,
    };
    let answered = match called.result {
        Ok(Ok(decisions)) => match_up(&[], decisions).map(|_none| usage),
        Ok(Err(fault)) => return Err(CaseError::Fault(shorten(fault, limits))),
        Err(failure) => Err(failure),
    };
    answered.map_err(CaseError::Failure)
}

fn doubled(subject: &Subject) -> Case {
    Case::Failed(CaseError::Failure(Failure::new(
        FailureKind::DuplicateSubject,
        format!(
            "another subject of the request has the key `{}` as well: ask for each once",
            subject.key
        ),
    )))
}

struct Batches<'a> {
    plugin: &'a Plugin,
    context: &'a Context,
    configuration: &'a Configuration,
    subjects: &'a [Subject],
    checker: Checker<'a>,
    performed: Performed,
    deadline_strikes: usize,
    fuel_strikes: usize,
}

impl<'a> Batches<'a> {
    fn new(
        plugin: &'a Plugin,
        grant: &'a Grant,
        context: &'a Context,
        configuration: &'a Configuration,
        subjects: &'a [Subject],
    ) -> Self {
        Self {
            plugin,
            context,
            configuration,
            subjects,
            checker: Checker { limits: plugin.limits(), grant, descriptor: plugin.descriptor() },
            performed: Performed {
                cases: Vec::with_capacity(subjects.len()),
                usage: Usage { cases: subjects.len() as u64, ..Usage::default() },
                strikes: Vec::new(),
                log: Vec::new(),
            },
            deadline_strikes: 0,
            fuel_strikes: 0,
        }
    }

    /// Works from the left, so that cases come in the order of the subjects.
    /// Halving makes at most twice as many calls as there are subjects.
    fn run(mut self) -> Performed {
        let size = batch_size(self.plugin);
        let mut waiting: Vec<Range<usize>> = (0..self.subjects.len())
            .step_by(size)
            .map(|from| from..(from + size).min(self.subjects.len()))
            .collect();
        waiting.reverse();
        while let Some(range) = waiting.pop() {
            if let Some(failure) = self.stopped() {
                self.fail_all(range, &CaseError::Failure(failure));
                continue;
            }
            match self.call(range.clone()) {
                Ok(()) => {}
                Err(failure) if range.len() == 1 => self.strike(range.start, failure),
                Err(_) => {
                    let middle = range.start + range.len() / 2;
                    waiting.push(middle..range.end);
                    waiting.push(range.start..middle);
                }
            }
        }
        self.performed
    }

    /// Calls the guest for some subjects and takes up their cases. The error
    /// is one of the whole batch.
    fn call(&mut self, range: Range<usize>) -> Result<(), Failure> {
        let subjects = &self.subjects[range.clone()];
        let limits = self.plugin.limits();
        let fuel = call_fuel(limits, self.plugin.descriptor().fuel_per_item, subjects.len());
        let called =
            call(self.plugin.sandbox(), self.plugin.guest(), limits, fuel, |store, guest| {
                guest.arrears_action_action().call_perform(
                    store,
                    self.context,
                    self.configuration,
                    subjects,
                )
            });
        self.count(&called);
        let answers = match called.result {
            Ok(Ok(decisions)) => match_up(subjects, decisions),
            Ok(Err(fault)) => {
                self.performed.log.extend(called.log);
                let fault = shorten(fault, limits);
                self.fail_all(range, &CaseError::Fault(fault));
                return Ok(());
            }
            Err(failure) => Err(failure),
        };
        // What a failed batch said will be said again by its halves.
        if answers.is_ok() || subjects.len() == 1 {
            self.performed.log.extend(called.log);
        }
        for (index, answer) in range.zip(answers?) {
            match answer.and_then(|verdict| self.case(index, verdict)) {
                Ok(case) => self.performed.cases.push(case),
                Err(failure) => self.strike(index, failure),
            }
        }
        Ok(())
    }

    fn case(&self, index: usize, verdict: Verdict) -> Result<Case, Failure> {
        let limits = self.plugin.limits();
        Ok(match verdict {
            Verdict::Apply(effects) => {
                self.checker.effects(&self.subjects[index], &effects)?;
                Case::Apply(effects)
            }
            Verdict::Skip(reason) => Case::Skip(shorten_text(reason, limits.text_bytes_max)),
            Verdict::Fail(fault) => Case::Failed(CaseError::Fault(shorten(fault, limits))),
        })
    }

    fn count<T>(&mut self, called: &Called<T>) {
        let usage = &mut self.performed.usage;
        usage.calls += 1;
        usage.fuel = usage.fuel.saturating_add(called.fuel);
        usage.wall += called.wall;
        usage.memory_high_water_bytes = usage.memory_high_water_bytes.max(called.memory_bytes);
        usage.log_lines_dropped += called.log_lines_dropped;
    }

    fn strike(&mut self, index: usize, failure: Failure) {
        match failure.kind {
            FailureKind::Deadline => self.deadline_strikes += 1,
            FailureKind::Fuel => self.fuel_strikes += 1,
            _ => {}
        }
        let error = CaseError::Failure(failure.clone());
        self.performed.cases.push(Case::Failed(error));
        // The machine's want of resources says nothing about the plugin.
        if failure.kind != FailureKind::Start {
            self.performed.strikes.push(Strike { key: self.subjects[index].key.clone(), failure });
        }
    }

    fn stopped(&self) -> Option<Failure> {
        let limits = self.plugin.limits();
        let why = if self.deadline_strikes >= limits.deadline_strikes_max {
            format!("{} subjects hit its deadline", self.deadline_strikes)
        } else if self.fuel_strikes >= limits.fuel_strikes_max {
            format!("{} subjects used up its fuel", self.fuel_strikes)
        } else {
            return None;
        };
        let message = format!("the plugin was stopped before this subject, after {why}");
        Some(Failure::new(FailureKind::Stopped, message))
    }

    fn fail_all(&mut self, range: Range<usize>, error: &CaseError) {
        let cases = range.map(|_| Case::Failed(error.clone()));
        self.performed.cases.extend(cases);
    }
}

/// Subjects in a call: as many as the plugin takes and its fuel allows.
fn batch_size(plugin: &Plugin) -> usize {
    let limits = plugin.limits();
    let descriptor = plugin.descriptor();
    let for_items = limits.fuel_per_call_max.saturating_sub(limits.fuel_per_call_base);
    let by_fuel = for_items / descriptor.fuel_per_item.max(1);
    let declared = descriptor.max_batch.min(limits.batch_max);
    let size = u64::from(declared).min(by_fuel).max(1);
    usize::try_from(size).unwrap_or(1)
}

fn call_fuel(limits: &Limits, fuel_per_item: u64, subjects: usize) -> u64 {
    fuel_per_item.saturating_mul(subjects as u64).saturating_add(limits.fuel_per_call_base)
}

/// The verdict for each subject, in their order. A missing or a doubled
/// decision is a failure of its subject; one for a key that was not given
/// fails the batch, since it cannot be told whose it was.
fn match_up(
    subjects: &[Subject],
    decisions: Vec<Decision>,
) -> Result<Vec<Result<Verdict, Failure>>, Failure> {
    let in_order = decisions.len() == subjects.len()
        && subjects.iter().zip(&decisions).all(|(subject, decision)| subject.key == decision.key);
    if in_order {
        return Ok(decisions.into_iter().map(|decision| Ok(decision.verdict)).collect());
    }
    let index_of: HashMap<&str, usize> =
        subjects.iter().enumerate().map(|(index, subject)| (subject.key.as_str(), index)).collect();
    let mut answers: Vec<Option<Result<Verdict, Failure>>> = Vec::new();
    answers.resize_with(subjects.len(), || None);
    for decision in decisions {
        let Some(index) = index_of.get(decision.key.as_str()) else {
            let key: String = decision.key.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(contract(format!(
                "it decided for `{key}`, a subject that it was not given"
            )));
        };
        let answer = &mut answers[*index];
        *answer = Some(if answer.is_none() {
            Ok(decision.verdict)
        } else {
            Err(contract("it decided more than once for this subject".to_owned()))
        });
    }
    let missing = || Err(contract("it returned no decision for this subject".to_owned()));
    Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(missing)).collect())
}

fn contract(message: String) -> Failure {
    Failure::new(FailureKind::Contract, message)
}

/// A fault with its texts cut to what is kept.
pub(crate) fn shorten(fault: Fault, limits: &Limits) -> Fault {
    Fault {
        cause: fault.cause,
        code: shorten_text(fault.code, limits.code_bytes_max),
        message: shorten_text(fault.message, limits.text_bytes_max),
    }
}

fn shorten_text(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text.retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    text
}
