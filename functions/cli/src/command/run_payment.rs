//! `arrears run payment`: collect what is due from the banks of those who owe it.

use super::run::date;
use super::runs::answer_report;
use crate::failure::{CommandError, Status};
use crate::progress::Progress;
use crate::session::Session;
use arrears_domain::Date;
use arrears_runs::payment::{self, Mode, Options};
use clap::{ArgGroup, Args};

/// A payment collection run.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["profile", "execute"])))]
pub struct Payment {
    /// The payment profile: what is collected, from whom, and how
    #[arg(long, value_name = "CODE", requires = "base_date")]
    profile: Option<String>,
    /// The base date for payment: what is due by then is collected, and posted on
    /// that date
    #[arg(long, value_name = "DATE", value_parser = date, conflicts_with = "execute")]
    base_date: Option<Date>,
    /// Write the details report, and nothing else
    #[arg(long, conflicts_with_all = ["propose", "execute"])]
    report_only: bool,
    /// Store what would be collected as a proposal, which may be edited and then
    /// executed
    #[arg(long, conflicts_with = "execute")]
    propose: bool,
    /// Collect exactly what this proposal says, or refuse and say what has changed
    #[arg(long, value_name = "RUN")]
    execute: Option<String>,
    /// Let the run be dated before the last payment collection run
    #[arg(long, conflicts_with = "execute")]
    allow_back_dated: bool,
}

/// Does it.
///
/// # Errors
/// The run is refused, or it failed on the way.
pub async fn run(session: &Session, wanted: &Payment) -> Result<Status, CommandError> {
    let store = session.store().await?;
    let catalog = session.catalog(&store).await?;
    let name = wanted.profile.as_ref().or(wanted.execute.as_ref());
    let name = format!("payment {}", name.map_or("", String::as_str));
    let progress = Progress::new(name, None, session.may_draw());
    let run = match (&wanted.execute, &wanted.profile, wanted.base_date) {
        (Some(run_key), ..) => payment::execute(&store, &catalog, run_key, &progress).await?,
        (None, Some(profile), Some(base_date)) => {
            let options = Options {
                profile: profile.clone(),
                base_date,
                mode: wanted.mode(),
                allow_back_dated: wanted.allow_back_dated,
            };
            payment::start(&store, &catalog, &options, &progress).await?
        }
        // clap asks for one of them.
        _ => return Err(CommandError::Usage("say `--profile` and `--base-date`".to_owned())),
    };
    drop(progress);
    answer_report(session, &store, &run.run_key).await?;
    let is_given_up = run.payment.is_some_and(|payment| payment.given_up.is_some());
    Ok(if is_given_up { Status::Incomplete } else { Status::Done })
}

impl Payment {
    fn mode(&self) -> Mode {
        match (self.report_only, self.propose) {
            (true, _) => Mode::ReportOnly,
            (_, true) => Mode::Propose,
            _ => Mode::Collect,
        }
    }
}
