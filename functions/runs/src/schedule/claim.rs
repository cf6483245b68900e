//! One run for each schedule, whoever starts it and whoever is killed.
//!
//! The run's record is created once, under the number that the schedule names.
//! What must not happen is that a schedule goes back to waiting while somebody
//! is still about to create it. Nobody is, if one worker alone has taken the
//! schedule up: another would have had to write the schedule first, and then the
//! first cannot write it any more. If there were several, the number is burnt
//! before, by a run that is abandoned from the beginning.

use super::record::{Schedule, ScheduleStatus};
use crate::error::RunError;
use crate::export::ExportRecord;
use crate::ledger;
use crate::record::{RunKind, RunRecord, RunStatus};
use arrears_domain::Date;
use arrears_storage::{Revision, Store};

const KIND: RunKind = RunKind::Export;

/// A schedule that this worker has taken up, as it wrote it.
pub(super) struct Claim {
    pub(super) schedule: Schedule,
    pub(super) number: u32,
    revision: Revision,
}

/// What there is of the run of a started schedule.
pub(super) enum Run {
    /// Nothing: whoever claimed the schedule did not come so far, or is about to.
    Missing,
    /// Another one that has the key: it came with an imported book.
    Foreign,
    /// It was refused when it began, and has done nothing.
    Refused,
    /// It is under way, or was killed.
    Unfinished,
    /// Somebody gave it up.
    Abandoned,
    /// It is done.
    Finished,
}

/// Claims a schedule that waits, for a run of the next free number. None if
/// somebody else wrote the schedule meanwhile.
pub(super) async fn claim(
    store: &Store,
    mut schedule: Schedule,
    revision: Revision,
) -> Result<Option<Claim>, RunError> {
    let (number, run_key) = loop {
        let number = ledger::next_number(store, KIND).await?;
        let run_key = ledger::run_key(KIND, number)?.to_string();
        // A book that was imported brought runs of its own along.
        if ledger::find_run(store, &run_key).await?.is_none() {
            break (number, run_key);
        }
    };
    schedule.status = ScheduleStatus::Started;
    schedule.run_key = Some(run_key);
    schedule.run_number = Some(number);
    schedule.takers = 1;
    write(store, schedule, revision, number).await
}

/// Takes up a schedule that was claimed by somebody who did not start the run.
pub(super) async fn take_up(
    store: &Store,
    mut schedule: Schedule,
    revision: Revision,
) -> Result<Option<Claim>, RunError> {
    let number = schedule.run_number.unwrap_or_default();
    schedule.takers += 1;
    write(store, schedule, revision, number).await
}

async fn write(
    store: &Store,
    schedule: Schedule,
    revision: Revision,
    number: u32,
) -> Result<Option<Claim>, RunError> {
    let written = schedule.replace(store, revision).await?;
    Ok(written.map(|revision| Claim { schedule, number, revision }))
}

/// What there is of a started schedule's run.
pub(super) async fn run_of(store: &Store, schedule: &Schedule) -> Result<Run, RunError> {
    let Some(run_key) = &schedule.run_key else { return Ok(Run::Foreign) };
    let Some(record) = ledger::find_run(store, run_key).await? else { return Ok(Run::Missing) };
    let export = record.export.as_deref();
    let started_by = export.and_then(|export| export.schedule.as_deref());
    Ok(match record.status {
        _ if started_by != Some(schedule.id.as_str()) => Run::Foreign,
        RunStatus::Finished => Run::Finished,
        RunStatus::Planning | RunStatus::Running | RunStatus::Proposed => Run::Unfinished,
        RunStatus::Abandoned if export.is_some_and(|export| export.is_refused) => Run::Refused,
        RunStatus::Abandoned => Run::Abandoned,
    })
}

impl Claim {
    /// Puts the schedule back to waiting. Whether that was possible: nobody else
    /// wrote it, or begins its run.
    pub(super) async fn give_back(mut self, store: &Store, as_of: Date) -> Result<bool, RunError> {
        if !self.is_free_of_others(store, as_of).await? {
            return Ok(false);
        }
        wait_again(&mut self.schedule);
        Ok(self.schedule.replace(store, self.revision).await?.is_some())
    }

    /// Marks the schedule as one whose run was refused. Whether that was
    /// possible, as for [`Claim::give_back`].
    pub(super) async fn fail(
        mut self,
        store: &Store,
        as_of: Date,
        reason: &str,
    ) -> Result<bool, RunError> {
        if !self.is_free_of_others(store, as_of).await? {
            return Ok(false);
        }
        forget_run(&mut self.schedule);
        self.schedule.status = ScheduleStatus::Failed;
        self.schedule.error = Some(reason.to_owned());
        Ok(self.schedule.replace(store, self.revision).await?.is_some())
    }

    /// Sees to it that nobody can begin the run any more.
    async fn is_free_of_others(&self, store: &Store, as_of: Date) -> Result<bool, RunError> {
        if self.schedule.takers <= 1 {
            return Ok(true);
        }
        match run_of(store, &self.schedule).await? {
            Run::Missing => burn(store, &self.schedule, self.number, as_of).await,
            Run::Foreign | Run::Refused => Ok(true),
            Run::Unfinished | Run::Abandoned | Run::Finished => Ok(false),
        }
    }
}

/// Puts a schedule back to waiting whose run was refused, or whose number is
/// another's: nobody can create that run. False if somebody else wrote it.
pub(super) async fn release(
    store: &Store,
    mut schedule: Schedule,
    revision: Revision,
) -> Result<bool, RunError> {
    wait_again(&mut schedule);
    Ok(schedule.replace(store, revision).await?.is_some())
}

fn wait_again(schedule: &mut Schedule) {
    forget_run(schedule);
    schedule.status = ScheduleStatus::Waiting;
}

/// The run that it was claimed for has never been.
fn forget_run(schedule: &mut Schedule) {
    schedule.run_key = None;
    schedule.run_number = None;
    schedule.takers = 0;
}

/// Creates the run as an abandoned one; false if somebody else has created it.
async fn burn(
    store: &Store,
    schedule: &Schedule,
    number: u32,
    as_of: Date,
) -> Result<bool, RunError> {
    let latest_as_of = ledger::latest_as_of(store, KIND, as_of, true).await?;
    let created = ledger::create_numbered_run(store, KIND, number, |run_key, number| RunRecord {
        status: RunStatus::Abandoned,
        latest_as_of,
        export: Some(Box::new(ExportRecord {
            export_setup: schedule.export_setup.clone(),
            parameters: schedule.parameters.clone(),
            schedule: Some(schedule.id.clone()),
            is_refused: true,
            ..ExportRecord::default()
        })),
        ..RunRecord::begun(KIND, (&run_key, number), as_of, 0)
    });
    match created.await {
        Ok(_) => Ok(true),
        Err(RunError::Storage(error)) if error.is_already_exists() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes what became of the run of a started schedule, unless that is written.
pub(super) async fn settle(
    store: &Store,
    started: &Schedule,
    status: ScheduleStatus,
    error: Option<&str>,
) -> Result<(), RunError> {
    loop {
        let Some((mut schedule, revision)) = Schedule::read(store, &started.id).await? else {
            return Ok(());
        };
        let is_same = schedule.run_key == started.run_key;
        if schedule.status != ScheduleStatus::Started || !is_same {
            return Ok(());
        }
        schedule.status = status;
        schedule.error = error.map(str::to_owned);
        if schedule.replace(store, revision).await?.is_some() {
            return Ok(());
        }
    }
}
