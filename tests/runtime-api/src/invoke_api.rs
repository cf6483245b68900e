//! Lambda's Invoke API: `POST /2015-03-31/functions/{name}/invocations`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::http::{self, Answer, PAYLOAD_LIMIT_BYTES, Unread};
use crate::invocation::{Invocation, Request};
use crate::pool::Pool;

const PREFIX: &str = "/2015-03-31/functions/";
const SUFFIX: &str = "/invocations";

/// The server, which ends with the instances of its functions when it is dropped.
pub struct InvokeApi {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl InvokeApi {
    /// Serves the functions of the pools on a port of the loopback interface; 0
    /// chooses a free one.
    ///
    /// # Errors
    /// If the port cannot be had.
    pub async fn start(port: u16, pools: impl IntoIterator<Item = Pool>) -> Result<Self> {
        let (listener, address) = http::listen(port).await?;
        let pools = pools.into_iter().map(|pool| (pool.name().to_owned(), pool)).collect();
        let functions = Arc::new(Functions { pools });
        let server = tokio::spawn(http::serve(listener, move |request| {
            let functions = Arc::clone(&functions);
            async move { functions.answer(request).await }
        }));
        Ok(Self { address, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for InvokeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Functions {
    pools: BTreeMap<String, Pool>,
}

impl Functions {
    async fn answer(&self, request: hyper::Request<Incoming>) -> Answer {
        let (head, incoming) = request.into_parts();
        if (&head.method, head.uri.path()) == (&Method::GET, "/instances") {
            return self.instances();
        }
        let path = head.uri.path().strip_prefix(PREFIX);
        let Some(named) = path.and_then(|path| path.strip_suffix(SUFFIX)) else {
            return refusal(StatusCode::NOT_FOUND, "UnknownOperationException", head.uri.path());
        };
        if head.method != Method::POST {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "UnknownOperationException", named);
        }
        // Clients escape the colons of an ARN.
        let named = named.replace("%3A", ":").replace("%3a", ":");
        let Some(pool) = self.pools.get(name_of(&named)) else {
            let what = format!("Function not found: {named}");
            return refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", &what);
        };
        match http::body(incoming).await {
            Ok(body) => invoke(pool.clone(), &head, &named, &body).await,
            Err(Unread::TooLarge) => {
                let what = format!("Request must be smaller than {PAYLOAD_LIMIT_BYTES} bytes");
                refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &what)
            }
            Err(Unread::Broken) => {
                let what = "the body broke off";
                refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", what)
            }
        }
    }

    /// What runs: for a test that wants to kill an instance at its work.
    fn instances(&self) -> Answer {
        let mut all = Vec::new();
        for (name, pool) in &self.pools {
            all.extend(pool.instances().iter().map(|instance| {
                json!({ "function": name, "pid": instance.pid(), "busy": instance.is_busy() })
            }));
        }
        http::json(StatusCode::OK, &Value::Array(all))
    }
}

async fn invoke(pool: Pool, head: &Parts, named: &str, body: &Bytes) -> Answer {
    // A call without a payload is given an empty object.
    let payload = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(body) };
    let payload: Value = match payload {
        Ok(payload) => payload,
        Err(error) => {
            let what = format!("Could not parse request body into json: {error}");
            return refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", &what);
        }
    };
    let mut request = Request::new(payload);
    if named.starts_with("arn:") {
        request = request.function_arn(named);
    }
    if let Some(trace_id) = http::header(&head.headers, "x-amzn-trace-id") {
        request = request.trace_id(trace_id);
    }
    let is_awaited = match http::header(&head.headers, "x-amz-invocation-type") {
        None | Some("RequestResponse") => true,
        Some("Event") => false,
        Some(other) => {
            return refusal(StatusCode::BAD_REQUEST, "InvalidParameterValueException", other);
        }
    };
    // A task of its own: Lambda goes on when its caller goes away.
    let invoked = tokio::spawn(async move { pool.invoke(request).await });
    if !is_awaited {
        // What comes of it, nobody is told; it is not tried again.
        return http::json(StatusCode::ACCEPTED, &Value::Null);
    }
    match invoked.await {
        Ok(Ok(invocation)) => answered(&invocation),
        Ok(Err(error)) => failed(&format!("{error:#}")),
        Err(error) => failed(&error.to_string()),
    }
}

fn answered(invocation: &Invocation) -> Answer {
    let mut answer = match &invocation.outcome {
        Ok(payload) => http::json(StatusCode::OK, payload),
        Err(error) => {
            let mut answer = http::json(StatusCode::OK, &error.payload);
            let name = HeaderName::from_static("x-amz-function-error");
            answer.headers_mut().insert(name, HeaderValue::from_static("Unhandled"));
            answer
        }
    };
    let headers = answer.headers_mut();
    let name = HeaderName::from_static("x-amz-executed-version");
    headers.insert(name, HeaderValue::from_static("$LATEST"));
    if let Ok(id) = HeaderValue::from_str(&invocation.request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    answer
}

/// The name in `name`, `name:alias`, a partial or a whole ARN.
fn name_of(named: &str) -> &str {
    let after = match named.split_once("function:") {
        Some((_, after)) => after,
        None => named,
    };
    after.split(':').next().unwrap_or(after)
}

fn failed(what: &str) -> Answer {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", what)
}

fn refusal(status: StatusCode, error_type: &str, message: &str) -> Answer {
    let mut answer = http::json(status, &json!({ "Type": "User", "Message": message }));
    if let Ok(value) = HeaderValue::from_str(error_type) {
        answer.headers_mut().insert(HeaderName::from_static("x-amzn-errortype"), value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_function_is_named_in_many_ways() {
        for named in [
            "plan",
            "plan:live",
            "123456789012:function:plan",
            "arn:aws:lambda:us-east-1:123456789012:function:plan",
            "arn:aws:lambda:us-east-1:123456789012:function:plan:live",
        ] {
            assert_eq!(name_of(named), "plan", "{named}");
        }
    }
}
