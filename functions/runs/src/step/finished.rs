//! What is told of a run that has come to its end.

use crate::record::{CapacityUse, RunKind, RunRecord, RunStatus};
use arrears_domain::{AgencyId, Date};
use cloudevents::{EventBuilder, EventBuilderV10};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The type of the event.
pub const FINISHED_EVENT: &str = "arrears.run.finished";

/// A run that has come to its end: small enough for an event and for the state of a
/// state machine, whatever the run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finished {
    /// The agency.
    pub agency: String,
    /// The run.
    pub run_key: String,
    /// Its kind.
    pub kind: RunKind,
    /// The business date.
    pub as_of: Date,
    /// How it ended: finished, proposed, or given up.
    pub status: RunStatus,
    /// Records that moved on.
    pub processed: u64,
    /// Records that became errors; the journal has them.
    pub errors: u64,
    /// Records that stay.
    pub omitted: u64,
    /// The same by reason.
    pub omitted_by_reason: BTreeMap<String, u64>,
    /// Effects by kind.
    pub effects: BTreeMap<String, u64>,
    /// How long it took.
    pub duration_ms: u64,
    /// Request units of the table.
    pub capacity: CapacityUse,
    /// The key of the index of its files, if it has written any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

impl Finished {
    /// What is told of a run.
    #[must_use]
    pub fn of(agency: &AgencyId, run: &RunRecord) -> Self {
        let totals = run.totals.clone().unwrap_or_default();
        let export = run.export.as_ref().and_then(|export| export.manifest.clone());
        let payment = run.payment.as_ref().and_then(|payment| payment.manifest.clone());
        Self {
            agency: agency.to_string(),
            run_key: run.run_key.clone(),
            kind: run.kind,
            as_of: run.as_of,
            status: run.status,
            processed: totals.processed,
            errors: totals.errors,
            omitted: totals.omitted,
            omitted_by_reason: totals.omitted_by_reason,
            effects: totals.effects,
            duration_ms: run.duration_ms,
            capacity: totals.capacity,
            manifest: export.or(payment),
        }
    }

    /// The same as a CloudEvent. Its id is the run's and the status', so that whoever
    /// hears it twice knows.
    #[must_use]
    pub fn event(&self, completed_at: Option<&str>) -> Value {
        let Self { agency, run_key, .. } = self;
        let status = serde_json::to_value(self.status).unwrap_or_default();
        let status = status.as_str().unwrap_or_default();
        let mut event = EventBuilderV10::new()
            .id(format!("{agency}/{run_key}/{status}"))
            .source(format!("/arrears/{agency}/runs"))
            .ty(FINISHED_EVENT)
            .subject(run_key.clone())
            .extension("agency", agency.clone())
            .data("application/json", serde_json::to_value(self).unwrap_or_default());
        if let Some(time) = completed_at {
            event = event.time(time.to_owned());
        }
        event.build().ok().and_then(|event| serde_json::to_value(event).ok()).unwrap_or_default()
    }
}
