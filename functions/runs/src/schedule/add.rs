//! Scheduling a run.

use super::moment::Moment;
use super::record::{PARTITION, Schedule, ScheduleStatus};
use crate::error::RunError;
use crate::export::{self, Options, Parameters};
use crate::record::RunKind;
use crate::setups::Stored;
use arrears_domain::Date;
use arrears_storage::{Revision, Store};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Which schedule has a moment of an export setup.
const MOMENTS_PARTITION: &str = "schedule-moment";
const COUNTER: &str = "schedule";

/// What is to run.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The code of the export setup.
    pub export_setup: String,
    /// What is asked of the records.
    pub parameters: Parameters,
    /// The business date; none: the local date on which the run starts.
    pub as_of: Option<Date>,
    /// Lets the run be dated before the last one.
    pub allow_back_dated: bool,
}

impl From<&Options> for Asked {
    fn from(options: &Options) -> Self {
        Self {
            export_setup: options.export_setup.clone(),
            parameters: options.parameters.clone(),
            as_of: Some(options.as_of),
            allow_back_dated: options.allow_back_dated,
        }
    }
}

/// Who has a moment.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    id: String,
}

/// Schedules an export run for a date and time in the agency's zone.
///
/// # Errors
/// There is no such export setup, a parameter is wrong, the time is none that is
/// still to come, or the same setup is scheduled for it already; and nothing is
/// scheduled. Or the store fails.
pub async fn add(
    store: &Store,
    stored: &Stored,
    asked: &Asked,
    at_text: &str,
    now: DateTime<Utc>,
) -> Result<Schedule, RunError> {
    let export = export::export_setup(stored, &asked.export_setup)?;
    asked.parameters.selection(&stored.prepared.setup, export)?;
    let moment = Moment::read(at_text, stored.zone(), now)?;
    let mut schedule = Schedule {
        id: String::new(),
        kind: RunKind::Export.as_str().to_owned(),
        export_setup: asked.export_setup.clone(),
        parameters: asked.parameters.clone(),
        as_of: asked.as_of,
        allow_back_dated: asked.allow_back_dated,
        at_local: moment.local,
        zone: moment.zone.name().to_owned(),
        at_utc: moment.utc,
        status: ScheduleStatus::Waiting,
        run_key: None,
        run_number: None,
        takers: 0,
        error: None,
        created_at: now.to_rfc3339_opts(SecondsFormat::Millis, true),
    };
    // Whoever has the moment gives it the id, also if it was killed before it
    // could write the schedule: of two that want it, one creates the document.
    loop {
        schedule.id = take_moment(store, &schedule, at_text).await?;
        match store.create_document(PARTITION, &schedule.id, &schedule).await {
            Ok(_) => return Ok(schedule),
            Err(error) if error.is_already_exists() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Takes the moment for a schedule. The id under which it is to be written.
async fn take_moment(
    store: &Store,
    schedule: &Schedule,
    at_text: &str,
) -> Result<String, RunError> {
    let at_utc = schedule.at_utc.to_rfc3339_opts(SecondsFormat::Secs, true);
    let sort = format!("{at_utc}#{}", schedule.export_setup);
    loop {
        let holder: Option<(Holder, Revision)> = store.document(MOMENTS_PARTITION, &sort).await?;
        let Some((holder, revision)) = holder else {
            let own = Holder { id: new_id(store).await? };
            match store.create_document(MOMENTS_PARTITION, &sort, &own).await {
                Ok(_) => return Ok(own.id),
                Err(error) if error.is_already_exists() => continue,
                Err(error) => return Err(error.into()),
            }
        };
        match Schedule::read(store, &holder.id).await? {
            None => return Ok(holder.id),
            Some((held, _)) if is_over(held.status) => {
                let own = Holder { id: new_id(store).await? };
                let taken =
                    store.replace_document(MOMENTS_PARTITION, &sort, revision, &own).await?;
                if taken.is_some() {
                    return Ok(own.id);
                }
            }
            Some((held, _)) => {
                let reason = format!(
                    "{} runs export setup {} at that time already; name another time, or cancel \
                     it: `arrears schedule cancel {}`",
                    held.id, held.export_setup, held.id
                );
                let value = at_text.to_owned();
                return Err(RunError::Parameter { parameter: "at", value, reason });
            }
        }
    }
}

async fn new_id(store: &Store) -> Result<String, RunError> {
    Ok(format!("schedule-{:06}", store.next_number(COUNTER).await?))
}

/// Whether a moment is free although a schedule had it.
fn is_over(status: ScheduleStatus) -> bool {
    matches!(status, ScheduleStatus::Failed | ScheduleStatus::Cancelled)
}
