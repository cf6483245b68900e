//! An account in memory, to which events are applied one after the other as a
//! store would do.

use super::*;
use crate::decide::{Decision, Outcome, decide, entry};
use crate::decide::{EntryDecision, EntryInputs, Inputs};
use crate::{AccountStatus, Made, Transition};

/// The account `A-1` with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ledger {
    pub(super) account: Account,
    pub(super) records: Vec<Delinquency>,
    pub(super) items: Vec<LineItem>,
    pub(super) mandates: Vec<Mandate>,
    pub(super) postings: Vec<Posting>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let attributes = BTreeMap::from([("nowhere".to_owned(), "GONE".to_owned())]);
        let account = Account {
            id: id("A-1"),
            contact: None,
            class: "residential".to_owned(),
            status: AccountStatus::Open,
            balance: money("0.00"),
            attributes,
        };
        Self {
            account,
            records: Vec::new(),
            items: Vec::new(),
            mandates: Vec::new(),
            postings: Vec::new(),
        }
    }

    fn book(&self) -> Book<'_> {
        Book {
            account: &self.account,
            contact: None,
            delinquencies: &self.records,
            items: &self.items,
            mandates: &self.mandates,
            postings: &self.postings,
        }
    }

    /// Applies an event and keeps the answer; the same question has the same
    /// answer.
    pub(super) fn apply(&mut self, event: &Event) -> Result<Applied, Rejection> {
        let answer = apply(&READ, &self.book(), event);
        assert_eq!(answer, apply(&READ, &self.book(), event), "{event:?} has two answers");
        if let Ok(applied) = &answer {
            self.keep(applied);
        }
        answer
    }

    /// What a store does with an answer.
    fn keep(&mut self, applied: &Applied) {
        let sum = self.account.balance.checked_add(applied.balance_change);
        assert_eq!(sum, Ok(applied.account.balance), "the account's balance is the sum");
        self.account = applied.account.clone();
        for change in &applied.changed_items {
            let known = self.items.iter_mut().find(|item| item.id == change.after.id);
            let known = known.expect("only what is there changes");
            assert_eq!(*known, change.before);
            *known = change.after.clone();
        }
        if let Some(change) = &applied.mandate {
            let known = self.mandates.iter_mut().find(|it| it.id == change.before.id);
            known.expect("only what is there changes").state = change.after.clone();
        }
        self.postings.extend(applied.posting.clone());
        self.items.extend(applied.items.iter().cloned());
        for (changed, _) in &applied.changes {
            self.put(changed);
        }
    }

    /// Writes a record under the condition that it is as it was read, and checks
    /// that history tells what was written.
    fn put(&mut self, changed: &Changed) {
        let after = &changed.after;
        let at = self.records.iter().position(|record| record.id == after.id);
        assert_eq!(at.map(|at| &self.records[at]), changed.before.as_ref());
        if let Some(before) = &changed.before {
            assert_eq!((before.sequence + 1, before.version + 1), (after.sequence, after.version));
            let made = Made { cause: "event:E-1", setup_version: 1 };
            let replayed = transition(changed, made).replayed_on(before);
            let (version, items) = (after.version, after.items.clone());
            let attributes = after.attributes.clone();
            assert_eq!(Delinquency { version, items, attributes, ..replayed }, *after);
        }
        match at {
            Some(at) => self.records[at] = after.clone(),
            None => self.records.push(after.clone()),
        }
    }

    /// Asks for entry as a delinquency run does.
    pub(super) fn enter(&mut self, bill_type: &str, as_of: Date) -> EntryDecision {
        let group = READ.group_of(DelinquencyKind::BillType, Some(bill_type));
        let group = group.unwrap_or_else(|| panic!("no group for {bill_type}"));
        let Book { account, contact, delinquencies, items, .. } = self.book();
        let decided =
            entry(&READ, group, &EntryInputs { account, contact, delinquencies, items, as_of });
        if let Outcome::Change(changed) = &decided.decision.outcome {
            self.put(changed);
        }
        decided
    }

    /// Advances a record as a run does.
    pub(super) fn run(&mut self, record: &DelinquencyId, as_of: Date) -> Decision {
        let delinquency = self.records.iter().find(|it| it.id == *record).unwrap();
        let inputs = Inputs { delinquency, account: &self.account, contact: None, as_of };
        let decided = decide(&READ, &inputs);
        if let Outcome::Change(changed) = &decided.outcome {
            self.put(changed);
        }
        decided
    }

    /// No two open records manage one process.
    pub(super) fn check_processes(&self) {
        let open: Vec<&Delinquency> = self.records.iter().filter(|it| it.is_open()).collect();
        for (at, one) in open.iter().enumerate() {
            for other in &open[at + 1..] {
                assert!(!one.is_same_process(other), "{} and {} are one", one.id, other.id);
            }
        }
    }
}

fn transition(changed: &Changed, made: Made<'_>) -> Transition {
    changed.transition(made, Explanation::default())
}
