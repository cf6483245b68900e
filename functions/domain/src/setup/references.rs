//! Whether everything that is named exists: schemes, milestones, agencies, bill
//! types; in values, and in the texts that formulas can give.

use super::mistake::{Mistake, Span, code};
use super::model::{Group, Milestone, Rule, Scheme, Setup};
use super::places::{Owner, Place};
use super::tree::Reading;
use crate::nearest::did_you_mean;
use crate::{Identifier, MilestoneCode};

/// Kinds of code, each unique within its kind; they stand in messages.
pub(super) mod kinds {
    pub const GROUP: &str = "groups";
    pub const BILL_TYPE: &str = "groups for the bill type";
    pub const CALENDAR: &str = "calendars";
    pub const SCHEME: &str = "schemes";
    pub const LINE_ITEM_TYPE: &str = "line item types";
    pub const CORRESPONDENCE: &str = "correspondence processes";
    pub const REQUEST_TYPE: &str = "request types";
    pub const CREDIT_RATING_LEVEL: &str = "credit rating levels";
    pub const COLLECTION_AGENCY: &str = "collection agencies";
    pub const EXPORT_SETUP: &str = "export setups";
    pub const PAYMENT_PROFILE: &str = "payment profiles";
    pub const ACTION_TYPE: &str = "action types";

    pub fn milestone_of(scheme: &str) -> String {
        format!("milestones of {scheme}")
    }
}

/// A code that a rule may give, and where it says so.
pub(super) struct Target {
    pub(super) code: String,
    pub(super) span: Span,
}

/// All codes that a rule may give, and whether those are all: a formula may
/// compute others. No rule gives none.
pub(super) fn targets<T: Identifier>(rule: Option<&Rule<T>>, place: Place) -> (Vec<Target>, bool) {
    match rule {
        None => (Vec::new(), true),
        Some(Rule::Value(code)) => {
            (vec![Target { code: code.as_str().to_owned(), span: place.span }], true)
        }
        Some(Rule::Formula(formula)) => {
            let literals = formula.literal_results();
            let targets = literals.results.iter().filter_map(|result| match &result.value {
                crate::formula::Value::Text(code) => Some(Target {
                    code: code.clone(),
                    span: place.part(result.offset, result.length),
                }),
                _ => None,
            });
            (targets.collect(), literals.complete)
        }
    }
}

/// The rules of a milestone that lead to another.
pub(super) fn leading_rules(
    milestone: &Milestone,
) -> [(&'static str, Option<&Rule<MilestoneCode>>); 3] {
    [
        ("next_milestone", milestone.next_milestone.as_ref()),
        ("decrement_milestone", milestone.decrement_milestone.as_ref()),
        ("payment_reversal_milestone", milestone.payment_reversal_milestone.as_ref()),
    ]
}

/// Reports every name that nothing has.
pub(super) fn check(setup: &Setup, reading: &Reading<'_>) {
    check_entry_scheme(&setup.group, setup, reading);
    for group in &setup.delinquency_groups {
        check_entry_scheme(group, setup, reading);
    }
    for scheme in setup.schemes.values() {
        check_scheme(scheme, reading);
    }
    for export in setup.export_setups.values() {
        // An agency that could not be read has been reported.
        if !export.collection_agency.is_empty() {
            let owner = Owner::ExportSetup(export.code.clone());
            check_agency(&export.collection_agency, &owner, "collection_agency", reading);
        }
    }
}

/// A collection agency, as the key of the owner names it.
fn check_agency(agency: &str, owner: &Owner, key: &'static str, reading: &Reading<'_>) {
    let span = reading.places.borrow().get(owner, key).span;
    check_known(reading, &AGENCIES, &Target { code: agency.to_owned(), span });
}

fn check_entry_scheme(group: &Group, setup: &Setup, reading: &Reading<'_>) {
    let owner = Owner::Group(group.bill_type.clone());
    let place = reading.places.borrow().get(&owner, "entry_scheme");
    let (targets, _) = targets(group.entry_scheme.as_ref(), place);
    for target in targets {
        let scheme = setup.schemes.iter().find(|(code, _)| code.as_str() == target.code);
        match scheme {
            Some((_, scheme)) if scheme.bill_type != group.bill_type => {
                let whose = match &scheme.bill_type {
                    Some(bill_type) => format!("belongs to the bill type `{bill_type}`"),
                    None => "belongs to no bill type".to_owned(),
                };
                let message = format!("the scheme `{}` {whose}", target.code);
                let hint = match &group.bill_type {
                    Some(own) => format!("enter a scheme that has `bill_type = \"{own}\"`"),
                    None => "the collections group enters schemes without a bill type".to_owned(),
                };
                let mistake = Mistake::error(code::WRONG_BILL_TYPE, target.span, message);
                reading.report(mistake.hint(hint));
            }
            Some(_) => {}
            None => check_known(reading, &SCHEMES, &target),
        }
    }
}

fn check_scheme(scheme: &Scheme, reading: &Reading<'_>) {
    let own = scheme.code.as_str();
    let place = |owner: &Owner, key| reading.places.borrow().get(owner, key);
    let owner = Owner::Scheme(own.to_owned());
    if let Some(agency) = &scheme.agency {
        check_agency(agency, &owner, "agency", reading);
    }
    if let Some(bill_type) = &scheme.bill_type {
        let target = Target { code: bill_type.clone(), span: place(&owner, "bill_type").span };
        check_known(reading, &BILL_TYPES, &target);
    }
    let (kind, what) = (kinds::milestone_of(own), format!("milestone of {own}"));
    let milestones = Names {
        kind: &kind,
        what: &what,
        unknown: code::UNKNOWN_MILESTONE,
        table: "[[scheme.milestone]]",
    };
    let (entries, _) = targets(scheme.entry_milestone.as_ref(), place(&owner, "entry_milestone"));
    entries.iter().for_each(|target| check_known(reading, &milestones, target));
    for milestone in &scheme.milestones {
        let owner = Owner::Milestone(own.to_owned(), milestone.code.to_string());
        for (key, rule) in leading_rules(milestone) {
            let (results, _) = targets(rule, place(&owner, key));
            // An empty text means that the record stays where it is.
            let named = results.iter().filter(|target| !target.code.is_empty());
            named.for_each(|target| check_known(reading, &milestones, target));
        }
    }
}

/// What is named, and how to say that there is no such thing.
struct Names<'n> {
    kind: &'n str,
    what: &'n str,
    unknown: &'static str,
    table: &'n str,
}

const SCHEMES: Names<'static> = Names {
    kind: kinds::SCHEME,
    what: "scheme",
    unknown: code::UNKNOWN_SCHEME,
    table: "[[scheme]]",
};
const AGENCIES: Names<'static> = Names {
    kind: kinds::COLLECTION_AGENCY,
    what: "collection agency",
    unknown: code::UNKNOWN_AGENCY,
    table: "[[collection_agency]]",
};
const BILL_TYPES: Names<'static> = Names {
    kind: kinds::BILL_TYPE,
    what: "delinquency group for the bill type",
    unknown: code::UNKNOWN_BILL_TYPE,
    table: "[[delinquency_group]]",
};

fn check_known(reading: &Reading<'_>, names: &Names<'_>, target: &Target) {
    // The LIENS scheme and its milestone exist without being written.
    if reading.is_claimed(names.kind, &target.code) || target.span == Span::default() {
        return;
    }
    let known = reading.claimed(names.kind);
    let hint = did_you_mean(&target.code, known.iter().map(String::as_str))
        .unwrap_or_else(|| format!("define it as `{}`", names.table));
    let message = match target.code.as_str() {
        "" => format!("an empty text names no {}", names.what),
        code => format!("there is no {} `{code}`", names.what),
    };
    reading.report(Mistake::error(names.unknown, target.span, message).hint(hint));
}
