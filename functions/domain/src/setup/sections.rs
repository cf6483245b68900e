//! What a setup has beside its schemes: the agency, the groups, the features,
//! the tasks and the calendars.

use super::limits;
use super::mistake::{Mistake, Span, code};
use super::model::{Features, Group, TaskSettings, Tasks};
use super::places::Owner;
use super::references::kinds;
use super::rules::code_rule;
use super::tree::{Node, Reading, Table};
use crate::{BusinessCalendar, Date};
use chrono::Weekday;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The tasks that have settings of their own.
pub const TASK_NAMES: [&str; 4] =
    ["collections-run", "delinquency-run", "export-run", "payment-run"];

/// The zone that dates are meant in if nothing says another.
const DEFAULT_TIME_ZONE: &str = "UTC";

/// The tops of all sources, read as one.
pub(super) struct Root<'a>(pub(super) Vec<Table<'a>>);

impl<'a> Root<'a> {
    /// A table that may stand in one source only.
    pub(super) fn one(&self, key: &'static str) -> Option<Node<'a>> {
        let nodes = self.0.iter().map(|top| top.optional(key)).filter(|node| node.is_present());
        let mut nodes: Vec<Node<'a>> = nodes.collect();
        if nodes.is_empty() {
            return None;
        }
        let first = nodes.remove(0);
        for node in nodes {
            let message = format!("`[{key}]` stands in another source too");
            node.reading.report(
                Mistake::error(code::DUPLICATE_TABLE, node.span(), message)
                    .hint("keep one of them")
                    .related(first.span(), "the first one"),
            );
        }
        Some(first)
    }

    /// The tables of a list, from all sources.
    pub(super) fn each<T>(
        &self,
        key: &'static str,
        what: &'a str,
        most: usize,
        read: impl Fn(&Table<'a>) -> Option<T>,
    ) -> Vec<T> {
        self.0.iter().flat_map(|top| top.optional(key).tables(what, most, &read)).collect()
    }
}

/// Who collects, and in which time zone its dates are meant.
#[derive(Default)]
pub(super) struct Agency {
    pub(super) name: String,
    time_zone: Option<String>,
}

pub(super) fn agency(root: &Root<'_>) -> Agency {
    let read = |table: &Table<'_>| Agency {
        name: table.required("name").name().unwrap_or_default(),
        time_zone: table.required("time_zone").time_zone(),
    };
    root.one("agency").and_then(|node| node.table("the agency", read)).unwrap_or_default()
}

/// The collections group, of which there must be one, and its order of actions.
pub(super) fn collections_group(root: &Root<'_>, reading: &Reading<'_>) -> (Group, Vec<String>) {
    let Some(node) = root.one("group") else {
        let message = "there is no collections group";
        let mistake = Mistake::error(code::MISSING_GROUP, Span::default(), message);
        reading.report(mistake.hint("add `[group]` with a `code`"));
        return (unread_group(), Vec::new());
    };
    node.table("the group", |table| {
        let order = super::actions::type_order(table.optional("action_order"));
        (group(table, Owner::Group(None)), order)
    })
    .unwrap_or_else(|| (unread_group(), Vec::new()))
}

/// Stands in for a group that could not be read, so that the rest can be
/// checked; the setup is refused.
fn unread_group() -> Group {
    Group {
        code: String::new(),
        bill_type: None,
        minimum_entry_amount: Decimal::ZERO,
        grace_days: 0,
        resolve_below_amount: None,
        auto_decrement_and_resolve_holds: false,
        entry_scheme: None,
        display_order: 0,
    }
}

/// The delinquency groups, one for each bill type.
pub(super) fn delinquency_groups(root: &Root<'_>) -> Vec<Group> {
    root.each("delinquency_group", "a delinquency group", limits::DEFINITIONS_MAX, |table| {
        let node = table.required("bill_type");
        let bill_type =
            node.code().filter(|code| table.reading.claim(kinds::BILL_TYPE, code, node.span()));
        // Read even without a bill type, for the mistakes in the rest.
        let group = group(table, Owner::Group(bill_type.clone()));
        Some(Group { bill_type: Some(bill_type?), ..group })
    })
}

fn group(table: &Table<'_>, owner: Owner) -> Group {
    let node = table.required("code");
    let code = node.code();
    if let Some(code) = &code {
        table.reading.claim(kinds::GROUP, code, node.span());
    }
    let minimum = table.optional("minimum_entry_amount").amount();
    let grace_days = table.optional("grace_days").whole(&limits::GRACE_DAYS);
    let below = table.optional("resolve_below_amount").amount();
    let holds = table.optional("auto_decrement_and_resolve_holds").flag();
    let display_order = table.optional("display_order").whole(&limits::DISPLAY_ORDER);
    Group {
        code: code.unwrap_or_default(),
        bill_type: None,
        minimum_entry_amount: minimum.unwrap_or_default(),
        grace_days: grace_days.unwrap_or_default(),
        resolve_below_amount: below,
        auto_decrement_and_resolve_holds: holds.unwrap_or_default(),
        entry_scheme: code_rule(table.optional("entry_scheme"), &owner, "entry_scheme"),
        display_order: display_order.unwrap_or_default(),
    }
}

pub(super) fn features(root: &Root<'_>) -> Features {
    let read = |table: &Table<'_>| table.optional("collections").flag();
    let collections =
        root.one("features").and_then(|node| node.table("`[features]`", read).flatten());
    Features { collections: collections.unwrap_or(true) }
}

pub(super) fn tasks(root: &Root<'_>) -> Tasks {
    let settings = |table: &Table<'_>| TaskSettings {
        threads: table.optional("threads").whole(&limits::THREADS),
        commit_number: table.optional("commit_number").whole(&limits::COMMIT_NUMBER),
    };
    let read = |table: &Table<'_>| Tasks {
        default: settings(table),
        by_name: TASK_NAMES
            .iter()
            .filter_map(|name| {
                let own = table.optional(name).table("a task", settings)?;
                Some(((*name).to_owned(), own))
            })
            .collect(),
    };
    root.one("tasks").and_then(|node| node.table("`[tasks]`", read)).unwrap_or_default()
}

/// The calendars by name, and the agency's time zone: its own, else the one of
/// all calendars. A calendar without a zone has the agency's.
pub(super) fn calendars(
    root: &Root<'_>,
    agency: &Agency,
    reading: &Reading<'_>,
) -> (BTreeMap<String, BusinessCalendar>, String) {
    let mut written: Vec<WrittenCalendar> = Vec::new();
    for top in &root.0 {
        for entry in top.optional("calendar").entries() {
            let is_first =
                entry.is_code() && reading.claim(kinds::CALENDAR, entry.key, entry.key_span);
            let read = |table: &Table<'_>| calendar(table, entry.key);
            let calendar = entry.node.table("a calendar", read);
            written.extend(calendar.filter(|_| is_first));
        }
    }
    let mut zones: Vec<&str> = written.iter().filter_map(|it| it.time_zone.as_deref()).collect();
    zones.sort_unstable();
    zones.dedup();
    let time_zone = match (&agency.time_zone, zones.as_slice()) {
        (Some(own), _) => own.clone(),
        (None, [only]) => (*only).to_owned(),
        (None, _) => {
            let message = "nothing says in which time zone dates are meant: it will be UTC";
            let hint = "add `[agency]` with `time_zone = \"America/New_York\"` or your own";
            let mistake = Mistake::warning(code::NO_TIME_ZONE, Span::default(), message);
            reading.report(mistake.hint(hint));
            DEFAULT_TIME_ZONE.to_owned()
        }
    };
    let finished = written.into_iter().filter_map(|it| {
        let zone = it.time_zone.as_deref().unwrap_or(&time_zone);
        match BusinessCalendar::new(it.name.clone(), zone, it.weekend, it.holidays) {
            Ok(calendar) => Some((it.name, calendar)),
            Err(error) => {
                let hint = "leave at least one day out of `weekend`";
                let mistake =
                    Mistake::error(code::NO_BUSINESS_DAY, it.weekend_span, error.to_string());
                reading.report(mistake.hint(hint));
                None
            }
        }
    });
    (finished.collect(), time_zone)
}

struct WrittenCalendar {
    name: String,
    time_zone: Option<String>,
    weekend: Vec<Weekday>,
    weekend_span: Span,
    holidays: Vec<Date>,
}

fn calendar(table: &Table<'_>, name: &str) -> WrittenCalendar {
    const DAYS: [(&str, Weekday); 7] = [
        ("mon", Weekday::Mon),
        ("tue", Weekday::Tue),
        ("wed", Weekday::Wed),
        ("thu", Weekday::Thu),
        ("fri", Weekday::Fri),
        ("sat", Weekday::Sat),
        ("sun", Weekday::Sun),
    ];
    let weekend = table.optional("weekend");
    let mut holidays: BTreeMap<Date, Span> = BTreeMap::new();
    for node in table.optional("holidays").list() {
        let Some(date) = node.date() else { continue };
        let first = *holidays.entry(date).or_insert(node.span());
        if first != node.span() {
            let message = format!("{date} is listed twice");
            table.reading.report(
                Mistake::warning(code::DUPLICATE_HOLIDAY, node.span(), message)
                    .hint("check that no other day is meant")
                    .related(first, "the first one"),
            );
        }
    }
    WrittenCalendar {
        name: name.to_owned(),
        time_zone: table.optional("time_zone").time_zone(),
        weekend_span: weekend.span(),
        weekend: match weekend.is_present() {
            true => weekend.list().into_iter().filter_map(|day| day.word(&DAYS)).collect(),
            false => vec![Weekday::Sat, Weekday::Sun],
        },
        holidays: holidays.into_keys().collect(),
    }
}
