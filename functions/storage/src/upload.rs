//! Uploads: large files, written part by part and seen by nobody before they
//! are whole.
//!
//! An upload holds what the service said of each part, and no part itself, so
//! that the memory it takes does not grow with the file.

use crate::error::StorageError;
use crate::objects::WRITE_CONFLICT;
use crate::retry::{ATTEMPTS_MAX, pause};
use crate::store::Store;
use aws_sdk_s3::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_types::timeout::TimeoutConfig;
use bytes::Bytes;
use std::time::Duration;

/// The size of the parts of an upload: 8 MiB. S3 wants at least 5 MiB for all
/// but the last, and takes 10,000 of them: files of up to 80 GB.
pub const UPLOAD_PART_BYTES: usize = 8 * 1024 * 1024;

/// The most bytes of the key of an upload, the agency included. Fewer than
/// [`OBJECT_KEY_BYTES_MAX`](crate::OBJECT_KEY_BYTES_MAX): the embedded engine
/// keeps an upload in a file whose name has the key in base64 and the id of the
/// upload, and a file name has at most 255 bytes.
pub const UPLOAD_KEY_BYTES_MAX: usize = 128;

/// How long publishing may take. The service puts the parts together
/// meanwhile, which by its manual takes minutes if they are many.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// A file that is being written. One that is neither published nor aborted
/// stays, unseen and paid for, until [`Store::abort_upload`] or a rule of the
/// bucket removes it.
#[derive(Debug)]
pub struct Upload {
    store: Store,
    key: String,
    /// The key with the agency.
    object: String,
    id: String,
    parts: Vec<CompletedPart>,
}

impl Store {
    /// Begins a file that is written part by part. Nothing of it can be read or
    /// listed before it is published.
    ///
    /// # Errors
    /// The key is not allowed, or with the agency longer than
    /// [`UPLOAD_KEY_BYTES_MAX`]; the bucket cannot be written.
    pub async fn begin_upload(&self, key: &str) -> Result<Upload, StorageError> {
        const OPERATION: &str = "CreateMultipartUpload";
        let object = self.upload_key(key)?;
        let created = self
            .s3()
            .create_multipart_upload()
            .bucket(self.bucket())
            .key(&object)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .send()
            .await
            .map_err(|error| self.object_failed(OPERATION, key, error))?;
        let id = created.upload_id.ok_or_else(|| StorageError::Refused {
            operation: OPERATION,
            target: self.bucket().to_owned(),
            code: "none".to_owned(),
            message: "the answer has no upload id".to_owned(),
        })?;
        Ok(Upload { store: self.clone(), key: key.to_owned(), object, id, parts: Vec::new() })
    }

    /// Removes what there is of an upload. Of one that is gone already there is
    /// nothing to remove, which is no error; a published file stays.
    ///
    /// # Errors
    /// The key is not allowed; the bucket cannot be written.
    pub async fn abort_upload(&self, key: &str, upload_id: &str) -> Result<(), StorageError> {
        let object = self.upload_key(key)?;
        let abort = self.s3().abort_multipart_upload().bucket(self.bucket()).key(object);
        match abort.upload_id(upload_id).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(NO_SUCH_UPLOAD) => Ok(()),
            Err(error) => Err(self.object_failed("AbortMultipartUpload", key, error)),
        }
    }

    fn upload_key(&self, key: &str) -> Result<String, StorageError> {
        let object = self.object_key(key)?;
        if object.len() > UPLOAD_KEY_BYTES_MAX {
            let reason = "with the agency it is longer than 128 bytes, the most of an upload";
            return Err(StorageError::ObjectKey { key: key.to_owned(), reason });
        }
        Ok(object)
    }
}

/// What S3 says of an upload that was never begun, or is published or aborted.
pub(crate) const NO_SUCH_UPLOAD: &str = "NoSuchUpload";

impl Upload {
    /// The file's key, without the agency.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The upload's id, for [`Store::abort_upload`].
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Writes the next part: [`UPLOAD_PART_BYTES`], or less for the last one.
    ///
    /// # Errors
    /// [`StorageError::NoUpload`] if the upload is gone; the bucket cannot be
    /// written. The part may be written again.
    pub async fn part(&mut self, bytes: Bytes) -> Result<(), StorageError> {
        // A `Vec` of parts cannot be longer than a file of as many bytes.
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let part = self.store.s3().upload_part().bucket(self.store.bucket()).key(&self.object);
        let part = part.upload_id(&self.id).part_number(number);
        let sent = part.checksum_algorithm(ChecksumAlgorithm::Crc32).body(bytes.into()).send();
        let written =
            sent.await.map_err(|error| self.store.object_failed("UploadPart", &self.key, error))?;
        self.parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(written.e_tag)
                // The service wants to hear again what it checked; the embedded
                // one checks nothing.
                .set_checksum_crc32(written.checksum_crc32)
                .build(),
        );
        Ok(())
    }

    /// Makes the file appear, whole, unless there is one with the key. Of
    /// several publishers at the same time one wins. An upload without parts
    /// becomes an empty file.
    ///
    /// # Errors
    /// [`StorageError::AlreadyExists`], and the stored file is as it was (if
    /// the answer to an earlier attempt was lost, it may be this one);
    /// [`StorageError::NoUpload`] if the upload is gone; the bucket cannot be
    /// written. The parts stay until [`Store::abort_upload`].
    pub async fn publish(mut self) -> Result<(), StorageError> {
        const OPERATION: &str = "CompleteMultipartUpload";
        if self.parts.is_empty() {
            self.part(Bytes::new()).await?;
        }
        let parts = std::mem::take(&mut self.parts);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        for attempt in 1..=ATTEMPTS_MAX {
            let sent = self.completion(parts.clone()).customize().config_override(patience());
            match sent.send().await {
                Ok(_) => return Ok(()),
                Err(error) => self.store.unless_under_way(OPERATION, &self.key, error)?,
            }
            pause(attempt).await;
        }
        Err(self.store.object_request(OPERATION).held_back(WRITE_CONFLICT))
    }

    fn completion(&self, parts: CompletedMultipartUpload) -> CompleteMultipartUploadFluentBuilder {
        self.store
            .s3()
            .complete_multipart_upload()
            .bucket(self.store.bucket())
            .key(&self.object)
            .upload_id(&self.id)
            .multipart_upload(parts)
            .if_none_match("*")
    }

    /// Removes the parts; nothing appears.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn abort(self) -> Result<(), StorageError> {
        self.store.abort_upload(&self.key, &self.id).await
    }
}

/// The settings of a request whose answer trickles until its work is done.
fn patience() -> Builder {
    Builder::new()
        .timeout_config(TimeoutConfig::builder().operation_timeout(PUBLISH_TIMEOUT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}
