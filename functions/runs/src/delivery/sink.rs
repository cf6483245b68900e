//! A file on its way to the store: compressed, digested, uploaded part by part,
//! and not to be seen by anybody before it is published.

use crate::error::RunError;
use arrears_domain::setup::Compression;
use arrears_storage::{Store, UPLOAD_PART_BYTES, Upload};
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// The level of zstd: its own default, fast enough not to be waited for.
const ZSTD_LEVEL: i32 = 3;

/// A file that is being written. Memory holds one part.
pub(crate) struct Sink {
    upload: Upload,
    encoder: Encoder,
    hasher: Sha256,
    bytes: u64,
}

/// A file that is uploaded whole and not published yet.
pub(crate) struct Sealed {
    upload: Upload,
    /// SHA-256 of its bytes as they are delivered, in hex.
    pub(crate) sha256: String,
    /// Its size as delivered.
    pub(crate) bytes: u64,
}

enum Encoder {
    Plain(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::Encoder<'static, Vec<u8>>),
}

impl Encoder {
    fn new(compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::Plain(Vec::new()),
            // No name and no time: the same content is the same file.
            Compression::Gzip => {
                Self::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::default()))
            }
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(buffer) => buffer.write_all(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    /// What has been encoded and not been sent.
    fn encoded(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Plain(buffer) => buffer,
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Zstd(encoder) => encoder.get_mut(),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(buffer) => Ok(buffer),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl Sink {
    /// Begins a file.
    pub(crate) async fn begin(
        store: &Store,
        key: &str,
        compression: Compression,
    ) -> Result<Self, RunError> {
        let encoder = Encoder::new(compression).map_err(|error| compress_failed(key, &error))?;
        let upload = store.begin_upload(key).await?;
        Ok(Self { upload, encoder, hasher: Sha256::new(), bytes: 0 })
    }

    /// The key of the file.
    pub(crate) fn key(&self) -> &str {
        self.upload.key()
    }

    /// The id by which the upload can be aborted.
    pub(crate) fn upload_id(&self) -> &str {
        self.upload.id()
    }

    /// Appends to the file.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), RunError> {
        let written = self.encoder.write(bytes);
        written.map_err(|error| compress_failed(self.upload.key(), &error))?;
        if self.encoder.encoded().len() >= UPLOAD_PART_BYTES {
            let part = std::mem::take(self.encoder.encoded());
            self.send(part).await?;
        }
        Ok(())
    }

    async fn send(&mut self, part: Vec<u8>) -> Result<(), RunError> {
        self.hasher.update(&part);
        self.bytes += part.len() as u64;
        Ok(self.upload.part(part.into()).await?)
    }

    /// Uploads what is left.
    pub(crate) async fn seal(mut self) -> Result<Sealed, RunError> {
        let encoder = std::mem::replace(&mut self.encoder, Encoder::Plain(Vec::new()));
        let rest = encoder.finish().map_err(|error| compress_failed(self.upload.key(), &error))?;
        self.send(rest).await?;
        let Self { upload, hasher, bytes, .. } = self;
        Ok(Sealed { upload, sha256: hex(&hasher.finalize()), bytes })
    }
}

impl Sealed {
    /// Makes the file visible. Where an earlier attempt of the run has done so,
    /// that file must be the same.
    pub(crate) async fn publish(self, store: &Store) -> Result<(), RunError> {
        let key = self.upload.key().to_owned();
        let Err(error) = self.upload.publish().await else { return Ok(()) };
        // Its answer may have been lost: then the file is there, and the same.
        match digest_of(store, &key).await {
            Ok(digest) if digest == self.sha256 => Ok(()),
            Ok(_) if error.is_already_exists() => Err(RunError::FileDiffers { key }),
            _ => Err(error.into()),
        }
    }
}

/// SHA-256 of a stored file.
pub(crate) async fn digest_of(store: &Store, key: &str) -> Result<String, RunError> {
    let mut hasher = Sha256::new();
    let mut chunks = store.object_chunks(key).await?;
    while let Some(chunk) = chunks.next().await? {
        hasher.update(&chunk);
    }
    Ok(hex(&hasher.finalize()))
}

/// Compressing writes to memory only, so that nothing but memory can fail it.
fn compress_failed(key: &str, error: &io::Error) -> RunError {
    RunError::Compression { key: key.to_owned(), reason: error.to_string() }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
