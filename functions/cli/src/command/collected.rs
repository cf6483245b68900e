//! `arrears payment`: what a payment collection run proposes or has collected: show,
//! edit, void, returns.

use super::lines_in;
use super::run::date;
use crate::failure::{CommandError, Status};
use crate::render;
use crate::session::Session;
use arrears_domain::{AccountId, Date, LineItemId};
use arrears_runs::payment::{self, EditDocument, ReturnFormat, VoidOptions, Voided};
use clap::{ArgGroup, Args, ValueEnum};
use std::path::PathBuf;

/// Which run.
#[derive(Debug, Args)]
pub struct Show {
    /// The run or proposal, such as `payment-000007`
    #[arg(value_name = "RUN")]
    run: String,
}

/// Which transaction of which proposal, and why.
#[derive(Debug, Args)]
pub struct Edited {
    /// The proposal, such as `payment-000007`
    #[arg(value_name = "RUN")]
    run: String,
    /// The account
    #[arg(long, value_name = "ID")]
    account: AccountId,
    /// The transaction
    #[arg(long, value_name = "ID")]
    transaction: LineItemId,
    /// Why, for whoever reads it later
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Which transaction, and until when.
#[derive(Debug, Args)]
pub struct Deferred {
    #[command(flatten)]
    edited: Edited,
    /// The first base date for payment of which it is collected again
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Date,
}

/// Which payments.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["payment", "run"])))]
pub struct VoidArguments {
    /// One payment, such as `P000007-0000012`
    #[arg(long, value_name = "ID")]
    payment: Option<String>,
    /// All payments of a run
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// The date of the postings; today in the agency's time zone if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
    /// Why, for history
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The transactions become withheld, and are not collected again
    #[arg(long)]
    withhold: bool,
}

/// Which file.
#[derive(Debug, Args)]
pub struct ImportReturn {
    /// The file; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its format
    #[arg(long, value_enum)]
    format: Format,
    /// The date of the postings; today in the agency's time zone if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
}

/// Formats of files of returns.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// A NACHA return file
    #[value(name = "nacha")]
    Nacha,
    /// A status report of ISO 20022
    #[value(name = "pain.002")]
    Pain002,
}

/// Shows a run's report, with what was said of a proposal since.
pub async fn show(session: &Session, wanted: &Show) -> Result<Status, CommandError> {
    let store = session.store().await?;
    let shown = payment::show(&store, &wanted.run).await?;
    session.output.answer(&shown, || render::payment::shown(&shown, &session.prompt()))?;
    Ok(Status::Done)
}

/// What is said of a transaction.
pub enum Said {
    /// Leave it out.
    Exclude,
    /// Leave it out until a date.
    Defer(Date),
    /// Collect it.
    Force,
}

/// Says something of a transaction of a proposal.
pub async fn edit(session: &Session, edited: &Edited, said: Said) -> Result<Status, CommandError> {
    let reason = edited.reason.clone();
    let edit = match said {
        Said::Exclude => EditDocument::Exclude { reason },
        Said::Defer(until) => EditDocument::Defer { until, reason },
        Said::Force => EditDocument::Force { reason },
    };
    let store = session.store().await?;
    let which = (&edited.account, &edited.transaction);
    let kept = payment::edit(&store, &edited.run, which, edit).await?;
    let run = &edited.run;
    session.output.answer(&kept, || render::payment::edited(run, &kept, &session.prompt()))?;
    Ok(Status::Done)
}

/// Leaves a transaction until a date.
pub async fn defer(session: &Session, wanted: &Deferred) -> Result<Status, CommandError> {
    edit(session, &wanted.edited, Said::Defer(wanted.until)).await
}

/// Makes payments void.
pub async fn void(session: &Session, wanted: &VoidArguments) -> Result<Status, CommandError> {
    let (store, stored) = session.active().await?;
    let options = VoidOptions {
        on: wanted.on.unwrap_or_else(|| stored.today()),
        reason: wanted.reason.clone(),
        withhold: wanted.withhold,
    };
    let voided: Voided = match (&wanted.payment, &wanted.run) {
        (Some(payment), _) => payment::void_payment(&store, &stored, payment, &options).await?,
        (None, Some(run)) => payment::void_run(&store, &stored, run, &options).await?,
        // clap asks for one of them.
        (None, None) => Voided::default(),
    };
    session.output.answer(&voided, || render::payment::voided(&voided, &session.prompt()))?;
    Ok(if voided.parked == 0 { Status::Done } else { Status::Incomplete })
}

/// Takes a bank's returns in.
pub async fn import(session: &Session, wanted: &ImportReturn) -> Result<Status, CommandError> {
    let lines = lines_in(&wanted.file)?;
    let (store, stored) = session.active().await?;
    let format = match wanted.format {
        Format::Nacha => ReturnFormat::Nacha,
        Format::Pain002 => ReturnFormat::Pain002,
    };
    let on = wanted.on.unwrap_or_else(|| stored.today());
    let report = payment::import_returns(&store, &stored, format, lines, on).await?;
    session.output.answer(&report, || render::payment::returned(&report, &session.prompt()))?;
    let is_done = report.unmatched.is_empty() && report.parked() == 0;
    Ok(if is_done { Status::Done } else { Status::Incomplete })
}
