//! Files: written once, under the agency.

use crate::error::StorageError;
use crate::location::{OPERATION_TIMEOUT, SDK_ATTEMPTS_MAX};
use crate::retry::{ATTEMPTS_MAX, pause};
use crate::store::Store;
use crate::upload::NO_SUCH_UPLOAD;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The most bytes of a file's key. S3 takes 1,024; the embedded engine keeps
/// the digest of a file in one whose name has the key in base64, and a file
/// name has at most 255 bytes.
pub const OBJECT_KEY_BYTES_MAX: usize = 150;

/// What is written.
#[derive(Debug, Clone)]
pub enum ObjectBody {
    /// From memory.
    Bytes(Bytes),
    /// From a local file, streamed. (What is made piece by piece goes into an
    /// [`Upload`](crate::Upload): S3 wants to know the length before.)
    File(PathBuf),
}

impl From<Vec<u8>> for ObjectBody {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<&str> for ObjectBody {
    fn from(text: &str) -> Self {
        Self::Bytes(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<PathBuf> for ObjectBody {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl ObjectBody {
    async fn stream(&self) -> Result<ByteStream, StorageError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone().into()),
            Self::File(path) => {
                ByteStream::from_path(path).await.map_err(|error| local_file(path, error))
            }
        }
    }
}

fn local_file(path: &Path, reason: impl ToString) -> StorageError {
    StorageError::LocalFile { path: path.display().to_string(), reason: reason.to_string() }
}

/// What S3 says to a writer under `If-None-Match: *` if the file is there.
const IS_THERE: &str = "PreconditionFailed";

/// What it says if another writer of the file is under way, who may yet fail.
pub(crate) const WRITE_CONFLICT: &str = "ConditionalRequestConflict";

/// How an attempt to write a file has failed.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// There is such a file.
    IsThere,
    /// It was not written, and it is worth another attempt.
    NotYet,
    /// Nobody knows whether it was written.
    Unknown,
    /// Another attempt would fail the same way.
    ForGood,
}

impl Failure {
    fn of(error: &SdkError<PutObjectError, HttpResponse>) -> Self {
        match (error, error.code()) {
            (_, Some(IS_THERE)) => Self::IsThere,
            (_, Some(WRITE_CONFLICT | "SlowDown")) => Self::NotYet,
            (SdkError::TimeoutError(_) | SdkError::ResponseError(_), _) => Self::Unknown,
            (SdkError::DispatchFailure(failure), _) if failure.is_io() || failure.is_timeout() => {
                Self::Unknown
            }
            (SdkError::ServiceError(refused), _) if refused.raw().status().is_server_error() => {
                Self::Unknown
            }
            _ => Self::ForGood,
        }
    }
}

/// The settings of a write that is sent again by this crate and not by the SDK,
/// which would not say whether the file that is there may be the writer's own.
fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

async fn sha256(mut body: ByteStream) -> Result<[u8; 32], ByteStreamError> {
    let mut hasher = Sha256::new();
    while let Some(bytes) = body.try_next().await? {
        hasher.update(&bytes);
    }
    Ok(hasher.finalize().into())
}

/// A file, as a listing has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEntry {
    /// Its key, without the agency.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// When it was put there, in milliseconds since 1970, if the bucket says so.
    pub modified_at_ms: Option<i64>,
}

/// The content of a file, piece by piece.
#[derive(Debug)]
pub struct ObjectChunks {
    store: Store,
    body: ByteStream,
}

impl ObjectChunks {
    async fn whole(mut self) -> Result<Bytes, StorageError> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// The bucket cannot be read on.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StorageError> {
        let next = self.body.try_next().await;
        next.map_err(|error| self.store.interrupted(error))
    }
}

impl Store {
    /// Writes a file unless there is one with the key. Of several writers at
    /// the same time one wins.
    ///
    /// # Errors
    /// [`StorageError::AlreadyExists`], and the stored file is as it was; the
    /// key is not allowed; the bucket cannot be written.
    pub async fn put_object_new(
        &self,
        key: &str,
        body: impl Into<ObjectBody>,
    ) -> Result<(), StorageError> {
        const OPERATION: &str = "PutObject";
        let object = self.object_key(key)?;
        let body = body.into();
        let (since, mut may_be_ours, mut failures) = (Instant::now(), false, 0);
        let mut code = String::new();
        for attempt in 1..=ATTEMPTS_MAX {
            let put = self.s3().put_object().bucket(self.bucket()).key(&object).if_none_match("*");
            let put = put.body(body.stream().await?).customize().config_override(once());
            let error = match put.send().await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            error.code().unwrap_or_default().clone_into(&mut code);
            match Failure::of(&error) {
                Failure::IsThere if may_be_ours && self.holds(key, &body).await? => return Ok(()),
                Failure::NotYet => {}
                Failure::Unknown if since.elapsed() < OPERATION_TIMEOUT => {
                    may_be_ours = true;
                    failures += 1;
                    if failures == SDK_ATTEMPTS_MAX {
                        return Err(self.object_failed(OPERATION, key, error));
                    }
                }
                _ => return Err(self.object_failed(OPERATION, key, error)),
            }
            pause(attempt).await;
        }
        Err(self.object_request(OPERATION).held_back(&code))
    }

    /// Whether the stored file is this one.
    async fn holds(&self, key: &str, body: &ObjectBody) -> Result<bool, StorageError> {
        let ObjectChunks { body: stored, .. } = self.object_chunks(key).await?;
        let stored = sha256(stored).await.map_err(|error| self.interrupted(error))?;
        let own = sha256(body.stream().await?).await;
        let own = own.map_err(|error| match body {
            ObjectBody::File(path) => local_file(path, error),
            ObjectBody::Bytes(_) => self.interrupted(error),
        })?;
        Ok(stored == own)
    }

    /// What the failure of a write under `If-None-Match: *` comes to; nothing
    /// if another writer is under way, who may yet fail: it is worth another
    /// attempt.
    pub(crate) fn unless_under_way<E>(
        &self,
        operation: &'static str,
        key: &str,
        error: SdkError<E, HttpResponse>,
    ) -> Result<(), StorageError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        match error.code() {
            Some(WRITE_CONFLICT) => Ok(()),
            _ => Err(self.object_failed(operation, key, error)),
        }
    }

    /// What the failure of a request about the file comes to.
    pub(crate) fn object_failed<E>(
        &self,
        operation: &'static str,
        key: &str,
        error: SdkError<E, HttpResponse>,
    ) -> StorageError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let key = key.to_owned();
        match error.code() {
            Some("NoSuchKey") => StorageError::NoObject { key },
            Some(IS_THERE) => StorageError::AlreadyExists { key },
            Some(NO_SUCH_UPLOAD) => StorageError::NoUpload { key },
            _ => self.object_request(operation).failed(error),
        }
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// There is none with the key; the bucket cannot be read.
    pub async fn get_object(&self, key: &str) -> Result<Bytes, StorageError> {
        self.object_chunks(key).await?.whole().await
    }

    /// Reads a file piece by piece.
    ///
    /// # Errors
    /// There is none with the key; the bucket cannot be read.
    pub async fn object_chunks(&self, key: &str) -> Result<ObjectChunks, StorageError> {
        self.version_chunks(key, None).await
    }

    /// Reads a version of a file whole, in a bucket that keeps versions; where none is
    /// named, the newest.
    ///
    /// # Errors
    /// There is none with the key or no such version; the bucket cannot be read.
    pub async fn get_object_version(
        &self,
        key: &str,
        version: Option<&str>,
    ) -> Result<Bytes, StorageError> {
        self.version_chunks(key, version).await?.whole().await
    }

    async fn version_chunks(
        &self,
        key: &str,
        version: Option<&str>,
    ) -> Result<ObjectChunks, StorageError> {
        let object = self.object_key(key)?;
        let get = self.s3().get_object().bucket(self.bucket()).key(object);
        let got = get.set_version_id(version.map(str::to_owned)).send().await;
        let answer = got.map_err(|error| self.object_failed("GetObject", key, error))?;
        Ok(ObjectChunks { store: self.clone(), body: answer.body })
    }

    /// The files whose keys begin with the prefix, by key.
    ///
    /// # Errors
    /// The bucket cannot be read.
    pub async fn list_objects(&self, prefix: &str) -> Result<Vec<ObjectEntry>, StorageError> {
        let own = format!("{}/", self.agency());
        let mut found = Vec::new();
        let mut pages = self
            .s3()
            .list_objects_v2()
            .bucket(self.bucket())
            .prefix(format!("{own}{prefix}"))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.object_request("ListObjectsV2").failed(error))?;
            found.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| {
                let key = object.key?.strip_prefix(&own)?.to_owned();
                let modified_at_ms = object.last_modified.and_then(|it| it.to_millis().ok());
                let bytes = u64::try_from(object.size?).unwrap_or(0);
                Some(ObjectEntry { key, bytes, modified_at_ms })
            }));
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    fn interrupted(&self, reason: impl ToString) -> StorageError {
        self.object_request("GetObject").unreachable(reason.to_string())
    }

    /// The whole key. Parts such as `..` would leave the agency on a file
    /// system, and mean nothing good on S3.
    pub(crate) fn object_key(&self, key: &str) -> Result<String, StorageError> {
        let refused = |reason| StorageError::ObjectKey { key: key.to_owned(), reason };
        if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(refused("it has an empty part, `.` or `..` between slashes"));
        }
        if key.contains(|c: char| c.is_control() || c == '\\') {
            return Err(refused("it has a control character or a backslash"));
        }
        let object = format!("{}/{key}", self.agency());
        if object.len() > OBJECT_KEY_BYTES_MAX {
            return Err(refused("with the agency it is longer than 150 bytes"));
        }
        Ok(object)
    }
}
