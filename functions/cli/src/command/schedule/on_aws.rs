//! Schedules on AWS: the document, and what starts its run.
//!
//! The document is written first, and alone decides whether there is anything to
//! run: a one-off schedule of AWS that was left behind starts nothing. The other
//! way round, a document that AWS was never told of, a run would be missing; so
//! that case is said, and the same command mends it:
//!
//! ```text
//! write the document --killed--> it waits, and AWS does not know: the same command
//!         |                      finds it, and goes on here
//!         v
//!     tell AWS --fails--> cancel the document, and say so
//! ```

use crate::failure::CommandError;
use arrears_runs::RunError;
use arrears_runs::schedule::{self, Asked, Cancellation, Schedule, ScheduleStatus};
use arrears_runs::setups::Stored;
use arrears_storage::Store;
use arrears_triggers::TriggerError;
use arrears_triggers::schedule::{Creation, OneOff, Schedules, export_request};
use chrono::{DateTime, NaiveDateTime, Utc};

/// What starts scheduled runs.
pub trait Starter {
    /// Sees to it that the run starts when it is due.
    async fn create(&self, schedule: &Schedule) -> Result<Creation, TriggerError>;
    /// Sees to it that nothing starts it. Whether there was something.
    async fn delete(&self, id: &str) -> Result<bool, TriggerError>;
}

impl Starter for Schedules {
    async fn create(&self, schedule: &Schedule) -> Result<Creation, TriggerError> {
        let Schedule { id, at_utc, .. } = schedule;
        let input = export_request(self.agency(), id);
        Schedules::create(self, &OneOff { id, at: *at_utc, input: &input }).await
    }

    async fn delete(&self, id: &str) -> Result<bool, TriggerError> {
        Schedules::delete(self, id).await
    }
}

/// A run that was scheduled.
#[derive(Debug)]
pub struct Added {
    /// Its schedule.
    pub schedule: Schedule,
    /// Whether it was there, and only AWS had not been told.
    pub was_written: bool,
}

/// Schedules an export run, and has it started when it is due.
///
/// # Errors
/// As [`schedule::add`]; or the starter fails, and the schedule is cancelled.
pub async fn add(
    store: &Store,
    stored: &Stored,
    asked: &Asked,
    (at, now): (&str, DateTime<Utc>),
    starter: &impl Starter,
) -> Result<Added, CommandError> {
    let refusal = match schedule::add(store, stored, asked, at, now).await {
        Ok(schedule) => {
            return match starter.create(&schedule).await {
                Ok(_) => Ok(Added { schedule, was_written: false }),
                Err(source) => Err(take_back(store, schedule.id, starter, source).await),
            };
        }
        Err(refusal @ RunError::Parameter { parameter: "at", .. }) => refusal,
        Err(error) => return Err(error.into()),
    };
    let Some(schedule) = same(store, asked, at, now).await? else { return Err(refusal.into()) };
    match starter.create(&schedule).await {
        Ok(Creation::Created) => Ok(Added { schedule, was_written: true }),
        Ok(Creation::WasThere) => Err(refusal.into()),
        // It may be one that AWS knows very well: it is not for this command to
        // cancel it.
        Err(source) => {
            let became = "waits, and nobody knows whether AWS starts it; the same command looks \
                          again";
            let (id, became, source) = (schedule.id, became.to_owned(), Box::new(source));
            Err(CommandError::NotTold { id, became, source })
        }
    }
}

/// The schedule that waits for the same time and would run the same.
async fn same(
    store: &Store,
    asked: &Asked,
    at: &str,
    now: DateTime<Utc>,
) -> Result<Option<Schedule>, CommandError> {
    let at = at.replace(' ', "T");
    let read = |format| NaiveDateTime::parse_from_str(&at, format).ok();
    let Some(at_local) = read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%dT%H:%M:%S")) else {
        return Ok(None);
    };
    let is_same = |it: &Schedule| {
        it.status == ScheduleStatus::Waiting
            && it.export_setup == asked.export_setup
            && it.parameters == asked.parameters
            && it.as_of == asked.as_of
            && it.allow_back_dated == asked.allow_back_dated
            && it.at_local == at_local
            && it.at_utc >= now
    };
    let all = schedule::list(store).await?;
    // Of a time that the clocks show twice, the first that is still to come.
    Ok(all.into_iter().filter(is_same).min_by_key(|it| it.at_utc))
}

/// Calls a schedule off that nothing would start. What to say.
async fn take_back(
    store: &Store,
    id: String,
    starter: &impl Starter,
    source: TriggerError,
) -> CommandError {
    let became = match schedule::cancel(store, &id).await {
        Ok(Cancellation::Cancelled(_)) => {
            // The answer may have been lost, and not the request.
            if source.is_transient()
                && let Err(error) = starter.delete(&id).await
            {
                tracing::debug!("{id} may be left on AWS, where it starts nothing: {error}");
            }
            "is cancelled; schedule it again".to_owned()
        }
        Ok(Cancellation::NotWaiting(now)) => {
            format!("should have been cancelled, but is {} already", now.status.as_str())
        }
        Ok(Cancellation::Unknown) => "is gone".to_owned(),
        Err(error) => format!(
            "should have been cancelled, but waits, since the store failed too ({error}); the \
             same command tells AWS again, or `arrears schedule cancel {id}` calls it off"
        ),
    };
    CommandError::NotTold { id, became, source: Box::new(source) }
}

/// Calls a schedule off, and has nothing start it. What was left of it on AWS by a
/// command that was killed or failed is deleted too.
///
/// # Errors
/// As [`schedule::cancel`]; or the starter fails, and a repeat deletes what it has.
pub async fn cancel(
    store: &Store,
    id: &str,
    starter: &impl Starter,
) -> Result<Cancellation, CommandError> {
    let failed = |source| CommandError::StillOnAws { id: id.to_owned(), source: Box::new(source) };
    match schedule::cancel(store, id).await? {
        Cancellation::Cancelled(schedule) => {
            starter.delete(id).await.map_err(failed)?;
            Ok(Cancellation::Cancelled(schedule))
        }
        Cancellation::NotWaiting(schedule) if schedule.status == ScheduleStatus::Cancelled => {
            match starter.delete(id).await.map_err(failed)? {
                true => Ok(Cancellation::Cancelled(schedule)),
                false => Ok(Cancellation::NotWaiting(schedule)),
            }
        }
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests;
