//! What an instance does with a function that behaves, and with one that does not.

#![expect(clippy::unwrap_used, reason = "tests may")]

use std::time::{Duration, Instant};

use arrears_runtime_api::{Function, FunctionError, Pool, Request};
use serde_json::{Value, json};

fn guest() -> Function {
    let environment: [(&str, &str); 0] = [];
    Function::new(env!("CARGO_BIN_EXE_runtime-api-guest"), environment)
        .name("guest")
        .timeout(Duration::from_secs(20))
}

/// What the function fails with when it is asked for this, and whether it survives.
async fn failure(event: Value) -> (FunctionError, bool) {
    let mut instance = guest().spawn().await.unwrap();
    let error = instance.invoke(event).await.unwrap().outcome.unwrap_err();
    (error, instance.is_alive())
}

#[tokio::test]
async fn a_function_answers_and_stays_warm() {
    let mut instance = guest().env("ARREARS_AGENCY", "default").spawn().await.unwrap();
    let first = instance.invoke(json!({ "n": 1 })).await.unwrap();
    let answer = first.outcome.unwrap();
    assert_eq!(answer["echo"], json!({ "n": 1 }));
    assert_eq!(answer["count"], 1);
    assert_eq!(answer["arn"], "arn:aws:lambda:us-east-1:123456789012:function:guest");
    assert!(answer["trace_id"].as_str().unwrap().starts_with("Root=1-"));
    let remaining_ms = answer["remaining_ms"].as_u64().unwrap();
    assert!((10_000..=20_000).contains(&remaining_ms), "{remaining_ms} ms");
    assert!(first.since_spawn >= first.duration);
    let request = Request::new(json!({})).trace_id("Root=1-2-3").function_arn("arn:aws:x:live");
    let second = instance.invoke(request).await.unwrap().outcome.unwrap();
    assert_eq!(second["count"], 2, "the same process");
    assert_eq!(
        (&second["trace_id"], &second["arn"]),
        (&json!("Root=1-2-3"), &json!("arn:aws:x:live"))
    );
}

#[tokio::test]
async fn a_function_sees_no_variable_of_this_machine() {
    let mut instance = guest().env("ARREARS_AGENCY", "default").spawn().await.unwrap();
    let answer = instance.invoke(json!({})).await.unwrap().outcome.unwrap();
    let names: Vec<&str> = answer["environment"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert!(names.contains(&"ARREARS_AGENCY") && names.contains(&"AWS_REGION"), "{names:?}");
    // Cargo sets this one for tests.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!names.contains(&"CARGO_MANIFEST_DIR"), "{names:?}");
}

#[tokio::test]
async fn what_was_printed_before_the_answer_is_there_with_it() {
    let mut instance = guest().spawn().await.unwrap();
    for count in 1..=20 {
        let request_id = instance.invoke(json!({ "n": count })).await.unwrap().request_id;
        let lines = instance.stdout_json();
        let line = lines.iter().rfind(|line| line["count"] == count).unwrap();
        assert_eq!(line["request"], request_id.as_str());
        assert!(instance.stderr().contains(&format!("event {{\"n\":{count}}}")));
    }
}

#[tokio::test]
async fn a_reported_error_keeps_its_type_and_the_instance() {
    let mut instance = guest().spawn().await.unwrap();
    let error = instance.invoke(json!({ "do": "fail" })).await.unwrap().outcome.unwrap_err();
    assert_eq!(error.to_string(), "Throttled: the table is busy: slow down");
    assert_eq!(error.stack_trace, ["plan", "query"]);
    let next = instance.invoke(json!({})).await.unwrap().outcome.unwrap();
    assert_eq!(next["count"], 2);
}

#[tokio::test]
async fn a_death_is_an_exit_error() {
    let (error, is_alive) = failure(json!({ "do": "exit" })).await;
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert!(error.error_message.ends_with("Runtime exited with error: exit status 4"), "{error}");
    assert!(!is_alive);
    let (error, _) = failure(json!({ "do": "abort" })).await;
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert!(error.error_message.ends_with("signal: aborted"), "{error}");
}

#[tokio::test]
async fn a_dead_instance_takes_no_more() {
    let mut instance = guest().spawn().await.unwrap();
    instance.invoke(json!({})).await.unwrap().outcome.unwrap();
    instance.kill().await;
    let error = instance.invoke(json!({})).await.unwrap_err().to_string();
    assert!(error.contains("this instance of guest has ended"), "{error}");
}

#[tokio::test]
async fn a_late_function_is_killed() {
    let function = guest().timeout(Duration::from_millis(300));
    let mut instance = function.spawn().await.unwrap();
    let invocation = instance.invoke(json!({ "do": "sleep" })).await.unwrap();
    let error = invocation.outcome.unwrap_err();
    assert_eq!(error.error_type, "Sandbox.Timedout");
    assert!(error.error_message.ends_with("Task timed out after 0.30 seconds"), "{error}");
    assert!(invocation.duration >= Duration::from_millis(300));
    assert!(!instance.is_alive());
}

#[tokio::test]
async fn a_function_is_killed_while_it_works() {
    let mut instance = guest().spawn().await.unwrap();
    let handle = instance.handle();
    let working = tokio::spawn(async move { instance.invoke(json!({ "do": "sleep" })).await });
    while !handle.is_busy() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    handle.kill();
    let error = working.await.unwrap().unwrap().outcome.unwrap_err();
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert!(error.error_message.ends_with("signal: killed"), "{error}");
}

#[tokio::test]
async fn nobody_waiting_means_nobody_working() {
    let mut instance = guest().spawn().await.unwrap();
    let waited =
        tokio::time::timeout(Duration::from_millis(200), instance.invoke(json!({ "do": "sleep" })));
    assert!(waited.await.is_err());
    instance.kill().await;
    assert!(!instance.handle().is_busy());
}

#[tokio::test]
async fn a_function_that_cannot_start_says_why() {
    let mut instance = guest().env("GUEST_START", "fail").spawn().await.unwrap();
    let error = instance.invoke(json!({})).await.unwrap().outcome.unwrap_err();
    assert_eq!(error.to_string(), "SetupUnusable: no setup");
    assert!(!instance.is_alive());
    let mut instance = guest().env("GUEST_START", "exit").spawn().await.unwrap();
    let error = instance.invoke(json!({})).await.unwrap().outcome.unwrap_err();
    assert_eq!(error.error_type, "Runtime.ExitError");
    assert!(error.error_message.ends_with("exit status 3"), "{error}");
}

#[tokio::test]
async fn an_answer_that_lambda_would_not_pass_on_is_an_error() {
    let (error, is_alive) = failure(json!({ "do": "much" })).await;
    assert_eq!(error.error_type, "Function.ResponseSizeTooLarge");
    assert!(is_alive);
    let (error, _) = failure(json!({ "do": "nonsense" })).await;
    assert_eq!(error.error_type, "Runtime.MarshalError");
}

#[tokio::test]
async fn a_request_that_lambda_would_not_take_is_refused() {
    let mut instance = guest().spawn().await.unwrap();
    let error = instance.invoke(json!("x".repeat(7 * 1024 * 1024))).await.unwrap_err().to_string();
    assert!(error.contains("Lambda takes at most 6291456"), "{error}");
}

#[tokio::test]
async fn a_binary_that_is_not_there_is_the_fault_of_the_test() {
    let environment: [(&str, &str); 0] = [];
    let error = Function::new("/no/such/function", environment).spawn().await.err().unwrap();
    assert!(error.to_string().contains("/no/such/function cannot be started"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_work_at_once_and_a_third_waits() {
    let pool = Pool::new(guest(), 2);
    let start = Instant::now();
    let sleep = || {
        let pool = pool.clone();
        tokio::spawn(async move { pool.invoke(json!({ "do": "sleep", "ms": 400 })).await })
    };
    let all = [sleep(), sleep(), sleep()];
    // Seen and not timed: the machine may be slow.
    while pool.instances().iter().filter(|instance| instance.is_busy()).count() < 2 {
        assert!(start.elapsed() < Duration::from_secs(10), "two do not work at once");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for invoked in all {
        let outcome = invoked.await.unwrap().unwrap().outcome.unwrap();
        assert_eq!(outcome["slept"], true);
    }
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(800), "the third did not wait: {took:?}");
    assert_eq!(pool.instances().len(), 2);
}

#[tokio::test]
async fn a_pool_replaces_the_dead() {
    let pool = Pool::new(guest(), 1);
    let first = pool.invoke(json!({})).await.unwrap().outcome.unwrap();
    let warm = pool.invoke(json!({})).await.unwrap().outcome.unwrap();
    assert_eq!((&first["count"], &warm["count"]), (&json!(1), &json!(2)));
    pool.invoke(json!({ "do": "exit" })).await.unwrap().outcome.unwrap_err();
    let anew = pool.invoke(json!({})).await.unwrap().outcome.unwrap();
    assert_eq!(anew["count"], 1);
}
