//! The command, as an orchestrator in another process sees it.

#![expect(clippy::unwrap_used, reason = "tests may")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const GUEST: &str = env!("CARGO_BIN_EXE_runtime-api-guest");

struct Served {
    process: Child,
    address: String,
}

impl Served {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_runtime-api"))
            .args(["--function", &format!("plan={GUEST}"), "--function", &format!("bad={GUEST}")])
            .args(["--env", "A=1", "--env-of", "bad:GUEST_START=fail", "--timeout-seconds", "20"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let printed: Value = serde_json::from_str(&line).unwrap();
        Self { process, address: printed["address"].as_str().unwrap().to_owned() }
    }

    /// Status and headers in one text, and the body.
    fn call(&self, head: &str, body: &str) -> (String, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap())
    }

    fn invoke(&self, name: &str, body: &str) -> (String, Value) {
        self.call(&format!("POST /2015-03-31/functions/{name}/invocations HTTP/1.1"), body)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_function_is_called_by_name_alias_and_arn() {
    let served = Served::start();
    let arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aplan%3Alive";
    for name in ["plan", "plan:live", arn] {
        let (head, body) = served.invoke(name, r#"{"n":1}"#);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(!head.contains("x-amz-function-error"), "{head}");
        assert_eq!(body["echo"], json!({ "n": 1 }));
    }
    let (_, body) = served.invoke(arn, "");
    assert_eq!(body["arn"], "arn:aws:lambda:us-east-1:123456789012:function:plan:live");
    assert_eq!((&body["count"], &body["echo"]), (&json!(4), &json!({})));
}

#[test]
fn a_failure_is_marked_by_a_header() {
    let served = Served::start();
    let (head, body) = served.invoke("plan", r#"{"do":"fail"}"#);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("x-amz-function-error: Unhandled"), "{head}");
    assert_eq!(body["errorType"], "Throttled");
    let (_, body) = served.invoke("plan", r#"{"do":"exit"}"#);
    assert_eq!(body["errorType"], "Runtime.ExitError");
    let (_, body) = served.invoke("bad", "{}");
    assert_eq!(body["errorType"], "SetupUnusable");
}

#[test]
fn what_lambda_refuses_is_refused() {
    let served = Served::start();
    let (head, _) = served.invoke("nobody", "{}");
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    assert!(head.contains("x-amzn-errortype: ResourceNotFoundException"), "{head}");
    let (head, _) = served.invoke("plan", "{");
    assert!(head.contains("x-amzn-errortype: InvalidRequestContentException"), "{head}");
    let head = "POST /2015-03-31/functions/plan/invocations HTTP/1.1\r\nx-amz-invocation-type: No";
    assert!(served.call(head, "{}").0.starts_with("HTTP/1.1 400"));
    assert!(served.call("GET /elsewhere HTTP/1.1", "").0.starts_with("HTTP/1.1 404"));
}

#[test]
fn instances_are_listed_and_end_with_the_standard_input() {
    let mut served = Served::start();
    served.invoke("plan", "{}");
    let (_, instances) = served.call("GET /instances HTTP/1.1", "");
    assert_eq!(instances[0]["function"], "plan");
    assert_eq!(instances[0]["busy"], false);
    let pid = instances[0]["pid"].as_u64().unwrap();
    assert!(is_alive(pid));
    drop(served.process.stdin.take());
    assert!(served.process.wait().unwrap().success());
    let start = Instant::now();
    while is_alive(pid) {
        assert!(start.elapsed() < Duration::from_secs(10), "the instance was left behind");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_alive(pid: u64) -> bool {
    let mut kill = Command::new("kill");
    kill.args(["-0", &pid.to_string()]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn an_asynchronous_call_is_accepted_before_it_is_done() {
    let served = Served::start();
    let head = "POST /2015-03-31/functions/plan/invocations HTTP/1.1\r\n\
                x-amz-invocation-type: Event";
    let start = Instant::now();
    let (head, _) = served.call(head, r#"{"do":"sleep","ms":3000}"#);
    assert!(head.starts_with("HTTP/1.1 202"), "{head}");
    assert!(start.elapsed() < Duration::from_secs(2));
}
