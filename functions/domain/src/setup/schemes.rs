//! Schemes and their milestones.

use super::actions;
use super::limits;
use super::mistake::{Mistake, code};
use super::model::{Duration, Milestone, Rule, Scheme};
use super::places::Owner;
use super::references::kinds;
use super::rules::{code_rule, duration, flag_rule, target_rule, text_code_rule};
use super::sections::Root;
use super::tree::{Node, Table};
use crate::{Identifier, MilestoneCode, SchemeCode};
use std::collections::BTreeMap;

/// The code of the scheme that exists with the collections group.
pub const LIENS_SCHEME: &str = "LIENS";

/// The one milestone of that scheme.
pub const LIENS_MILESTONE: &str = "LIEN";

/// What every reader of schemes needs to know.
pub(super) struct Surroundings<'s> {
    /// The calendars that are defined.
    pub(super) calendars: &'s [String],
    /// The order of action types in the group.
    pub(super) action_order: &'s [String],
}

/// Reads all schemes, and adds the LIENS scheme if the setup does not define it.
pub(super) fn schemes(root: &Root<'_>, around: &Surroundings<'_>) -> BTreeMap<SchemeCode, Scheme> {
    let read = root.each("scheme", "a scheme", limits::SCHEMES_MAX, |table| scheme(table, around));
    let mut schemes = BTreeMap::new();
    for scheme in read {
        // The first of two with one code stays; the second has been reported.
        schemes.entry(scheme.code.clone()).or_insert(scheme);
    }
    if let Some(liens) = liens_scheme() {
        schemes.entry(liens.code.clone()).or_insert(liens);
    }
    schemes
}

/// "When you create your collections group, Infor Public Sector automatically
/// adds a default Liens scheme": the source document on the collections run. A
/// record enters its one milestone and stays there.
fn liens_scheme() -> Option<Scheme> {
    let entry = MilestoneCode::parse(LIENS_MILESTONE).ok()?;
    Some(Scheme {
        code: SchemeCode::parse(LIENS_SCHEME).ok()?,
        bill_type: None,
        entry_milestone: Some(Rule::Value(entry.clone())),
        manager: None,
        agency: None,
        display_order: limits::DISPLAY_ORDER.most,
        milestones: vec![Milestone {
            code: entry,
            level: 1,
            display_order: 0,
            lien: false,
            collections: false,
            duration: Duration::at_once(),
            next_milestone: None,
            decrement_milestone: None,
            auto_decrement: None,
            resolve: None,
            resolution_code: None,
            payment_reversal_milestone: None,
            actions: Vec::new(),
        }],
    })
}

fn scheme(table: &Table<'_>, around: &Surroundings<'_>) -> Option<Scheme> {
    let (code, own) = own_code::<SchemeCode>(table, kinds::SCHEME);
    let owner = Owner::Scheme(own.clone());
    let placed = |key: &'static str| {
        let node = table.optional(key);
        table.reading.places.borrow_mut().put(&owner, key, node.place());
        node
    };
    let (agency, manager) = (placed("agency"), placed("manager"));
    if agency.is_present() && manager.is_present() {
        let message = "a scheme has either an agency or a manager, not both";
        manager.wrong(code::AGENCY_AND_MANAGER, message, "remove one of them");
    }
    let entry = table.optional("entry_milestone");
    let milestones = table.optional("milestone");
    check_completeness(table, entry, milestones);
    let (agency, manager) = (agency.code(), manager.name());
    let bill_type = placed("bill_type").code();
    let display_order = table.optional("display_order").whole(&limits::DISPLAY_ORDER);
    let entry_milestone = code_rule(entry, &owner, "entry_milestone");
    let mut milestones = milestones
        .tables("a milestone", limits::MILESTONES_MAX, |table| milestone(table, &own, around));
    // Stable: what has no order stands as written.
    milestones.sort_by_key(|milestone| milestone.display_order);
    Some(Scheme {
        code: code?,
        bill_type,
        entry_milestone,
        manager,
        agency,
        display_order: display_order.unwrap_or_default(),
        milestones,
    })
}

fn milestone(table: &Table<'_>, scheme: &str, around: &Surroundings<'_>) -> Option<Milestone> {
    let (code, own) = own_code::<MilestoneCode>(table, &kinds::milestone_of(scheme));
    let owner = Owner::Milestone(scheme.to_owned(), own);
    table.reading.places.borrow_mut().put(&owner, "code", table.optional("code").place());
    let target = |key: &'static str| target_rule(table.optional(key), &owner, key);
    let flag = |key: &'static str| flag_rule(table.optional(key), &owner, key);
    let level = table.required("level").whole(&limits::LEVEL);
    let display_order = table.optional("display_order").whole(&limits::DISPLAY_ORDER);
    let lien = table.optional("lien").flag();
    let collections = table.optional("collections").flag();
    let duration = duration(table, &owner, around.calendars);
    let next_milestone = target("next_milestone");
    let decrement_milestone = target("decrement_milestone");
    let payment_reversal_milestone = target("payment_reversal_milestone");
    let (auto_decrement, resolve) = (flag("auto_decrement"), flag("resolve"));
    let resolution_code =
        text_code_rule(table.optional("resolution_code"), &owner, "resolution_code");
    check_companions(table, auto_decrement.as_ref(), resolve.as_ref());
    let actions = actions::actions(table.optional("action"), around.action_order);
    Some(Milestone {
        code: code?,
        level: level.unwrap_or_default(),
        display_order: display_order.unwrap_or_default(),
        lien: lien.unwrap_or(false),
        collections: collections.unwrap_or(false),
        duration,
        next_milestone,
        decrement_milestone,
        auto_decrement,
        resolve,
        resolution_code,
        payment_reversal_milestone,
        actions,
    })
}

/// The code of a scheme or a milestone, if it is the first with that code, and
/// the name under which its places are kept. What has no code of its own is
/// still read: `#`, which no code has, keeps its places apart.
fn own_code<T: Identifier>(table: &Table<'_>, kind: &str) -> (Option<T>, String) {
    let node = table.required("code");
    let code =
        node.identifier::<T>().filter(|code| table.reading.claim(kind, code.as_str(), node.span()));
    let own = match &code {
        Some(code) => code.as_str().to_owned(),
        None => format!("#{}.{}", table.span.source, table.span.offset),
    };
    (code, own)
}

fn check_completeness(table: &Table<'_>, entry: Node<'_>, milestones: Node<'_>) {
    if !milestones.is_present() {
        let message = "the scheme has no milestones";
        let hint = "add `[[scheme.milestone]]` below it";
        table.reading.report(Mistake::error(code::EMPTY_SCHEME, table.span, message).hint(hint));
    } else if !entry.is_present() {
        let message = "the scheme does not say where records enter";
        let hint = "add `entry_milestone = ...`; until then records can only be imported into it";
        table
            .reading
            .report(Mistake::warning(code::NO_ENTRY_MILESTONE, table.span, message).hint(hint));
    }
}

/// Rules that are of no use without another.
fn check_companions(
    table: &Table<'_>,
    auto_decrement: Option<&Rule<bool>>,
    resolve: Option<&Rule<bool>>,
) {
    let may_hold = |rule: Option<&Rule<bool>>| !matches!(rule, None | Some(Rule::Value(false)));
    let (decrements, to) =
        (table.optional("auto_decrement"), table.optional("decrement_milestone"));
    if may_hold(auto_decrement) && !to.is_present() {
        // A milestone that nothing comes before has nowhere to go back to: no
        // harm is done, but nothing will happen either.
        let message = "no record is ever decremented: the milestone does not say where to";
        let hint = "add `decrement_milestone = ...`, or remove `auto_decrement`";
        table.reading.report(
            Mistake::warning(code::NO_DECREMENT_MILESTONE, decrements.span(), message).hint(hint),
        );
    }
    let (resolves, with) = (table.optional("resolve"), table.optional("resolution_code"));
    if may_hold(resolve) && !with.is_present() {
        let message = "the milestone resolves records, but does not say with which code";
        resolves.wrong(code::NO_RESOLUTION_CODE, message, "add `resolution_code = ...`");
    }
}
