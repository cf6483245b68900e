//! The engines behind HTTP on loopback: what other processes reach by the
//! SDK's own configuration, as they would reach AWS.
//!
//! The server has threads of its own, so that it answers while whoever started
//! it blocks. S3's signatures and digests are checked: what a client of ours
//! signs wrongly is refused here, and not first on AWS.

use super::{Engine, EngineError, Faults, KEY, Misbehaving, Objects, REGION, Service};
use crate::error::{StorageError, innermost};
use crate::location::{Location, TABLE_DEFAULT};
use crate::store::Store;
use arrears_domain::{AgencyId, Identifier};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// The most bytes of a request to the table (DynamoDB's limit).
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Up to here a request to the files is held in memory, so that it can be sent
/// twice by [`Misbehaving`]; what is larger passes through piece by piece.
const HELD_BYTES_MAX: u64 = 1024 * 1024;

/// How long a request without an answer is kept waiting before its connection
/// breaks. A real one may hang for long; a test has seen enough after this.
const HANG: Duration = Duration::from_millis(150);

/// Threads of the server: the engines themselves block elsewhere.
const THREADS: usize = 2;

/// The embedded engines of a folder as endpoints on loopback, until it is
/// dropped. The folder may be open in this and other processes as well.
#[derive(Debug)]
pub struct Served {
    dynamodb_url: String,
    s3_url: String,
    runtime: Option<Runtime>,
}

impl Served {
    /// Serves the folder, with the table and the bucket [`TABLE_DEFAULT`], which
    /// are created if they are not there. May be called inside and outside of
    /// a runtime.
    ///
    /// # Errors
    /// The folder cannot be used; no port is free.
    pub fn start(directory: impl AsRef<Path>) -> Result<Self, StorageError> {
        Self::with(directory.as_ref(), Faults::None)
    }

    /// The same with faults between the connections and the engines.
    ///
    /// # Errors
    /// The same.
    pub fn misbehaving(
        directory: impl AsRef<Path>,
        misbehaving: &Misbehaving,
    ) -> Result<Self, StorageError> {
        Self::with(directory.as_ref(), Faults::Misbehaving(misbehaving))
    }

    fn with(directory: &Path, faults: Faults<'_>) -> Result<Self, StorageError> {
        let failed = |error: std::io::Error| EngineError::new(directory, error);
        let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
        let runtime = runtime.map_err(failed)?;
        let is_ready = create(&runtime, directory);
        let served = is_ready.and_then(|()| {
            let engine = Engine::open_for_others(directory)?.connector();
            let objects = Objects::open_signed(directory, KEY)?.connector();
            let endpoint = |service, engine| {
                listen(&runtime, service, faults.wrap(service, engine)).map_err(failed)
            };
            Ok((endpoint(Service::DynamoDb, engine)?, endpoint(Service::S3, objects)?))
        });
        match served {
            Ok((dynamodb_url, s3_url)) => Ok(Self { dynamodb_url, s3_url, runtime: Some(runtime) }),
            Err(error) => {
                // A runtime must not be dropped where blocking is not allowed.
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// The endpoint of the table.
    #[must_use]
    pub fn dynamodb_url(&self) -> &str {
        &self.dynamodb_url
    }

    /// The endpoint of the files.
    #[must_use]
    pub fn s3_url(&self) -> &str {
        &self.s3_url
    }

    /// The environment in which another process reaches the endpoints.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb_url.clone()),
            ("AWS_ENDPOINT_URL_S3", self.s3_url.clone()),
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", KEY.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
        ]
    }

    /// The way to a table and a bucket of the endpoints, over HTTP as others go.
    #[must_use]
    pub fn location(&self, table: &str, bucket: &str) -> Location {
        Location::Endpoints {
            dynamodb_url: self.dynamodb_url.clone(),
            s3_url: self.s3_url.clone(),
            table: table.to_owned(),
            bucket: bucket.to_owned(),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Creates what an embedded store has, by opening one.
fn create(runtime: &Runtime, directory: &Path) -> Result<(), StorageError> {
    let failed = |reason: &dyn ToString| EngineError::new(directory, reason.to_string());
    let place = Location::Embedded(directory.to_owned());
    let agency = AgencyId::parse(TABLE_DEFAULT).map_err(|error| failed(&error))?;
    let (done, opened) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        let store = Store::open(place, agency).await;
        // The receiver waits below.
        let _ = done.send(store.map(drop));
    });
    opened.recv().map_err(|error| failed(&error))?
}

/// Takes connections on a free port. The endpoint.
fn listen(
    runtime: &Runtime,
    service: Service,
    connector: SharedHttpConnector,
) -> std::io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let _entered = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    runtime.spawn(async move {
        loop {
            let Ok((connection, _)) = listener.accept().await else {
                // Out of file descriptors, say: others will be closed.
                tokio::time::sleep(HANG).await;
                continue;
            };
            // Small answers are not to wait for more.
            let _ = connection.set_nodelay(true);
            let connector = connector.clone();
            let answer = service_fn(move |request| answer(service, connector.clone(), request));
            let server = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(connection), answer);
            // A connection that breaks is the business of its client.
            tokio::spawn(async move { server.await.map_err(drop) });
        }
    });
    Ok(url)
}

/// Nobody gets an answer: the connection breaks.
type NoAnswer = Box<dyn Error + Send + Sync>;

async fn answer(
    service: Service,
    connector: SharedHttpConnector,
    request: Request<Incoming>,
) -> Result<Response<SdkBody>, NoAnswer> {
    let request = match received(service, request).await? {
        Ok(request) => request,
        Err(too_large) => return Ok(too_large),
    };
    match connector.call(request).await {
        Ok(answer) => Ok(answer.try_into_http1x()?),
        Err(error) if error.is_user() => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            let answer = service.error(status, "InternalServerError", &innermost(&error));
            Ok(answer.try_into_http1x()?)
        }
        Err(error) => {
            if error.is_timeout() {
                tokio::time::sleep(HANG).await;
            }
            Err(error.into())
        }
    }
}

/// The request as the engines take it, or the answer if it is too large.
async fn received(
    service: Service,
    request: Request<Incoming>,
) -> Result<Result<HttpRequest, Response<SdkBody>>, NoAnswer> {
    let (parts, body) = request.into_parts();
    let is_small = body.size_hint().upper().is_some_and(|bytes| bytes <= HELD_BYTES_MAX);
    let body = match service {
        Service::S3 if !is_small => SdkBody::from_body_1_x(body),
        _ => match Limited::new(body, REQUEST_BYTES_MAX).collect().await {
            Ok(body) => SdkBody::from(body.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                let (status, code) = (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge");
                let answer = service.error(status, code, "the request has more than 16 MB");
                return Ok(Err(answer.try_into_http1x()?));
            }
            Err(error) => return Err(error),
        },
    };
    Ok(Ok(HttpRequest::try_from(Request::from_parts(parts, body))?))
}
