//! `arrears delinquency`: what staff does to a record.

use super::run::date;
use super::typed_event::{Record, text};
use crate::failure::{CommandError, Status};
use crate::session::Session;
use arrears_domain::{Date, LineItemId, SchemeCode};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// What to do to a record.
#[derive(Debug, Subcommand)]
pub enum Delinquency {
    /// Keep it from advancing
    Hold(Hold),
    /// End its hold, whatever that is for
    Release(Record),
    /// Let it stay longer at its milestone
    Extend(Extend),
    /// Send it to collections: a collections record begins beside it
    SendToCollections(Placement),
    /// Recall a collections record from its agency, which ends it
    Recall(CodeIfAny),
    /// Add a lien: a lien record begins beside it
    AddLien(Lien),
    /// Release a lien, which ends its record
    ReleaseLien(CodeIfAny),
    /// End its process
    Resolve(Code),
    /// Write off what it owes, which ends its process
    WriteOff(CodeIfAny),
}

/// Why, and for how long.
#[derive(Debug, Args)]
pub struct Hold {
    #[command(flatten)]
    record: Record,
    /// Why, for staff
    #[arg(long, value_name = "R")]
    reason: String,
    /// The last day of the hold; it stands until it is released if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<Date>,
}

/// How much longer.
#[derive(Debug, Args)]
pub struct Extend {
    #[command(flatten)]
    record: Record,
    /// Further days, in the basis of the milestone's duration
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    days: i64,
}

/// What is placed, and where.
#[derive(Debug, Args)]
pub struct Placement {
    #[command(flatten)]
    record: Record,
    /// The unpaid line items that it is about; all that the record owes if not given
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    items: Vec<LineItemId>,
    /// The scheme; that of the setup's rule, or `LIENS` for a lien, if not given
    #[arg(long, value_name = "S")]
    scheme: Option<SchemeCode>,
    /// Also if no milestone has made the account eligible
    #[arg(long)]
    even_if_not_eligible: bool,
    /// Something that formulas may ask for
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute)]
    attribute: Vec<(String, String)>,
}

/// Which lien.
#[derive(Debug, Args)]
pub struct Lien {
    /// `address-lien` or `parcel-lien`
    #[arg(long, value_name = "KIND")]
    kind: String,
    #[command(flatten)]
    placement: Placement,
}

/// With which code.
#[derive(Debug, Args)]
pub struct Code {
    #[command(flatten)]
    record: Record,
    /// The resolution code
    #[arg(long, value_name = "C")]
    code: String,
}

/// With which code.
#[derive(Debug, Args)]
pub struct CodeIfAny {
    #[command(flatten)]
    record: Record,
    /// The resolution code; one that says what was done if not given
    #[arg(long, value_name = "C")]
    code: Option<String>,
}

/// Reads `NAME=VALUE`.
fn attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE, such as parcel=12-34-5".to_owned()),
    }
}

impl CodeIfAny {
    async fn happen(&self, session: &Session, event_type: &str) -> Result<Status, CommandError> {
        self.record.happen(session, event_type, [("code", text(self.code.as_ref()))]).await
    }
}

impl Placement {
    /// The record that is meant with `--delinquency` is the one that leads to
    /// the placement.
    async fn happen(
        &self,
        session: &Session,
        event_type: &str,
        kind: Value,
    ) -> Result<Status, CommandError> {
        let items: Vec<String> = self.items.iter().map(ToString::to_string).collect();
        let attributes = self.attribute.iter().map(|(name, value)| (name.clone(), json!(value)));
        let data = [
            ("kind", kind),
            ("items", json!(items)),
            ("scheme", text(self.scheme.as_ref())),
            ("even_if_not_eligible", json!(self.even_if_not_eligible)),
            ("attributes", Value::Object(attributes.collect())),
        ];
        self.record.happen(session, event_type, data).await
    }
}

/// Does it.
///
/// # Errors
/// There is no setup, or the store fails.
pub async fn delinquency(session: &Session, wanted: &Delinquency) -> Result<Status, CommandError> {
    match wanted {
        Delinquency::Hold(Hold { record, reason, until }) => {
            let data = [("reason", text(Some(reason))), ("until", text(until.as_ref()))];
            record.happen(session, "arrears.delinquency.held", data).await
        }
        Delinquency::Release(record) => {
            record.happen(session, "arrears.delinquency.released", []).await
        }
        Delinquency::Extend(Extend { record, days }) => {
            record.happen(session, "arrears.delinquency.extended", [("days", json!(days))]).await
        }
        Delinquency::SendToCollections(placement) => {
            let event_type = "arrears.delinquency.sent-to-collections";
            placement.happen(session, event_type, Value::Null).await
        }
        Delinquency::Recall(end) => end.happen(session, "arrears.delinquency.recalled").await,
        Delinquency::AddLien(Lien { kind, placement }) => {
            let event_type = "arrears.delinquency.lien-added";
            placement.happen(session, event_type, json!(kind)).await
        }
        Delinquency::ReleaseLien(end) => {
            end.happen(session, "arrears.delinquency.lien-released").await
        }
        Delinquency::Resolve(Code { record, code }) => {
            let data = [("code", text(Some(code)))];
            record.happen(session, "arrears.delinquency.resolved", data).await
        }
        Delinquency::WriteOff(end) => end.happen(session, "arrears.delinquency.written-off").await,
    }
}
