use super::*;
use crate::fake::{Answer, Asked, Fake, client, ok, refused};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const DLQ: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/account-events-dlq";
const QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/account-events";
const OTHER: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/return-files";

/// Two queues with one dead-letter queue, as far as SQS is asked.
#[derive(Default)]
struct Queues {
    /// What lies in the dead-letter queue, and is not in flight.
    dead: Vec<Value>,
    in_flight: Vec<Value>,
    /// What has been sent: the address, and the request.
    sent: Vec<(String, Value)>,
    sources: Vec<&'static str>,
    /// The answer to `StartMessageMoveTask`; none: that all is well.
    start: Option<Answer>,
    tasks: Value,
    /// So many requests to send are answered, and then none any more.
    sends_max: Option<usize>,
}

impl Queues {
    /// What is in flight after a move that failed comes back after a while, and SQS
    /// takes messages again.
    fn come_back(&mut self) {
        assert_eq!(self.sent.len() + self.in_flight.len(), 5);
        self.dead.append(&mut self.in_flight);
        self.sends_max = None;
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        match asked.what.as_str() {
            "GetQueueAttributes" => ok(&json!({"Attributes": {
                "QueueArn": "arn:aws:sqs:us-east-1:123456789012:account-events-dlq",
                "ApproximateNumberOfMessages": self.dead.len().to_string(),
                "ApproximateNumberOfMessagesNotVisible": self.in_flight.len().to_string(),
            }})),
            "ListDeadLetterSourceQueues" => ok(&json!({"queueUrls": self.sources})),
            "StartMessageMoveTask" => {
                self.start.clone().unwrap_or_else(|| ok(&json!({"TaskHandle": "t"})))
            }
            "ListMessageMoveTasks" => ok(&json!({"Results": self.tasks})),
            "ReceiveMessage" => {
                let most = asked.body["MaxNumberOfMessages"].as_u64().unwrap() as usize;
                let given: Vec<Value> = self.dead.drain(..most.min(self.dead.len())).collect();
                match asked.body["VisibilityTimeout"] == 0 {
                    true => self.dead.extend(given.clone()),
                    false => self.in_flight.extend(given.clone()),
                }
                ok(&json!({"Messages": given}))
            }
            "SendMessage" if self.sends_max == Some(self.sent.len()) => {
                refused(400, "RequestThrottled", "slowly")
            }
            "SendMessage" => {
                let url = asked.body["QueueUrl"].as_str().unwrap().to_owned();
                self.sent.push((url, asked.body.clone()));
                ok(&json!({"MessageId": "m", "MD5OfMessageBody": "x"}))
            }
            "DeleteMessage" => {
                let receipt = &asked.body["ReceiptHandle"];
                self.in_flight.retain(|message| message["ReceiptHandle"] != *receipt);
                ok(&json!({}))
            }
            other => panic!("{other} is asked for"),
        }
    }
}

/// The queues, and those who work on them.
fn working(queues: Queues) -> (Arc<Mutex<Queues>>, Fake, DeadLetters) {
    let queues = Arc::new(Mutex::new(queues));
    let answering = queues.clone();
    let fake = Fake::new(move |asked: &Asked| answering.lock().unwrap().answer(asked));
    let letters = DeadLetters::with_client(client!(aws_sdk_sqs, fake));
    (queues, fake, letters)
}

fn message(number: usize) -> Value {
    json!({
        "MessageId": format!("m-{number}"),
        "ReceiptHandle": format!("r-{number}"),
        "Body": format!("body {number}"),
    })
}

/// An endpoint that does not know the operation answers with a page.
fn unknown() -> Option<Answer> {
    Some((500, None, "<!doctype html><title>500 Internal Server Error</title>".to_owned()))
}

#[tokio::test]
async fn sqs_moves_what_came_from_a_queue() {
    let (_, fake, letters) = working(Queues {
        dead: (0..3).map(message).collect(),
        in_flight: vec![message(9)],
        sources: vec![QUEUE],
        ..Queues::default()
    });
    let redriven = letters.redrive(DLQ).await.unwrap();
    let outcome = Outcome::Started { to: vec!["account-events".to_owned()] };
    let queue = "account-events-dlq".to_owned();
    let url = DLQ.to_owned();
    assert_eq!(redriven, Redriven { queue, url, messages: 3, in_flight: 1, outcome });
    let asked = ["GetQueueAttributes", "ListDeadLetterSourceQueues", "StartMessageMoveTask"];
    assert_eq!(fake.operations(), asked);
    let arn = "arn:aws:sqs:us-east-1:123456789012:account-events-dlq";
    assert_eq!(fake.asked()[2].body, json!({"SourceArn": arn}));
    let document = serde_json::to_value(&redriven).unwrap();
    let expected = json!({
        "queue": "account-events-dlq", "url": DLQ, "messages": 3, "in_flight": 1,
        "outcome": "started", "to": ["account-events"],
    });
    assert_eq!(document, expected);
}

#[tokio::test]
async fn nothing_is_asked_of_an_empty_queue() {
    let (_, fake, letters) = working(Queues::default());
    assert_eq!(letters.redrive(DLQ).await.unwrap().outcome, Outcome::Empty);
    assert_eq!(fake.operations(), ["GetQueueAttributes"]);
}

#[tokio::test]
async fn a_move_that_goes_on_is_left_to_go_on() {
    let queues = |status: &str| Queues {
        dead: vec![message(0)],
        sources: vec![QUEUE],
        start: Some(refused(400, "UnsupportedOperation", "there is one already")),
        tasks: json!([
            {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 7},
            {"Status": status, "ApproximateNumberOfMessagesMoved": 5},
        ]),
        ..Queues::default()
    };
    let (_, _, letters) = working(queues("RUNNING"));
    assert_eq!(letters.redrive(DLQ).await.unwrap().outcome, Outcome::UnderWay { moved: 5 });
    let (after, _, letters) = working(queues("FAILED"));
    let outcome = letters.redrive(DLQ).await.unwrap().outcome;
    assert_eq!(outcome, Outcome::Moved { moved: 1, to: vec!["account-events".to_owned()] });
    assert_eq!(after.lock().unwrap().sent.len(), 1);
}

#[tokio::test]
async fn where_sqs_cannot_messages_are_moved_one_by_one() {
    for start in [unknown(), Some(refused(400, "UnknownOperationException", "what?"))] {
        let (queues, fake, letters) = working(Queues {
            dead: (0..23).map(message).collect(),
            sources: vec![QUEUE],
            start,
            ..Queues::default()
        });
        let outcome = letters.redrive(DLQ).await.unwrap().outcome;
        assert_eq!(outcome, Outcome::Moved { moved: 23, to: vec!["account-events".to_owned()] });
        let queues = queues.lock().unwrap();
        assert!(queues.dead.is_empty() && queues.in_flight.is_empty());
        let bodies: Vec<_> =
            queues.sent.iter().map(|(to, sent)| (to.as_str(), &sent["MessageBody"])).collect();
        let expected: Vec<Value> = (0..23).map(|at| json!(format!("body {at}"))).collect();
        assert_eq!(bodies, expected.iter().map(|body| (QUEUE, body)).collect::<Vec<_>>());
        let operations = fake.operations();
        let moving = operations.iter().filter(|it| *it != "ReceiveMessage").skip(3);
        let pairs: Vec<_> = moving.map(String::as_str).collect();
        assert_eq!(pairs, ["SendMessage", "DeleteMessage"].repeat(23), "sent before deleted");
    }
}

#[tokio::test]
async fn a_message_keeps_what_it_has() {
    let mut dead = message(0);
    let attributes = json!({"agency": {"DataType": "String", "StringValue": "rivertown"}});
    dead["MessageAttributes"] = attributes.clone();
    dead["Attributes"] = json!({
        "AWSTraceHeader": "Root=1-2-3",
        "MessageGroupId": "A-1",
        "DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:123456789012:return-files",
    });
    let (queues, _, letters) = working(Queues {
        dead: vec![dead],
        sources: vec![QUEUE, OTHER],
        start: unknown(),
        ..Queues::default()
    });
    letters.redrive(DLQ).await.unwrap();
    let queues = queues.lock().unwrap();
    let expected = json!({
        "QueueUrl": OTHER,
        "MessageBody": "body 0",
        "MessageAttributes": attributes,
        "MessageSystemAttributes":
            {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}},
        "MessageGroupId": "A-1",
    });
    assert_eq!(queues.sent, [(OTHER.to_owned(), expected)]);
}

#[tokio::test]
async fn a_message_of_an_unknown_queue_stays() {
    let (queues, _, letters) = working(Queues {
        dead: vec![message(0)],
        sources: vec![QUEUE, OTHER],
        start: unknown(),
        ..Queues::default()
    });
    let error = letters.redrive(DLQ).await.unwrap_err().to_string();
    assert!(error.contains("m-0") && error.contains("account-events, return-files"), "{error}");
    let queues = queues.lock().unwrap();
    assert_eq!((queues.sent.len(), queues.in_flight.len()), (0, 1), "it comes back");
}

#[tokio::test]
async fn what_fails_on_the_way_loses_nothing() {
    for sends_max in 0..4 {
        let (queues, _, letters) = working(Queues {
            dead: (0..5).map(message).collect(),
            sources: vec![QUEUE],
            start: unknown(),
            sends_max: Some(sends_max),
            ..Queues::default()
        });
        let error = letters.redrive(DLQ).await.unwrap_err();
        assert!(error.is_throttled() && error.is_transient(), "{error}");
        let said = error.to_string().contains(&format!("{sends_max} messages"));
        assert_eq!(said, sends_max > 0, "{error}");
        queues.lock().unwrap().come_back();
        let outcome = letters.redrive(DLQ).await.unwrap().outcome;
        assert!(matches!(outcome, Outcome::Moved { moved, .. } if moved == 5 - sends_max as u64));
    }
}

#[tokio::test]
async fn what_could_not_be_delivered_is_shown_and_stays() {
    let mut dead = message(0);
    dead["MessageAttributes"] = json!({
        "ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"},
        "RULE_ARN": {"DataType": "String", "StringValue": "arn:aws:events:::rule/x"},
        "BYTES": {"DataType": "Binary", "BinaryValue": "AAAA"},
    });
    let (queues, fake, letters) = working(Queues { dead: vec![dead], ..Queues::default() });
    let redriven = letters.redrive(DLQ).await.unwrap();
    let attributes = [("ERROR_CODE", "NO_PERMISSIONS"), ("RULE_ARN", "arn:aws:events:::rule/x")];
    let attributes = attributes.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let first = vec![Undelivered {
        message: "m-0".to_owned(),
        attributes: attributes.into(),
        body: "body 0".to_owned(),
    }];
    assert_eq!((redriven.messages, redriven.outcome), (1, Outcome::Undelivered { first }));
    assert_eq!(queues.lock().unwrap().dead.len(), 1);
    let asked = ["GetQueueAttributes", "ListDeadLetterSourceQueues", "ReceiveMessage"];
    assert_eq!(fake.operations(), asked);
    assert_eq!(fake.asked()[2].body["VisibilityTimeout"], 0, "nobody is kept from it");
}

#[tokio::test]
async fn a_service_that_fails_is_not_taken_for_one_that_cannot() {
    let (queues, _, letters) = working(Queues {
        dead: vec![message(0)],
        sources: vec![QUEUE],
        start: Some(refused(403, "AccessDenied", "not you")),
        ..Queues::default()
    });
    let error = letters.redrive(DLQ).await.unwrap_err().to_string();
    assert!(error.contains("StartMessageMoveTask") && error.contains("AccessDenied"), "{error}");
    assert_eq!(queues.lock().unwrap().sent.len(), 0);
}
