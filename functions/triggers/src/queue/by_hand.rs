//! Moving messages one by one, where the service cannot move them itself.
//!
//! A message is sent before it is deleted: whoever is killed in between leaves it
//! in both places, and its consumer, which knows it already, does nothing twice.

use super::{DeadLetters, name};
use crate::error::TriggerError;
use crate::request::Request;
use aws_sdk_sqs::types::{
    Message, MessageSystemAttributeName, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue,
};

/// How long a message that is being moved is kept from others: for ten of them
/// there and back on a slow line.
const HELD_SECONDS: i32 = 60;

/// How many messages one request gives, by SQS.
const BATCH_MAX: i32 = 10;

/// How long SQS looks for messages before it says that there are none. Without
/// that it looks at some of its servers only.
pub(super) const WAIT_SECONDS: i32 = 1;

/// The most messages that one call moves; the next goes on.
const MESSAGES_MAX: u64 = 10_000;

impl DeadLetters {
    /// Moves as many messages as lay there in the beginning: what comes back
    /// meanwhile, given up again, is left for the next time. How many were moved.
    pub(super) async fn move_by_hand(
        &self,
        url: &str,
        sources: &[String],
        messages: u64,
    ) -> Result<u64, TriggerError> {
        let most = messages.min(MESSAGES_MAX);
        let mut moved = 0;
        while moved < most {
            match self.move_batch(url, sources, most, &mut moved).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if moved == 0 => return Err(error),
                Err(error) => {
                    let (queue, source) = (name(url).to_owned(), Box::new(error));
                    return Err(TriggerError::StoppedMoving { queue, moved, source });
                }
            }
        }
        Ok(moved)
    }

    /// Moves what one request gives; false if it gives nothing.
    async fn move_batch(
        &self,
        url: &str,
        sources: &[String],
        most: u64,
        moved: &mut u64,
    ) -> Result<bool, TriggerError> {
        let request = Request { operation: "ReceiveMessage", target: name(url) };
        let batch = i32::try_from(most - *moved).unwrap_or(BATCH_MAX).min(BATCH_MAX);
        let answer = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(batch)
            .visibility_timeout(HELD_SECONDS)
            .wait_time_seconds(WAIT_SECONDS)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await;
        let messages = answer.map_err(|error| request.failed(error))?.messages.unwrap_or_default();
        let is_empty = messages.is_empty();
        for message in messages {
            self.move_one(url, sources, message).await?;
            *moved += 1;
        }
        Ok(!is_empty)
    }

    async fn move_one(
        &self,
        url: &str,
        sources: &[String],
        message: Message,
    ) -> Result<(), TriggerError> {
        let source = source_of(&message, sources).ok_or_else(|| TriggerError::SourceUnknown {
            queue: name(url).to_owned(),
            message: message.message_id.clone().unwrap_or_default(),
            sources: sources.iter().map(|url| name(url).to_owned()).collect(),
        })?;
        let request = Request { operation: "SendMessage", target: name(source) };
        let system = |name| message.attributes().and_then(|all| all.get(&name)).cloned();
        let mut sending = self
            .client
            .send_message()
            .queue_url(source)
            .message_body(message.body.as_deref().unwrap_or_default())
            .set_message_attributes(message.message_attributes.clone())
            .set_message_group_id(system(MessageSystemAttributeName::MessageGroupId))
            .set_message_deduplication_id(system(
                MessageSystemAttributeName::MessageDeduplicationId,
            ));
        if let Some(header) = system(MessageSystemAttributeName::AwsTraceHeader) {
            let value = MessageSystemAttributeValue::builder().data_type("String");
            let value = value.string_value(header).build().map_err(|error| {
                let (operation, target) = (request.operation, request.target.to_owned());
                TriggerError::NotSent { operation, target, reason: error.to_string() }
            })?;
            let header = MessageSystemAttributeNameForSends::AwsTraceHeader;
            sending = sending.message_system_attributes(header, value);
        }
        sending.send().await.map_err(|error| request.failed(error))?;

        let request = Request { operation: "DeleteMessage", target: name(url) };
        let receipt = message.receipt_handle.unwrap_or_default();
        let deleted = self.client.delete_message().queue_url(url).receipt_handle(receipt);
        deleted.send().await.map_err(|error| request.failed(error))?;
        Ok(())
    }
}

/// The address of the queue that a message came from: the only one, or the one
/// that SQS has noted.
fn source_of<'a>(message: &Message, sources: &'a [String]) -> Option<&'a str> {
    if let [only] = sources {
        return Some(only);
    }
    let noted = MessageSystemAttributeName::DeadLetterQueueSourceArn;
    let arn = message.attributes()?.get(&noted)?;
    sources.iter().map(String::as_str).find(|url| name(url) == name(arn))
}
