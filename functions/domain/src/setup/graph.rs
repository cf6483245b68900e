//! The milestones of a scheme as a graph: which ones nothing leads to, and
//! which ones lead to each other for ever.

use super::mistake::{Mistake, Severity, code};
use super::model::{Milestone, Rule, Scheme, Setup};
use super::places::Owner;
use super::references::{leading_rules, targets};
use super::tree::Reading;
use crate::Identifier;
use std::collections::{BTreeSet, VecDeque};

/// Reports loops and, in a setup without errors, what cannot be reached: a rule
/// that could not be read may lead anywhere.
pub(super) fn check(setup: &Setup, reading: &Reading<'_>) {
    for scheme in setup.schemes.values() {
        check_loops(scheme, reading);
    }
    let faulty = reading.mistakes.borrow().iter().any(|it| it.severity == Severity::Error);
    if !faulty {
        for scheme in setup.schemes.values() {
            check_reachable(scheme, reading);
        }
    }
}

/// Where `next_milestone` leads from one milestone.
struct Exits {
    /// Positions of the milestones that it may give.
    to: Vec<usize>,
    /// Whether it may also end: with no result, or with one that is not known.
    may_end: bool,
}

fn exits(scheme: &Scheme, position: usize, reading: &Reading<'_>) -> Exits {
    let milestone = &scheme.milestones[position];
    let place = reading.places.borrow().get(&owner(scheme, milestone), "next_milestone");
    let (targets, complete) = targets(milestone.next_milestone.as_ref(), place);
    let positions = targets.iter().map(|target| position_of(scheme, &target.code));
    let mut to: Vec<usize> = positions.clone().flatten().collect();
    let may_end =
        milestone.next_milestone.is_none() || !complete || positions.clone().any(|it| it.is_none());
    // A formula that gives its own milestone among others says "stay".
    if matches!(milestone.next_milestone, Some(Rule::Formula(_)))
        && (may_end || to.iter().any(|it| *it != position))
    {
        to.retain(|it| *it != position);
    }
    Exits { to, may_end }
}

fn check_loops(scheme: &Scheme, reading: &Reading<'_>) {
    let exits: Vec<Exits> =
        (0..scheme.milestones.len()).map(|it| exits(scheme, it, reading)).collect();
    let reached: Vec<BTreeSet<usize>> =
        (0..exits.len()).map(|from| reached_from(from, &exits)).collect();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for from in 0..exits.len() {
        if !reached[from].contains(&from) || !seen.insert(from) {
            continue;
        }
        // All that lead to each other; one report for all of them.
        let together: BTreeSet<usize> =
            reached[from].iter().copied().filter(|to| reached[*to].contains(&from)).collect();
        seen.extend(&together);
        let has_way_out = together
            .iter()
            .any(|it| exits[*it].may_end || exits[*it].to.iter().any(|to| !together.contains(to)));
        report_loop(scheme, &shortest_loop(from, &exits), has_way_out, reading);
    }
}

fn report_loop(scheme: &Scheme, path: &[usize], has_way_out: bool, reading: &Reading<'_>) {
    let codes: Vec<&str> = path.iter().map(|it| scheme.milestones[*it].code.as_str()).collect();
    let codes = codes.join(" -> ");
    let milestone = &scheme.milestones[path[0]];
    let span = reading.places.borrow().get(&owner(scheme, milestone), "next_milestone").span;
    reading.report(if has_way_out {
        let message = format!("records may go round: {codes}");
        Mistake::warning(code::POSSIBLE_LOOP, span, message)
            .hint("check that a formula ends it; each round performs the actions again")
    } else {
        let message = format!("records go round for ever: {codes}");
        Mistake::error(code::MILESTONE_LOOP, span, message)
            .hint("leave out `next_milestone` where records are to stay")
    });
}

/// The milestones that one or more steps lead to.
fn reached_from(from: usize, exits: &[Exits]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(position) = open.pop() {
        open.extend(exits[position].to.iter().filter(|to| reached.insert(**to)));
    }
    reached
}

/// The shortest way from a milestone back to itself, both ends included; it
/// must have one.
fn shortest_loop(from: usize, exits: &[Exits]) -> Vec<usize> {
    let mut ways: VecDeque<Vec<usize>> = VecDeque::from([vec![from]]);
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let last = way[way.len() - 1];
        for to in &exits[last].to {
            let longer = || way.iter().copied().chain([*to]).collect::<Vec<usize>>();
            if *to == from {
                return longer();
            }
            if seen.insert(*to) {
                ways.push_back(longer());
            }
        }
    }
    vec![from]
}

/// Warns of milestones that neither the entry nor a rule of another leads to:
/// records may still be imported there.
fn check_reachable(scheme: &Scheme, reading: &Reading<'_>) {
    let places = reading.places.borrow();
    let entry = places.get(&Owner::Scheme(scheme.code.to_string()), "entry_milestone");
    let (mut open, mut complete) = targets(scheme.entry_milestone.as_ref(), entry);
    if open.is_empty() {
        return;
    }
    let mut reached: BTreeSet<usize> = BTreeSet::new();
    while let Some(target) = open.pop() {
        let Some(position) = position_of(scheme, &target.code) else {
            continue;
        };
        if reached.insert(position) {
            let milestone = &scheme.milestones[position];
            for (key, rule) in leading_rules(milestone) {
                let (further, all) = targets(rule, places.get(&owner(scheme, milestone), key));
                open.extend(further);
                complete &= all;
            }
        }
    }
    drop(places);
    if !complete {
        return;
    }
    for (_, milestone) in
        scheme.milestones.iter().enumerate().filter(|(it, _)| !reached.contains(it))
    {
        let span = reading.places.borrow().get(&owner(scheme, milestone), "code").span;
        let message = format!("no rule of {} leads to `{}`", scheme.code, milestone.code);
        reading.report(
            Mistake::warning(code::UNREACHABLE_MILESTONE, span, message)
                .hint("records can only be imported there; name it in a rule, or remove it"),
        );
    }
}

fn owner(scheme: &Scheme, milestone: &Milestone) -> Owner {
    Owner::Milestone(scheme.code.to_string(), milestone.code.to_string())
}

fn position_of(scheme: &Scheme, code: &str) -> Option<usize> {
    scheme.milestones.iter().position(|it| it.code.as_str() == code)
}
