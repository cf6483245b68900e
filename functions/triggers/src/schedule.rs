//! Runs that start once, at a moment: one-off schedules of EventBridge Scheduler.
//!
//! What is to run is kept as a document, and a worker on one machine starts it
//! when it is due. On AWS this takes the worker's place: a schedule that starts
//! the state machine with the document's id, and is deleted by AWS once it has.
//! Whether there is anything to run the document alone says, so that a schedule
//! which was left behind, or fires twice, starts nothing.

use crate::environment;
use crate::error::TriggerError;
use crate::request::Request;
use arrears_storage::SdkConfig;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode,
    RetryPolicy, Target,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The most bytes of a schedule's name, by AWS.
pub const NAME_BYTES_MAX: usize = 64;

/// How long AWS goes on trying to start a run: later than that, somebody should
/// look at it, and finds it in the dead-letter queue.
const EVENT_AGE_MAX_SECONDS: i32 = 3600;

/// How often AWS tries in that time.
const RETRIES_MAX: i32 = 30;

/// How often a schedule is looked for and created while somebody else creates and
/// deletes it.
const ATTEMPTS_MAX: u32 = 3;

/// The zone of all expressions. The moment was worked out when the run was
/// scheduled; in local time, one that the clocks show twice could not be told.
const ZONE: &str = "UTC";

/// What AWS puts in the place of this when it starts the run.
const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";

/// What an agency's schedules are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The agency's code.
    pub agency: String,
    /// The group of schedules.
    pub group: String,
    /// The role that starts the state machine.
    pub role_arn: String,
    /// The state machine of export runs.
    pub state_machine_arn: String,
    /// The queue that gets what could not be started.
    pub dead_letter_arn: String,
}

impl Settings {
    /// As the environment says.
    ///
    /// # Errors
    /// [`TriggerError::Environment`], with each variable that is not set.
    pub fn from_environment(agency: &str) -> Result<Self, TriggerError> {
        let [group, role_arn, state_machine_arn, dead_letter_arn] = environment::all([
            "ARREARS_SCHEDULE_GROUP",
            "ARREARS_SCHEDULE_ROLE_ARN",
            "ARREARS_EXPORT_STATE_MACHINE_ARN",
            "ARREARS_SCHEDULE_DLQ_ARN",
        ])?;
        let agency = agency.to_owned();
        Ok(Self { agency, group, role_arn, state_machine_arn, dead_letter_arn })
    }

    /// The name on AWS, `rivertown-schedule-000001`.
    fn name(&self, id: &str) -> Result<String, TriggerError> {
        let name = format!("{}-{id}", self.agency);
        // AWS allows dots too, but not in the token that is made of it.
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if name.len() <= NAME_BYTES_MAX && name.chars().all(fits) {
            Ok(name)
        } else {
            Err(TriggerError::ScheduleName { name })
        }
    }
}

/// A run that is to start once.
#[derive(Debug, Clone, Copy)]
pub struct OneOff<'a> {
    /// The id of the document, `schedule-000001`.
    pub id: &'a str,
    /// When it is due. AWS starts it within the minute.
    pub at: DateTime<Utc>,
    /// What the state machine gets.
    pub input: &'a Value,
}

impl OneOff<'_> {
    fn expression(&self) -> String {
        format!("at({})", self.at.format("%Y-%m-%dT%H:%M:%S"))
    }
}

/// What a scheduled export run is asked for with.
#[must_use]
pub fn export_request(agency: &str, id: &str) -> Value {
    json!({
        "kind": "export",
        "agency": agency,
        "schedule": id,
        "scheduled_at": SCHEDULED_TIME,
    })
}

/// What came of creating a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It is there now.
    Created,
    /// It was there before, the same one.
    WasThere,
}

/// The one-off schedules of an agency.
#[derive(Debug, Clone)]
pub struct Schedules {
    client: Client,
    settings: Settings,
}

impl Schedules {
    /// Those that the settings name.
    #[must_use]
    pub fn new(config: &SdkConfig, settings: Settings) -> Self {
        Self::with_client(Client::new(config), settings)
    }

    /// The same by a client of one's own.
    #[must_use]
    pub fn with_client(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    /// The agency whose they are.
    #[must_use]
    pub fn agency(&self) -> &str {
        &self.settings.agency
    }

    /// Sees to it that the run starts when it is due. A repeat of the same changes
    /// nothing.
    ///
    /// # Errors
    /// There is another schedule of that name, or the service fails. If it failed
    /// without an answer, the schedule may be there.
    pub async fn create(&self, wanted: &OneOff<'_>) -> Result<Creation, TriggerError> {
        let name = self.settings.name(wanted.id)?;
        for _ in 0..ATTEMPTS_MAX {
            if let Some(found) = self.find(&name).await? {
                return match difference(&found, wanted, &self.settings.state_machine_arn) {
                    None => Ok(Creation::WasThere),
                    Some(difference) => {
                        let group = self.settings.group.clone();
                        Err(TriggerError::OtherSchedule { name, group, difference })
                    }
                };
            }
            // Somebody who creates it meanwhile is seen by the next look.
            if self.put(&name, wanted).await? {
                return Ok(Creation::Created);
            }
        }
        let group = self.settings.group.clone();
        Err(TriggerError::ScheduleUnsteady { name, group, attempts: ATTEMPTS_MAX })
    }

    async fn find(&self, name: &str) -> Result<Option<GetScheduleOutput>, TriggerError> {
        let request = self.client.get_schedule().group_name(&self.settings.group).name(name);
        match request.send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) => match error.as_service_error() {
                Some(refused) if refused.is_resource_not_found_exception() => Ok(None),
                _ => Err(Request { operation: "GetSchedule", target: name }.failed(error)),
            },
        }
    }

    /// Creates it; false if there is one of that name.
    async fn put(&self, name: &str, wanted: &OneOff<'_>) -> Result<bool, TriggerError> {
        let request = Request { operation: "CreateSchedule", target: name };
        let incomplete = |error: aws_sdk_scheduler::error::BuildError| TriggerError::NotSent {
            operation: request.operation,
            target: name.to_owned(),
            reason: error.to_string(),
        };
        let exactly = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let created = self
            .client
            .create_schedule()
            .group_name(&self.settings.group)
            .name(name)
            // A request that was sent twice is one request.
            .client_token(name)
            .schedule_expression(wanted.expression())
            .schedule_expression_timezone(ZONE)
            .flexible_time_window(exactly.map_err(incomplete)?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(self.target(wanted.input).map_err(incomplete)?)
            .send()
            .await;
        match created {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(refused) if refused.is_conflict_exception() => Ok(false),
                _ => Err(request.failed(error)),
            },
        }
    }

    fn target(&self, input: &Value) -> Result<Target, aws_sdk_scheduler::error::BuildError> {
        let retries = RetryPolicy::builder()
            .maximum_event_age_in_seconds(EVENT_AGE_MAX_SECONDS)
            .maximum_retry_attempts(RETRIES_MAX)
            .build();
        Target::builder()
            .arn(&self.settings.state_machine_arn)
            .role_arn(&self.settings.role_arn)
            .dead_letter_config(
                DeadLetterConfig::builder().arn(&self.settings.dead_letter_arn).build(),
            )
            .retry_policy(retries)
            .input(input.to_string())
            .build()
    }

    /// Sees to it that AWS starts nothing. Whether there was a schedule.
    ///
    /// # Errors
    /// The service fails.
    pub async fn delete(&self, id: &str) -> Result<bool, TriggerError> {
        let name = self.settings.name(id)?;
        let request = self.client.delete_schedule().group_name(&self.settings.group).name(&name);
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(refused) if refused.is_resource_not_found_exception() => Ok(false),
                _ => Err(Request { operation: "DeleteSchedule", target: &name }.failed(error)),
            },
        }
    }
}

/// In what a schedule differs from the wanted one; none if it starts the same at
/// the same time.
fn difference(
    found: &GetScheduleOutput,
    wanted: &OneOff<'_>,
    state_machine_arn: &str,
) -> Option<String> {
    let said = |what: &str, found: Option<&str>, wanted: &str| {
        let found = found.unwrap_or("nothing");
        (found != wanted).then(|| format!("{what} is {found}, and not {wanted}"))
    };
    let target = found.target();
    let input = target.and_then(Target::input);
    let is_same_input = input.and_then(|text| serde_json::from_str::<Value>(text).ok()).as_ref()
        == Some(wanted.input);
    said("its time", found.schedule_expression(), &wanted.expression())
        .or_else(|| said("its time zone", found.schedule_expression_timezone(), ZONE))
        .or_else(|| said("its target", target.map(Target::arn), state_machine_arn))
        .or_else(|| said("its input", input, &wanted.input.to_string()).filter(|_| !is_same_input))
}

#[cfg(test)]
mod tests;
