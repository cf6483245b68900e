//! What is asked for: a run of a kind, of a date.

use crate::error::RunError;
use crate::export::Parameters;
use crate::payment::Mode;
use crate::record::{RunKind, Steps};
use crate::setups::Stored;
use crate::step::StepError;
use arrears_domain::Date;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A run that is asked for, by a schedule or by an operator. All but the kind may be
/// left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Which kind of run.
    pub kind: RunKind,
    /// The agency that is meant; it must be that of whoever takes the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// The business date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
    /// When a schedule asked; its date in the agency's zone is the business date, also
    /// if the request comes late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<DateTime<Utc>>,
    /// Lets the run be dated before the last one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_back_dated: bool,
    /// What a delinquency run does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Steps>,
    /// Of an export run: the code of the export setup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_setup: Option<String>,
    /// Of an export run: what is asked of the records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Parameters>,
    /// Of a payment collection run: the code of the payment profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_profile: Option<String>,
    /// Of a payment collection run: how far it is to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// A proposal of a payment collection run that is to be executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execute: Option<String>,
    /// A schedule of an export run, which says all the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// A word that tells this request from another one of the same day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// A run to go on with, whoever started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
}

impl Request {
    /// A run of a kind, with nothing else asked for.
    #[must_use]
    pub fn of(kind: RunKind) -> Self {
        Self {
            kind,
            agency: None,
            as_of: None,
            scheduled_at: None,
            allow_back_dated: false,
            steps: None,
            export_setup: None,
            parameters: None,
            payment_profile: None,
            mode: None,
            execute: None,
            schedule: None,
            again: None,
            resume: None,
        }
    }

    /// The business date.
    pub(super) fn date(&self, stored: &Stored) -> Date {
        let local = |it: DateTime<Utc>| it.with_timezone(&stored.zone()).date_naive();
        let scheduled_on = self.scheduled_at.map(local);
        self.as_of.or(scheduled_on).unwrap_or_else(|| stored.today())
    }

    /// What may be run once: the kind, what of it, and the business date.
    pub(super) fn identity(&self, as_of: Date) -> String {
        let what = self.export_setup.as_ref().or(self.payment_profile.as_ref());
        let words = [what.map_or("-", String::as_str), &as_of.to_string()].join("#");
        let again = self.again.as_ref().map_or_else(String::new, |again| format!("#{again}"));
        format!("{}#{words}{again}", self.kind.as_str())
    }

    /// Refuses a request that contradicts itself, or is another agency's.
    pub(super) fn check(&self, agency: &str) -> Result<(), RunError> {
        if let Some(named) = self.agency.as_deref().filter(|named| *named != agency) {
            return refused(format!(
                "it names agency `{named}`, and this is agency `{agency}`; send it to the bus of \
                 that agency"
            ));
        }
        let kind = self.kind.as_str();
        let only = |is_given: bool, field: &str, of: RunKind| match is_given && self.kind != of {
            true => refused(format!("a {kind} run has no `{field}`; leave it out")),
            false => Ok(()),
        };
        only(self.export_setup.is_some(), "export_setup", RunKind::Export)?;
        only(self.parameters.is_some(), "parameters", RunKind::Export)?;
        only(self.schedule.is_some(), "schedule", RunKind::Export)?;
        only(self.payment_profile.is_some(), "payment_profile", RunKind::Payment)?;
        only(self.mode.is_some(), "mode", RunKind::Payment)?;
        only(self.execute.is_some(), "execute", RunKind::Payment)?;
        only(self.steps.is_some(), "steps", RunKind::Delinquency)?;
        let whole = self.schedule.is_some() || self.resume.is_some() || self.execute.is_some();
        match self.kind {
            RunKind::Export if self.export_setup.is_none() && !whole => {
                refused("an export run needs the code of its setup: `export_setup`".to_owned())
            }
            RunKind::Payment if self.payment_profile.is_none() && !whole => refused(
                "a payment collection run needs the code of its profile: `payment_profile`"
                    .to_owned(),
            ),
            _ => Ok(()),
        }
    }
}

fn refused(reason: String) -> Result<(), RunError> {
    Err(RunError::Step(StepError::Request { reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Request, String> {
        let request: Request = serde_json::from_str(json).map_err(|error| error.to_string())?;
        request.check("river").map_err(|error| error.to_string())?;
        Ok(request)
    }

    #[test]
    fn an_identity_is_the_kind_what_of_it_and_the_day() {
        for (json, expected) in [
            (r#"{"kind":"collections"}"#, "collections#-#2026-02-02"),
            (r#"{"kind":"collections","again":"dry-1"}"#, "collections#-#2026-02-02#dry-1"),
            (r#"{"kind":"export","export_setup":"NORTH"}"#, "export#NORTH#2026-02-02"),
            (r#"{"kind":"payment","payment_profile":"DD"}"#, "payment#DD#2026-02-02"),
            (
                r#"{"kind":"delinquency","agency":"river","scheduled_at":"2026-02-02T05:00:00Z"}"#,
                "delinquency#-#2026-02-02",
            ),
        ] {
            let request = read(json).unwrap();
            assert_eq!(request.identity("2026-02-02".parse().unwrap()), expected);
        }
    }

    #[test]
    fn a_request_that_makes_no_sense_is_refused_with_what_to_write() {
        for (json, expected) in [
            ("{}", "missing field `kind`"),
            (r#"{"kind":"letters"}"#, "unknown variant `letters`"),
            (r#"{"kind":"export"}"#, "`export_setup`"),
            (r#"{"kind":"payment","export_setup":"N"}"#, "has no `export_setup`"),
            (r#"{"kind":"collections","mode":"propose"}"#, "has no `mode`"),
            (r#"{"kind":"collections","agency":"hill"}"#, "agency `hill`"),
            (r#"{"kind":"collections","as_off":"2026-01-01"}"#, "unknown field `as_off`"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
