//! `arrears run export`: the file for a collection agency, now or later.

use super::run::date;
use super::runs::answer_report;
use super::schedule::on_aws::{self, Added};
use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::render;
use crate::session::Session;
use arrears_domain::Date;
use arrears_runs::export::{self, Options, Parameters};
use arrears_runs::{schedule, setups};
use clap::Args;

/// An export run.
#[derive(Debug, Args)]
pub struct Export {
    /// The export setup: template, destination and collection agency
    #[arg(long, value_name = "CODE")]
    setup: String,
    /// The business date; today in the agency's time zone if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Start at this date and time in the agency's time zone, instead of
    /// immediately: `2026-12-01T06:00`
    #[arg(long, value_name = "DATETIME", conflicts_with = "dry_run")]
    at: Option<String>,
    /// Select and render as the run would, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Let the run be dated before the last export run
    #[arg(long)]
    allow_back_dated: bool,
    #[command(flatten)]
    parameters: Selected,
}

/// What is asked of the records.
#[derive(Debug, Args)]
#[command(next_help_heading = "Parameters")]
struct Selected {
    /// Only records in this scheme; may be given several times, as may others
    #[arg(long = "scheme", value_name = "CODE")]
    schemes: Vec<String>,
    /// Only records at this milestone
    #[arg(long = "milestone", value_name = "CODE")]
    milestones: Vec<String>,
    /// Only records whose milestone has this level or a higher one
    #[arg(long, value_name = "N")]
    min_level: Option<u32>,
    /// Only records whose milestone has this level or a lower one
    #[arg(long, value_name = "N")]
    max_level: Option<u32>,
    /// Only records in schemes of this collection agency; the setup's own, and
    /// schemes without an agency, if not given
    #[arg(long = "collection-agency", value_name = "CODE")]
    agencies: Vec<String>,
    /// Records of this kind; `collections` if not given
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Only records that owe this or more
    #[arg(long, value_name = "AMOUNT")]
    min_balance: Option<String>,
    /// Only records that owe this or less
    #[arg(long, value_name = "AMOUNT")]
    max_balance: Option<String>,
    /// Only records to which something happened on this day or later
    #[arg(long, value_name = "DATE", value_parser = date)]
    changed_since: Option<Date>,
    /// Only records that entered their milestone on this day or later
    #[arg(long, value_name = "DATE", value_parser = date)]
    entered_from: Option<Date>,
    /// Only records that entered their milestone on this day or before
    #[arg(long, value_name = "DATE", value_parser = date)]
    entered_until: Option<Date>,
    /// Only records of accounts of this class
    #[arg(long = "class", value_name = "CLASS")]
    classes: Vec<String>,
    /// Only records for which this formula holds: `delinquency.days_past_due > 90`
    #[arg(long, value_name = "FORMULA")]
    condition: Option<String>,
}

impl Selected {
    fn parameters(&self) -> Parameters {
        Parameters {
            agencies: self.agencies.clone(),
            kinds: self.kinds.clone(),
            schemes: self.schemes.clone(),
            milestones: self.milestones.clone(),
            min_level: self.min_level,
            max_level: self.max_level,
            classes: self.classes.clone(),
            min_balance: self.min_balance.clone(),
            max_balance: self.max_balance.clone(),
            entered_from: self.entered_from,
            entered_until: self.entered_until,
            changed_since: self.changed_since,
            condition: self.condition.clone(),
        }
    }
}

/// Does it.
///
/// # Errors
/// The run is refused, or it failed on the way.
pub async fn run(session: &Session, wanted: &Export) -> Result<Status, CommandError> {
    // Nothing is scheduled that nobody would start.
    let schedules = match wanted.at {
        Some(_) => session.schedules().await?,
        None => None,
    };
    let store = session.store().await?;
    let catalog = session.catalog(&store).await?;
    let stored = setups::active(&store, &catalog).await?;
    let options = Options {
        export_setup: wanted.setup.clone(),
        parameters: wanted.parameters.parameters(),
        as_of: wanted.as_of.unwrap_or_else(|| stored.today()),
        allow_back_dated: wanted.allow_back_dated,
        schedule: None,
    };
    if let Some(at) = &wanted.at {
        let asked = schedule::Asked { as_of: wanted.as_of, ..schedule::Asked::from(&options) };
        let now = chrono::Utc::now();
        let prompt = session.prompt();
        if let Some(schedules) = &schedules {
            let Added { schedule, was_written } =
                on_aws::add(&store, &stored, &asked, (at, now), schedules).await?;
            session.output.answer(&schedule, || {
                render::schedule::added_on_aws(&schedule, was_written, &prompt)
            })?;
        } else {
            let schedule = schedule::add(&store, &stored, &asked, at, now).await?;
            session.output.answer(&schedule, || render::schedule::added(&schedule, &prompt))?;
        }
    } else if wanted.dry_run {
        let rehearsal = export::rehearse(&store, &catalog, &options).await?;
        let document = render::export::rehearsal_document(&options, &rehearsal);
        session.output.answer(&document, || render::export::rehearsal(&options, &rehearsal))?;
    } else {
        let progress = Progress::new(format!("export {}", wanted.setup), None, session.may_draw());
        let run = export::start(&store, &catalog, &options, &progress).await?;
        drop(progress);
        answer_report(session, &store, &run.run_key).await?;
    }
    Ok(Status::Done)
}
