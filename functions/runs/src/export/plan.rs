//! The plan of an export run, which is its journal too: every line of every
//! file, decided and rendered, with what it was decided from.
//!
//! It is written before anything leaves. Files and ledger are made from it and
//! from nothing else, so that they agree, and so that a run that was killed goes
//! on with what it had decided.

use super::manifest::SumsDocument;
use super::sink::Sink;
use super::template::Row;
use super::uploads;
use crate::error::RunError;
use crate::record::RecordError;
use arrears_domain::setup::Compression;
use arrears_domain::{Date, PlacementEntry};
use arrears_storage::document::{AccountLine, ContactLine, DelinquencyLine, PlacementLine};
use arrears_storage::{ObjectChunks, Store};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// The longest line of a plan: a record's text and inputs, with room.
const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanLine {
    /// A file begins.
    Opens {
        /// Its number, from 1.
        file: u32,
        /// What stands before the records.
        text: String,
    },
    /// A record of the open file.
    Record(Box<PlannedRecord>),
    /// A record that could not be told, and is in no file.
    Error(RecordError),
    /// The open file ends.
    Closes {
        /// What stands after the records.
        text: String,
        /// What the file has.
        totals: SumsDocument,
    },
}

/// A record of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRecord {
    /// What the ledger is told.
    pub entry: PlacementLine,
    /// What the agency is told.
    pub text: String,
    /// What both were made from.
    pub inputs: PlanInputs,
}

/// What a record of a file was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanInputs {
    /// The number of the record in its file, from 1.
    pub number: u64,
    /// The level of the milestone; none if the setup did not define it.
    pub level: Option<u32>,
    /// The account as it was.
    pub account: AccountLine,
    /// The contact as it was.
    pub contact: Option<ContactLine>,
    /// The record as it was.
    pub delinquency: DelinquencyLine,
}

impl PlanInputs {
    /// The inputs of a row.
    pub(super) fn of(row: &Row) -> Self {
        Self {
            number: row.number,
            level: row.level,
            account: (&row.account).into(),
            contact: row.contact.as_ref().map(ContactLine::from),
            delinquency: (&row.delinquency).into(),
        }
    }

    /// The row of the inputs, for rendering it again.
    ///
    /// # Errors
    /// A field that is not what it should be.
    pub(super) fn row(&self, entry: &PlacementEntry, as_of: Date) -> Result<Row, String> {
        let text = |error: arrears_storage::document::LineError| error.to_string();
        let currency = entry.balance.currency();
        Ok(Row {
            action: entry.action,
            sequence: entry.sequence,
            account: (&self.account).try_into().map_err(text)?,
            contact: self.contact.as_ref().map(TryInto::try_into).transpose().map_err(text)?,
            delinquency: self.delinquency.to_delinquency(currency).map_err(text)?,
            level: self.level,
            as_of,
            number: self.number,
            reported_balance: entry.balance,
        })
    }
}

/// The key of the plan that an attempt at planning writes.
pub(super) fn key(run_key: &str, attempt: u32) -> String {
    format!("runs/{run_key}/plan-{attempt}.jsonl.zst")
}

/// Writes a plan.
pub(super) struct PlanWriter {
    sink: Sink,
    line: Vec<u8>,
}

impl PlanWriter {
    pub(super) async fn begin(store: &Store, run_key: &str, key: &str) -> Result<Self, RunError> {
        let sink = uploads::begin(store, run_key, key, Compression::Zstd).await?;
        Ok(Self { sink, line: Vec::new() })
    }

    pub(super) async fn write(&mut self, line: &PlanLine) -> Result<(), RunError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(RunError::Document)?;
        self.line.push(b'\n');
        self.sink.write(&self.line).await
    }

    pub(super) async fn publish(self, store: &Store) -> Result<(), RunError> {
        self.sink.seal().await?.publish(store).await
    }
}

/// Reads a plan, line by line.
pub(super) struct PlanReader {
    key: String,
    chunks: ObjectChunks,
    decoder: zstd::stream::write::Decoder<'static, Vec<u8>>,
    /// Where the next line begins in what is decoded.
    at: usize,
    number: u64,
    is_at_end: bool,
}

impl PlanReader {
    pub(super) async fn open(store: &Store, key: &str) -> Result<Self, RunError> {
        let chunks = store.object_chunks(key).await?;
        let decoder = zstd::stream::write::Decoder::new(Vec::new());
        let decoder = decoder.map_err(|error| damaged(key, 1, &error))?;
        Ok(Self { key: key.to_owned(), chunks, decoder, at: 0, number: 0, is_at_end: false })
    }

    /// The next line; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<PlanLine>, RunError> {
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
