//! Looking at schedules, and calling one off.

use super::record::{PARTITION, Schedule, ScheduleStatus};
use crate::error::RunError;
use arrears_storage::{Order, Store};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;

/// All schedules: those that wait by the time at which they are due, then the
/// others, the latest first.
///
/// # Errors
/// The store fails.
pub async fn list(store: &Store) -> Result<Vec<Schedule>, RunError> {
    let (mut waiting, mut others): (Vec<_>, Vec<_>) =
        all(store).await?.into_iter().partition(|it| it.status == ScheduleStatus::Waiting);
    waiting.sort_by(|a, b| a.order().cmp(&b.order()));
    others.sort_by(|a, b| Reverse(a.order()).cmp(&Reverse(b.order())));
    waiting.append(&mut others);
    Ok(waiting)
}

/// All schedules, by id.
pub(super) async fn all(store: &Store) -> Result<Vec<Schedule>, RunError> {
    Ok(store.documents(PARTITION, "", Order::Ascending, None).await?)
}

impl Schedule {
    /// In which order schedules start.
    pub(super) fn order(&self) -> (DateTime<Utc>, &str) {
        (self.at_utc, &self.id)
    }
}

/// When the next schedule becomes due, after `now`.
///
/// # Errors
/// The store fails.
pub async fn next_due(
    store: &Store,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, RunError> {
    let waiting = all(store).await?.into_iter().filter(|it| it.status == ScheduleStatus::Waiting);
    Ok(waiting.map(|it| it.at_utc).filter(|at| *at > now).min())
}

/// What came of calling a schedule off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancellation {
    /// It will not start.
    Cancelled(Schedule),
    /// It is something else than waiting, and stays so.
    NotWaiting(Schedule),
    /// There is no such schedule.
    Unknown,
}

/// Calls a schedule off, if it has not started.
///
/// # Errors
/// The store fails.
pub async fn cancel(store: &Store, id: &str) -> Result<Cancellation, RunError> {
    loop {
        let Some((mut schedule, revision)) = Schedule::read(store, id).await? else {
            return Ok(Cancellation::Unknown);
        };
        if schedule.status != ScheduleStatus::Waiting {
            return Ok(Cancellation::NotWaiting(schedule));
        }
        schedule.status = ScheduleStatus::Cancelled;
        if schedule.replace(store, revision).await?.is_some() {
            return Ok(Cancellation::Cancelled(schedule));
        }
    }
}
