//! A file of a collection agency, line by line.

use super::answer::{ImportReport, LineAnswer, LineOutcome};
use super::line::{Columns, HeaderMistake, Said, StatusLine};
use super::plan::{Happening, Planned, plan};
use super::refusal::Refused;
use super::sheet::Sheet;
use crate::error::RunError;
use crate::events::{Applier, make};
use crate::lines::Unreadable;
use crate::rows::{HeaderError, Rows};
use crate::setups::Stored;
use arrears_domain::{AccountId, Date, Money};
use arrears_storage::{AccountPage, Store};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, Write};

/// Lines that are applied together: enough to make batches of plugin calls
/// cheap, few enough that memory stays flat.
const BATCH_LINES: usize = 500;
/// The longest line. Six words and a sentence are far shorter.
const LINE_BYTES_MAX: usize = 8_192;
/// Accounts that are read at a time.
const PAGES_AT_ONCE: usize = 8;

/// How a file is taken in.
#[derive(Debug, Clone)]
pub struct Options {
    /// The code of the collection agency from which it comes.
    pub collection_agency: String,
    /// The business date of lines that have none; none: today, in the agency's
    /// zone.
    pub on: Option<Date>,
}

/// Why a file cannot be taken in, or not to its end. What was applied stands; the
/// same file may be taken in again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store or the setup.
    #[error(transparent)]
    Run(#[from] RunError),
    /// There is no such collection agency.
    #[error("there is no collection agency `{code}`; the setup has {known}")]
    UnknownAgency {
        /// What was asked for.
        code: String,
        /// Those that there are.
        known: String,
    },
    /// The header cannot be used.
    #[error(transparent)]
    Header(#[from] HeaderMistake),
    /// The file cannot be read on.
    #[error("line {line} cannot be read")]
    Read {
        /// The line.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// The answers cannot be written.
    #[error(
        "the answers cannot be written; what was applied stands, and the same file may be \
         imported again with another `--answers`"
    )]
    Answers(#[source] io::Error),
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
            HeaderError::Header(error) => {
                HeaderMistake::Unreadable { reason: error.to_string() }.into()
            }
        }
    }
}

/// Takes a file in: each line is answered, and those that are refused change
/// nothing. All answers go to `answers` as CSV, one at a time; a report has only the
/// first of them. `progress` is told how many lines have been answered.
///
/// # Errors
/// The agency or the header is wrong, and nothing is applied; or the file cannot
/// be read on, the answers cannot be written, or the store fails.
pub async fn import(
    store: &Store,
    stored: &Stored,
    reader: impl BufRead,
    options: &Options,
    answers: Option<&mut (dyn Write + Send)>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<ImportReport, ImportError> {
    let agency = &options.collection_agency;
    ensure_known(agency, stored)?;
    let (header, mut rows) = Rows::open(reader, LINE_BYTES_MAX)?;
    let columns = Columns::read(&header)?;
    let mut sheet = answers.map(Sheet::begin).transpose().map_err(ImportError::Answers)?;
    let applier = Applier::new(store.clone(), stored);
    let importer = Importer { applier, options };
    let mut report = ImportReport { collection_agency: agency.clone(), ..ImportReport::default() };
    let mut batch = Vec::with_capacity(BATCH_LINES);
    loop {
        let row = rows.next_row()?;
        let is_end = row.is_none();
        if let Some(row) = row {
            let (said, line) = columns.line(agency, &row);
            batch.push(Entry { number: row.line, said, line, settled: None });
        }
        if batch.len() == BATCH_LINES || is_end {
            importer.settle(&mut batch).await?;
            for (answer, paid) in batch.drain(..).map(Entry::answer) {
                if let Some(sheet) = &mut sheet {
                    sheet.answer(&answer).map_err(ImportError::Answers)?;
                }
                report.count(answer, paid);
            }
            progress(report.lines);
        }
        if is_end {
            sheet.map_or(Ok(()), Sheet::end).map_err(ImportError::Answers)?;
            return Ok(report);
        }
    }
}

fn ensure_known(agency: &str, stored: &Stored) -> Result<(), ImportError> {
    let agencies = &stored.prepared.setup.collection_agencies;
    if agencies.contains_key(agency) {
        return Ok(());
    }
    let known: Vec<&str> = agencies.keys().map(String::as_str).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(ImportError::UnknownAgency { code: agency.to_owned(), known })
}

/// A line on its way.
struct Entry {
    number: u64,
    said: Said,
    line: Result<StatusLine, Refused>,
    /// What became of it, and what was paid by it.
    settled: Option<(LineOutcome, Option<Money>)>,
}

impl Entry {
    /// The answer, and what was paid by the line.
    fn answer(self) -> (LineAnswer, Option<Money>) {
        let event = self.line.as_ref().ok().map(|line| line.event.to_string());
        let (outcome, paid) = match (self.settled, &self.line) {
            (Some(settled), _) => settled,
            (None, Err(refused)) => (refused.into(), None),
            // All lines that were understood are settled.
            (None, Ok(_)) => (LineOutcome::Duplicate, None),
        };
        (LineAnswer { line: self.number, said: self.said, event, outcome }, paid)
    }
}

struct Importer<'a> {
    applier: Applier,
    options: &'a Options,
}

impl Importer<'_> {
    /// Settles all lines of a batch that were understood. Those of one account
    /// see what those before them did: the batch goes in waves, as events do.
    async fn settle(&self, batch: &mut [Entry]) -> Result<(), RunError> {
        let mut waiting: Vec<(usize, StatusLine)> = Vec::new();
        for (index, entry) in batch.iter().enumerate() {
            waiting.extend(entry.line.iter().map(|line| (index, line.clone())));
        }
        while !waiting.is_empty() {
            let mut seen = HashSet::new();
            let (wave, later): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(_, line)| seen.insert(line.account.clone()));
            self.wave(wave, batch).await?;
            waiting = later;
        }
        Ok(())
    }

    /// One line for each account.
    async fn wave(
        &self,
        wave: Vec<(usize, StatusLine)>,
        batch: &mut [Entry],
    ) -> Result<(), RunError> {
        let pages = self.pages(wave.iter().map(|(_, line)| &line.account)).await?;
        let (mut happening, mut events) = (Vec::new(), Vec::new());
        for (index, line) in wave {
            let entry = &mut batch[index];
            match self.planned(&line, &pages) {
                Ok(Planned::Happens(planned)) => {
                    entry.said.delinquency = Some(planned.delinquency.to_string());
                    let Happening { event_type, data, paid, remarks, .. } = planned;
                    let (on, zone) = (line.date.or(self.options.on), self.applier.zone());
                    let id = line.event.to_string();
                    events.push(make(event_type, &id, &line.account, on, data, zone));
                    happening.push((index, paid, remarks));
                }
                Ok(Planned::Over { delinquency, remark }) => {
                    entry.said.delinquency = Some(delinquency.to_string());
                    let outcome = LineOutcome::Applied { done: None, remarks: vec![remark] };
                    entry.settled = Some((outcome, None));
                }
                Ok(Planned::Duplicate) => entry.settled = Some((LineOutcome::Duplicate, None)),
                Err(refused) => entry.settled = Some(((&refused).into(), None)),
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let answers = self.applier.apply(events).await?;
        for ((index, paid, remarks), answer) in happening.into_iter().zip(answers) {
            batch[index].settled = Some((LineOutcome::of(answer.outcome, remarks), paid));
        }
        Ok(())
    }

    fn planned(
        &self,
        line: &StatusLine,
        pages: &HashMap<AccountId, AccountPage>,
    ) -> Result<Planned, Refused> {
        let account = || line.account.to_string();
        let page = pages.get(&line.account);
        let page = page.ok_or_else(|| Refused::UnknownAccount { account: account() })?;
        plan(&self.options.collection_agency, line, page)
    }

    /// The pages of accounts; those that are not stored are left out.
    async fn pages(
        &self,
        accounts: impl Iterator<Item = &AccountId>,
    ) -> Result<HashMap<AccountId, AccountPage>, RunError> {
        let store = self.applier.store();
        let reads: Vec<_> = accounts.map(|id| store.account_page(id)).collect();
        let pages = stream::iter(reads).buffered(PAGES_AT_ONCE).try_filter_map(|page| {
            std::future::ready(Ok(page.map(|page| (page.account.id.clone(), page))))
        });
        Ok(pages.try_collect().await?)
    }
}
