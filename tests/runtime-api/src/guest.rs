//! A function that does what its event says, for the tests of this crate. It speaks
//! the Runtime API by hand, so that what is tested is not read by what wrote it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

const RUNTIME: &str = "/2018-06-01/runtime";

/// What came back: headers in lower case, one a line, and the body.
struct Reply {
    status: u16,
    headers: String,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

fn main() -> Result<()> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").context("this is no Lambda")?;
    match std::env::var("GUEST_START").as_deref() {
        Ok("fail") => {
            let error = json!({ "errorType": "SetupUnusable", "errorMessage": "no setup" });
            call(&api, "POST", "/init/error", &error.to_string())?;
            std::process::exit(1);
        }
        Ok("exit") => std::process::exit(3),
        _ => {}
    }
    for count in 1.. {
        let next = call(&api, "GET", "/invocation/next", "")?;
        let event: Value = serde_json::from_slice(&next.body)?;
        let id = next.header("lambda-runtime-aws-request-id").context("no id")?.to_owned();
        println!("{}", json!({ "count": count, "request": id }));
        eprintln!("event {event}");
        let (kind, body) = act(&event, &next, count)?;
        let posted = call(&api, "POST", &format!("/invocation/{id}/{kind}"), &body)?;
        println!("{}", json!({ "posted": posted.status }));
    }
    Ok(())
}

/// What is posted, and the last part of the path that it is posted to.
fn act(event: &Value, next: &Reply, count: u32) -> Result<(&'static str, String)> {
    let error = |body: Value| Ok(("error", body.to_string()));
    match event["do"].as_str() {
        Some("fail") => error(json!({
            "errorType": "Throttled",
            "errorMessage": "the table is busy: slow down",
            "stackTrace": ["plan", "query"],
        })),
        Some("exit") => std::process::exit(4),
        Some("abort") => std::process::abort(),
        Some("sleep") => {
            std::thread::sleep(Duration::from_millis(event["ms"].as_u64().unwrap_or(60_000)));
            Ok(("response", json!({ "slept": true }).to_string()))
        }
        Some("much") => Ok(("response", json!("x".repeat(7 * 1024 * 1024)).to_string())),
        Some("nonsense") => Ok(("response", "{".to_owned())),
        _ => {
            let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
            let deadline_ms: u128 =
                next.header("lambda-runtime-deadline-ms").context("no deadline")?.parse()?;
            let answer = json!({
                "echo": event,
                "count": count,
                "remaining_ms": deadline_ms.saturating_sub(now_ms) as u64,
                "arn": next.header("lambda-runtime-invoked-function-arn"),
                "trace_id": next.header("lambda-runtime-trace-id"),
                "environment": std::env::vars().map(|(key, _)| key).collect::<Vec<_>>(),
            });
            Ok(("response", answer.to_string()))
        }
    }
}

fn call(api: &str, method: &str, path: &str, body: &str) -> Result<Reply> {
    let mut stream = TcpStream::connect(api)?;
    let length = body.len();
    write!(
        stream,
        "{method} {RUNTIME}{path} HTTP/1.1\r\nhost: {api}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    )?;
    // A refusal may come, and the connection be closed, before all is sent.
    let _ = stream.write_all(body.as_bytes());
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).context("no status")?.parse()?;
    let mut headers = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            bail!("the headers broke off");
        }
        if line == "\r\n" {
            break;
        }
        headers.push_str(&line);
    }
    let headers = headers.replace("\r\n", "\n");
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    Ok(Reply { status, headers, body })
}
