//! The command without `--data`: tables and files over HTTP, and beside them a
//! stand-in for the Scheduler and for SQS.

use crate::support::{Answer, BOOK, Desk, SETUP};
use arrears_storage::Served;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

const EXPORTS: &str = r#"
[[collection_agency]]
code = "NORTHSTAR"
name = "Northstar Recovery"

[[export_setup]]
code = "WEEKLY"
collection_agency = "NORTHSTAR"
prefix = "northstar/weekly"
template = "csv"
"#;

const AT: &str = "2099-12-01T06:00";
const ADD: [&str; 6] = ["run", "export", "--setup", "WEEKLY", "--at", AT];
const NAME: &str = "default-schedule-000001";

/// What Scheduler and SQS keep, as far as the command asks.
#[derive(Default)]
struct Services {
    schedules: BTreeMap<String, Value>,
    /// Nothing may be created or deleted.
    refuses: bool,
}

/// A request, `POST /schedules/x` or `SQS GetQueueAttributes`, with its body.
fn answer(services: &mut Services, what: &str, body: &Value) -> (u16, Value) {
    let words: Vec<&str> = what.split([' ', '?']).collect();
    let name = words[1].trim_start_matches("/schedules/").to_owned();
    let is_undelivered = body["QueueUrl"].as_str().is_some_and(|url| url.ends_with("rule-dlq"));
    match words[0] {
        "POST" | "DELETE" if services.refuses => (403, json!({"__type": "AccessDeniedException"})),
        "POST" => {
            services.schedules.insert(name, body.clone());
            (200, json!({"ScheduleArn": "arn:aws:scheduler:us-east-1:1:schedule/g/s"}))
        }
        "GET" | "DELETE" if !services.schedules.contains_key(&name) => {
            (404, json!({"__type": "ResourceNotFoundException"}))
        }
        "GET" => (200, services.schedules[&name].clone()),
        "DELETE" => {
            services.schedules.remove(&name);
            (200, json!({}))
        }
        _ => match (words[1], is_undelivered) {
            ("GetQueueAttributes", _) => {
                let arn = "arn:aws:sqs:us-east-1:1:account-events-dlq";
                let attributes = json!({"QueueArn": arn, "ApproximateNumberOfMessages": "2"});
                (200, json!({"Attributes": attributes}))
            }
            ("ListDeadLetterSourceQueues", true) => (200, json!({"queueUrls": []})),
            ("ListDeadLetterSourceQueues", false) => {
                (200, json!({"queueUrls": ["http://sqs/1/account-events"]}))
            }
            ("StartMessageMoveTask", _) => (200, json!({"TaskHandle": "t"})),
            ("ReceiveMessage", _) => {
                let code = json!({"DataType": "String", "StringValue": "NO_PERMISSIONS"});
                let message = json!({
                    "MessageId": "m-1", "ReceiptHandle": "r-1", "Body": "{}",
                    "MessageAttributes": {"ERROR_CODE": code},
                });
                (200, json!({"Messages": [message]}))
            }
            _ => (400, json!({"__type": "UnknownOperationException"})),
        },
    }
}

/// Reads one request, and answers it.
fn serve(stream: TcpStream, services: &Mutex<Services>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        let mut fields = lines.iter().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let operation = header("x-amz-target").map(|it| it.trim_start_matches("AmazonSQS."));
    let what = operation.map_or_else(|| lines[0].clone(), |operation| format!("SQS {operation}"));
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let (status, body) = answer(&mut services.lock().unwrap(), &what, &body);
    let error = body["__type"].as_str().unwrap_or_default().to_owned();
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nx-amzn-errortype: {error}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    reader.into_inner().write_all(format!("{head}{body}").as_bytes())
}

/// An agency on something like AWS.
struct Cloud {
    desk: Desk,
    _served: Served,
    services: Arc<Mutex<Services>>,
    environment: Vec<(&'static str, String)>,
}

impl Cloud {
    fn new() -> Self {
        let desk = Desk::with_setup(&format!("{SETUP}{EXPORTS}"));
        let book = desk.write("book.jsonl", BOOK);
        desk.arrears(&["book", "import", &book]).done();
        let served = Served::start(desk.path("data")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let services = Arc::<Mutex<Services>>::default();
        let serving = services.clone();
        // It ends with the tests.
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &serving).unwrap();
            }
        });
        let mut environment = served.environment().to_vec();
        for variable in ["AWS_ENDPOINT_URL_SCHEDULER", "AWS_ENDPOINT_URL_SQS"] {
            environment.push((variable, url.clone()));
        }
        Self { desk, _served: served, services, environment }
    }

    /// With all that the deployment says about schedules.
    fn deployed() -> Self {
        let mut cloud = Self::new();
        for (variable, value) in [
            ("ARREARS_SCHEDULE_GROUP", "arrears-default"),
            ("ARREARS_SCHEDULE_ROLE_ARN", "arn:aws:iam::1:role/schedule"),
            ("ARREARS_EXPORT_STATE_MACHINE_ARN", "arn:aws:states:us-east-1:1:stateMachine:e"),
            ("ARREARS_SCHEDULE_DLQ_ARN", "arn:aws:sqs:us-east-1:1:schedule-dlq"),
        ] {
            cloud.environment.push((variable, value.to_owned()));
        }
        cloud
    }

    fn arrears(&self, arguments: &[&str]) -> Answer {
        self.desk.arrears_on_aws(&self.environment, arguments)
    }

    /// The ids of all schedules, with what has become of them.
    fn statuses(&self) -> Vec<Value> {
        let list = self.arrears(&["--json", "schedule", "list"]).done().json();
        list.as_array().unwrap().iter().map(|it| json!([it["id"], it["status"]])).collect()
    }

    /// The names of what the Scheduler keeps.
    fn kept(&self) -> Vec<String> {
        self.services.lock().unwrap().schedules.keys().cloned().collect()
    }
}

#[test]
fn a_run_is_scheduled_on_aws_and_called_off_there() {
    let cloud = Cloud::deployed();
    let added = cloud.arrears(&ADD).done();
    added.says(&["2099-12-01 11:00 UTC", "AWS starts it then", "schedule cancel schedule-000001"]);
    let schedule = cloud.services.lock().unwrap().schedules[NAME].clone();
    assert_eq!(schedule["ScheduleExpression"], "at(2099-12-01T11:00:00)");
    assert_eq!(schedule["GroupName"], "arrears-default");
    let input: Value = serde_json::from_str(schedule["Target"]["Input"].as_str().unwrap()).unwrap();
    assert_eq!((&input["agency"], &input["kind"]), (&json!("default"), &json!("export")));

    cloud.arrears(&ADD).exits(1).complains(&["schedule-000001", "cancel"]);
    // As a command leaves it that is killed before it can tell AWS.
    cloud.services.lock().unwrap().schedules.clear();
    cloud.arrears(&ADD).done().says(&["as schedule-000001", "It was written down before"]);
    assert_eq!(cloud.kept(), [NAME]);

    cloud.arrears(&["schedule", "cancel", "schedule-000001"]).done().says(&["is cancelled"]);
    assert_eq!(cloud.kept(), [""; 0]);
    assert_eq!(cloud.statuses(), [json!(["schedule-000001", "cancelled"])]);
}

#[test]
fn what_aws_refuses_is_not_scheduled() {
    let cloud = Cloud::deployed();
    cloud.services.lock().unwrap().refuses = true;
    let answer = cloud.arrears(&[&["--json"], &ADD[..]].concat()).exits(1).json();
    assert_eq!(answer["error"]["code"], "not-scheduled", "{answer:#}");
    let causes = answer["error"]["causes"].to_string();
    assert!(causes.contains("CreateSchedule on default-schedule-000001"), "{causes}");
    assert_eq!(cloud.statuses(), [json!(["schedule-000001", "cancelled"])]);

    cloud.services.lock().unwrap().refuses = false;
    cloud.arrears(&ADD).done().says(&["as schedule-000002"]);
    cloud.services.lock().unwrap().refuses = true;
    let cancel = ["schedule", "cancel", "schedule-000002"];
    cloud.arrears(&cancel).exits(1).complains(&["will not run", "could not be deleted"]);
    cloud.services.lock().unwrap().refuses = false;
    cloud.arrears(&cancel).done().says(&["is cancelled"]);
    assert_eq!(cloud.kept(), [""; 0]);
}

#[test]
fn without_the_environment_of_the_deployment_nothing_is_scheduled() {
    let cloud = Cloud::new();
    let words = [
        "ARREARS_SCHEDULE_GROUP, ARREARS_SCHEDULE_ROLE_ARN, ARREARS_EXPORT_STATE_MACHINE_ARN, \
         ARREARS_SCHEDULE_DLQ_ARN",
        "terraform output -raw environment",
        "--data DIR",
    ];
    cloud.arrears(&ADD).exits(1).complains(&words);
    cloud.arrears(&["schedule", "cancel", "schedule-000001"]).exits(1).complains(&words);
    let answer = cloud.arrears(&[&["--json"], &ADD[..]].concat()).exits(1).json();
    assert_eq!(answer["error"]["code"], "no-environment", "{answer:#}");
    assert_eq!(cloud.statuses(), [json!(null); 0]);
    // In a folder nobody asks for it.
    cloud.desk.arrears(&ADD).done().says(&["schedule work"]);
}

#[test]
fn the_agency_of_the_environment_is_meant() {
    let mut cloud = Cloud::deployed();
    cloud.environment.push(("ARREARS_AGENCY", "rivertown".to_owned()));
    cloud.arrears(&ADD).exits(1).complains(&["rivertown"]);
    let setup = cloud.desk.path("setup.toml");
    cloud.arrears(&["setup", "load", setup.to_str().unwrap()]).done();
    cloud.arrears(&ADD).done();
    assert_eq!(cloud.kept(), ["rivertown-schedule-000001"]);
}

#[test]
fn what_queues_gave_up_is_moved_back_too() {
    let mut cloud = Cloud::new();
    let redrive = ["--json", "events", "redrive", "--all"];
    let answer = cloud.arrears(&redrive).exits(1).json();
    assert_eq!((&answer["answers"], &answer["queues"]), (&json!([]), &json!([])), "{answer:#}");
    let hint = answer["hint"].as_str().unwrap();
    assert!(hint.contains("ARREARS_DEAD_LETTER_QUEUE_URLS"), "{hint}");
    assert!(hint.contains("terraform output -raw environment"), "{hint}");

    let urls = "http://sqs/1/account-events-dlq";
    cloud.environment.push(("ARREARS_DEAD_LETTER_QUEUE_URLS", urls.to_owned()));
    let answer = cloud.arrears(&redrive).done().json();
    let started = json!({
        "queue": "account-events-dlq", "url": urls, "messages": 2, "in_flight": 0,
        "outcome": "started", "to": ["account-events"],
    });
    assert_eq!(answer, json!({"answers": [], "queues": [started]}));

    let both = format!("{urls},http://sqs/1/rule-dlq");
    cloud.environment.push(("ARREARS_DEAD_LETTER_QUEUE_URLS", both));
    let text = cloud.arrears(&["events", "redrive", "--all"]).exits(1);
    text.says(&["account-events-dlq: 2 messages; SQS", "m-1: ERROR_CODE NO_PERMISSIONS"]);
    // The list of the table is the same in a folder, and is all that there is.
    let list = cloud.desk.arrears(&["--json", "events", "redrive", "--all"]).done().json();
    assert_eq!(list, json!([]));
}
