//! Entry: a delinquency of a bill type begins when what is unpaid passes the
//! minimum entry amount of its group, after the days of grace.

use super::rule;
use super::{
    Change, Decision, DecisionError, Explanation, Inputs, OmitReason, Outcome, Step, change, enter,
};
use crate::line_item::{OpenItem, oldest_due, open_items};
use crate::setup::{Group, Rule, Scheme};
use crate::{
    Account, Contact, Date, Delinquency, DelinquencyId, DelinquencyKind, DelinquencyStatus,
    Identifier, LineItem, MilestoneCode, Money, SchemeCode, Setup,
};
use chrono::Days;
use std::collections::{BTreeMap, BTreeSet};

/// What the question of entry is put to.
#[derive(Debug, Clone, Copy)]
pub struct EntryInputs<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its primary contact, if it has one.
    pub contact: Option<&'a Contact>,
    /// All its records.
    pub delinquencies: &'a [Delinquency],
    /// Its line items.
    pub items: &'a [LineItem],
    /// The business date.
    pub as_of: Date,
}

/// What became of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDecision {
    /// A new record, a record that owes more, or neither.
    pub decision: Decision,
    /// The next day on which the question has to be put, unless new items come.
    pub look_again: Option<Date>,
}

/// Whether a delinquency of the group's bill type begins: the unpaid items whose
/// days of grace have passed must together be more than the minimum entry
/// amount. If such a record is open already, items that have come due since are
/// added to what it owes.
#[must_use]
pub fn entry(setup: &Setup, group: &Group, inputs: &EntryInputs<'_>) -> EntryDecision {
    let mut explanation = Explanation::default();
    let open = open_items(inputs.items);
    let is_own = |it: &&OpenItem| it.bill_type == group.bill_type && !has_entered(inputs, it);
    let own: Vec<&OpenItem> = open.iter().filter(is_own).collect();
    let counts_from = |item: &OpenItem| counts_from(item, group);
    let is_due = |item: &OpenItem| counts_from(item).is_some_and(|date| date <= inputs.as_of);
    let due: Vec<&OpenItem> = own.iter().filter(|item| is_due(item)).copied().collect();
    let look_again =
        own.iter().filter(|item| !is_due(item)).filter_map(|item| counts_from(item)).min();
    let outcome = match begin(setup, group, inputs, &due, &mut explanation) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Error(error),
    };
    // An error is asked again on every run, until what is wrong is mended.
    let look_again = match outcome {
        Outcome::Error(_) => Some(inputs.as_of),
        _ => look_again,
    };
    super::explain_outcome(&outcome, &mut explanation);
    EntryDecision { decision: Decision { outcome, explanation }, look_again }
}

/// The first day on which an unpaid item counts: the one after the days of
/// grace.
fn counts_from(item: &OpenItem, group: &Group) -> Option<Date> {
    item.due_on?.checked_add_days(Days::new(u64::from(group.grace_days) + 1))
}

/// Whether the item belongs to a process of its bill type that has ended: it
/// enters once, and counts again only if that record is opened again.
fn has_entered(inputs: &EntryInputs<'_>, item: &OpenItem) -> bool {
    inputs.delinquencies.iter().any(|record| {
        !record.is_open()
            && record.kind == DelinquencyKind::BillType
            && record.bill_type == item.bill_type
            && record.items.contains(&item.id)
    })
}

fn begin(
    setup: &Setup,
    group: &Group,
    inputs: &EntryInputs<'_>,
    due: &[&OpenItem],
    explanation: &mut Explanation,
) -> Result<Outcome, DecisionError> {
    let candidate = candidate(inputs, DelinquencyKind::BillType, group.bill_type.as_deref())?;
    let mut open = inputs.delinquencies.iter().filter(|record| record.is_open());
    if let Some(record) = open.find(|record| record.is_same_process(&candidate)) {
        return more_owed(setup, inputs, record, due, explanation);
    }
    let owed = sum(due, inputs.account)?;
    let grace = group.grace_days;
    explanation.add("unpaid", format!("{owed} is unpaid after {grace} days of grace"));
    if due.is_empty() {
        return Ok(Outcome::Omit(OmitReason::NothingPastDue));
    }
    let minimum = group.minimum_entry_amount;
    if owed.to_decimal() <= minimum {
        explanation.add("minimum_entry_amount", format!("{owed} does not pass {minimum}"));
        return Ok(Outcome::Omit(OmitReason::BelowMinimum));
    }
    let candidate = Delinquency {
        items: due.iter().map(|item| item.id.clone()).collect(),
        oldest_debt_on: due.iter().filter_map(|item| item.due_on).min(),
        balance: owed,
        ..candidate
    };
    let entered = placed(setup, inputs, candidate, group, None, explanation)?;
    let changed = enter(setup, &at(inputs, &entered), explanation)?;
    Ok(Outcome::Change(Box::new(changed)))
}

/// Items that have come due since the record began are added to it. A record
/// that names no items is the billing system's to keep.
fn more_owed(
    setup: &Setup,
    inputs: &EntryInputs<'_>,
    record: &Delinquency,
    due: &[&OpenItem],
    explanation: &mut Explanation,
) -> Result<Outcome, DecisionError> {
    let is_new = |item: &&&OpenItem| !record.items.contains(&item.id);
    let further: Vec<&OpenItem> = due.iter().filter(is_new).copied().collect();
    if record.items.is_empty() || further.is_empty() {
        return Ok(Outcome::Omit(OmitReason::AlreadyOpen));
    }
    let more = sum(&further, inputs.account)?;
    explanation.add("unpaid", format!("{more} more is unpaid after the days of grace"));
    let mut touched = record.clone();
    touched.balance = touched.balance.checked_add(more)?;
    touched.items.extend(further.iter().map(|item| item.id.clone()));
    // An item that was posted late may be older than those that were known.
    touched.oldest_debt_on =
        oldest_due(due.iter().copied(), &touched.items).or(touched.oldest_debt_on);
    let changed = change(setup, &at(inputs, &touched), record, &Change::Balance, explanation)?;
    Ok(Outcome::Change(Box::new(changed)))
}

fn sum(items: &[&OpenItem], account: &Account) -> Result<Money, DecisionError> {
    let mut sum = Money::zero(account.currency());
    for item in items {
        sum =
            sum.checked_add(Money::from_minor_units(item.open_minor_units, account.currency()))?;
    }
    Ok(sum)
}

fn at<'a>(inputs: &EntryInputs<'a>, record: &'a Delinquency) -> Inputs<'a> {
    let EntryInputs { account, contact, as_of, .. } = *inputs;
    Inputs { delinquency: record, account, contact, as_of }
}

/// A record that is to begin, but for its place: entry rules see it with the
/// scheme and milestone `-`.
pub(crate) fn candidate(
    inputs: &EntryInputs<'_>,
    kind: DelinquencyKind,
    bill_type: Option<&str>,
) -> Result<Delinquency, DecisionError> {
    let account = &inputs.account.id;
    let nowhere = |what: &str| DecisionError::NoEntryRule { what: what.to_owned() };
    Ok(Delinquency {
        id: next_id(inputs, kind, bill_type),
        account: account.clone(),
        kind,
        bill_type: bill_type.map(str::to_owned),
        origin: None,
        items: BTreeSet::new(),
        scheme: SchemeCode::parse("-").map_err(|_| nowhere("the scheme"))?,
        milestone: MilestoneCode::parse("-").map_err(|_| nowhere("the milestone"))?,
        status: DelinquencyStatus::Open,
        entered_on: inputs.as_of,
        oldest_debt_on: None,
        balance: Money::zero(inputs.account.currency()),
        extension_days: 0,
        hold: None,
        attributes: BTreeMap::new(),
        sequence: 1,
        version: 1,
    })
}

/// The next id of its kind in the account: two that begin at once would have the
/// same, so that only one of them does. Records of several bill types may well
/// begin at once, so each type counts its own.
fn next_id(
    inputs: &EntryInputs<'_>,
    kind: DelinquencyKind,
    bill_type: Option<&str>,
) -> DelinquencyId {
    let account = inputs.account.id.as_str();
    let is_alike = |record: &&Delinquency| {
        bill_type.is_some() && record.kind == kind && record.bill_type.as_deref() == bill_type
    };
    let first = inputs.delinquencies.iter().filter(is_alike).count() + 1;
    let letter = match kind {
        DelinquencyKind::BillType => 'D',
        DelinquencyKind::Collections => 'C',
        DelinquencyKind::AddressLien => 'L',
        DelinquencyKind::ParcelLien => 'P',
    };
    (first..)
        .map(|number| short_id(account, bill_type, letter, number))
        .find(|id| inputs.delinquencies.iter().all(|record| record.id != *id))
        .unwrap_or_else(|| unreachable!("an account has fewer records than there are numbers"))
}
/// `A-1001-WATER-1`, `A-1001-C1`; without the account if that would be too long,
/// and without the bill type only if even that is.
fn short_id(account: &str, bill_type: Option<&str>, letter: char, number: usize) -> DelinquencyId {
    let shortest = format!("{letter}{number}");
    let own = bill_type.map_or_else(|| shortest.clone(), |of| format!("{of}-{number}"));
    let forms = [format!("{account}-{own}"), own, shortest];
    let fitting = forms.iter().find_map(|form| DelinquencyId::parse(form).ok());
    fitting.unwrap_or_else(|| unreachable!("a letter and a number are an identifier"))
}

/// The candidate at its entry milestone: the scheme by the group's rule, unless
/// it is given, and the milestone by the scheme's.
pub(crate) fn placed(
    setup: &Setup,
    inputs: &EntryInputs<'_>,
    mut candidate: Delinquency,
    group: &Group,
    scheme: Option<&SchemeCode>,
    explanation: &mut Explanation,
) -> Result<Delinquency, DecisionError> {
    let (rule, code) = match scheme {
        Some(code) => ("the event".to_owned(), code.to_string()),
        None => {
            let rule = format!("entry_scheme of group {}", group.code);
            let wanted = group.entry_scheme.as_ref();
            let code =
                entry_rule(setup, &at(inputs, &candidate), "entry_scheme", wanted, explanation)?
                    .ok_or_else(|| DecisionError::NoEntryRule { what: rule.clone() })?;
            (rule, code)
        }
    };
    let known = SchemeCode::parse(&code).ok().and_then(|code| setup.schemes.get(&code));
    let scheme: &Scheme = known.ok_or(DecisionError::UnknownScheme { rule, scheme: code })?;
    candidate.scheme = scheme.code.clone();
    let wanted = scheme.entry_milestone.as_ref();
    let what = format!("entry_milestone of scheme {}", scheme.code);
    let code = entry_rule(setup, &at(inputs, &candidate), "entry_milestone", wanted, explanation)?
        .ok_or(DecisionError::NoEntryRule { what })?;
    let known = MilestoneCode::parse(&code).ok().and_then(|code| scheme.milestone(&code));
    candidate.milestone =
        known.map(|it| it.code.clone()).ok_or_else(|| DecisionError::UnknownNextMilestone {
            rule: "entry_milestone",
            scheme: scheme.code.to_string(),
            milestone: "(entry)".to_owned(),
            next: code,
        })?;
    Ok(candidate)
}

fn entry_rule<T: ToString>(
    setup: &Setup,
    inputs: &Inputs<'_>,
    name: &'static str,
    wanted: Option<&Rule<T>>,
    explanation: &mut Explanation,
) -> Result<Option<String>, DecisionError> {
    let Some((text, read)) = rule::text(setup, inputs, name, wanted)? else { return Ok(None) };
    explanation.push(Step { rule: name.to_owned(), text: text.clone(), inputs: read });
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::short_id;
    use crate::Identifier;

    #[test]
    fn ids_are_as_telling_as_their_length_allows() {
        let (a, t) = (|count| "A".repeat(count), |count| "T".repeat(count));
        let rows = [
            (a(3), Some(t(4)), "AAA-TTTT-7".to_owned()),
            (a(57), Some(t(4)), format!("{}-TTTT-7", a(57))),
            (a(58), Some(t(4)), "TTTT-7".to_owned()),
            (a(64), Some(t(62)), format!("{}-7", t(62))),
            (a(3), Some(t(63)), "D7".to_owned()),
            (a(3), None, "AAA-D7".to_owned()),
            (a(64), None, "D7".to_owned()),
        ];
        for (account, bill_type, expected) in rows {
            let id = short_id(&account, bill_type.as_deref(), 'D', 7);
            assert_eq!(id.as_str(), expected, "{account} {bill_type:?}");
        }
    }
}
