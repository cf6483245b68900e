//! "Collections Eligible Accounts" and "Lien Eligible Accounts": accounts with
//! a record at a milestone that marks them, and nothing done about it yet.

use crate::error::RunError;
use crate::setups::Stored;
use arrears_domain::event::is_eligible;
use arrears_domain::{
    Account, AccountId, Currency, Delinquency, DelinquencyId, DelinquencyKind, Identifier, Setup,
};
use arrears_storage::Store;
use arrears_storage::document::{DelinquencyLine, Line};
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What accounts are eligible for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EligibleFor {
    /// To be sent to collections.
    Collections,
    /// To have a lien added.
    Lien,
}

/// An account that is eligible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EligibleAccount {
    /// The account.
    pub account: String,
    /// The record that made it eligible.
    pub delinquency: String,
    /// The record's scheme.
    pub scheme: String,
    /// The milestone that marks it, with its level.
    pub milestone: String,
    /// Since when.
    pub entered_on: String,
    /// What is owed.
    pub balance: String,
}

/// The eligible accounts, by account and record. The read goes over the whole
/// book: whoever asks is a person who works through the list.
///
/// A record is left out once an open record of the kind has it as its origin, or
/// has none and so is about all that the account owes. Any lien counts as the
/// lien.
///
/// # Errors
/// The store cannot be read.
pub async fn eligible(
    store: &Store,
    stored: &Stored,
    what: EligibleFor,
) -> Result<Vec<EligibleAccount>, RunError> {
    let setup = &stored.prepared.setup;
    let mut found = BTreeMap::new();
    let mut taken: HashSet<(AccountId, Option<DelinquencyId>)> = HashSet::new();
    let mut pages = store.scan();
    while let Some(page) = pages.try_next().await? {
        for record in records(store, page).await? {
            if record.is_open() && what.kinds().contains(&record.kind) {
                taken.insert((record.account, record.origin));
            } else if what.kinds().iter().all(|kind| is_eligible(setup, &record, *kind)) {
                found.insert((record.account.clone(), record.id.clone()), entry(setup, &record));
            }
        }
    }
    found.retain(|(account, record), _| {
        let by = |origin: Option<&DelinquencyId>| (account.clone(), origin.cloned());
        !taken.contains(&by(Some(record))) && !taken.contains(&by(None))
    });
    Ok(found.into_values().collect())
}

/// The records of a page of the book, each in the currency of its account, which
/// may stand on another page.
async fn records(store: &Store, page: Vec<Line>) -> Result<Vec<Delinquency>, RunError> {
    let mut lines = Vec::new();
    let mut currencies: HashMap<AccountId, Currency> = HashMap::new();
    for line in page {
        match line {
            Line::Account(line) => {
                if let Ok(account) = Account::try_from(&line) {
                    currencies.insert(account.id.clone(), account.currency());
                }
            }
            Line::Delinquency(line) => lines.push(line),
            _ => {}
        }
    }
    let account_of = |line: &DelinquencyLine| AccountId::parse(&line.account).ok();
    let unknown: HashSet<AccountId> =
        lines.iter().filter_map(account_of).filter(|id| !currencies.contains_key(id)).collect();
    if !unknown.is_empty() {
        currencies.extend(store.currencies(&unknown).await?);
    }
    let record = |line: &DelinquencyLine| {
        let currency = currencies.get(&account_of(line)?)?;
        line.to_delinquency(*currency).ok()
    };
    Ok(lines.iter().filter_map(record).collect())
}

fn entry(setup: &Setup, record: &Delinquency) -> EligibleAccount {
    let milestone = setup.milestone(&record.scheme, &record.milestone);
    EligibleAccount {
        account: record.account.to_string(),
        delinquency: record.id.to_string(),
        scheme: record.scheme.to_string(),
        milestone: milestone.map(|(_, it)| it.title()).unwrap_or_default(),
        entered_on: record.entered_on.to_string(),
        balance: record.balance.to_string(),
    }
}

impl EligibleFor {
    /// The kinds of record that accounts are eligible for.
    fn kinds(self) -> &'static [DelinquencyKind] {
        match self {
            Self::Collections => &[DelinquencyKind::Collections],
            Self::Lien => &[DelinquencyKind::AddressLien, DelinquencyKind::ParcelLien],
        }
    }
}
