//! The plan of a run: what is due, cut into chunks.
//!
//! A plan is written before any of its chunks is worked on, one object for each
//! shard of the due index, one line for each chunk. It does not change any
//! more: what becomes due later waits for the next run. Memory holds one shard
//! at a time.

use crate::chunk::Chunk;
use crate::error::RunError;
use arrears_domain::{AccountId, Date, DelinquencyId, Identifier, RunKey};
use arrears_storage::{DUE_SHARDS, DueClass, DueKey, DueSubject, Store};
use serde::{Deserialize, Serialize};

/// One line of a plan.
#[derive(Serialize, Deserialize)]
struct PlanLine {
    chunk: u32,
    /// Since when the longest of them has been due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oldest_due_on: Option<Date>,
    /// Account and delinquency of each record.
    records: Vec<(String, String)>,
    /// Account and bill type of each question of entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    entries: Vec<(String, String)>,
}

/// Which entries of the due index a run takes: those of these classes that are
/// due on the date or before.
pub type Selection = Vec<(DueClass, Date)>;

/// What a plan comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planned {
    /// Chunks, numbered from 1.
    pub chunks: u32,
    /// Accounts in all of them.
    pub accounts: u64,
    /// Delinquencies in all of them.
    pub delinquencies: u64,
}

/// Cuts records into chunks of a number of accounts, and never cuts an account.
pub struct Cutter {
    commit_number: usize,
    open: Vec<DueKey>,
    open_accounts: usize,
    planned: Planned,
}

impl Cutter {
    /// A cutter of chunks of `commit_number` accounts.
    #[must_use]
    pub fn new(commit_number: u32) -> Self {
        Self {
            commit_number: commit_number as usize,
            open: Vec::new(),
            open_accounts: 0,
            planned: Planned::default(),
        }
    }

    /// Takes the records of one shard and gives the chunks that are full. An
    /// account's records are all in one shard.
    pub fn add(&mut self, mut keys: Vec<DueKey>) -> Vec<Chunk> {
        keys.sort_by(|a, b| (&a.account, &a.subject).cmp(&(&b.account, &b.subject)));
        // A record whose date is moved while the pages are read is on two of them.
        keys.dedup_by(|a, b| (&a.account, &a.subject) == (&b.account, &b.subject));
        let mut full = Vec::new();
        for key in keys {
            let is_new = self.open.last().is_none_or(|last| last.account != key.account);
            if is_new && self.open_accounts == self.commit_number {
                full.extend(self.cut());
            }
            self.open_accounts += usize::from(is_new);
            self.open.push(key);
        }
        full
    }

    /// The chunk that is not full, if there is one.
    pub fn cut(&mut self) -> Option<Chunk> {
        if self.open.is_empty() {
            return None;
        }
        self.planned.chunks += 1;
        self.planned.accounts += self.open_accounts as u64;
        self.planned.delinquencies += self.open.len() as u64;
        self.open_accounts = 0;
        let keys = std::mem::take(&mut self.open);
        let oldest_due_on = keys.iter().filter_map(|key| key.eligible_on).min();
        Some(Chunk { number: self.planned.chunks, oldest_due_on, keys })
    }

    /// What was cut so far.
    #[must_use]
    pub fn planned(&self) -> Planned {
        self.planned
    }
}

/// Plans a run: reads what is due on the date and writes the plan. `attempt`
/// counts the plannings of this run, so that a killed one leaves nothing that
/// could be taken for a plan.
///
/// # Errors
/// The store fails.
pub async fn write(
    store: &Store,
    run_key: &RunKey,
    attempt: u32,
    selection: &Selection,
    commit_number: u32,
) -> Result<Planned, RunError> {
    let mut planner = Planner::new(commit_number);
    for shard in 0..DUE_SHARDS {
        let chunks = planner.shard(store, selection, shard).await?;
        let lines = chunks.iter().map(line).collect::<Result<Vec<_>, _>>()?.concat();
        store.put_object_new(&key(run_key, attempt, shard), lines.into_bytes()).await?;
    }
    Ok(planner.cutter.planned())
}

/// Cuts what a run takes, shard by shard.
pub struct Planner {
    cutter: Cutter,
}

impl Planner {
    /// Of chunks of so many accounts.
    #[must_use]
    pub fn new(commit_number: u32) -> Self {
        Self { cutter: Cutter::new(commit_number) }
    }

    /// The chunks that a shard fills; with the last one, also the one that is
    /// not full. Shards are asked in order, each once.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn shard(
        &mut self,
        store: &Store,
        selection: &Selection,
        shard: u32,
    ) -> Result<Vec<Chunk>, RunError> {
        let mut chunks = self.cutter.add(selected(store, selection, shard).await?);
        if shard + 1 == DUE_SHARDS {
            chunks.extend(self.cutter.cut());
        }
        Ok(chunks)
    }
}

/// What a run takes of a shard.
///
/// # Errors
/// The store cannot be read.
pub async fn selected(
    store: &Store,
    selection: &Selection,
    shard: u32,
) -> Result<Vec<DueKey>, RunError> {
    let mut keys = Vec::new();
    for (class, until) in selection {
        let mut cursor = None;
        loop {
            let page = store.due_keys(*class, shard, *until, cursor).await?;
            keys.extend(page.keys);
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
    }
    Ok(keys)
}

/// The chunks of one shard of a plan.
///
/// # Errors
/// The object cannot be read, or is no plan.
pub async fn read(
    store: &Store,
    run_key: &RunKey,
    attempt: u32,
    shard: u32,
) -> Result<Vec<Chunk>, RunError> {
    let key = key(run_key, attempt, shard);
    let bytes = store.get_object(&key).await?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines()
        .map(|line| chunk(line).ok_or_else(|| RunError::Plan { key: key.clone() }))
        .collect()
}

fn key(run_key: &RunKey, attempt: u32, shard: u32) -> String {
    format!("runs/{run_key}/plan-{attempt}/{shard:02}.jsonl")
}

fn line(chunk: &Chunk) -> Result<String, RunError> {
    let (mut records, mut entries) = (Vec::new(), Vec::new());
    for key in &chunk.keys {
        let account = key.account.to_string();
        match &key.subject {
            DueSubject::Record(id) => records.push((account, id.to_string())),
            DueSubject::Entry(bill_type) => entries.push((account, bill_type.clone())),
        }
    }
    let Chunk { number, oldest_due_on, .. } = *chunk;
    let line = PlanLine { chunk: number, oldest_due_on, records, entries };
    Ok(serde_json::to_string(&line).map_err(RunError::Document)? + "\n")
}

fn chunk(line: &str) -> Option<Chunk> {
    let PlanLine { chunk, oldest_due_on, records, entries } = serde_json::from_str(line).ok()?;
    let records = records.into_iter().map(|(account, delinquency)| {
        Some((account, DueSubject::Record(DelinquencyId::parse(&delinquency).ok()?)))
    });
    let entries = entries
        .into_iter()
        .map(|(account, bill_type)| Some((account, DueSubject::Entry(bill_type))));
    let keys = records.chain(entries).map(|key| {
        let (account, subject) = key?;
        Some(DueKey { eligible_on: None, account: AccountId::parse(&account).ok()?, subject })
    });
    let mut keys = keys.collect::<Option<Vec<_>>>()?;
    keys.sort_by(|a, b| (&a.account, &a.subject).cmp(&(&b.account, &b.subject)));
    Some(Chunk { number: chunk, oldest_due_on, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pairs: &[(&str, &str)]) -> Vec<DueKey> {
        pairs
            .iter()
            .map(|(account, delinquency)| DueKey {
                eligible_on: None,
                account: AccountId::parse(account).unwrap(),
                subject: DueSubject::Record(DelinquencyId::parse(delinquency).unwrap()),
            })
            .collect()
    }

    #[test]
    fn a_chunk_counts_accounts_and_never_cuts_one() {
        let mut cutter = Cutter::new(2);
        let mut chunks =
            cutter.add(keys(&[("B", "3"), ("A", "1"), ("B", "2"), ("B", "3"), ("C", "4")]));
        chunks.extend(cutter.add(keys(&[("D", "5")])));
        chunks.extend(cutter.cut());
        let cut: Vec<(u32, Vec<&str>)> = chunks
            .iter()
            .map(|chunk| {
                (
                    chunk.number,
                    chunk.keys.iter().filter_map(|key| Some(key.delinquency()?.as_str())).collect(),
                )
            })
            .collect();
        assert_eq!(cut, [(1, vec!["1", "2", "3"]), (2, vec!["4", "5"])]);
        assert_eq!(cutter.planned(), Planned { chunks: 2, accounts: 4, delinquencies: 5 });
        assert_eq!(chunk(&line(&chunks[0]).unwrap()).as_ref(), Some(&chunks[0]));
    }
}
