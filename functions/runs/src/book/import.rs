//! Taking a book in.

use super::columns::{ColumnMap, ColumnMapError};
use crate::error::RunError;
use crate::export;
use crate::lines::{Lines, Unreadable};
use crate::record::RunRecord;
use crate::rows::{HeaderError, Rows};
use crate::setups::{self, Stored};
use arrears_domain::decide::due;
use arrears_domain::{
    Account, AccountId, Currency, Delinquency, DelinquencyKind, Identifier, RunKey, Setup,
};
use arrears_storage::document::{Line, RunLine};
use arrears_storage::{Record, Replace, StorageError, Store};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;

/// The most rejected lines that a report carries with their reasons; all are
/// counted. A thousand reasons are more than anybody reads.
pub const REJECTED_SHOWN_MAX: usize = 1_000;
/// Lines checked and stored at a time: forty batches of twenty-five items.
const BATCH_LINES: usize = 1_000;
/// The longest line. An item of the table has at most 400 KB.
const LINE_BYTES_MAX: usize = 400_000;
/// The largest number of minor units or points that a book may bring: ten
/// trillion dollars. Charges are added in the table, without looking; below
/// this there is room for more of them than there can be.
const NUMBER_MAX: u64 = 1_000_000_000_000_000;
/// The document that says that the agency has a book.
const BOOK: (&str, &str) = ("book", "imported");

/// How a book is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// CSV with a header, and what its columns mean.
    Csv(ColumnMap),
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Lines read; empty ones do not count.
    pub lines: u64,
    /// Lines taken in, by type.
    pub imported: BTreeMap<String, u64>,
    /// Lines not taken in.
    pub rejected_count: u64,
    /// The first of them.
    pub rejected: Vec<Rejected>,
}

/// A line that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What is wrong with it, and what to do.
    pub reason: String,
}

/// Why an import cannot go on. What was read before is stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store or the setup.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The lines of an export cannot be written.
    #[error("the lines cannot be written")]
    Write(#[source] std::io::Error),
    /// The file cannot be read on.
    #[error("line {line} cannot be read")]
    Read {
        /// The line.
        line: u64,
        /// Why.
        source: std::io::Error,
    },
    /// The header of the CSV cannot be read.
    #[error("the header of the CSV cannot be read: {reason}")]
    Header {
        /// What is wrong with it.
        reason: String,
    },
    /// The column map does not fit.
    #[error(transparent)]
    Columns(#[from] ColumnMapError),
}

impl From<StorageError> for ImportError {
    fn from(error: StorageError) -> Self {
        Self::Run(error.into())
    }
}

impl From<Unreadable> for ImportError {
    fn from(unreadable: Unreadable) -> Self {
        Self::Read { line: unreadable.line, source: unreadable.source }
    }
}

impl From<HeaderError> for ImportError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::Unreadable(unreadable) => unreadable.into(),
            HeaderError::Header(error) => Self::Header { reason: error.to_string() },
        }
    }
}

/// Takes a book in. Delinquencies must fit the setup. `progress` is told how
/// many lines have been read.
///
/// # Errors
/// The file or the store fails; a bad line is no error, but in the report.
pub async fn import(
    store: &Store,
    stored: &Stored,
    reader: impl BufRead,
    format: &Format,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<ImportReport, ImportError> {
    // The first book of an agency meets nothing in the table, and is stored
    // without looking; whatever comes later may replace what is there.
    let replace = match store.create_document(BOOK.0, BOOK.1, &true).await {
        Ok(_) => Replace::Nothing,
        Err(error) if error.is_already_exists() => Replace::Stored,
        Err(error) => return Err(error.into()),
    };
    let mut importer = Importer {
        store,
        setup: &stored.prepared.setup,
        replace,
        batch: Vec::with_capacity(BATCH_LINES),
        report: ImportReport::default(),
        progress,
    };
    match format {
        Format::JsonLines => importer.json_lines(reader).await?,
        Format::Csv(columns) => importer.csv(reader, columns).await?,
    }
    importer.store_batch().await?;
    setups::note_writes_under(store, stored.version).await?;
    importer.report.rejected.sort_by_key(|rejected| rejected.line);
    Ok(importer.report)
}

struct Importer<'a> {
    store: &'a Store,
    setup: &'a Setup,
    replace: Replace,
    batch: Vec<(u64, Line)>,
    report: ImportReport,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Importer<'_> {
    async fn json_lines(&mut self, reader: impl BufRead) -> Result<(), ImportError> {
        let mut lines = Lines::new(reader, LINE_BYTES_MAX);
        loop {
            let Some(line) = lines.next_line()? else { return Ok(()) };
            if line.is_too_long {
                self.report.lines += 1;
                let reason = format!("the line is longer than {LINE_BYTES_MAX} bytes");
                self.reject(line.number, reason);
                continue;
            }
            self.take(line.number, serde_json::from_slice(&line.bytes)).await?;
        }
    }

    async fn csv(&mut self, reader: impl BufRead, columns: &ColumnMap) -> Result<(), ImportError> {
        let (header, mut rows) = Rows::open(reader, LINE_BYTES_MAX)?;
        let positions = columns.positions(&header)?;
        while let Some(row) = rows.next_row()? {
            match row.cells {
                Ok(cells) => {
                    let value = columns.line(&positions, &cells);
                    self.take(row.line, serde_json::from_value(value)).await?;
                }
                Err(error) => {
                    self.report.lines += 1;
                    self.reject(row.line, error.to_string());
                }
            }
        }
        Ok(())
    }

    async fn take(
        &mut self,
        line: u64,
        parsed: Result<Line, serde_json::Error>,
    ) -> Result<(), ImportError> {
        self.report.lines += 1;
        match parsed {
            Ok(parsed) => self.batch.push((line, parsed)),
            Err(error) => self.reject(line, reason(&error)),
        }
        if self.batch.len() == BATCH_LINES {
            self.store_batch().await?;
        }
        Ok(())
    }

    async fn store_batch(&mut self) -> Result<(), ImportError> {
        let batch = std::mem::take(&mut self.batch);
        let currencies = self.currencies(&batch).await?;
        let under_way = self.export_under_way(&batch).await?;
        let mut records = Vec::with_capacity(batch.len());
        for (line, parsed) in batch {
            let checked = Record::check(
                &parsed,
                |account| currencies.get(account).copied(),
                |delinquency| due(self.setup, delinquency),
            );
            let checked = checked.map_err(|error| error.to_string());
            let checked = checked.and_then(|record| fits(self.setup, record));
            let checked = match (&under_way, checked) {
                (Some(reason), Ok(Record::Placement(_))) => Err(reason.clone()),
                (_, checked) => checked,
            };
            match checked {
                Ok(record) => {
                    *self.report.imported.entry(parsed.type_name().to_owned()).or_default() += 1;
                    records.push(record);
                }
                Err(reason) => self.reject(line, reason),
            }
        }
        match self.replace {
            Replace::Nothing => self.store.put_records(&records, Replace::Nothing).await?,
            Replace::Stored => {
                let due = |delinquency: &Delinquency| due(self.setup, delinquency);
                self.store.put_news(&records, &due).await?;
            }
        }
        (self.progress)(self.report.lines);
        Ok(())
    }

    /// Why what agencies were told cannot be brought just now: an export run that
    /// is under way has decided from what was there.
    async fn export_under_way(&self, batch: &[(u64, Line)]) -> Result<Option<String>, RunError> {
        if !batch.iter().any(|(_, line)| matches!(line, Line::Placement(_))) {
            return Ok(None);
        }
        match export::ensure_free(self.store).await {
            Err(error @ RunError::ExportUnderWay { .. }) => Ok(Some(error.to_string())),
            other => other.map(|()| None),
        }
    }

    /// The currencies of the accounts that lines of the batch name: from the
    /// batch itself, or else from the table.
    async fn currencies(
        &self,
        batch: &[(u64, Line)],
    ) -> Result<HashMap<AccountId, Currency>, StorageError> {
        let mut known = HashMap::new();
        let mut unknown = HashSet::new();
        for (_, line) in batch {
            // An account that is refused vouches for nothing.
            if let Line::Account(line) = line
                && let Ok(account) = Account::try_from(line)
            {
                known.insert(account.id.clone(), account.currency());
            }
        }
        for (_, line) in batch {
            if let Some(id) = line.names_account().and_then(|id| AccountId::parse(id).ok())
                && !known.contains_key(&id)
            {
                unknown.insert(id);
            }
        }
        known.extend(self.store.currencies(&unknown).await?);
        Ok(known)
    }

    fn reject(&mut self, line: u64, reason: String) {
        self.report.rejected_count += 1;
        if self.report.rejected.len() < REJECTED_SHOWN_MAX {
            self.report.rejected.push(Rejected { line, reason });
        }
    }
}

/// What serde says of a line, without its own idea of line and column: the
/// number of the line in the file is what a person can use.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Whether a delinquency stands where the setup has a milestone, and a run is
/// one of ours.
fn fits(setup: &Setup, record: Record) -> Result<Record, String> {
    match &record {
        Record::Account(account) => is_bounded("balance", account.balance.minor_units())?,
        Record::Contact(contact) => is_bounded("credit_points", contact.credit_points)?,
        Record::Delinquency(delinquency, _) => {
            is_bounded("balance", delinquency.balance.minor_units())?;
            stands(setup, delinquency)?;
        }
        Record::Run(line) => is_run(line)?,
        Record::Placement(entry) => is_bounded("balance", entry.balance.minor_units())?,
        Record::Transaction(..)
        | Record::Mandate(_)
        | Record::Posting(_)
        | Record::Transition(_)
        | Record::Event(..) => {}
    }
    Ok(record)
}

fn is_bounded(field: &str, number: i64) -> Result<(), String> {
    if number.unsigned_abs() <= NUMBER_MAX {
        return Ok(());
    }
    Err(format!(
        "{field} is larger than anybody's ({NUMBER_MAX} is the most); is it in another unit?"
    ))
}

/// Every later run reads the runs before it: one that cannot be read must not
/// get in.
fn is_run(line: &RunLine) -> Result<(), String> {
    let id = &line.id;
    let fields = serde_json::Value::Object(line.fields.clone());
    let record: RunRecord =
        serde_json::from_value(fields).map_err(|error| format!("run {id}: {}", reason(&error)))?;
    match RunKey::parse(&record.run_key) {
        Ok(run_key) if run_key.as_str() == id => Ok(()),
        _ => {
            Err(format!("run {id}: its `run_key` is `{}`; write the same in both", record.run_key))
        }
    }
}

fn stands(setup: &Setup, record: &Delinquency) -> Result<(), String> {
    let id = &record.id;
    let Some(scheme) = setup.schemes.get(&record.scheme) else {
        let known: Vec<&str> = setup.schemes.keys().map(Identifier::as_str).collect();
        return Err(format!(
            "delinquency {id}: there is no scheme `{}`; the setup has {}",
            record.scheme,
            known.join(", ")
        ));
    };
    if scheme.milestone(&record.milestone).is_none() {
        let known: Vec<&str> = scheme.milestones.iter().map(|it| it.code.as_str()).collect();
        return Err(format!(
            "delinquency {id}: scheme {} has no milestone `{}`; it has {}",
            record.scheme,
            record.milestone,
            known.join(", ")
        ));
    }
    let is_bill_type = record.kind == DelinquencyKind::BillType;
    match &scheme.bill_type {
        Some(of) if !is_bill_type => Err(format!(
            "delinquency {id}: scheme {} is for bill type {of}, not for kind {}",
            record.scheme,
            record.kind.as_str()
        )),
        Some(of) if record.bill_type.as_ref() != Some(of) => {
            Err(format!("delinquency {id}: scheme {} is for bill type {of}", record.scheme))
        }
        None if is_bill_type => Err(format!(
            "delinquency {id}: scheme {} is for collections and liens, not for a bill type",
            record.scheme
        )),
        _ => Ok(()),
    }
}
