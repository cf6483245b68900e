//! "Collections Eligible Accounts" and "Lien Eligible Accounts": accounts with
//! a record at a milestone that marks them, and nothing done about it yet.

use crate::error::RunError;
use crate::setups::Stored;
use arrears_domain::{DelinquencyKind, Identifier, MilestoneCode, SchemeCode, Setup};
use arrears_storage::Store;
use arrears_storage::document::{DelinquencyLine, Line};
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

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
/// # Errors
/// The store cannot be read.
pub async fn eligible(
    store: &Store,
    stored: &Stored,
    what: EligibleFor,
) -> Result<Vec<EligibleAccount>, RunError> {
    let setup = &stored.prepared.setup;
    let mut found = BTreeMap::new();
    let mut taken = HashSet::new();
    let mut pages = store.scan();
    while let Some(page) = pages.try_next().await? {
        for line in page {
            let Line::Delinquency(line) = line else { continue };
            let Some(kind) = DelinquencyKind::parse(&line.kind) else { continue };
            if line.status != "open" {
                continue;
            }
            if what.is_done_by(kind) {
                taken.insert(line.account.clone());
            } else if let Some(milestone) = what.marked(setup, &line) {
                let entry = EligibleAccount {
                    account: line.account.clone(),
                    delinquency: line.id.clone(),
                    scheme: line.scheme.clone(),
                    milestone,
                    entered_on: line.entered_on.clone(),
                    balance: line.balance.as_str().to_owned(),
                };
                found.insert((line.account.clone(), line.id.clone()), entry);
            }
        }
    }
    Ok(found.into_values().filter(|entry| !taken.contains(&entry.account)).collect())
}

impl EligibleFor {
    /// Whether an open record of the kind is what the account is eligible for.
    fn is_done_by(self, kind: DelinquencyKind) -> bool {
        match self {
            Self::Collections => kind == DelinquencyKind::Collections,
            Self::Lien => {
                matches!(kind, DelinquencyKind::AddressLien | DelinquencyKind::ParcelLien)
            }
        }
    }

    /// The title of the record's milestone, if it marks the account.
    fn marked(self, setup: &Setup, line: &DelinquencyLine) -> Option<String> {
        let scheme = SchemeCode::parse(&line.scheme).ok()?;
        let milestone = MilestoneCode::parse(&line.milestone).ok()?;
        let (_, milestone) = setup.milestone(&scheme, &milestone)?;
        let marks = match self {
            Self::Collections => milestone.collections,
            Self::Lien => milestone.lien,
        };
        marks.then(|| milestone.title())
    }
}
