//! What an export run reads: each account with its records, what agencies have
//! been told of them, and when they last changed.
//!
//! They come in the order of accounts, which makes the order of a file a matter of
//! its records alone.

use super::record::Progress;
use crate::by_account::{self, is_of, parse, split};
use crate::error::RunError;
use crate::sorted::{Entry, Sorted};
use arrears_domain::{Account, Date, Delinquency, DelinquencyId, Identifier, PlacementEntry};
use arrears_storage::Store;
use arrears_storage::document::{AccountLine, DelinquencyLine, Line, PlacementLine};
use std::collections::HashMap;
use std::io;
use std::iter::Peekable;

/// An account with its records.
pub(super) struct Gathered {
    pub(super) account: Account,
    pub(super) records: Vec<Candidate>,
}

/// A record that may be told of.
pub(super) struct Candidate {
    pub(super) record: Delinquency,
    /// The last entry of each agency.
    pub(super) last: Vec<PlacementEntry>,
    /// The date of the last entry of history; known only if it was asked for.
    pub(super) changed_on: Option<Date>,
}

/// Accounts in the order of their ids.
pub(super) struct Accounts {
    entries: Peekable<Sorted>,
}

/// Which part of an account a line is; also their order.
const ACCOUNT: char = '0';
const DELINQUENCY: char = '1';
const PLACEMENT: char = '2';
const TRANSITION: char = '3';

impl Accounts {
    /// Reads the book. History is read only if its dates are asked for.
    /// `progress` is told how many lines have been read.
    pub(super) async fn read(
        store: &Store,
        with_history: bool,
        progress: Option<&mut Progress<'_>>,
    ) -> Result<Self, RunError> {
        const TYPES: [&str; 4] = ["account", "delinquency", "placement", "transition"];
        let types = if with_history { &TYPES[..] } else { &TYPES[..3] };
        Ok(Self { entries: by_account::read(store, types, entry, progress).await? })
    }

    /// The next account that has records; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Gathered>, RunError> {
        while let Some(first) = self.entries.next() {
            let (key, line) = first.map_err(RunError::Sort)?;
            let (account, part) = split(&key);
            // A record whose account is gone belongs to nobody who could pay.
            if !part.starts_with(ACCOUNT) {
                continue;
            }
            let found: AccountLine = parse(&line)?;
            let found = Account::try_from(&found).map_err(|error| unreadable(&error))?;
            let gathered = self.of_account(account, found)?;
            if !gathered.records.is_empty() {
                return Ok(Some(gathered));
            }
        }
        Ok(None)
    }

    /// What follows of the account whose own line was read.
    fn of_account(&mut self, id: &str, account: Account) -> Result<Gathered, RunError> {
        let mut records: Vec<Candidate> = Vec::new();
        let mut at: HashMap<DelinquencyId, usize> = HashMap::new();
        let currency = account.currency();
        while let Some(entry) = self.entries.next_if(|next| is_of(next, id)) {
            let (key, line) = entry.map_err(RunError::Sort)?;
            let (_, part) = split(&key);
            if part.starts_with(DELINQUENCY) {
                let read: DelinquencyLine = parse(&line)?;
                let record = read.to_delinquency(currency).map_err(|error| unreadable(&error))?;
                at.insert(record.id.clone(), records.len());
                records.push(Candidate { record, last: Vec::new(), changed_on: None });
            } else if part.starts_with(PLACEMENT) {
                let read: PlacementLine = parse(&line)?;
                let entry = PlacementEntry::try_from(&read).map_err(|error| unreadable(&error))?;
                if let Some(at) = at.get(&entry.delinquency) {
                    records[*at].remember(entry);
                }
            } else if let Some((id, on)) = line.split_once(' ') {
                let known = records.iter_mut().find(|it| it.record.id.as_str() == id);
                let on = on.parse().ok();
                if let Some(known) = known {
                    known.changed_on = known.changed_on.max(on);
                }
            }
        }
        Ok(Gathered { account, records })
    }
}

impl Candidate {
    /// Entries come by agency and sequence: the last one of each agency stays.
    fn remember(&mut self, entry: PlacementEntry) {
        self.last.retain(|known| known.collection_agency != entry.collection_agency);
        self.last.push(entry);
    }
}

fn entry(line: &Line) -> Result<Option<Entry>, RunError> {
    let json = |document: Result<String, serde_json::Error>| document.map_err(RunError::Document);
    Ok(Some(match line {
        Line::Account(line) => {
            (format!("{}\t{ACCOUNT}", line.id), json(serde_json::to_string(line))?)
        }
        Line::Delinquency(line) => {
            let key = format!("{}\t{DELINQUENCY}{}", line.account, line.id);
            (key, json(serde_json::to_string(line))?)
        }
        Line::Placement(line) => {
            let PlacementLine { account, delinquency, collection_agency, sequence, .. } = line;
            let own = format!("{PLACEMENT}{delinquency}\t{collection_agency}\t{sequence:06}");
            (format!("{account}\t{own}"), json(serde_json::to_string(line))?)
        }
        Line::Transition(line) => {
            let key = format!("{}\t{TRANSITION}{}", line.account, line.delinquency);
            (key, format!("{} {}", line.delinquency, line.on))
        }
        _ => return Ok(None),
    }))
}

/// A line that was read from the table a moment ago and checked there.
fn unreadable(error: &impl ToString) -> RunError {
    RunError::Sort(io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
}
