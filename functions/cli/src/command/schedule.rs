//! `arrears schedule`: list, cancel, work.

pub(super) mod on_aws;

use crate::failure::{CommandError, Status};
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::render;
use crate::session::Session;
use arrears_runs::schedule::{self, Cancellation, Round, Work, Worked};
use arrears_storage::Store;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use std::time::Duration;

/// The longest that a worker that watches sleeps: what is scheduled meanwhile,
/// or waits for another run, is seen after it.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// What to do with schedules.
#[derive(Debug, Subcommand)]
pub enum Schedule {
    /// List what is scheduled, and what became of it
    List,
    /// Call a schedule off that has not started
    Cancel(Id),
    /// Start everything that is due
    ///
    /// The exit code is 1 if a run was refused or failed on the way. In a folder
    /// nothing starts by itself: run this every minute, or leave it running with
    /// `--watch`. On AWS this is only needed for what could not be started.
    Work(Working),
}

/// Which schedule.
#[derive(Debug, Args)]
pub struct Id {
    /// The id, `schedule-000001`
    #[arg(value_name = "ID")]
    id: String,
}

/// How to work.
#[derive(Debug, Args)]
pub struct Working {
    /// Go on, and start what becomes due, until interrupted
    #[arg(long)]
    watch: bool,
    /// Also go on with runs that were killed; only if no other worker is at work
    #[arg(long)]
    resume: bool,
    /// Take this for the present time, for tests and drills: `2026-12-01T11:00:00Z`
    #[arg(long, value_name = "DATETIME", value_parser = instant, hide = true, conflicts_with = "watch")]
    now: Option<DateTime<Utc>>,
}

/// Reads a date and time with its offset from UTC.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|it| it.to_utc())
        .map_err(|_| "write a date and time with an offset, as 2026-12-01T11:00:00Z".to_owned())
}

/// Does it.
///
/// # Errors
/// There is no such schedule, or the store fails.
pub async fn schedule(session: &Session, wanted: &Schedule) -> Result<Status, CommandError> {
    match wanted {
        Schedule::List => {
            let schedules = schedule::list(&session.store().await?).await?;
            session
                .output
                .answer(&schedules, || render::schedule::list(&schedules, &session.prompt()))?;
            Ok(Status::Done)
        }
        Schedule::Cancel(Id { id }) => cancel(session, id).await,
        Schedule::Work(working) if working.watch => watch(session, working).await,
        Schedule::Work(working) => work_once(session, working).await,
    }
}

async fn work_once(session: &Session, working: &Working) -> Result<Status, CommandError> {
    let now = working.now;
    let clock = move || now.unwrap_or_else(Utc::now);
    let store = session.store().await?;
    let Round { worked, error } = work(session, &store, working, &clock).await?;
    let has_failed = error.is_some() || worked.iter().any(|it| it.outcome.is_failure());
    match error.map(CommandError::from) {
        Some(error) if worked.is_empty() => return Err(error),
        // The answer is what was done; stderr and the exit code tell the rest.
        Some(error) => {
            error.report(Output::new(false));
        }
        None => {}
    }
    session.output.answer(&worked, || render::schedule::worked(&worked, &session.prompt()))?;
    Ok(if has_failed { Status::Incomplete } else { Status::Done })
}

async fn cancel(session: &Session, id: &str) -> Result<Status, CommandError> {
    let schedules = session.schedules().await?;
    let store = session.store().await?;
    let cancellation = match &schedules {
        Some(schedules) => on_aws::cancel(&store, id, schedules).await?,
        None => schedule::cancel(&store, id).await?,
    };
    match cancellation {
        Cancellation::Cancelled(schedule) => {
            session.output.answer(&schedule, || render::schedule::cancelled(&schedule))?;
            Ok(Status::Done)
        }
        Cancellation::NotWaiting(schedule) => {
            session.output.answer(&schedule, || {
                render::schedule::not_waiting(&schedule, &session.prompt())
            })?;
            Ok(Status::Incomplete)
        }
        Cancellation::Unknown => Err(CommandError::Missing {
            what: format!("there is no schedule {id}"),
            hint: "`arrears schedule list` shows all".to_owned(),
        }),
    }
}

/// Starts everything that is due, once.
async fn work(
    session: &Session,
    store: &Store,
    working: &Working,
    clock: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
) -> Result<Round, CommandError> {
    let catalog = session.catalog(store).await?;
    let progress = Progress::new("schedule", None, session.may_draw());
    let work =
        Work { store, catalog: &catalog, observer: &progress, clock, resume: working.resume };
    Ok(work.all_due().await)
}

/// Starts what is due, again and again. Does not end by itself, also not when the
/// store fails; it may be killed at any time, and the next worker finds what it
/// has left.
async fn watch(session: &Session, working: &Working) -> Result<Status, CommandError> {
    if session.output.is_json() {
        let message = "`--watch` does not end, and so gives no JSON document; leave `--watch` or \
                       `--json` out";
        return Err(CommandError::Usage(message.to_owned()));
    }
    let store = session.store().await?;
    output::write(b"Watching for what becomes due; Ctrl-C ends it.\n")?;
    // What stays as it is, a run that somebody has to resume, is said once.
    let mut before = Vec::new();
    let mut complaint = String::new();
    loop {
        let pause = match turn(session, &store, working, &mut before).await {
            Ok(pause) => {
                complaint.clear();
                pause
            }
            // Nobody could see what is done any more.
            Err(error @ CommandError::Stdout(_)) => return Err(error),
            Err(error) => {
                if complaint != error.to_string() {
                    complaint = error.to_string();
                    error.report(session.output);
                }
                SLEEP_MAX
            }
        };
        tokio::time::sleep(pause.min(SLEEP_MAX)).await;
    }
}

/// Starts what is due, and tells what has not been told the time before. How long
/// nothing is due then.
async fn turn(
    session: &Session,
    store: &Store,
    working: &Working,
    before: &mut Vec<Worked>,
) -> Result<Duration, CommandError> {
    let Round { worked, error } = work(session, store, working, &Utc::now).await?;
    let news: Vec<Worked> = worked.iter().filter(|it| !before.contains(*it)).cloned().collect();
    *before = worked;
    if !news.is_empty() {
        output::write(render::schedule::worked(&news, &session.prompt()).as_bytes())?;
    }
    if let Some(error) = error {
        return Err(error.into());
    }
    let now = Utc::now();
    let next = schedule::next_due(store, now).await?;
    Ok(next.and_then(|at| (at - now).to_std().ok()).unwrap_or(SLEEP_MAX))
}
