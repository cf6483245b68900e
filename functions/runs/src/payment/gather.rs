//! What a payment collection run reads: each account with its transactions and
//! mandates.
//!
//! They come in the order of accounts, which makes the order of reports and files a
//! matter of the book alone.

use super::plan::AccountInputs;
use super::record::Progress;
use crate::by_account::{self, is_of, parse, split};
use crate::error::RunError;
use crate::sorted::{Entry, Sorted};
use arrears_domain::AllocationMarker;
use arrears_storage::Store;
use arrears_storage::document::{AccountLine, Line, MandateLine, TransactionLine};
use std::collections::{BTreeMap, HashSet};
use std::iter::Peekable;

/// Accounts in the order of their ids.
pub(super) struct Accounts {
    entries: Peekable<Sorted>,
}

/// Which part of an account a line is; also their order.
const ACCOUNT: char = '0';
const TRANSACTION: char = '1';
const MANDATE: char = '2';

impl Accounts {
    /// Reads the book. `progress` is told how many lines have been read.
    pub(super) async fn read(store: &Store, progress: &mut Progress<'_>) -> Result<Self, RunError> {
        const TYPES: &[&str] = &["account", "transaction", "mandate"];
        Ok(Self { entries: by_account::read(store, TYPES, entry, Some(progress)).await? })
    }

    /// The next account that has a debit which is not settled; none at the end.
    /// Its contact is not read yet.
    pub(super) fn next(&mut self) -> Result<Option<AccountInputs>, RunError> {
        while let Some(first) = self.entries.next() {
            let (key, line) = first.map_err(RunError::Sort)?;
            let (id, part) = split(&key);
            // What belongs to an account that is gone is nobody's.
            if !part.starts_with(ACCOUNT) {
                continue;
            }
            let inputs = self.of_account(id, parse(&line)?)?;
            let waits = |line: &TransactionLine| !line.marker.is_settled() && !is_credit(line);
            if inputs.transactions.iter().any(waits) {
                return Ok(Some(inputs));
            }
        }
        Ok(None)
    }

    /// What follows of the account whose own line was read.
    fn of_account(&mut self, id: &str, account: AccountLine) -> Result<AccountInputs, RunError> {
        let (mut transactions, mut mandates) = (Vec::new(), Vec::new());
        while let Some(entry) = self.entries.next_if(|next| is_of(next, id)) {
            let (key, line) = entry.map_err(RunError::Sort)?;
            let (_, part) = split(&key);
            if part.starts_with(TRANSACTION) {
                transactions.push(parse::<TransactionLine>(&line)?);
            } else if part.starts_with(MANDATE) {
                mandates.push(parse::<MandateLine>(&line)?);
            }
        }
        Ok(AccountInputs {
            account,
            contact: None,
            transactions: that_count(transactions),
            mandates,
            locked: BTreeMap::new(),
            edits: BTreeMap::new(),
        })
    }
}

/// The transactions that a decision depends on: those that are not settled, and
/// those that credits of them were spent on.
fn that_count(transactions: Vec<TransactionLine>) -> Vec<TransactionLine> {
    let open = transactions.iter().filter(|line| !line.marker.is_settled());
    let named: HashSet<String> =
        open.flat_map(|line| line.spent.iter().map(|spent| spent.item.clone())).collect();
    let counts = |line: &TransactionLine| !line.marker.is_settled() || named.contains(&line.id);
    transactions.into_iter().filter(counts).collect()
}

/// Whether the amount is below zero.
fn is_credit(line: &TransactionLine) -> bool {
    line.amount.as_str().starts_with('-')
}

fn entry(line: &Line) -> Result<Option<Entry>, RunError> {
    let json = |document: Result<String, serde_json::Error>| document.map_err(RunError::Document);
    Ok(Some(match line {
        Line::Account(line) => {
            (format!("{}\t{ACCOUNT}", line.id), json(serde_json::to_string(line))?)
        }
        // Of what is void, nothing can depend.
        Line::Transaction(line) if line.marker != AllocationMarker::Correction => {
            let key = format!("{}\t{TRANSACTION}{}", line.account, line.id);
            (key, json(serde_json::to_string(line))?)
        }
        Line::Mandate(line) => {
            let key = format!("{}\t{MANDATE}{}", line.account, line.id);
            (key, json(serde_json::to_string(line))?)
        }
        _ => return Ok(None),
    }))
}
