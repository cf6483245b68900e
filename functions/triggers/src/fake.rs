//! Stands in for AWS in tests: answers requests in this process, and keeps them.

use aws_sdk_sqs::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex};

/// A request as a test looks at it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `POST /schedules/x?groupName=y`, or `SendMessage`.
    pub(crate) what: String,
    /// The document in the body; null if there is none.
    pub(crate) body: Value,
}

/// An answer: the status, the type of the error if it is one, and the body.
pub(crate) type Answer = (u16, Option<&'static str>, String);

/// The services, as far as a test needs them.
#[derive(Clone)]
pub(crate) struct Fake {
    answer: Arc<dyn Fn(&Asked) -> Answer + Send + Sync>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").finish_non_exhaustive()
    }
}

/// All is well.
pub(crate) fn ok(body: &Value) -> Answer {
    (200, None, body.to_string())
}

/// The service refuses.
pub(crate) fn refused(status: u16, code: &'static str, message: &str) -> Answer {
    (status, Some(code), serde_json::json!({"message": message}).to_string())
}

impl Fake {
    /// Answers by a function.
    pub(crate) fn new(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), asked: Arc::default() }
    }

    /// What has been asked, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The operations that have been asked for, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.what).collect()
    }

    /// The HTTP client for the SDK.
    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let what = match request.headers().get("x-amz-target") {
            Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            None => {
                let path = request.uri().trim_start_matches("http://aws.invalid");
                format!("{} {path}", request.method())
            }
        };
        let bytes = request.body().bytes().unwrap_or_default();
        let asked = Asked { what, body: serde_json::from_slice(bytes).unwrap_or_default() };
        let (status, code, body) = (self.answer)(&asked);
        self.asked.lock().unwrap().push(asked);
        let status = StatusCode::try_from(status).unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        if let Some(code) = code {
            response.headers_mut().insert("x-amzn-errortype", code);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// The configuration of an SDK client that a fake answers.
macro_rules! client {
    ($sdk:ident, $fake:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
                .region($sdk::config::Region::from_static("us-east-1"))
                .endpoint_url("http://aws.invalid")
                .http_client($fake.http_client())
                .allow_no_auth()
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .build(),
        )
    };
}
pub(crate) use client;
