//! The ledger of placements: what a collection agency has been told of a
//! delinquency.
//!
//! An entry stands for one line of a file, and is never changed. What the next
//! line says follows from the last entries alone: an agency that has a
//! delinquency is told what is new, and that it is over; nobody is told of one
//! that another agency has.

use crate::{
    AccountId, Date, Delinquency, DelinquencyId, MilestoneCode, Money, RunKey, SchemeCode,
};

/// What a line tells a collection agency to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlacementAction {
    /// Collect.
    New,
    /// Go on collecting; something has changed.
    Update,
    /// Stop.
    Recall,
}

impl PlacementAction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::New, Self::Update, Self::Recall];

    /// The word in files and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Update => "UPDATE",
            Self::Recall => "RECALL",
        }
    }

    /// The action that the word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

/// One line of a file, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacementEntry {
    /// The account that owes.
    pub account: AccountId,
    /// The delinquency.
    pub delinquency: DelinquencyId,
    /// The code of the collection agency that was told.
    pub collection_agency: String,
    /// Counts the entries of this agency and delinquency, from 1.
    pub sequence: u32,
    /// What the agency was told to do.
    pub action: PlacementAction,
    /// The scheme in which the record stood.
    pub scheme: SchemeCode,
    /// The milestone at which it stood.
    pub milestone: MilestoneCode,
    /// The balance that the line says.
    pub balance: Money,
    /// The business date of the run.
    pub on: Date,
    /// The export run that wrote the line.
    pub run: RunKey,
    /// A digest of all facts that the line tells: it decides whether there is
    /// news.
    pub told: String,
}

/// Why nothing is written of a delinquency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unplaced {
    /// The agency knows it all.
    Unchanged,
    /// It is over, and the agency does not have it.
    Resolved,
    /// Another agency has it.
    PlacedElsewhere,
}

impl Unplaced {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unchanged, Self::Resolved, Self::PlacedElsewhere];

    /// The word in journals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "NOTHING_CHANGED",
            Self::Resolved => "RESOLVED",
            Self::PlacedElsewhere => "PLACED_ELSEWHERE",
        }
    }
}

/// Whether the agency of the entry, which must be its last one, has the
/// delinquency.
#[must_use]
pub fn is_placed(last: &PlacementEntry) -> bool {
    last.action != PlacementAction::Recall
}

/// What an agency is to be told of a record now. `last` has the last entry of
/// each agency for this delinquency, of this agency and of all others; `told`
/// is the digest of what a line would tell.
///
/// # Errors
/// Why there is nothing to tell.
pub fn placement_action(
    record: &Delinquency,
    agency: &str,
    last: &[PlacementEntry],
    told: &str,
) -> Result<PlacementAction, Unplaced> {
    let mut placed = last.iter().filter(|entry| is_placed(entry));
    let own = placed.clone().find(|entry| entry.collection_agency == agency);
    match (record.is_open(), own) {
        (true, Some(own)) if own.told == told => Err(Unplaced::Unchanged),
        (true, Some(_)) => Ok(PlacementAction::Update),
        // What is left of the others: none of them is this agency's.
        (true, None) if placed.next().is_some() => Err(Unplaced::PlacedElsewhere),
        (true, None) => Ok(PlacementAction::New),
        (false, Some(_)) => Ok(PlacementAction::Recall),
        (false, None) => Err(Unplaced::Resolved),
    }
}
