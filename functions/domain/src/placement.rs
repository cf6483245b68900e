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
    /// It is on hold: disputed, or being paid by arrangement.
    OnHold,
    /// Nothing is owed.
    NothingOwed,
}

impl Unplaced {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Unchanged, Self::Resolved, Self::PlacedElsewhere, Self::OnHold, Self::NothingOwed];

    /// The word in journals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "NOTHING_CHANGED",
            Self::Resolved => "RESOLVED",
            Self::PlacedElsewhere => "PLACED_ELSEWHERE",
            Self::OnHold => "ON_HOLD",
            Self::NothingOwed => "NOTHING_OWED",
        }
    }
}

/// How a record stands with a collection agency, and with all others.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The record.
    pub record: &'a Delinquency,
    /// The code of the agency.
    pub agency: &'a str,
    /// Whether the record may be with the agency at all: its scheme is not
    /// another's.
    pub is_theirs: bool,
    /// The last entry of each agency for this delinquency: of this agency and of
    /// all others.
    pub last: &'a [PlacementEntry],
    /// The business date.
    pub as_of: Date,
}

impl<'a> Standing<'a> {
    /// The agency's own last entry.
    #[must_use]
    pub fn last_own(&self) -> Option<&'a PlacementEntry> {
        self.last.iter().find(|entry| entry.collection_agency == self.agency)
    }

    /// Whether the agency has the record.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.last_own().is_some_and(PlacementEntry::is_placed)
    }

    /// Whether the agency has a record that it must give back: the process is
    /// over, or the record has moved to a scheme of another agency.
    #[must_use]
    pub fn must_recall(&self) -> bool {
        self.is_placed() && !(self.record.is_open() && self.is_theirs)
    }

    /// Why a record that no agency has is not handed over.
    fn obstacle(&self) -> Option<Unplaced> {
        let is_held = self.record.hold.as_ref().is_some_and(|hold| hold.stands_on(self.as_of));
        if !self.record.is_open() {
            Some(Unplaced::Resolved)
        } else if self.last.iter().any(PlacementEntry::is_placed) {
            Some(Unplaced::PlacedElsewhere)
        } else if is_held {
            Some(Unplaced::OnHold)
        } else if self.record.balance.minor_units() <= 0 {
            Some(Unplaced::NothingOwed)
        } else {
            None
        }
    }
}

impl PlacementEntry {
    /// Whether the agency of the entry, which must be its last one, has the
    /// delinquency.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.action != PlacementAction::Recall
    }
}

/// What an agency is to be told of a record now. `told` is the digest of what a
/// line would tell.
///
/// What is on hold, and what owes nothing, is not handed over; an agency that
/// has such a record keeps it, and is told what has changed.
///
/// # Errors
/// Why there is nothing to tell.
pub fn placement_action(standing: &Standing<'_>, told: &str) -> Result<PlacementAction, Unplaced> {
    match standing.last_own().filter(|own| own.is_placed()) {
        Some(_) if standing.must_recall() => Ok(PlacementAction::Recall),
        Some(own) if own.told == told => Err(Unplaced::Unchanged),
        Some(_) => Ok(PlacementAction::Update),
        None => standing.obstacle().map_or(Ok(PlacementAction::New), Err),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::random::Random;
    use crate::{Currency, DelinquencyKind, DelinquencyStatus, Hold, HoldKind, Identifier};
    use std::collections::{BTreeMap, BTreeSet};

    const AGENCIES: [&str; 2] = ["NORTHSTAR", "SOUTHERN"];

    fn id<T: Identifier>(text: &str) -> T {
        T::parse(text).unwrap()
    }

    fn date() -> Date {
        "2026-01-05".parse().unwrap()
    }

    fn balance() -> Money {
        Money::from_minor_units(15_230, Currency::parse("USD").unwrap())
    }

    fn record(is_open: bool) -> Delinquency {
        let status = match is_open {
            true => DelinquencyStatus::Open,
            false => DelinquencyStatus::Resolved { code: "PAID".to_owned(), on: date() },
        };
        Delinquency {
            id: id("D-1"),
            account: id("A-1"),
            kind: DelinquencyKind::Collections,
            bill_type: None,
            origin: None,
            items: BTreeSet::new(),
            scheme: id("PLACED"),
            milestone: id("AGENCY"),
            status,
            entered_on: date(),
            oldest_debt_on: None,
            balance: balance(),
            extension_days: 0,
            hold: None,
            attributes: BTreeMap::new(),
            sequence: 1,
            version: 1,
        }
    }

    fn entry(agency: &str, sequence: u32, action: PlacementAction, told: &str) -> PlacementEntry {
        PlacementEntry {
            account: id("A-1"),
            delinquency: id("D-1"),
            collection_agency: agency.to_owned(),
            sequence,
            action,
            scheme: id("PLACED"),
            milestone: id("AGENCY"),
            balance: balance(),
            on: date(),
            run: id("export-000001"),
            told: told.to_owned(),
        }
    }

    fn standing<'a>(
        record: &'a Delinquency,
        agency: &'a str,
        last: &'a [PlacementEntry],
    ) -> Standing<'a> {
        Standing { record, agency, is_theirs: true, last, as_of: date() }
    }

    #[test]
    fn what_may_not_be_handed_over_is_kept_by_an_agency_that_has_it() {
        let held = Hold {
            kind: HoldKind::Dispute,
            reason: "meter".to_owned(),
            until: None,
            outstanding: None,
        };
        let nothing = Money::from_minor_units(0, balance().currency());
        let placed = [entry(AGENCIES[0], 1, PlacementAction::New, "facts")];
        for (record, obstacle) in [
            (Delinquency { hold: Some(held), ..record(true) }, Unplaced::OnHold),
            (Delinquency { balance: nothing, ..record(true) }, Unplaced::NothingOwed),
        ] {
            let action = |last| placement_action(&standing(&record, AGENCIES[0], last), "news");
            assert_eq!(action(&[]), Err(obstacle));
            assert_eq!(action(&placed), Ok(PlacementAction::Update));
        }
    }

    #[test]
    fn a_record_that_moves_to_the_scheme_of_another_agency_is_recalled() {
        let record = record(true);
        let placed = [entry(AGENCIES[0], 1, PlacementAction::New, "facts")];
        let moved = |last| Standing { is_theirs: false, ..standing(&record, AGENCIES[0], last) };
        assert_eq!(placement_action(&moved(&placed), "facts"), Ok(PlacementAction::Recall));
    }

    #[test]
    fn what_is_told_follows_from_the_last_entries() {
        use PlacementAction::{New, Recall, Update};
        let (own, other) = (AGENCIES[0], AGENCIES[1]);
        let of = |agency, action| entry(agency, 1, action, "facts");
        // The last entries; what an open record gives whose facts are the same,
        // one with others, and a resolved one.
        let elsewhere = Err(Unplaced::PlacedElsewhere);
        let (unchanged, resolved) = (Err(Unplaced::Unchanged), Err(Unplaced::Resolved));
        let cases = [
            (vec![], Ok(New), Ok(New), resolved),
            (vec![of(own, New)], unchanged, Ok(Update), Ok(Recall)),
            (vec![of(own, Update)], unchanged, Ok(Update), Ok(Recall)),
            (vec![of(own, Recall)], Ok(New), Ok(New), resolved),
            (vec![of(other, New)], elsewhere, elsewhere, resolved),
            (vec![of(other, Update)], elsewhere, elsewhere, resolved),
            (vec![of(other, Recall)], Ok(New), Ok(New), resolved),
            (vec![of(own, New), of(other, Recall)], unchanged, Ok(Update), Ok(Recall)),
            (vec![of(other, Recall), of(own, Recall)], Ok(New), Ok(New), resolved),
            (vec![of(own, Recall), of(other, New)], elsewhere, elsewhere, resolved),
        ];
        for (last, same, news, over) in cases {
            let action = |is_open, told| {
                let record = record(is_open);
                placement_action(&standing(&record, own, &last), told)
            };
            assert_eq!(action(true, "facts"), same, "{last:?}");
            assert_eq!(action(true, "other facts"), news, "{last:?}");
            assert_eq!(action(false, "facts"), over, "{last:?}");
            assert_eq!(action(false, "other facts"), over, "{last:?}");
        }
    }

    #[test]
    fn words_name_their_actions() {
        for action in PlacementAction::ALL {
            assert_eq!(PlacementAction::parse(action.as_str()), Some(action));
        }
        assert_eq!(PlacementAction::parse("new"), None);
        let words: BTreeSet<&str> = Unplaced::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(words.len(), Unplaced::ALL.len());
    }

    /// Runs of both agencies over a record that is paid, opened again and
    /// changed at random: what the lines of each agency say makes sense to one
    /// who reads nothing else.
    #[test]
    fn each_agency_is_told_a_whole_story_and_only_one_has_the_record() {
        const RECORDS: usize = 500;
        const RUNS: usize = 40;
        let mut random = Random::new(21);
        let mut told_of: BTreeMap<PlacementAction, usize> = BTreeMap::new();
        for _ in 0..RECORDS {
            let mut last: BTreeMap<&str, PlacementEntry> = BTreeMap::new();
            // What a reader of the lines believes: who has the record, and what
            // is known of it.
            let mut believed: BTreeMap<&str, String> = BTreeMap::new();
            for _ in 0..RUNS {
                let agency = random.pick(&AGENCIES);
                let is_open = random.below(3) > 0;
                let facts = format!("facts {}", random.below(3));
                let entries: Vec<PlacementEntry> = last.values().cloned().collect();
                let record = record(is_open);
                let action = placement_action(&standing(&record, agency, &entries), &facts);
                match action {
                    Ok(PlacementAction::New) => {
                        assert!(is_open && believed.is_empty(), "NEW while one has it");
                        believed.insert(agency, facts.clone());
                    }
                    Ok(PlacementAction::Update) => {
                        let known = believed.insert(agency, facts.clone());
                        assert!(is_open && known.is_some_and(|it| it != facts), "UPDATE, no news");
                    }
                    Ok(PlacementAction::Recall) => {
                        assert!(!is_open && believed.remove(agency).is_some(), "RECALL of nothing");
                    }
                    Err(Unplaced::Unchanged) => {
                        assert!(is_open && believed.get(agency) == Some(&facts));
                    }
                    Err(Unplaced::Resolved) => {
                        assert!(!is_open && !believed.contains_key(agency));
                    }
                    Err(Unplaced::PlacedElsewhere) => {
                        assert!(is_open && !believed.contains_key(agency) && believed.len() == 1);
                    }
                    Err(other) => panic!("{other:?}"),
                }
                assert!(believed.len() <= 1, "both have it: {believed:?}");
                if let Ok(action) = action {
                    *told_of.entry(action).or_default() += 1;
                    let sequence = last.get(agency).map_or(1, |entry| entry.sequence + 1);
                    last.insert(agency, entry(agency, sequence, action, &facts));
                }
            }
        }
        for action in PlacementAction::ALL {
            let count = told_of.get(&action).copied().unwrap_or_default();
            assert!(count > RECORDS, "{} was told {count} times", action.as_str());
        }
    }
}
