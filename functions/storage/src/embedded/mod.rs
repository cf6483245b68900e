//! DynamoDB and S3 inside this process, on a folder.
//!
//! Both engines are reached through the AWS SDK clients, whose HTTP connector
//! is replaced: a request never leaves the process and needs no credentials.
//! So there is one storage code path, and what the tests prove about it holds
//! for AWS as far as the engines are faithful.
//!
//! The folder: `table.sqlite` (with SQLite's `-wal` and `-shm` beside it),
//! `objects/<bucket>/...`, and `objects.lock`. Two processes may use one
//! folder at the same time.
//!
//! Between clients and engines there may be faults ([`Fuse`], [`Misbehaving`]),
//! and HTTP ([`Served`]).

mod clients;
mod dynamodb;
mod s3;

mod fuse;
mod misbehaving;
mod partial;

mod serve;

pub(crate) use clients::{clients, endpoints};
pub(crate) use dynamodb::Engine;
pub use fuse::Fuse;
pub use misbehaving::{Fault, Misbehaving, Odds};
pub(crate) use s3::Objects;
pub use serve::Served;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use hyper::StatusCode;
use std::path::{Path, PathBuf};

/// The access key, and its secret, that stand-ins for AWS take.
const KEY: &str = "test";

/// Their region. In another one, S3 wants who creates a bucket to name it.
const REGION: &str = "us-east-1";

/// The type of what DynamoDB answers.
const JSON: &str = "application/x-amz-json-1.0";

/// What keeps an engine from working: the disk, the folder, another process.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the data in `{}` cannot be used: {reason}", directory.display())]
pub(crate) struct EngineError {
    /// The folder of the data.
    pub directory: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl EngineError {
    pub(crate) fn new(directory: &Path, reason: impl ToString) -> Self {
        Self { directory: directory.to_owned(), reason: reason.to_string() }
    }
}

/// What stands between a client and an engine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Faults<'a> {
    None,
    Fuse(&'a Fuse),
    Misbehaving(&'a Misbehaving),
}

impl Faults<'_> {
    pub(crate) fn wrap(self, service: Service, engine: SharedHttpConnector) -> SharedHttpConnector {
        match self {
            Self::None => engine,
            Self::Fuse(fuse) => fuse.wrap(engine),
            Self::Misbehaving(misbehaving) => misbehaving.wrap(service, engine),
        }
    }
}

/// Whose request it is: the two speak of errors in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    S3,
}

impl Service {
    /// An answer that says what went wrong.
    fn error(self, status: StatusCode, code: &str, message: &str) -> HttpResponse {
        let (kind, body) = match self {
            Self::DynamoDb => {
                let body = serde_json::json!({
                    "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
                    "message": message,
                });
                (JSON, body.to_string())
            }
            Self::S3 => {
                let message = message.replace('&', "&amp;").replace('<', "&lt;");
                let body =
                    format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
                ("application/xml", body)
            }
        };
        answer(status, kind, body.into())
    }
}

fn answer(status: StatusCode, kind: &'static str, body: SdkBody) -> HttpResponse {
    let mut answer = HttpResponse::new(status.into(), body);
    answer.headers_mut().insert("content-type", kind);
    answer
}
