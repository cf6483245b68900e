//! Lines of events: what has happened to an account, once each.

use super::LineError;
use super::fields::Fields;
use arrears_domain::{AccountId, EventId};
use serde::{Deserialize, Serialize};

/// An event that was applied, as it is written. That it is there is what keeps
/// it from being applied again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventLine {
    /// Unique for the account.
    pub id: String,
    /// The account.
    pub account: String,
    /// The type, as CloudEvents calls it: `arrears.payment.posted`.
    pub event: String,
    /// Who says so, as CloudEvents calls it.
    pub source: String,
    /// When it was said, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The business date.
    pub on: String,
    /// What the event says.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub data: serde_json::Map<String, serde_json::Value>,
    /// Tells whether an event with the same id says the same.
    pub digest: String,
    /// The number of the stored setup under which it was applied.
    pub setup_version: u32,
}

impl EventLine {
    fn fields(&self) -> Fields<'_> {
        Fields { record: "event", id: &self.id }
    }

    /// The event's id.
    pub(crate) fn event_id(&self) -> Result<EventId, LineError> {
        self.fields().identifier("id", &self.id)
    }

    /// Checks the line, and gives its account. What the data means is checked
    /// where events are applied.
    ///
    /// # Errors
    /// A field that is not what it should be.
    pub fn check(&self) -> Result<AccountId, LineError> {
        self.event_id()?;
        self.fields().date("on", &self.on)?;
        self.fields().identifier("account", &self.account)
    }
}
