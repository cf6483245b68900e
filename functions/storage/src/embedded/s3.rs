//! The S3 engine (s3s-fs, on a folder) behind the SDK's HTTP connector.
//!
//! Two faults of the engine are mended here by one lock around each write.
//! It looks whether an object exists and writes it afterwards, so that of
//! several writers with `If-None-Match: *` more than one may win. And it names
//! its temporary files by a counter that starts at 0 in every process, and
//! removes left-over ones when it starts, so that two processes on one folder
//! would write into, or remove, each other's files. Reads need no lock: an
//! object appears by a rename, one that is put together from parts too.
//!
//! Two more are about uploads. Of one that is not there the engine says that
//! access is denied, which S3 says of what it keeps from the caller; here
//! nothing is kept from anybody, and S3's words take their place. And it
//! forgets an upload before it has put its parts together: what a killed
//! process leaves of them cannot be aborted, and is removed when the folder is
//! opened.

use super::{EngineError, Service};
use crate::upload::NO_SUCH_UPLOAD;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use hyper::StatusCode;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The engine on one folder.
#[derive(Clone)]
pub(crate) struct Objects {
    inner: Arc<Inner>,
}

struct Inner {
    directory: PathBuf,
    service: S3Service,
    /// One write at a time in this process; the file's lock is for the others.
    lock: Arc<Mutex<File>>,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").field("directory", &self.inner.directory).finish()
    }
}

impl Objects {
    /// Opens, and creates if need be, the objects in the folder, for requests
    /// that are not signed.
    pub(crate) fn open(directory: &Path) -> Result<Self, EngineError> {
        Self::with(directory, None)
    }

    /// The same for requests that come over HTTP: they must be signed with the
    /// given key, which is checked, and so are digests of their bodies.
    pub(crate) fn open_signed(directory: &Path, key: &str) -> Result<Self, EngineError> {
        Self::with(directory, Some(SimpleAuth::from_single(key, key)))
    }

    fn with(directory: &Path, auth: Option<SimpleAuth>) -> Result<Self, EngineError> {
        let failed = |reason: &dyn fmt::Display| EngineError::new(directory, reason);
        let root = directory.join("objects");
        std::fs::create_dir_all(&root).map_err(|e| failed(&e))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("objects.lock"))
            .map_err(|e| failed(&e))?;
        lock.lock().map_err(|e| failed(&e))?;
        // Removes temporary files, which under the lock can only be left over.
        let files = FileSystem::new(&root);
        let removed = remove_forgotten_parts(&root);
        lock.unlock().map_err(|e| failed(&e))?;
        let files = files.map_err(|e| failed(&format!("{e:?}")))?;
        removed.map_err(|e| failed(&e))?;
        let mut service = S3ServiceBuilder::new(files);
        if let Some(auth) = auth {
            service.set_auth(auth);
        }
        let service = service.build();
        let lock = Arc::new(Mutex::new(lock));
        Ok(Self { inner: Arc::new(Inner { directory: directory.to_owned(), service, lock }) })
    }

    /// What takes its requests.
    pub(crate) fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Objects {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let inner = Arc::clone(&self.inner);
        HttpConnectorFuture::new(async move {
            inner.answer(request).await.map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

impl Inner {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, EngineError> {
        let writes = !matches!(request.method(), "GET" | "HEAD");
        let _lock = if writes { Some(self.lock().await?) } else { None };
        let is_of_upload = request.uri().contains("uploadId=");
        let is_abort = request.method() == "DELETE" && is_of_upload;
        let request = request.try_into_http1x().map_err(|e| self.failed(e))?;
        let request = request.map(s3s::Body::http_body_unsync);
        let response =
            self.service.call(request).await.map_err(|e| self.failed(format!("{e:?}")))?;
        if response.status().is_server_error() {
            return Err(self.refused(response).await);
        }
        let status = response.status();
        if !is_of_upload || !status.is_client_error() {
            return HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|e| self.failed(e));
        }
        let (parts, body) = response.into_parts();
        let text = text_of(body).await;
        // An abort is refused as bad only for an id that the engine never gave.
        if text.contains("<Code>AccessDenied</Code>") || is_abort && status == 400 {
            return Ok(Service::S3.error(StatusCode::NOT_FOUND, NO_SUCH_UPLOAD, NO_SUCH_UPLOAD));
        }
        let response = hyper::Response::from_parts(parts, SdkBody::from(text));
        HttpResponse::try_from(response).map_err(|e| self.failed(e))
    }

    fn failed(&self, reason: impl ToString) -> EngineError {
        EngineError::new(&self.directory, reason)
    }

    /// What the disk said, which the engine answers as an error of the server.
    async fn refused(&self, response: s3s::HttpResponse) -> EngineError {
        let text = text_of(response.into_body()).await;
        let message = text
            .split_once("<Message>")
            .and_then(|(_, rest)| rest.split_once("</Message>"))
            .map_or(text.as_str(), |(message, _)| message);
        self.failed(message)
    }

    async fn lock(&self) -> Result<WriteLock, EngineError> {
        let file = Arc::clone(&self.lock).lock_owned().await;
        let file = match file.try_lock() {
            Ok(()) => file,
            Err(TryLockError::Error(error)) => return Err(self.failed(error)),
            // Another process writes: wait where waiting blocks nobody.
            Err(TryLockError::WouldBlock) => {
                tokio::task::spawn_blocking(move || file.lock().map(|()| file))
                    .await
                    .map_err(|e| self.failed(e))?
                    .map_err(|e| self.failed(e))?
            }
        };
        Ok(WriteLock { file })
    }
}

/// The body of an error, which is short.
async fn text_of(body: s3s::Body) -> String {
    match body.collect().await {
        Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        Err(error) => error.to_string(),
    }
}

/// Removes the parts of uploads that the engine does not know any more.
fn remove_forgotten_parts(root: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root)? {
        let path = entry?.path();
        // The names that the engine gives to a part and to an upload.
        let upload = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix(".upload_id-")?.split_once(".part-"));
        if let Some((upload, _)) = upload
            && !root.join(format!(".upload-{upload}.json")).exists()
        {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Held while a write is under way, in this process and for all others.
struct WriteLock {
    file: tokio::sync::OwnedMutexGuard<File>,
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        // Can fail only if the lock is not held, or the file is gone.
        let _ = self.file.unlock();
    }
}
