//! Batches of an SQS queue, as Lambda hands them over, and the partial answer to them.

use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// A batch of messages.
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<Message>,
}

impl Batch {
    /// Reads a payload.
    ///
    /// # Errors
    /// It is no batch of a queue.
    pub fn read(payload: Value) -> Result<Self, Failure> {
        serde_json::from_value(payload).map_err(|error| {
            Failure::bad_request(format!("the payload is no batch of an SQS queue: {error}"))
        })
    }
}

/// A message: what of it matters here.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id within the queue, which the answer names.
    pub message_id: String,
    /// What was sent.
    pub body: String,
    /// What the queue says of it.
    #[serde(default)]
    pub attributes: HashMap<String, String>,
}

impl Message {
    /// The trace that the message belongs to, carried through the queue.
    #[must_use]
    pub fn trace(&self) -> Option<&str> {
        self.attributes.get("AWSTraceHeader").map(String::as_str)
    }

    /// The objects of which S3 says that they were created; none of the message by
    /// which it tries a new subscription.
    ///
    /// # Errors
    /// The message is no notification of S3.
    pub fn created(&self) -> Result<Vec<Created>, Failure> {
        let wrong = |reason: String| {
            let id = &self.message_id;
            Failure::bad_request(format!("message {id} is no notification of S3: {reason}"))
        };
        let notification: Value =
            serde_json::from_str(&self.body).map_err(|error| wrong(error.to_string()))?;
        if notification.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
            return Ok(Vec::new());
        }
        let records = notification.get("Records").and_then(Value::as_array);
        let records = records.ok_or_else(|| wrong("it has no `Records`".to_owned()))?;
        let created = records.iter().map(|record| {
            let object = &record["s3"]["object"];
            let key =
                object["key"].as_str().ok_or_else(|| wrong("a record has no key".to_owned()))?;
            Ok(Created {
                key: decoded(key),
                bytes: object["size"].as_u64().unwrap_or(0),
                version: object["versionId"].as_str().map(str::to_owned),
            })
        });
        created.collect()
    }
}

/// An object that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its key, with the agency before it.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// Its version, where the bucket keeps them: a later one may have its key by now.
    pub version: Option<String>,
}

impl Created {
    /// Its key within the agency's files.
    ///
    /// # Errors
    /// It is another agency's.
    pub fn key_of(&self, agency: &str) -> Result<&str, Failure> {
        let own = self.key.strip_prefix(agency).and_then(|rest| rest.strip_prefix('/'));
        own.ok_or_else(|| {
            Failure::bad_request(format!("{} is not a file of agency {agency}", self.key))
        })
    }
}

/// S3 writes keys as forms do: a space is a plus.
fn decoded(key: &str) -> String {
    let pair = form_urlencoded::parse(key.as_bytes()).next();
    pair.map_or_else(String::new, |(name, value)| match value.is_empty() {
        true => name.into_owned(),
        false => format!("{name}={value}"),
    })
}

/// The messages of a batch that the queue is to deliver again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    /// Each by its id.
    pub batch_item_failures: Vec<FailedItem>,
}

/// A message that is to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedItem {
    /// The id of the message.
    pub item_identifier: String,
}

impl BatchAnswer {
    /// The answer as Lambda wants it.
    ///
    /// # Errors
    /// None that an answer could lead to.
    pub fn into_value(self) -> Result<Value, Failure> {
        serde_json::to_value(self).map_err(|error| arrears_runs::RunError::Document(error).into())
    }

    /// Notes that all messages of a batch are to be delivered again, and tells why.
    pub fn all_failed(&mut self, batch: &Batch, failure: &Failure) {
        batch.records.iter().for_each(|message| self.failed(message, failure));
    }

    /// Notes that a message is to be delivered again, and tells why.
    pub fn failed(&mut self, message: &Message, failure: &Failure) {
        let (message_id, trace) = (&message.message_id, message.trace());
        let Failure { error_type, message: reason } = failure;
        tracing::error!(message_id, trace, error_type, "to be delivered again: {reason}");
        self.batch_item_failures.push(FailedItem { item_identifier: message.message_id.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Message {
        let attributes = HashMap::from([("AWSTraceHeader".to_owned(), "Root=1-a".to_owned())]);
        Message { message_id: "m-1".to_owned(), body: body.to_owned(), attributes }
    }

    #[test]
    fn a_notification_names_what_was_created() {
        let body = r#"{"Records":[{"s3":{"object":{"key":"river/incoming/a+b%3D%C3%BC.csv","size":7,"versionId":"v.1"}}}]}"#;
        let created = message(body).created().unwrap();
        let key = "river/incoming/a b=ü.csv".to_owned();
        assert_eq!(created, [Created { key, bytes: 7, version: Some("v.1".to_owned()) }]);
        assert_eq!(created[0].key_of("river").unwrap(), "incoming/a b=ü.csv");
        assert!(created[0].key_of("riv").is_err());
        assert_eq!(message(r#"{"Event":"s3:TestEvent"}"#).created().unwrap(), []);
        for wrong in ["[", "{}", r#"{"Records":[{}]}"#] {
            assert!(message(wrong).created().unwrap_err().message.contains("m-1"));
        }
    }

    #[test]
    fn the_answer_is_the_one_that_lambda_knows() {
        let mut answer = BatchAnswer::default();
        answer.failed(&message(""), &Failure::out_of_time());
        let value = answer.into_value().unwrap();
        assert_eq!(value.to_string(), r#"{"batchItemFailures":[{"itemIdentifier":"m-1"}]}"#);
        assert!(Batch::read(serde_json::json!({})).is_err());
    }
}
