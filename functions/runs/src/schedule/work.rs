//! The worker: starts what is due.

use super::claim::{self, Claim, Run};
use super::list;
use super::record::{Schedule, ScheduleStatus};
use crate::catalog::Catalog;
use crate::chain::chain;
use crate::error::RunError;
use crate::export::{self, Options};
use crate::run::{self, Observer};
use crate::setups;
use arrears_domain::Date;
use arrears_storage::Store;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeSet;

/// What a worker works with.
pub struct Work<'a> {
    /// The agency's store.
    pub store: &'a Store,
    /// The plugins, which setups are checked with.
    pub catalog: &'a Catalog,
    /// Who watches the runs.
    pub observer: &'a dyn Observer,
    /// Tells the time.
    pub clock: &'a (dyn Fn() -> DateTime<Utc> + Send + Sync),
    /// Goes on with runs that were killed. A run that is alive would be stopped
    /// by it: only if no other worker is at work.
    pub resume: bool,
}

/// What a worker did about all that was due.
#[derive(Debug, Default)]
pub struct Round {
    /// What came of each, in order.
    pub worked: Vec<Worked>,
    /// Why it could not find out what else is due.
    pub error: Option<RunError>,
}

/// What a worker did about a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Worked {
    /// The schedule.
    pub id: String,
    /// Its export setup.
    pub export_setup: String,
    /// The run, if there is one.
    pub run_key: Option<String>,
    /// What has become of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What has become of a schedule that was due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Its run was started, or resumed, and is finished.
    Finished {
        /// Wall time of the run.
        duration_ms: u64,
    },
    /// Its run was finished before, which is noted now.
    Noted,
    /// Its run is under way elsewhere, or was killed.
    UnderWay,
    /// It waits for another export run.
    Postponed {
        /// For which one.
        reason: String,
    },
    /// Its run was refused or abandoned, and will not be started again.
    Failed {
        /// Why.
        reason: String,
    },
    /// The attempt failed, for what the schedule is not to blame; the next worker
    /// tries again, or its run can be gone on with.
    Stopped {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// Whether somebody has to look at it.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Stopped { .. })
    }
}

impl Work<'_> {
    /// Starts everything that is due, one after the other, also what becomes due
    /// meanwhile; and says what came of each. If the store fails at one, the others
    /// have their turn; what was started stands, and the next call goes on.
    pub async fn all_due(&self) -> Round {
        let mut looked_at = BTreeSet::new();
        let mut round = Round::default();
        loop {
            let due = match self.next_due(&looked_at).await {
                Ok(Some(due)) => due,
                Ok(None) => return round,
                Err(error) => return Round { error: Some(error), ..round },
            };
            let done = self.one(&due.id).await.unwrap_or_else(|error| {
                let reason = chain(&error);
                Some(without_run(&due, Outcome::Stopped { reason }))
            });
            round.worked.extend(done);
            looked_at.insert(due.id);
        }
    }

    /// Does what one schedule needs, due or not; none if it is over.
    ///
    /// # Errors
    /// There is no run yet, for a reason that the schedule is not to blame for: the store,
    /// the setup, the plugins. The next attempt starts it.
    pub(crate) async fn scheduled(&self, id: &str) -> Result<Option<Worked>, RunError> {
        self.one(id).await
    }

    /// The first that is due and has not been looked at.
    async fn next_due(&self, looked_at: &BTreeSet<String>) -> Result<Option<Schedule>, RunError> {
        let now = (self.clock)();
        let is_due = |it: &Schedule| match it.status {
            ScheduleStatus::Waiting => it.at_utc <= now,
            ScheduleStatus::Started => true,
            _ => false,
        };
        let all = list::all(self.store).await?;
        let due = all.into_iter().filter(|it| is_due(it) && !looked_at.contains(&it.id));
        Ok(due.min_by(|a, b| a.order().cmp(&b.order())))
    }

    /// Does what a schedule needs; none if it is over meanwhile.
    async fn one(&self, id: &str) -> Result<Option<Worked>, RunError> {
        loop {
            let Some((schedule, revision)) = Schedule::read(self.store, id).await? else {
                return Ok(None);
            };
            let outcome = match schedule.status {
                ScheduleStatus::Waiting => match self.ensure_ready().await {
                    Ok(()) => match claim::claim(self.store, schedule, revision).await? {
                        Some(claim) => self.start(claim).await?,
                        None => None,
                    },
                    Err(error @ RunError::ExportUnderWay { .. }) => {
                        Some(worked(&schedule, Outcome::Postponed { reason: chain(&error) }))
                    }
                    Err(error) => return Err(error),
                },
                ScheduleStatus::Started => match claim::run_of(self.store, &schedule).await? {
                    Run::Missing => match claim::take_up(self.store, schedule, revision).await? {
                        Some(claim) => self.start(claim).await?,
                        None => None,
                    },
                    Run::Foreign | Run::Refused => {
                        claim::release(self.store, schedule, revision).await?;
                        None
                    }
                    Run::Unfinished if self.resume => self.resume(&schedule).await?,
                    run => self.over_or_under_way(&schedule, &run).await?,
                },
                _ => return Ok(None),
            };
            // None: somebody else was quicker, and it has to be read again.
            if outcome.is_some() {
                return Ok(outcome);
            }
        }
    }

    /// Whether a run could start at all: a schedule that has to wait must not use
    /// up a number each time it is tried.
    async fn ensure_ready(&self) -> Result<(), RunError> {
        export::ensure_free(self.store).await?;
        setups::active(self.store, self.catalog).await?;
        Ok(())
    }

    /// Starts the run of a claimed schedule.
    async fn start(&self, claim: Claim) -> Result<Option<Worked>, RunError> {
        let schedule = claim.schedule.clone();
        let as_of = self.as_of(&schedule);
        let options = Options {
            export_setup: schedule.export_setup.clone(),
            parameters: schedule.parameters.clone(),
            as_of,
            allow_back_dated: schedule.allow_back_dated,
            schedule: Some((schedule.id.clone(), claim.number)),
        };
        match export::start(self.store, self.catalog, &options, self.observer).await {
            Ok(run) => self.finished(&schedule, run.duration_ms).await.map(Some),
            Err(error) => self.not_finished(claim, as_of, error).await,
        }
    }

    /// The business date: that of the schedule, or the local date of the start.
    fn as_of(&self, schedule: &Schedule) -> Date {
        let today = || (self.clock)().with_timezone(&schedule.zone()).date_naive();
        schedule.as_of.unwrap_or_else(today)
    }

    async fn finished(&self, schedule: &Schedule, duration_ms: u64) -> Result<Worked, RunError> {
        claim::settle(self.store, schedule, ScheduleStatus::Finished, None).await?;
        Ok(worked(schedule, Outcome::Finished { duration_ms }))
    }

    /// A run was refused, or failed on the way.
    ///
    /// # Errors
    /// There is no run, for a reason that the schedule is not to blame for.
    async fn not_finished(
        &self,
        claim: Claim,
        as_of: Date,
        error: RunError,
    ) -> Result<Option<Worked>, RunError> {
        let schedule = claim.schedule.clone();
        let reason = chain(&error);
        let run = claim::run_of(self.store, &schedule).await?;
        match (run, error) {
            (Run::Missing, RunError::ExportUnderWay { .. }) | (Run::Refused, _) => {
                let is_back = claim.give_back(self.store, as_of).await?;
                Ok(is_back.then(|| without_run(&schedule, Outcome::Postponed { reason })))
            }
            (Run::Foreign, _) => {
                claim.give_back(self.store, as_of).await?;
                Ok(None)
            }
            // The store may do next time; the schedule stays claimed.
            (Run::Missing, error @ RunError::Storage(_)) => Err(error),
            (Run::Missing, error) if is_refused(&error) => {
                let is_written = claim.fail(self.store, as_of, &reason).await?;
                Ok(is_written.then(|| without_run(&schedule, Outcome::Failed { reason })))
            }
            (Run::Missing, error) => match claim.give_back(self.store, as_of).await? {
                true => Err(error),
                false => Ok(None),
            },
            // Another worker has created the run.
            (Run::Unfinished, RunError::Storage(error)) if error.is_already_exists() => {
                Ok(Some(worked(&schedule, Outcome::UnderWay)))
            }
            (Run::Unfinished, RunError::ExportUnderWay { .. }) => {
                Ok(Some(worked(&schedule, Outcome::UnderWay)))
            }
            (Run::Unfinished, _) => Ok(Some(worked(&schedule, Outcome::Stopped { reason }))),
            (run, _) => self.over_or_under_way(&schedule, &run).await,
        }
    }

    /// Goes on with the run of a started schedule.
    async fn resume(&self, schedule: &Schedule) -> Result<Option<Worked>, RunError> {
        let run_key = schedule.run_key.as_deref().unwrap_or_default();
        match run::resume(self.store, self.catalog, run_key, self.observer).await {
            Ok(run) => self.finished(schedule, run.duration_ms).await.map(Some),
            Err(error) => match claim::run_of(self.store, schedule).await? {
                Run::Unfinished => {
                    let reason = chain(&error);
                    Ok(Some(worked(schedule, Outcome::Stopped { reason })))
                }
                // It came to an end meanwhile.
                _ => Ok(None),
            },
        }
    }

    /// A run that this worker does not touch.
    async fn over_or_under_way(
        &self,
        schedule: &Schedule,
        run: &Run,
    ) -> Result<Option<Worked>, RunError> {
        let outcome = match run {
            Run::Finished => {
                claim::settle(self.store, schedule, ScheduleStatus::Finished, None).await?;
                Outcome::Noted
            }
            Run::Abandoned => {
                let reason = "the run was abandoned".to_owned();
                let failed = ScheduleStatus::Failed;
                claim::settle(self.store, schedule, failed, Some(&reason)).await?;
                Outcome::Failed { reason }
            }
            Run::Unfinished => Outcome::UnderWay,
            Run::Missing | Run::Foreign | Run::Refused => return Ok(None),
        };
        Ok(Some(worked(schedule, outcome)))
    }
}

/// Whether the schedule itself cannot be, as it is. What else is in the way, the
/// machine, the plugins, a setup that cannot be used, may be mended.
fn is_refused(error: &RunError) -> bool {
    matches!(
        error,
        RunError::UnknownExportSetup { .. }
            | RunError::Parameter { .. }
            | RunError::BackDated { .. }
    )
}

fn worked(schedule: &Schedule, outcome: Outcome) -> Worked {
    Worked {
        id: schedule.id.clone(),
        export_setup: schedule.export_setup.clone(),
        run_key: schedule.run_key.clone(),
        outcome,
    }
}

/// The run that was claimed has never been.
fn without_run(schedule: &Schedule, outcome: Outcome) -> Worked {
    Worked { run_key: None, ..worked(schedule, outcome) }
}
