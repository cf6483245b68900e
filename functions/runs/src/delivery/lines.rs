//! Documents of many lines, one JSON document each, compressed: written and read
//! line by line, so that memory holds one.

use super::sink::Sink;
use super::uploads;
use crate::error::RunError;
use arrears_domain::setup::Compression;
use arrears_storage::{ObjectChunks, Store};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::marker::PhantomData;

/// The longest line: a record's text and inputs, with room.
const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Writes lines to an object that nobody can see before it is published.
pub(crate) struct LineWriter<T> {
    sink: Sink,
    line: Vec<u8>,
    of: PhantomData<fn(T)>,
}

impl<T: Serialize> LineWriter<T> {
    /// Begins the object.
    pub(crate) async fn begin(store: &Store, run_key: &str, key: &str) -> Result<Self, RunError> {
        let sink = uploads::begin(store, run_key, key, Compression::Zstd).await?;
        Ok(Self { sink, line: Vec::new(), of: PhantomData })
    }

    /// Appends a line.
    pub(crate) async fn write(&mut self, line: &T) -> Result<(), RunError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(RunError::Document)?;
        self.line.push(b'\n');
        self.sink.write(&self.line).await
    }

    /// Makes the object visible.
    pub(crate) async fn publish(self, store: &Store) -> Result<(), RunError> {
        self.sink.seal().await?.publish(store).await
    }
}

/// Reads such an object, line by line.
pub(crate) struct DocumentLines<T> {
    key: String,
    chunks: ObjectChunks,
    decoder: zstd::stream::write::Decoder<'static, Vec<u8>>,
    /// Where the next line begins in what is decoded.
    at: usize,
    number: u64,
    is_at_end: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> DocumentLines<T> {
    /// Opens the object.
    pub(crate) async fn open(store: &Store, key: &str) -> Result<Self, RunError> {
        let chunks = store.object_chunks(key).await?;
        let decoder = zstd::stream::write::Decoder::new(Vec::new());
        let decoder = decoder.map_err(|error| damaged(key, 1, &error))?;
        Ok(Self {
            key: key.to_owned(),
            chunks,
            decoder,
            at: 0,
            number: 0,
            is_at_end: false,
            of: PhantomData,
        })
    }

    /// The next line; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<T>, RunError> {
        loop {
            let decoded = self.decoder.get_ref();
            if let Some(length) = decoded[self.at..].iter().position(|byte| *byte == b'\n') {
                let line = &decoded[self.at..self.at + length];
                self.at += length + 1;
                self.number += 1;
                let read = serde_json::from_slice(line);
                return read.map(Some).map_err(|error| damaged(&self.key, self.number, &error));
            }
            if self.is_at_end && decoded.len() == self.at {
                return Ok(None);
            }
            if self.is_at_end || decoded.len() - self.at > LINE_BYTES_MAX {
                return Err(damaged(&self.key, self.number + 1, &"the line does not end"));
            }
            self.read_on().await?;
        }
    }

    async fn read_on(&mut self) -> Result<(), RunError> {
        self.decoder.get_mut().drain(..self.at);
        self.at = 0;
        let chunk = self.chunks.next().await?;
        self.is_at_end = chunk.is_none();
        let decoded = match chunk {
            Some(chunk) => self.decoder.write_all(&chunk),
            None => self.decoder.flush(),
        };
        decoded.map_err(|error| damaged(&self.key, self.number + 1, &error))
    }
}

fn damaged(key: &str, line: u64, reason: &impl ToString) -> RunError {
    RunError::Journal { key: key.to_owned(), line, reason: reason.to_string() }
}
