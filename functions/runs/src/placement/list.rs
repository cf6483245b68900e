//! What each collection agency has.

use crate::error::RunError;
use crate::ledger;
use crate::record::RunStatus;
use arrears_domain::DelinquencyId;
use arrears_domain::{Currency, Identifier, Money, PlacementAction};
use arrears_storage::Store;
use arrears_storage::document::{Line, PlacementLine};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Runs that are read at a time.
const RUNS_AT_ONCE: usize = 8;

/// What an agency was told of a delinquency, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlacementView {
    /// The entry of the ledger.
    #[serde(flatten)]
    pub entry: PlacementLine,
    /// Whether its run is not finished: the agency may not have the file yet.
    pub under_way: bool,
}

/// What is asked of the ledger.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The agency; none: all of them.
    pub collection_agency: Option<String>,
    /// The delinquency; none: all of them.
    pub delinquency: Option<DelinquencyId>,
    /// Every entry, also of what an agency has given back; else the last entry
    /// for each delinquency that an agency has.
    pub all: bool,
}

/// What an agency has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AgencyTotals {
    /// Delinquencies that it has.
    pub placed: u64,
    /// Delinquencies that it had, and was told to stop.
    pub recalled: u64,
    /// What it was told is owed of those that it has, in minor units, by
    /// currency.
    pub balance_minor_units: BTreeMap<String, i64>,
}

/// What agencies have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The agencies that were told anything of what is asked for, by code.
    pub agencies: BTreeMap<String, AgencyTotals>,
    /// The entries, by agency, account, delinquency and sequence.
    pub placements: Vec<PlacementView>,
}

/// An agency's delinquency.
type Place = (String, String, String);

/// What agencies have now. The read goes over the whole book.
///
/// # Errors
/// The store cannot be read.
pub async fn list(store: &Store, wanted: &Wanted) -> Result<Listed, RunError> {
    let mut found: BTreeMap<Place, Vec<PlacementLine>> = BTreeMap::new();
    let mut pages = store.scan_types(&["placement"]);
    while let Some(page) = pages.try_next().await? {
        for line in page {
            let Line::Placement(entry) = line else { continue };
            if wanted.is_met_by(&entry) {
                let agency = entry.collection_agency.clone();
                let place = (agency, entry.account.clone(), entry.delinquency.clone());
                wanted.keep(found.entry(place).or_default(), entry);
            }
        }
    }
    let mut listed = Listed::default();
    let mut shown = Vec::new();
    for ((agency, ..), mut entries) in found {
        entries.sort_by_key(|entry| entry.sequence);
        let Some(last) = entries.last() else { continue };
        let has = has(last);
        listed.agencies.entry(agency).or_default().count(last);
        if wanted.all || has {
            shown.append(&mut entries);
        }
    }
    listed.placements = views(store, shown).await?;
    Ok(listed)
}

/// Entries with what is known of their runs.
///
/// # Errors
/// The store cannot be read.
pub async fn views(
    store: &Store,
    entries: Vec<PlacementLine>,
) -> Result<Vec<PlacementView>, RunError> {
    let keys: BTreeSet<String> = entries.iter().map(|entry| entry.run.clone()).collect();
    let reads: Vec<_> = keys.into_iter().map(|key| is_under_way(store, key)).collect();
    let runs = stream::iter(reads).buffer_unordered(RUNS_AT_ONCE);
    let under_way: BTreeSet<String> =
        runs.try_filter_map(|run| std::future::ready(Ok(run))).try_collect().await?;
    let view =
        |entry: PlacementLine| PlacementView { under_way: under_way.contains(&entry.run), entry };
    Ok(entries.into_iter().map(view).collect())
}

/// The run's key, if it is not finished.
async fn is_under_way(store: &Store, run_key: String) -> Result<Option<String>, RunError> {
    match ledger::run(store, &run_key).await {
        Ok((run, _)) => {
            let is_unfinished = matches!(run.status, RunStatus::Planning | RunStatus::Running);
            Ok(Some(run_key).filter(|_| is_unfinished))
        }
        // A book that was imported may bring entries along without their runs.
        Err(RunError::UnknownRun { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the agency of an entry, which is its last one, has the delinquency.
fn has(entry: &PlacementLine) -> bool {
    entry.action != PlacementAction::Recall.as_str()
}

impl PlacementView {
    /// Whether the agency has the delinquency, if this is its last entry.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        has(&self.entry)
    }
}

impl Wanted {
    fn is_met_by(&self, entry: &PlacementLine) -> bool {
        let is_agency = |agency: &String| *agency == entry.collection_agency;
        let is_record = |id: &DelinquencyId| id.as_str() == entry.delinquency;
        self.collection_agency.as_ref().is_none_or(is_agency)
            && self.delinquency.as_ref().is_none_or(is_record)
    }

    /// Keeps an entry beside those of its agency and delinquency; the last one
    /// only, unless all are wanted.
    fn keep(&self, known: &mut Vec<PlacementLine>, entry: PlacementLine) {
        match known.first_mut() {
            Some(last) if !self.all => {
                if entry.sequence > last.sequence {
                    *last = entry;
                }
            }
            _ => known.push(entry),
        }
    }
}

impl AgencyTotals {
    fn count(&mut self, last: &PlacementLine) {
        if !has(last) {
            self.recalled += 1;
            return;
        }
        self.placed += 1;
        // What the ledger has was checked when it was written.
        let balance = Currency::parse(&last.currency)
            .and_then(|currency| Money::parse(last.balance.as_str(), currency));
        if let Ok(balance) = balance {
            let sum = self.balance_minor_units.entry(last.currency.clone()).or_default();
            *sum = sum.saturating_add(balance.minor_units());
        }
    }
}
