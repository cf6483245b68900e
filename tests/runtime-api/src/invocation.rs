//! What is asked of a function, and what came of it.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

/// An event for a function, and what comes with it.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) payload: Value,
    pub(crate) trace_id: Option<String>,
    pub(crate) function_arn: Option<String>,
}

impl Request {
    /// A request with a trace id of its own, for the function's plain ARN.
    pub fn new(payload: Value) -> Self {
        Self { payload, trace_id: None, function_arn: None }
    }

    /// The trace header that the function is given.
    #[must_use]
    pub fn trace_id(mut self, trace_id: impl Into<String>) -> Self {
        self.trace_id = Some(trace_id.into());
        self
    }

    /// The ARN by which it was called, with an alias for example.
    #[must_use]
    pub fn function_arn(mut self, function_arn: impl Into<String>) -> Self {
        self.function_arn = Some(function_arn.into());
        self
    }
}

impl From<Value> for Request {
    fn from(payload: Value) -> Self {
        Self::new(payload)
    }
}

/// What came of one request.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The id that the function was given with the event.
    pub request_id: String,
    /// When the function had to be done, in milliseconds since the epoch.
    pub deadline_ms: u64,
    /// What the function answered, or how it failed.
    pub outcome: Result<Value, FunctionError>,
    /// From the event to the answer. Of a cold start, without its initialisation.
    pub duration: Duration,
    /// From the start of the process to the answer. Of a first invocation that is
    /// what a cold start takes.
    pub since_spawn: Duration,
}

/// How a function failed, in the words of Lambda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What kind of error it was: a state machine retries by it.
    pub error_type: String,
    /// What happened.
    pub error_message: String,
    /// Where, if the function says so.
    pub stack_trace: Vec<String>,
    /// The error as the function posted it: what a caller of Lambda is sent.
    pub payload: Value,
}

impl FunctionError {
    /// The function died before it had answered. `how` is how Lambda words it.
    pub(crate) fn exited(request_id: &str, how: &str) -> Self {
        Self::of_lambda("Runtime.ExitError", request_id, how)
    }

    /// The function was not done in time, and was killed.
    pub(crate) fn timed_out(request_id: &str, timeout: Duration) -> Self {
        let how = format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
        Self::of_lambda("Sandbox.Timedout", request_id, &how)
    }

    /// The function answered with more than Lambda passes on.
    pub(crate) fn too_large(request_id: &str, limit: usize) -> Self {
        let how =
            format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
        Self::of_lambda("Function.ResponseSizeTooLarge", request_id, &how)
    }

    fn of_lambda(error_type: &str, request_id: &str, how: &str) -> Self {
        let message = format!("RequestId: {request_id} Error: {how}");
        Self::of(json!({ "errorType": error_type, "errorMessage": message }), None)
    }

    /// What a function posted as its error. The header names the type of an error
    /// whose body does not.
    pub(crate) fn posted(body: &[u8], header: Option<&str>) -> Self {
        let payload = serde_json::from_slice(body)
            .unwrap_or_else(|_| json!({ "errorMessage": String::from_utf8_lossy(body) }));
        Self::of(payload, header)
    }

    fn of(payload: Value, header: Option<&str>) -> Self {
        let text = |field: &str| payload[field].as_str().map(str::to_owned);
        let trace = payload["stackTrace"].as_array().into_iter().flatten();
        Self {
            error_type: text("errorType")
                .or_else(|| header.map(str::to_owned))
                .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
            error_message: text("errorMessage").unwrap_or_default(),
            stack_trace: trace.filter_map(Value::as_str).map(str::to_owned).collect(),
            payload,
        }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for FunctionError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_as_it_was_posted() {
        let body = br#"{"errorType":"Throttled","errorMessage":"slow","stackTrace":["a","b"]}"#;
        let error = FunctionError::posted(body, Some("Runtime.Other"));
        assert_eq!(error.to_string(), "Throttled: slow");
        assert_eq!(error.stack_trace, ["a", "b"]);
    }

    #[test]
    fn an_error_without_a_type_has_that_of_the_header() {
        let error = FunctionError::posted(b"no JSON", Some("Runtime.Other"));
        assert_eq!(error.to_string(), "Runtime.Other: no JSON");
        assert_eq!(error.payload["errorMessage"], "no JSON");
    }
}
