//! One call of a plugin: a fresh store with its limits, and what is left of it
//! when the call has ended, well or badly.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use wasmtime::{ResourceLimiter, Store, Trap};

use crate::bindings::{Plugin as Guest, PluginPre};
use crate::contract::Level;
use crate::engine::Sandbox;
use crate::error::{Failure, FailureKind};
use crate::limits::{EPOCH_TICK, Limits};

/// Last error lines that are kept for the message of a failure.
const LAST_WORDS: usize = 3;

/// A line that a plugin wrote for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// How loud it is.
    pub level: Level,
    /// The text, shortened to the limit; control characters are replaced.
    pub message: String,
}

/// What a call did, besides its result.
#[derive(Debug)]
pub(crate) struct Called<T> {
    pub(crate) result: Result<T, Failure>,
    pub(crate) fuel: u64,
    pub(crate) wall: Duration,
    pub(crate) memory_bytes: usize,
    pub(crate) log: Vec<LogLine>,
    pub(crate) log_lines_dropped: u64,
}

/// Data of a store: what the limiter and the log need.
pub(crate) struct State {
    memory_bytes: usize,
    memory_bytes_max: usize,
    table_elements_max: usize,
    lines: Vec<LogLine>,
    lines_max: usize,
    line_bytes_max: usize,
    lines_dropped: u64,
    last_words: VecDeque<String>,
}

impl State {
    fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: 0,
            memory_bytes_max: limits.memory_bytes_max,
            table_elements_max: limits.table_elements_max,
            lines: Vec::new(),
            lines_max: limits.log_lines_max,
            line_bytes_max: limits.log_line_bytes_max,
            lines_dropped: 0,
            last_words: VecDeque::new(),
        }
    }

    /// The text as it is kept: no longer than the limit, and without control
    /// characters, with which a plugin could take over a terminal.
    pub(crate) fn shorten(&self, text: &str) -> String {
        let kept = &text[..text.floor_char_boundary(self.line_bytes_max)];
        let clean = |c: char| {
            if c.is_control() && c != '\n' && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }
        };
        kept.chars().map(clean).collect()
    }

    pub(crate) fn log(&mut self, level: Level, message: String) {
        if level == Level::Error {
            if self.last_words.len() == LAST_WORDS {
                self.last_words.pop_front();
            }
            self.last_words.push_back(message.clone());
        }
        if self.lines.len() < self.lines_max {
            self.lines.push(LogLine { level, message });
        } else {
            self.lines_dropped += 1;
        }
    }
}

/// Says that a plugin asked for more memory than it may have.
#[derive(Debug, thiserror::Error)]
#[error("it asked for {wanted} {unit} of {what}, more than the {allowed} that are allowed")]
struct MemoryExceeded {
    what: &'static str,
    unit: &'static str,
    wanted: usize,
    allowed: usize,
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.memory_bytes_max {
            // A trap with this text, rather than a failed allocation that each
            // guest language reports in another way, if at all.
            return Err(wasmtime::Error::new(MemoryExceeded {
                what: "memory",
                unit: "bytes",
                wanted: desired,
                allowed: self.memory_bytes_max,
            }));
        }
        self.memory_bytes = self.memory_bytes.max(desired);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.table_elements_max {
            return Err(wasmtime::Error::new(MemoryExceeded {
                what: "a table",
                unit: "entries",
                wanted: desired,
                allowed: self.table_elements_max,
            }));
        }
        Ok(true)
    }
}

/// Instantiates the plugin in a fresh store, lets `run` call it, and throws
/// the store away.
pub(crate) fn call<T>(
    sandbox: &Sandbox,
    plugin: &PluginPre<State>,
    limits: &Limits,
    fuel: u64,
    run: impl FnOnce(&mut Store<State>, &Guest) -> wasmtime::Result<T>,
) -> Called<T> {
    let _slot = sandbox.slots.take();
    let begin = Instant::now();
    let mut store = Store::new(&sandbox.engine, State::new(limits));
    store.limiter(|state| state);
    store.set_hostcall_fuel(limits.output_bytes_max);
    store.set_epoch_deadline(ticks(limits.deadline));
    let mut started = false;
    let result =
        store.set_fuel(fuel).and_then(|()| plugin.instantiate(&mut store)).and_then(|guest| {
            started = true;
            run(&mut store, &guest)
        });
    let fuel_left = store.get_fuel().unwrap_or(0);
    let state = store.into_data();
    let result = result.map_err(|error| {
        let mut failure = diagnose(&error, limits, fuel, started);
        failure.last_words = state.last_words.into();
        failure
    });
    Called {
        result,
        fuel: fuel.saturating_sub(fuel_left),
        wall: begin.elapsed(),
        memory_bytes: state.memory_bytes,
        log: state.lines,
        log_lines_dropped: state.lines_dropped,
    }
}

/// Ticks until a deadline has passed for certain: the first one may come at
/// once.
fn ticks(deadline: Duration) -> u64 {
    let whole = deadline.as_millis().div_ceil(EPOCH_TICK.as_millis());
    u64::try_from(whole).unwrap_or(u64::MAX / 2).saturating_add(1)
}

/// Finds the rule that was broken, and words for it.
fn diagnose(error: &wasmtime::Error, limits: &Limits, fuel: u64, started: bool) -> Failure {
    if let Some(exceeded) = error.downcast_ref::<MemoryExceeded>() {
        return Failure::new(FailureKind::Memory, exceeded.to_string());
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            let message = format!("it used up its {fuel} instructions of fuel");
            Failure::new(FailureKind::Fuel, message)
        }
        Some(Trap::Interrupt) => {
            let message = format!(
                "it did not finish within the deadline of {} ms",
                limits.deadline.as_millis()
            );
            Failure::new(FailureKind::Deadline, message)
        }
        Some(Trap::StackOverflow) => {
            let message = format!(
                "it called itself too deep for its stack of {} bytes",
                limits.stack_bytes_max
            );
            Failure::new(FailureKind::Stack, message)
        }
        Some(trap) => Failure::new(FailureKind::Trap, format!("it trapped: {trap}")),
        None if is_output(error) => {
            let message = format!(
                "it returned more than the {} bytes that are allowed for a call",
                limits.output_bytes_max
            );
            Failure::new(FailureKind::Output, message)
        }
        None if !started => {
            let message = format!("it could not be started: {error:#}");
            Failure::new(FailureKind::Start, message)
        }
        None => Failure::new(FailureKind::Trap, format!("it broke off: {error:#}")),
    }
}

/// Wasmtime keeps the type of this error to itself; a test holds its words.
fn is_output(error: &wasmtime::Error) -> bool {
    format!("{error:#}").contains("fuel allocated for hostcalls has been exhausted")
}
