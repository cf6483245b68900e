//! What is kept of a run: the run's record (COLLECTIONSRUN of the source
//! document) and the summary of each chunk.

use crate::export::ExportRecord;
use crate::payment::PaymentRecord;
use arrears_domain::{Date, RunKey};
use arrears_storage::Capacity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Which kind of run it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// Advances what is in collections or under a lien.
    Collections,
    /// Enters, advances and settles delinquencies of bill types.
    Delinquency,
    /// Tells a collection agency what it is to collect.
    Export,
    /// Collects what is due from the banks of those who owe it.
    Payment,
}

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// Delinquencies of bill types begin.
    pub entry: bool,
    /// What is due moves on.
    pub advance: bool,
    /// What the rules say is decremented or resolved.
    pub decrement_and_resolve: bool,
}

impl Steps {
    /// A run that only advances, as every collections run does.
    pub const ADVANCE: Self = Self { entry: false, advance: true, decrement_and_resolve: false };
}

impl Default for Steps {
    fn default() -> Self {
        Self::ADVANCE
    }
}

impl RunKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Collections, Self::Delinquency, Self::Export, Self::Payment];

    /// The word in keys and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collections => "collections",
            Self::Delinquency => "delinquency",
            Self::Export => "export",
            Self::Payment => "payment",
        }
    }

    /// The name of its task in the setup's `[tasks]`.
    #[must_use]
    pub fn task(self) -> &'static str {
        match self {
            Self::Collections => "collections-run",
            Self::Delinquency => "delinquency-run",
            Self::Export => "export-run",
            Self::Payment => "payment-run",
        }
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// What is due is being cut into chunks.
    Planning,
    /// Chunks are being worked on; after a kill, `resume` goes on from here.
    Running,
    /// What a payment collection run would collect is planned, and waits for
    /// somebody to execute it.
    Proposed,
    /// Every chunk is done and summed up.
    Finished,
    /// Given up before anything left; only an export run or a payment collection run
    /// can be.
    Abandoned,
}

/// The record of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The key, `collections-000007`.
    pub run_key: String,
    /// The number within the agency and the kind, from 1.
    pub number: u32,
    /// Which kind of run it is.
    pub kind: RunKind,
    /// The business date.
    pub as_of: Date,
    /// The latest date of this run and all before it.
    pub latest_as_of: Date,
    /// What it does.
    #[serde(default)]
    pub steps: Steps,
    /// How far it has come.
    pub status: RunStatus,
    /// The setup that decides all of it, also after a newer one was loaded.
    pub setup_version: u32,
    /// Parallel workers.
    pub threads: u32,
    /// Accounts in a chunk.
    pub commit_number: u32,
    /// The plugins that perform its actions: digest by action type.
    pub plugins: BTreeMap<String, String>,
    /// When it was initiated, in UTC.
    pub initiated_at: String,
    /// When it was completed, in UTC.
    pub completed_at: Option<String>,
    /// How often planning was begun: once, and again after each kill in it.
    pub plan_attempts: u32,
    /// What was planned, once planning is done.
    pub plan: Option<PlanRecord>,
    /// What it was asked for by, if that may be asked only once: see
    /// [`crate::step`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The sums of all chunks, once it is finished.
    pub totals: Option<Totals>,
    /// Wall time of the attempt that finished it, planning included.
    pub duration_ms: u64,
    /// What only an export run has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<Box<ExportRecord>>,
    /// What only a payment collection run has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Box<PaymentRecord>>,
}

impl RunRecord {
    /// The record of a run that begins now, with one worker and no plugins.
    #[must_use]
    pub fn begun(
        kind: RunKind,
        (run_key, number): (&RunKey, u32),
        as_of: Date,
        setup_version: u32,
    ) -> Self {
        Self {
            run_key: run_key.to_string(),
            number,
            kind,
            as_of,
            latest_as_of: as_of,
            steps: Steps::default(),
            status: RunStatus::Planning,
            setup_version,
            threads: 1,
            commit_number: 1,
            plugins: BTreeMap::new(),
            initiated_at: crate::run::now(),
            completed_at: None,
            plan_attempts: 0,
            plan: None,
            identity: None,
            totals: None,
            duration_ms: 0,
            export: None,
            payment: None,
        }
    }
}

impl RunRecord {
    /// How long ago it was initiated.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> Duration {
        let initiated = DateTime::parse_from_rfc3339(&self.initiated_at);
        let age = initiated.map(|it| (now - it.to_utc()).to_std().unwrap_or_default());
        age.unwrap_or_default()
    }
}

/// What was planned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// Which attempt at planning made the plan that holds.
    pub attempt: u32,
    /// Chunks, numbered from 1.
    pub chunks: u32,
    /// Accounts in all of them.
    pub accounts: u64,
    /// Delinquencies in all of them.
    pub delinquencies: u64,
}

/// Counts that add up: `processed + errors + omitted` is what was selected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Delinquencies that moved on.
    pub processed: u64,
    /// Delinquencies that could not be decided or acted on; nothing of them is
    /// written.
    pub errors: u64,
    /// Delinquencies that stay, with nothing wrong.
    pub omitted: u64,
    /// The same by reason.
    pub omitted_by_reason: BTreeMap<String, u64>,
    /// Effects by kind.
    pub effects: BTreeMap<String, u64>,
    /// What was charged, in minor units, by currency.
    pub charged_minor_units: BTreeMap<String, i64>,
    /// Moves: `RES: REMIND -> FINAL`.
    pub moves: BTreeMap<String, u64>,
    /// What each step and each action cost.
    pub processes: BTreeMap<String, ProcessUse>,
    /// What each plugin used, by digest.
    pub plugins: BTreeMap<String, PluginUse>,
    /// What the table charged for.
    pub capacity: CapacityUse,
    /// The first errors; all of them are in the journal.
    pub first_errors: Vec<RecordError>,
}

/// How often a step was executed, and for how long in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessUse {
    /// How often, in records.
    pub executed: u64,
    /// For how long in all.
    pub duration_us: u64,
}

/// What a plugin used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginUse {
    /// The plugin's id and version, `arrears-notice 0.1.0`.
    pub name: String,
    /// Calls into the sandbox.
    pub calls: u64,
    /// Subjects in them.
    pub cases: u64,
    /// Instructions.
    pub fuel: u64,
    /// Time in the sandbox.
    pub duration_us: u64,
    /// The most memory that one call held.
    pub memory_high_water_bytes: u64,
    /// Breaches of the contract.
    pub strikes: u64,
    /// Records about which nothing was done, since the plugin is in quarantine.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withheld: u64,
    /// Whether it was in quarantine, or its strikes here have put it there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_quarantined: bool,
}

/// Whether a count is left out of a document.
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Request units, as the table reported them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityUse {
    /// Thousandths of a read unit.
    pub read_units_milli: u64,
    /// Thousandths of a write unit.
    pub write_units_milli: u64,
}

/// A record that became an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordError {
    /// The account.
    pub account: String,
    /// The delinquency.
    pub delinquency: String,
    /// A stable word: `FORMULA_FAILED`.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

/// The most errors that a summary carries; the journal has them all. Twenty
/// fill a screen.
pub const FIRST_ERRORS_MAX: usize = 20;

/// The summary of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkSummary {
    /// The chunk's number, from 1.
    pub chunk: u32,
    /// The attempt that finished it.
    pub attempt: u32,
    /// Accounts in the chunk.
    pub accounts: u64,
    /// Delinquencies in the chunk.
    pub delinquencies: u64,
    /// Since when the longest of them has been due, where its due date is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_due_on: Option<Date>,
    /// What came of them.
    pub totals: Totals,
}

impl Totals {
    /// How many delinquencies the counts speak of.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.processed + self.errors + self.omitted
    }

    /// Adds the totals of another part of the run.
    pub fn add(&mut self, other: &Self) {
        self.processed += other.processed;
        self.errors += other.errors;
        self.omitted += other.omitted;
        add_counts(&mut self.omitted_by_reason, &other.omitted_by_reason);
        add_counts(&mut self.effects, &other.effects);
        add_counts(&mut self.moves, &other.moves);
        for (currency, amount_minor_units) in &other.charged_minor_units {
            *self.charged_minor_units.entry(currency.clone()).or_default() += amount_minor_units;
        }
        for (process, used) in &other.processes {
            let own = self.processes.entry(process.clone()).or_default();
            own.executed += used.executed;
            own.duration_us += used.duration_us;
        }
        for (digest, used) in &other.plugins {
            self.plugins.entry(digest.clone()).or_default().add(used);
        }
        self.capacity.read_units_milli += other.capacity.read_units_milli;
        self.capacity.write_units_milli += other.capacity.write_units_milli;
        let room = FIRST_ERRORS_MAX.saturating_sub(self.first_errors.len());
        self.first_errors.extend(other.first_errors.iter().take(room).cloned());
    }

    /// Counts a record that stays.
    pub fn omit(&mut self, reason: &str) {
        self.omitted += 1;
        *self.omitted_by_reason.entry(reason.to_owned()).or_default() += 1;
    }

    /// Counts a record that became an error.
    pub fn error(&mut self, error: RecordError) {
        self.errors += 1;
        if self.first_errors.len() < FIRST_ERRORS_MAX {
            self.first_errors.push(error);
        }
    }

    /// Adds to what a step or an action cost.
    pub fn process(&mut self, name: &str, executed: u64, duration: Duration) {
        let own = self.processes.entry(name.to_owned()).or_default();
        own.executed += executed;
        own.duration_us += u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    }
}

impl CapacityUse {
    /// Adds what was consumed through a store.
    pub fn consumed(&mut self, capacity: &Capacity) {
        self.read_units_milli += capacity.read_units_milli;
        self.write_units_milli += capacity.write_units_milli;
    }
}

impl PluginUse {
    fn add(&mut self, other: &Self) {
        self.name.clone_from(&other.name);
        self.calls += other.calls;
        self.cases += other.cases;
        self.fuel += other.fuel;
        self.duration_us += other.duration_us;
        self.memory_high_water_bytes =
            self.memory_high_water_bytes.max(other.memory_high_water_bytes);
        self.strikes += other.strikes;
        self.withheld += other.withheld;
        self.is_quarantined |= other.is_quarantined;
    }
}

fn add_counts(own: &mut BTreeMap<String, u64>, other: &BTreeMap<String, u64>) {
    for (key, count) in other {
        *own.entry(key.clone()).or_default() += count;
    }
}
