use super::*;
use crate::fake::{Answer, Asked, Fake, client, ok, refused};
use chrono::TimeZone;
use std::sync::Mutex;

const GET: &str = "GET /schedules/rivertown-schedule-000001?groupName=arrears-rivertown";
const POST: &str = "POST /schedules/rivertown-schedule-000001";

fn settings(agency: &str) -> Settings {
    Settings {
        agency: agency.to_owned(),
        group: "arrears-rivertown".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/schedule".to_owned(),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:export".to_owned(),
        dead_letter_arn: "arn:aws:sqs:us-east-1:123456789012:schedule-dlq".to_owned(),
    }
}

fn schedules(fake: &Fake) -> Schedules {
    Schedules::with_client(client!(aws_sdk_scheduler, fake), settings("rivertown"))
}

fn not_found() -> Answer {
    refused(404, "ResourceNotFoundException", "Schedule does not exist.")
}

/// Keeps schedules as AWS does, by the path of their requests.
fn keeping() -> Fake {
    let kept: Mutex<Option<Value>> = Mutex::default();
    Fake::new(move |asked: &Asked| {
        let mut kept = kept.lock().unwrap();
        match (asked.what.split(' ').next().unwrap(), &*kept) {
            ("POST", Some(_)) => refused(409, "ConflictException", "already exists"),
            ("POST", None) => {
                *kept = Some(asked.body.clone());
                ok(&json!({"ScheduleArn": "arn:aws:scheduler:us-east-1:123456789012:schedule/x"}))
            }
            (_, None) => not_found(),
            ("GET", Some(schedule)) => ok(schedule),
            _ => {
                *kept = None;
                ok(&json!({}))
            }
        }
    })
}

/// Wants `schedule-000001` so many seconds after noon.
async fn create(schedules: &Schedules, seconds: u32) -> Result<Creation, TriggerError> {
    let at = Utc.with_ymd_and_hms(2026, 12, 1, 11, 0, seconds).unwrap();
    let input = export_request(schedules.agency(), "schedule-000001");
    schedules.create(&OneOff { id: "schedule-000001", at, input: &input }).await
}

#[tokio::test]
async fn a_schedule_says_when_and_what() {
    let fake = keeping();
    assert_eq!(create(&schedules(&fake), 5).await.unwrap(), Creation::Created);
    let asked = fake.asked();
    assert_eq!(fake.operations(), [GET, POST]);
    let mut body = asked[1].body.clone();
    let input = body["Target"]["Input"].take();
    let input: Value = serde_json::from_str(input.as_str().unwrap()).unwrap();
    let expected = json!({
        "kind": "export",
        "agency": "rivertown",
        "schedule": "schedule-000001",
        "scheduled_at": "<aws.scheduler.scheduled-time>",
    });
    assert_eq!(input, expected);
    let expected = json!({
        "ActionAfterCompletion": "DELETE",
        "ClientToken": "rivertown-schedule-000001",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "GroupName": "arrears-rivertown",
        "ScheduleExpression": "at(2026-12-01T11:00:05)",
        "ScheduleExpressionTimezone": "UTC",
        "Target": {
            "Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:export",
            "RoleArn": "arn:aws:iam::123456789012:role/schedule",
            "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:schedule-dlq"},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 30},
            "Input": null,
        },
    });
    assert_eq!(body, expected, "{body:#}");
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_another_one_is_refused() {
    let fake = keeping();
    let schedules = schedules(&fake);
    assert_eq!(create(&schedules, 0).await.unwrap(), Creation::Created);
    assert_eq!(create(&schedules, 0).await.unwrap(), Creation::WasThere);
    let error = create(&schedules, 1).await.unwrap_err();
    assert!(!error.is_transient());
    let error = error.to_string();
    for words in [
        "rivertown-schedule-000001",
        "at(2026-12-01T11:00:00), and not at(2026-12-01T11:00:01)",
        "aws scheduler delete-schedule --group-name arrears-rivertown",
    ] {
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(fake.operations(), [GET, POST, GET, GET]);
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_may_be_deleted_again() {
    let fake = keeping();
    let schedules = schedules(&fake);
    create(&schedules, 0).await.unwrap();
    assert!(schedules.delete("schedule-000001").await.unwrap());
    assert!(!schedules.delete("schedule-000001").await.unwrap());
    assert_eq!(create(&schedules, 1).await.unwrap(), Creation::Created);
}

#[tokio::test]
async fn of_two_that_create_it_one_finds_it() {
    // Nobody sees it before the first is refused; then it is there.
    let fake = Fake::new(|asked: &Asked| match asked.what.starts_with("GET") {
        true => not_found(),
        false => refused(409, "ConflictException", "already exists"),
    });
    let error = create(&schedules(&fake), 0).await.unwrap_err();
    assert!(matches!(error, TriggerError::ScheduleUnsteady { attempts: 3, .. }), "{error}");
    assert!(error.is_transient());
    assert_eq!(fake.operations().len(), 6, "it ends");

    let winner: Mutex<Option<Value>> = Mutex::default();
    let fake = Fake::new(move |asked: &Asked| {
        let mut winner = winner.lock().unwrap();
        match (asked.what.starts_with("GET"), &*winner) {
            (true, Some(schedule)) => ok(schedule),
            (true, None) => not_found(),
            (false, _) => {
                *winner = Some(asked.body.clone());
                refused(409, "ConflictException", "already exists")
            }
        }
    });
    assert_eq!(create(&schedules(&fake), 0).await.unwrap(), Creation::WasThere);
}

#[tokio::test]
async fn a_service_that_fails_is_named() {
    let cases = [
        (refused(429, "ThrottlingException", "slow down"), true, true),
        (refused(500, "InternalServerException", "sorry"), false, true),
        (refused(403, "AccessDeniedException", "not you"), false, false),
    ];
    for (answer, throttled, transient) in cases {
        let words = answer.1.unwrap();
        let fake = Fake::new(move |_: &Asked| answer.clone());
        let schedules = schedules(&fake);
        for error in [
            create(&schedules, 0).await.unwrap_err(),
            schedules.delete("schedule-000001").await.unwrap_err(),
        ] {
            assert_eq!((error.is_throttled(), error.is_transient()), (throttled, transient));
            let error = error.to_string();
            assert!(
                error.contains(words) && error.contains("rivertown-schedule-000001"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn an_agency_that_can_have_no_schedule_is_told_before_anything_is_asked() {
    let fake = keeping();
    for agency in ["Größe", "a.b", "a:b", &"x".repeat(49)] {
        let schedules = Schedules::with_client(client!(aws_sdk_scheduler, fake), settings(agency));
        let error = create(&schedules, 0).await.unwrap_err().to_string();
        assert!(error.contains(&format!("`{agency}-schedule-000001`")), "{error}");
        schedules.delete("schedule-000001").await.unwrap_err();
    }
    assert_eq!(fake.operations(), [""; 0]);
    let longest = settings(&"x".repeat(48)).name("schedule-000001").unwrap();
    assert_eq!(longest.len(), NAME_BYTES_MAX);
}
