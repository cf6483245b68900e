//! `arrears arrangement`, `arrears promise`, `arrears dispute`: holds that end by
//! what the debtor does.

use super::run::date;
use super::typed_event::{Record, text};
use crate::failure::{CommandError, Status};
use crate::session::Session;
use arrears_domain::Date;
use clap::{Args, Subcommand};
use serde_json::Value;

/// What became of an arrangement.
#[derive(Debug, Subcommand)]
pub enum Arrangement {
    /// Hold a record while its debtor pays by instalments
    Make(Arranged),
    /// End the hold: all was paid
    Keep(Record),
    /// End the hold: an instalment was missed
    Break(Record),
}

/// What became of a promise.
#[derive(Debug, Subcommand)]
pub enum Promise {
    /// Hold a record until the day by which its debtor has promised to pay
    Make(Promised),
    /// End the hold: it was paid
    Keep(Record),
    /// End the hold: it was not
    Break(Record),
}

/// What became of a dispute.
#[derive(Debug, Subcommand)]
pub enum Dispute {
    /// Hold a record while its debtor disputes the debt
    Open(Disputed),
    /// End the hold: the dispute is settled
    Settle(Record),
}

/// What was arranged.
#[derive(Debug, Args)]
pub struct Arranged {
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    sum: Sum,
    /// The last day of the hold; it stands until it ends if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<Date>,
}

/// What was promised.
#[derive(Debug, Args)]
pub struct Promised {
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    sum: Sum,
    /// The day by which it is to be paid
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Date,
}

/// How much was agreed.
#[derive(Debug, Args)]
struct Sum {
    /// What is to be paid: once it is, the hold ends by itself
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    amount: Option<String>,
    /// The currency; it must be the account's
    #[arg(long, value_name = "C", requires = "amount")]
    currency: Option<String>,
    /// Why, for staff
    #[arg(long, value_name = "R")]
    reason: Option<String>,
}

/// What is disputed.
#[derive(Debug, Args)]
pub struct Disputed {
    #[command(flatten)]
    record: Record,
    /// Why, for staff
    #[arg(long, value_name = "R")]
    reason: String,
    /// The last day of the hold; it stands until it ends if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<Date>,
}

impl Sum {
    fn data(&self, until: Option<Date>) -> [(&'static str, Value); 4] {
        [
            ("amount", text(self.amount.as_ref())),
            ("currency", text(self.currency.as_ref())),
            ("reason", text(self.reason.as_ref())),
            ("until", text(until.as_ref())),
        ]
    }
}

/// Does it.
///
/// # Errors
/// There is no setup, or the store fails.
pub async fn arrangement(session: &Session, wanted: &Arrangement) -> Result<Status, CommandError> {
    match wanted {
        Arrangement::Make(Arranged { record, sum, until }) => {
            record.happen(session, "arrears.arrangement.made", sum.data(*until)).await
        }
        Arrangement::Keep(record) => record.happen(session, "arrears.arrangement.kept", []).await,
        Arrangement::Break(record) => {
            record.happen(session, "arrears.arrangement.broken", []).await
        }
    }
}

/// Does it.
///
/// # Errors
/// There is no setup, or the store fails.
pub async fn promise(session: &Session, wanted: &Promise) -> Result<Status, CommandError> {
    match wanted {
        Promise::Make(Promised { record, sum, until }) => {
            record.happen(session, "arrears.promise.made", sum.data(Some(*until))).await
        }
        Promise::Keep(record) => record.happen(session, "arrears.promise.kept", []).await,
        Promise::Break(record) => record.happen(session, "arrears.promise.broken", []).await,
    }
}

/// Does it.
///
/// # Errors
/// There is no setup, or the store fails.
pub async fn dispute(session: &Session, wanted: &Dispute) -> Result<Status, CommandError> {
    match wanted {
        Dispute::Open(Disputed { record, reason, until }) => {
            let data = [("reason", text(Some(reason))), ("until", text(until.as_ref()))];
            record.happen(session, "arrears.dispute.opened", data).await
        }
        Dispute::Settle(record) => record.happen(session, "arrears.dispute.settled", []).await,
    }
}
