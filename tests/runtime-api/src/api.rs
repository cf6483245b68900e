//! The Runtime API of one instance: where it fetches events and posts answers.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::http::{self, Answer, PAYLOAD_LIMIT_BYTES, Unread};
use crate::invocation::FunctionError;

const PREFIX: &str = "/2018-06-01/runtime/";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

/// An invocation on its way to the function.
pub struct Event {
    pub request_id: String,
    pub deadline_ms: u64,
    pub function_arn: String,
    pub trace_id: String,
    pub payload: Value,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<Value, FunctionError>>,
}

/// How far the function's initialisation is.
#[derive(Debug, Clone)]
pub enum Initialisation {
    /// It has not asked for an event yet.
    Running,
    /// It asked for its first event.
    Done,
    /// It said that it cannot start.
    Failed(FunctionError),
}

/// The server, which ends when this is dropped.
pub struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::Sender<Event>,
    initialisation: watch::Receiver<Initialisation>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    /// Listens on a port of its own.
    pub async fn start() -> Result<Self> {
        let (listener, address) = http::listen(0).await?;
        let (events, waiting) = mpsc::channel(1);
        let (initialised, initialisation) = watch::channel(Initialisation::Running);
        let exchange = Arc::new(Exchange {
            waiting: Mutex::new(waiting),
            open: Mutex::new(None),
            initialised,
        });
        let server = tokio::spawn(http::serve(listener, move |request| {
            let exchange = Arc::clone(&exchange);
            async move { exchange.answer(request).await }
        }));
        Ok(Self { address, events, initialisation, server })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands an event to the function when it asks for one.
    pub async fn push(&self, event: Event) {
        // The server holds the other end for as long as this is there.
        let _ = self.events.send(event).await;
    }

    /// How the initialisation went, once that is known.
    pub async fn initialised(&mut self) -> Result<(), FunctionError> {
        let known = self.initialisation.wait_for(|it| !matches!(it, Initialisation::Running));
        match known.await.as_deref() {
            Ok(Initialisation::Failed(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What the handlers share.
struct Exchange {
    waiting: Mutex<mpsc::Receiver<Event>>,
    /// The invocation that the function has and has not answered.
    open: Mutex<Option<Open>>,
    initialised: watch::Sender<Initialisation>,
}

struct Open {
    request_id: String,
    answer: oneshot::Sender<Result<Value, FunctionError>>,
}

impl Exchange {
    async fn answer(&self, request: hyper::Request<Incoming>) -> Answer {
        let (head, incoming) = request.into_parts();
        let Some(path) = head.uri.path().strip_prefix(PREFIX) else {
            return refusal(StatusCode::NOT_FOUND, "NotFound", head.uri.path());
        };
        let parts: Vec<&str> = path.split('/').collect();
        let body = match http::body(incoming).await {
            Ok(body) => Some(body),
            Err(Unread::TooLarge) => None,
            Err(Unread::Broken) => {
                return refusal(StatusCode::BAD_REQUEST, "InvalidRequest", "the body broke off");
            }
        };
        let error_type = http::header(&head.headers, ERROR_TYPE);
        match (&head.method, parts.as_slice(), body) {
            (&Method::GET, ["invocation", "next"], _) => self.next().await,
            (&Method::POST, ["invocation", id, "response"], Some(body)) => {
                self.response(id, &body).await
            }
            (&Method::POST, ["invocation", id, "response"], None) => self.too_large(id).await,
            (&Method::POST, ["invocation", id, "error"], body) => {
                let error = FunctionError::posted(&body.unwrap_or_default(), error_type);
                self.close(id, Err(error)).await
            }
            (&Method::POST, ["init", "error"], body) => {
                self.fail(FunctionError::posted(&body.unwrap_or_default(), error_type))
            }
            _ => refusal(StatusCode::NOT_FOUND, "NotFound", path),
        }
    }

    /// Waits for an event and hands it out.
    async fn next(&self) -> Answer {
        self.initialised.send_if_modified(|it| {
            let first = matches!(it, Initialisation::Running);
            if first {
                *it = Initialisation::Done;
            }
            first
        });
        if self.open.lock().await.is_some() {
            let what = "the last invocation was not answered";
            return refusal(StatusCode::FORBIDDEN, "InvalidStateTransition", what);
        }
        let Some(event) = self.waiting.lock().await.recv().await else {
            return refusal(StatusCode::GONE, "Gone", "the instance is being ended");
        };
        let mut answer = http::json(StatusCode::OK, &event.payload);
        let headers = [
            ("lambda-runtime-aws-request-id", event.request_id.clone()),
            ("lambda-runtime-deadline-ms", event.deadline_ms.to_string()),
            ("lambda-runtime-invoked-function-arn", event.function_arn),
            ("lambda-runtime-trace-id", event.trace_id),
        ];
        for (name, value) in headers {
            // What is no header can only be what a test has put in on purpose.
            if let Ok(value) = HeaderValue::try_from(value) {
                answer.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        let open = Open { request_id: event.request_id, answer: event.answer };
        *self.open.lock().await = Some(open);
        answer
    }

    async fn response(&self, id: &str, body: &Bytes) -> Answer {
        match serde_json::from_slice(body) {
            Ok(payload) => self.close(id, Ok(payload)).await,
            Err(error) => {
                let what = format!("the response is no JSON: {error}");
                let body = json!({
                    "errorType": "Runtime.MarshalError",
                    "errorMessage": what,
                });
                let error = FunctionError::posted(body.to_string().as_bytes(), None);
                self.close(id, Err(error)).await
            }
        }
    }

    /// Lambda refuses the answer, and the caller is told why.
    async fn too_large(&self, id: &str) -> Answer {
        let error = FunctionError::too_large(id, PAYLOAD_LIMIT_BYTES);
        let what = error.error_message.clone();
        let closed = self.close(id, Err(error)).await;
        if closed.status() == StatusCode::ACCEPTED {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &what);
        }
        closed
    }

    async fn close(&self, id: &str, outcome: Result<Value, FunctionError>) -> Answer {
        let mut open = self.open.lock().await;
        match open.take_if(|open| open.request_id == id) {
            Some(open) => {
                // The caller may have given up meanwhile.
                let _ = open.answer.send(outcome);
                accepted()
            }
            None => refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", id),
        }
    }

    fn fail(&self, error: FunctionError) -> Answer {
        let failed = self.initialised.send_if_modified(|it| {
            let running = matches!(it, Initialisation::Running);
            if running {
                *it = Initialisation::Failed(error);
            }
            running
        });
        if failed {
            return accepted();
        }
        refusal(StatusCode::FORBIDDEN, "InvalidStateTransition", "the function is initialised")
    }
}

fn accepted() -> Answer {
    http::json(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

fn refusal(status: StatusCode, error_type: &str, what: &str) -> Answer {
    http::json(status, &json!({ "errorType": error_type, "errorMessage": what }))
}
