//! The first step: who starts the run, and what there is to do.

use super::identity::{self, Claimed};
use super::portion;
use super::request::Request;
use crate::catalog::Catalog;
use crate::error::RunError;
use crate::ledger::Reserved;
use crate::payment::{self, Mode};
use crate::record::{ChunkSummary, RunKind, RunRecord, RunStatus};
use crate::run::{self, Observer};
use crate::schedule::{Outcome, Work};
use crate::step::StepError;
use crate::{export, ledger, setups};
use arrears_domain::{Date, Identifier};
use arrears_storage::Store;
use serde::{Deserialize, Serialize};

/// What the first step comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The run; none if there is to be none.
    pub run_key: Option<String>,
    /// Whether there is something to do.
    pub state: State,
    /// How many portions.
    pub portions: u32,
    /// The key of the object that lists them, within the agency's files.
    pub portions_key: Option<String>,
    /// Why there is nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether there is something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The run is planned; its portions wait.
    Planned,
    /// Another execution carries the run, or has carried it.
    Duplicate,
    /// The run has come to its end already.
    Finished,
    /// What asked for it was called off.
    CalledOff,
}

/// Starts the run that is asked for, or finds it where it stands, and cuts it into
/// portions. `execution` names who asks: one that has claimed a run may ask again.
///
/// # Errors
/// The request makes no sense or the rules refuse the run, and nothing is written; or
/// the store fails, and the step may be done again.
pub async fn plan(
    store: &Store,
    catalog: &Catalog,
    request: &Request,
    execution: &str,
    observer: &dyn Observer,
) -> Result<Planned, RunError> {
    request.check(store.agency().as_str())?;
    let asked = Asked { store, catalog, request, execution, only_begins: &OnlyBegins(observer) };
    if let Some(run_key) = &request.resume {
        return asked.resume(run_key).await;
    }
    if let Some(id) = &request.schedule {
        return asked.scheduled(id).await;
    }
    let (identity, as_of) = match &request.execute {
        Some(run_key) => {
            ledger::run(store, run_key).await?;
            (format!("payment#execute#{run_key}"), None)
        }
        None => {
            let as_of = request.date(&setups::active(store, catalog).await?);
            (request.identity(as_of), Some(as_of))
        }
    };
    loop {
        match identity::claim(store, request.kind, &identity, execution).await? {
            Claimed::Elsewhere { run_key, execution } => {
                let run_key = request.execute.clone().unwrap_or_else(|| run_key.to_string());
                let found = ledger::find_run(store, &run_key).await?;
                if request.execute.is_none() && found.as_ref().is_some_and(is_abandoned) {
                    // It counts for nothing: whoever asks again has a run of their own.
                    identity::take_over(store, &identity, asked.execution).await?;
                    continue;
                }
                let reason = duplicate(&identity, &run_key, &execution, found.is_some());
                return Ok(nothing(State::Duplicate, Some(run_key), Some(reason)));
            }
            Claimed::Ours(reserved) => {
                let begun = match (&request.execute, as_of) {
                    (Some(run_key), _) => asked.execute(run_key, &identity).await.map(Some),
                    (None, Some(as_of)) => asked.begin(&reserved, as_of).await,
                    (None, None) => unreachable!("a run that is no execution has its date"),
                };
                if let Some(record) = begun? {
                    return portioned(store, &record).await;
                }
            }
        }
    }
}

/// A request with what it takes to follow it.
struct Asked<'a> {
    store: &'a Store,
    catalog: &'a Catalog,
    request: &'a Request,
    execution: &'a str,
    only_begins: &'a OnlyBegins<'a>,
}

impl Asked<'_> {
    /// Begins the run of a reserved number, or finds it begun. None if the number is
    /// another run's.
    async fn begin(&self, reserved: &Reserved, as_of: Date) -> Result<Option<RunRecord>, RunError> {
        let kind = self.request.kind;
        let run_key = ledger::run_key(kind, reserved.number)?.to_string();
        let started = match ledger::find_run(self.store, &run_key).await? {
            Some(record) if record.identity.as_ref() != Some(&reserved.identity) => {
                identity::renumber(self.store, kind, reserved).await?;
                return Ok(None);
            }
            Some(record) if is_abandoned(&record) => {
                identity::renumber(self.store, kind, reserved).await?;
                return Ok(None);
            }
            Some(record) if record.status != RunStatus::Planning => return Ok(Some(record)),
            Some(_) => run::resume(self.store, self.catalog, &run_key, self.only_begins).await,
            None => self.start(reserved, as_of).await,
        };
        match started {
            Ok(_) | Err(RunError::Step(StepError::OutOfTime { .. })) => {
                Ok(Some(ledger::run(self.store, &run_key).await?.0))
            }
            Err(RunError::Storage(error)) if error.is_already_exists() => Ok(None),
            Err(error) => {
                self.let_go(&run_key, &reserved.identity, &error).await?;
                Err(error)
            }
        }
    }

    /// Lets go of an identity if there is no run, and the store is not to blame.
    async fn let_go(
        &self,
        run_key: &str,
        identity: &str,
        error: &RunError,
    ) -> Result<(), RunError> {
        let is_store = matches!(error, RunError::Storage(_));
        let is_over = match ledger::find_run(self.store, run_key).await? {
            None => !is_store,
            Some(record) => record.status == RunStatus::Abandoned,
        };
        if is_over {
            identity::release(self.store, identity, &error.to_string()).await?;
        }
        Ok(())
    }

    async fn start(&self, reserved: &Reserved, as_of: Date) -> Result<RunRecord, RunError> {
        let Self { store, catalog, request, .. } = self;
        let reserved = Some(reserved);
        let allow_back_dated = request.allow_back_dated;
        match request.kind {
            RunKind::Collections | RunKind::Delinquency => {
                let options = match request.kind {
                    RunKind::Delinquency => run::Options::delinquency(as_of),
                    _ => run::Options::collections(as_of),
                };
                let steps = request.steps.unwrap_or(options.steps);
                let options = run::Options { steps, allow_back_dated, ..options };
                run::start_reserved(store, catalog, &options, reserved, self.only_begins).await
            }
            RunKind::Export => {
                let options = export::Options {
                    export_setup: request.export_setup.clone().unwrap_or_default(),
                    parameters: request.parameters.clone().unwrap_or_default(),
                    as_of,
                    allow_back_dated,
                    schedule: None,
                };
                export::start_reserved(store, catalog, &options, reserved, self.only_begins).await
            }
            RunKind::Payment => {
                let options = payment::Options {
                    profile: request.payment_profile.clone().unwrap_or_default(),
                    base_date: as_of,
                    mode: request.mode.unwrap_or(Mode::Collect),
                    allow_back_dated,
                };
                payment::start_reserved(store, catalog, &options, reserved, self.only_begins).await
            }
        }
    }

    /// Begins to execute a proposal, or finds that begun.
    async fn execute(&self, run_key: &str, identity: &str) -> Result<RunRecord, RunError> {
        let (record, _) = ledger::run(self.store, run_key).await?;
        if record.status != RunStatus::Proposed {
            return Ok(record);
        }
        let (store, catalog) = (self.store, self.catalog);
        match payment::execute(store, catalog, run_key, self.only_begins).await {
            Ok(record) => Ok(record),
            Err(RunError::Step(StepError::OutOfTime { .. })) => {
                Ok(ledger::run(store, run_key).await?.0)
            }
            Err(error) => {
                // The proposal waits for its mistake to be mended.
                if !matches!(error, RunError::Storage(_) | RunError::RunChanged { .. }) {
                    identity::release(store, identity, &error.to_string()).await?;
                }
                Err(error)
            }
        }
    }

    /// Goes on with a run, whoever started it.
    async fn resume(&self, run_key: &str) -> Result<Planned, RunError> {
        let (record, _) = ledger::run(self.store, run_key).await?;
        if record.kind != self.request.kind {
            let (is, asked) = (record.kind.as_str(), self.request.kind.as_str());
            let reason = format!("{run_key} is a run of kind {is}, and the request says {asked}");
            return Err(RunError::Step(StepError::Request { reason }));
        }
        let schedule = record.export.as_ref().and_then(|export| export.schedule.as_deref());
        let identity = record.identity.clone().or_else(|| schedule.map(of_schedule));
        if let Some(identity) = identity {
            identity::take_over(self.store, &identity, self.execution).await?;
        }
        if record.status != RunStatus::Planning {
            return portioned(self.store, &record).await;
        }
        match run::resume(self.store, self.catalog, run_key, self.only_begins).await {
            Ok(_) | Err(RunError::Step(StepError::OutOfTime { .. })) => {
                portioned(self.store, &ledger::run(self.store, run_key).await?.0).await
            }
            Err(error) => Err(error),
        }
    }

    /// Begins the run of a schedule for the execution that comes first: a second one would
    /// take the run out of its hands.
    async fn scheduled(&self, id: &str) -> Result<Planned, RunError> {
        let identity = of_schedule(id);
        if let Some(other) = identity::hold(self.store, &identity, self.execution).await? {
            let reason = format!("{id} is carried out by {other}; redrive that one if it failed");
            return Ok(nothing(State::Duplicate, None, Some(reason)));
        }
        let begun = self.begin_scheduled(id).await;
        if let Err(error) = &begun
            && !matches!(error, RunError::Storage(_))
        {
            identity::release(self.store, &identity, &error.to_string()).await?;
        }
        begun
    }

    async fn begin_scheduled(&self, id: &str) -> Result<Planned, RunError> {
        let clock = || self.request.scheduled_at.unwrap_or_else(chrono::Utc::now);
        let (store, catalog, observer) = (self.store, self.catalog, self.only_begins);
        let work = Work { store, catalog, observer, clock: &clock, resume: false };
        let Some(worked) = work.scheduled(id).await? else {
            let reason = format!("{id} is over, or was called off");
            return Ok(nothing(State::CalledOff, None, Some(reason)));
        };
        match (worked.outcome, worked.run_key) {
            (Outcome::UnderWay | Outcome::Stopped { .. }, Some(run_key)) => {
                portioned(store, &ledger::run(store, &run_key).await?.0).await
            }
            (Outcome::Finished { .. } | Outcome::Noted, run_key) => {
                Ok(nothing(State::Finished, run_key, None))
            }
            (Outcome::Postponed { reason } | Outcome::Stopped { reason }, _) => {
                Err(RunError::Step(StepError::Postponed { schedule: id.to_owned(), reason }))
            }
            (Outcome::Failed { reason }, _) => Err(RunError::Step(StepError::Request { reason })),
            (Outcome::UnderWay, None) => Ok(nothing(State::Duplicate, None, None)),
        }
    }
}

fn is_abandoned(record: &RunRecord) -> bool {
    record.status == RunStatus::Abandoned
}

/// What a schedule's run is known by.
fn of_schedule(id: &str) -> String {
    format!("export#schedule#{id}")
}

/// Why another execution does not begin the run, and what a person can do.
fn duplicate(identity: &str, run_key: &str, execution: &str, has_begun: bool) -> String {
    match has_begun {
        true => format!(
            "{identity} was asked for before; run {run_key} is its run, by {execution}; if it has \
             failed, redrive that execution, or ask with `resume`"
        ),
        false => format!(
            "{identity} was asked for before by {execution}, which has not begun it; redrive that \
             execution if it failed"
        ),
    }
}

/// Writes the portions of a run down, if there is something left to do.
async fn portioned(store: &Store, record: &RunRecord) -> Result<Planned, RunError> {
    if matches!(record.status, RunStatus::Finished | RunStatus::Abandoned | RunStatus::Proposed) {
        return Ok(nothing(State::Finished, Some(record.run_key.clone()), None));
    }
    let (portions_key, portions) = portion::write(store, record).await?;
    Ok(Planned {
        run_key: Some(record.run_key.clone()),
        state: State::Planned,
        portions,
        portions_key: Some(portions_key),
        reason: None,
    })
}

fn nothing(state: State, run_key: Option<String>, reason: Option<String>) -> Planned {
    Planned { run_key, state, portions: 0, portions_key: None, reason }
}

/// Lets a run begin, and stop as soon as it is planned: the rest is for the portions.
struct OnlyBegins<'a>(&'a dyn Observer);

impl Observer for OnlyBegins<'_> {
    fn planned(&self, delinquencies: u64) {
        self.0.planned(delinquencies);
    }

    fn chunk(&self, summary: &ChunkSummary) {
        self.0.chunk(summary);
    }

    fn stage(&self, name: &str, records: Option<u64>) {
        self.0.stage(name, records);
    }

    fn looked_at(&self, records: u64) {
        self.0.looked_at(records);
    }

    fn is_out_of_time(&self) -> bool {
        true
    }
}
