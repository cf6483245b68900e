//! What is kept of a schedule.

use super::moment::Moment;
use crate::export::Parameters;
use arrears_domain::Date;
use arrears_storage::{Revision, Store};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// The partition of the schedules, by id.
pub(super) const PARTITION: &str = "schedule";

/// What is to run, when, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The id, `schedule-000001`.
    pub id: String,
    /// The kind of run; `export` is the only one.
    pub kind: String,
    /// The export setup.
    pub export_setup: String,
    /// What is asked of the records.
    pub parameters: Parameters,
    /// The business date; none: the local date on which the run starts.
    pub as_of: Option<Date>,
    /// Lets the run be dated before the last one.
    pub allow_back_dated: bool,
    /// When it is due, as the clocks of the zone show it.
    pub at_local: NaiveDateTime,
    /// The agency's zone when it was scheduled.
    pub zone: String,
    /// When it is due.
    pub at_utc: DateTime<Utc>,
    /// What has become of it.
    pub status: ScheduleStatus,
    /// The run that a worker has claimed it for.
    pub run_key: Option<String>,
    /// The number of that run.
    pub run_number: Option<u32>,
    /// How many workers have taken it up for that run: more than one if the
    /// first was killed, or was slow.
    pub takers: u32,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was scheduled, in UTC.
    pub created_at: String,
}

/// What has become of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleStatus {
    /// It is to start.
    Waiting,
    /// A worker has claimed it for a run.
    Started,
    /// Its run is finished.
    Finished,
    /// Its run was refused, or was abandoned.
    Failed,
    /// Somebody has called it off.
    Cancelled,
}

impl ScheduleStatus {
    /// The word in lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Schedule {
    /// When it is due, in the zone that it was scheduled in.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment::of(self.at_local, self.zone(), self.at_utc)
    }

    /// The zone that it was scheduled in.
    pub(super) fn zone(&self) -> chrono_tz::Tz {
        // It was written by this code; what another build knew is shown in UTC.
        self.zone.parse().unwrap_or(chrono_tz::Tz::UTC)
    }

    /// The stored schedule; none if there is none of this id.
    pub(super) async fn read(
        store: &Store,
        id: &str,
    ) -> Result<Option<(Self, Revision)>, crate::RunError> {
        Ok(store.document(PARTITION, id).await?)
    }

    /// Writes it over the one that was read at a revision; none if somebody else
    /// wrote it meanwhile.
    pub(super) async fn replace(
        &self,
        store: &Store,
        revision: Revision,
    ) -> Result<Option<Revision>, crate::RunError> {
        Ok(store.replace_document(PARTITION, &self.id, revision, self).await?)
    }
}
