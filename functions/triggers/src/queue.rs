//! What lies in dead-letter queues, moved back to where it came from.
//!
//! A queue that gives a message up puts it into its dead-letter queue, and SQS
//! moves it back when it is asked to. Rules and schedules have dead-letter queues
//! too, for what they could not deliver; such a message was never in a queue, and
//! all that can be done is to say what it was and why it went wrong.

use crate::environment;
use crate::error::TriggerError;
use crate::request::{NO_CODE, Request};
use arrears_storage::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde::Serialize;
use std::collections::BTreeMap;

mod by_hand;

/// How many of the undelivered messages are shown; one request gives no more.
const SHOWN_MAX: i32 = 10;

/// The most queues that may have one dead-letter queue; AWS has no such limit, and
/// the module gives each queue its own.
const SOURCES_MAX: usize = 1_000;

/// How SQS calls a move that goes on.
const RUNNING: &str = "RUNNING";

/// How services say that they do not know an operation.
const NOT_KNOWN: [&str; 5] =
    [NO_CODE, "UnknownOperation", "UnknownOperationException", "InvalidAction", "NotImplemented"];

/// The addresses of all dead-letter queues, as the environment says.
///
/// # Errors
/// [`TriggerError::Environment`] if it does not.
pub fn urls_from_environment() -> Result<Vec<String>, TriggerError> {
    let [urls] = environment::all(["ARREARS_DEAD_LETTER_QUEUE_URLS"])?;
    Ok(urls.split(',').map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned).collect())
}

/// What was done about a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// Its name.
    pub queue: String,
    /// Its address.
    pub url: String,
    /// How many messages lay in it, as far as SQS knew.
    pub messages: u64,
    /// How many more somebody was just at: they come back unless they are settled.
    pub in_flight: u64,
    /// What was done.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What was done about the messages of a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing lay in it.
    Empty,
    /// SQS has begun to move them.
    Started {
        /// The queues that they came from.
        to: Vec<String>,
    },
    /// SQS was at it already.
    UnderWay {
        /// How many it has moved so far, about.
        moved: u64,
    },
    /// They were moved here and now.
    Moved {
        /// How many.
        moved: u64,
        /// The queues that they came from.
        to: Vec<String>,
    },
    /// They were never in a queue, and stay.
    Undelivered {
        /// Some of them.
        first: Vec<Undelivered>,
    },
}

/// What a rule or a schedule could not deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// The id of the message.
    pub message: String,
    /// What EventBridge says about it: `ERROR_CODE`, `ERROR_MESSAGE`, `RULE_ARN`,
    /// `SCHEDULE_ARN`, `TARGET_ARN` and so on.
    pub attributes: BTreeMap<String, String>,
    /// What was to be delivered.
    pub body: String,
}

/// Dead-letter queues.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
}

/// A dead-letter queue as it was found.
struct Found {
    arn: String,
    messages: u64,
    in_flight: u64,
}

impl DeadLetters {
    /// Those of the configuration's account.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self::with_client(Client::new(config))
    }

    /// The same by a client of one's own.
    #[must_use]
    pub fn with_client(client: Client) -> Self {
        Self { client }
    }

    /// Moves what lies in a dead-letter queue back to the queues that it came from.
    /// Nothing is lost if this is killed; a message may come twice.
    ///
    /// # Errors
    /// There is no such queue, or the service fails.
    pub async fn redrive(&self, url: &str) -> Result<Redriven, TriggerError> {
        let Found { arn, messages, in_flight } = self.find(url).await?;
        let outcome = if messages == 0 {
            Outcome::Empty
        } else {
            let sources = self.sources(url).await?;
            match sources.is_empty() {
                true => Outcome::Undelivered { first: self.look(url).await? },
                false => self.move_back(url, &arn, &sources, messages).await?,
            }
        };
        let (queue, url) = (name(url).to_owned(), url.to_owned());
        Ok(Redriven { queue, url, messages, in_flight, outcome })
    }

    async fn find(&self, url: &str) -> Result<Found, TriggerError> {
        let request = Request { operation: "GetQueueAttributes", target: name(url) };
        let names = [
            QueueAttributeName::QueueArn,
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let asked = self.client.get_queue_attributes().queue_url(url);
        let answer = asked.set_attribute_names(Some(names.to_vec())).send().await;
        let answer = answer.map_err(|error| request.failed(error))?;
        let attribute =
            |name| answer.attributes().and_then(|all| all.get(name)).map(String::as_str);
        let number = |name| attribute(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        Ok(Found {
            arn: attribute(&names[0]).unwrap_or_default().to_owned(),
            messages: number(&names[1]),
            in_flight: number(&names[2]),
        })
    }

    /// The addresses of the queues whose dead-letter queue it is.
    async fn sources(&self, url: &str) -> Result<Vec<String>, TriggerError> {
        let request = Request { operation: "ListDeadLetterSourceQueues", target: name(url) };
        let mut sources = Vec::new();
        let mut next = None;
        while sources.len() < SOURCES_MAX {
            let asked = self.client.list_dead_letter_source_queues().queue_url(url);
            let answer = asked.set_next_token(next).send().await;
            let answer = answer.map_err(|error| request.failed(error))?;
            let page = answer.queue_urls.len();
            sources.extend(answer.queue_urls);
            next = answer.next_token;
            if next.is_none() || page == 0 {
                break;
            }
        }
        Ok(sources)
    }

    /// Has SQS move the messages, or does it where SQS cannot.
    async fn move_back(
        &self,
        url: &str,
        arn: &str,
        sources: &[String],
        messages: u64,
    ) -> Result<Outcome, TriggerError> {
        let to = || sources.iter().map(|url| name(url).to_owned()).collect();
        let request = Request { operation: "StartMessageMoveTask", target: name(url) };
        let Err(error) = self.client.start_message_move_task().source_arn(arn).send().await else {
            return Ok(Outcome::Started { to: to() });
        };
        let code = match request.failed(error) {
            TriggerError::Refused { code, .. }
                if is_not_known(&code) || code == "UnsupportedOperation" =>
            {
                code
            }
            error => return Err(error),
        };
        // SQS also says so of a queue that it is moving already.
        if !is_not_known(&code)
            && let Some(moved) = self.running(url, arn).await?
        {
            return Ok(Outcome::UnderWay { moved });
        }
        let moved = self.move_by_hand(url, sources, messages).await?;
        Ok(Outcome::Moved { moved, to: to() })
    }

    /// How many messages a move that goes on has moved; none if there is none.
    async fn running(&self, url: &str, arn: &str) -> Result<Option<u64>, TriggerError> {
        let request = Request { operation: "ListMessageMoveTasks", target: name(url) };
        let answer = self.client.list_message_move_tasks().source_arn(arn).send().await;
        let answer = answer.map_err(|error| request.failed(error))?;
        let running = answer.results().iter().find(|task| task.status() == Some(RUNNING));
        let moved = running.map(|task| task.approximate_number_of_messages_moved());
        Ok(moved.map(|moved| u64::try_from(moved).unwrap_or_default()))
    }

    /// Some of what lies in a queue; it stays there for everybody.
    async fn look(&self, url: &str) -> Result<Vec<Undelivered>, TriggerError> {
        let request = Request { operation: "ReceiveMessage", target: name(url) };
        let asked = self.client.receive_message().queue_url(url).visibility_timeout(0);
        let asked = asked.max_number_of_messages(SHOWN_MAX).message_attribute_names("All");
        let answer = asked.wait_time_seconds(by_hand::WAIT_SECONDS).send().await;
        let answer = answer.map_err(|error| request.failed(error))?;
        Ok(answer.messages.unwrap_or_default().into_iter().map(undelivered).collect())
    }
}

fn undelivered(message: Message) -> Undelivered {
    let attributes = message.message_attributes.unwrap_or_default();
    let texts = attributes.into_iter().filter_map(|(name, it)| Some((name, it.string_value?)));
    Undelivered {
        message: message.message_id.unwrap_or_default(),
        attributes: texts.collect(),
        body: message.body.unwrap_or_default(),
    }
}

fn is_not_known(code: &str) -> bool {
    NOT_KNOWN.contains(&code)
}

/// The name of a queue: the last part of its address, or of its ARN.
#[must_use]
pub fn name(url_or_arn: &str) -> &str {
    url_or_arn.rsplit(['/', ':']).next().unwrap_or(url_or_arn)
}

#[cfg(test)]
mod tests;
