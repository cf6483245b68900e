//! The plan of an export run, which is its journal too: every line of every
//! file, decided and rendered, with what it was decided from.
//!
//! It is written before anything leaves. Files and ledger are made from it and
//! from nothing else, so that they agree, and so that a run that was killed goes
//! on with what it had decided.

use super::manifest::SumsDocument;
use super::template::Row;
use crate::delivery::{DocumentLines, LineWriter};
use crate::record::RecordError;
use arrears_domain::{Date, PlacementEntry};
use arrears_storage::document::{AccountLine, ContactLine, DelinquencyLine, PlacementLine};
use serde::{Deserialize, Serialize};

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
pub(super) type PlanWriter = LineWriter<PlanLine>;

/// Reads a plan, line by line.
pub(super) type PlanReader = DocumentLines<PlanLine>;
