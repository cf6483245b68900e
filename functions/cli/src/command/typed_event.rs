//! Events that are typed: what their commands have in common.

use super::run::date;
use crate::failure::{CommandError, Status};
use crate::render;
use crate::session::Session;
use arrears_domain::{AccountId, Date, DelinquencyId, EventId, Identifier};
use arrears_runs::events::{self, Applier, Outcome};
use clap::Args;
use serde_json::{Map, Value};

/// To whom it happened, and when.
#[derive(Debug, Args)]
pub struct About {
    /// The account's id
    #[arg(long, value_name = "ID")]
    account: AccountId,
    /// The business date; today in the agency's time zone if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
}

/// To which record it happened, and when.
#[derive(Debug, Args)]
pub struct Record {
    #[command(flatten)]
    about: About,
    /// The record's id; needed only if several could be meant
    #[arg(long, value_name = "ID")]
    delinquency: Option<DelinquencyId>,
    /// What makes the event happen once: who may have to say it again gives it
    /// an id, and says the same one then; a new one if not given
    #[arg(long, value_name = "EVENT_ID")]
    id: Option<EventId>,
}

impl About {
    /// Applies an event of the type, and answers what became of it.
    ///
    /// # Errors
    /// There is no setup, or the store fails. An event that is refused is
    /// parked, and is no error.
    pub async fn happen<const N: usize>(
        &self,
        session: &Session,
        event_type: &str,
        id: &EventId,
        data: [(&str, Value); N],
    ) -> Result<Status, CommandError> {
        let fields = data.map(|(name, value)| (name.to_owned(), value));
        self.apply(session, event_type, id, fields.into_iter().collect(), false).await
    }

    async fn apply(
        &self,
        session: &Session,
        event_type: &str,
        id: &EventId,
        data: Map<String, Value>,
        is_new_id: bool,
    ) -> Result<Status, CommandError> {
        let applier = session.applier().await?;
        let on = self.on.unwrap_or_else(|| today(&applier));
        let event =
            events::make(event_type, id.as_str(), &self.account, self.on, data, applier.zone());
        let mut status = Status::Done;
        for answer in applier.apply(vec![event]).await? {
            if matches!(answer.outcome, Outcome::Parked { .. }) {
                status = Status::Incomplete;
            }
            session.output.answer(&answer, || {
                render::event::typed(&answer, on, is_new_id, &session.prompt())
            })?;
        }
        Ok(status)
    }
}

impl Record {
    /// Applies an event of the type, and answers what became of it.
    ///
    /// # Errors
    /// See [`About::happen`].
    pub async fn happen<const N: usize>(
        &self,
        session: &Session,
        event_type: &str,
        data: [(&str, Value); N],
    ) -> Result<Status, CommandError> {
        let fields = data.map(|(name, value)| (name.to_owned(), value));
        let mut data: Map<String, Value> = fields.into_iter().collect();
        data.insert("delinquency".to_owned(), text(self.delinquency.as_ref()));
        let id = self.id.clone().map_or_else(new_id, Ok)?;
        self.about.apply(session, event_type, &id, data, self.id.is_none()).await
    }
}

/// A value of an event's data; null, which is left out, if there is none.
pub fn text(value: Option<&impl ToString>) -> Value {
    value.map_or(Value::Null, |value| Value::String(value.to_string()))
}

/// Today, in the agency's time zone.
pub fn today(applier: &Applier) -> Date {
    chrono::Utc::now().with_timezone(&applier.zone()).date_naive()
}

/// Digits of an id that is made up here. It has to be unique in one account only,
/// and people read it out.
const NEW_ID_DIGITS: usize = 16;

fn new_id() -> Result<EventId, CommandError> {
    let digits = uuid::Uuid::new_v4().simple().to_string();
    EventId::parse(&digits[..NEW_ID_DIGITS]).map_err(|error| CommandError::Usage(error.to_string()))
}
