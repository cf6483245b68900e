//! Setups as text: what there is, and what its actions are.

use super::number::counted;
use super::table::Table;
use arrears_domain::DayBasis;
use arrears_domain::setup::{Anchor, Duration, Milestone, Rule, Scheme, Setup, describe};
use arrears_runs::setups::Loaded;
use serde_json::{Value, json};
use std::fmt::Display;

/// `3 schemes, 9 milestones, 17 actions`.
pub fn sizes(setup: &Setup) -> String {
    let milestones: Vec<&Milestone> =
        setup.schemes.values().flat_map(|scheme| &scheme.milestones).collect();
    let actions: usize = milestones.iter().map(|milestone| milestone.actions.len()).sum();
    format!(
        "{}, {}, {}",
        counted(setup.schemes.len() as u64, "scheme", "schemes"),
        counted(milestones.len() as u64, "milestone", "milestones"),
        counted(actions as u64, "action", "actions"),
    )
}

/// What loading came to.
pub fn loaded(loaded: &Loaded) -> String {
    let first = if loaded.unchanged {
        format!("Setup {} says the same and stays the active one.\n", loaded.version)
    } else {
        format!("Stored as setup {}, which is the active one now.\n", loaded.version)
    };
    match loaded.moved_dates {
        0 => first,
        moved => {
            let moved = counted(moved, "record has", "records have");
            format!("{first}{moved} another date of eligibility now.\n")
        }
    }
}

/// The setup as plain data, with the files it was read from.
pub fn document(version: u32, setup: &Setup, sources: &[(String, String)]) -> Value {
    let files: Vec<Value> =
        sources.iter().map(|(name, text)| json!({"name": name, "text": text})).collect();
    json!({
        "version": version,
        "agency_name": setup.agency_name,
        "time_zone": setup.time_zone,
        "collections": setup.features.collections,
        "schemes": in_order(setup).into_iter().map(scheme_document).collect::<Vec<_>>(),
        "line_item_types": setup.line_item_types.keys().collect::<Vec<_>>(),
        "correspondence": setup.correspondence.keys().collect::<Vec<_>>(),
        "request_types": setup.request_types.keys().collect::<Vec<_>>(),
        "files": files,
    })
}

fn scheme_document(scheme: &Scheme) -> Value {
    let milestone = |milestone: &Milestone| {
        json!({
            "code": milestone.code.to_string(),
            "title": milestone.title(),
            "level": milestone.level,
            "duration": duration(&milestone.duration),
            "next_milestone": milestone.next_milestone.as_ref().map(rule),
            "lien": milestone.lien,
            "collections": milestone.collections,
            "actions": milestone.actions.len(),
        })
    };
    json!({
        "code": scheme.code.to_string(),
        "bill_type": scheme.bill_type,
        "manager": scheme.manager,
        "agency": scheme.agency,
        "entry_milestone": scheme.entry_milestone.as_ref().map(rule),
        "milestones": scheme.milestones.iter().map(milestone).collect::<Vec<_>>(),
    })
}

/// The setup for people: each scheme with its milestones.
pub fn show(version: u32, setup: &Setup) -> String {
    let mut text = format!("Setup {version} of {}: {}.\n", name(setup), sizes(setup));
    let switch = if setup.features.collections { "on" } else { "off" };
    text.push_str(&format!(
        "Time zone {}; the Collections feature is {switch}; a balance enters above {}.\n",
        setup.time_zone, setup.group.minimum_entry_amount
    ));
    for scheme in in_order(setup) {
        text.push_str(&format!("\nScheme {}{}\n", scheme.code, who(scheme)));
        let mut table = Table::new(["Milestone", "Stays", "Then", "Marks", "#Actions"]);
        for milestone in &scheme.milestones {
            table.row([
                milestone.title(),
                duration(&milestone.duration),
                milestone.next_milestone.as_ref().map_or_else(|| "stays".to_owned(), rule),
                marks(milestone).to_owned(),
                milestone.actions.len().to_string(),
            ]);
        }
        text.push_str(&table.render());
    }
    let mut defined = Table::new(["", ""]);
    let mut list = |what: &str, codes: Vec<&String>| {
        if !codes.is_empty() {
            let codes: Vec<&str> = codes.into_iter().map(String::as_str).collect();
            defined.row([what, &codes.join(", ")]);
        }
    };
    list("line item types", setup.line_item_types.keys().collect());
    list("correspondence", setup.correspondence.keys().collect());
    list("request types", setup.request_types.keys().collect());
    list("collection agencies", setup.collection_agencies.keys().collect());
    list("calendars", setup.calendars.keys().collect());
    list("credit ratings", setup.credit_rating_levels.iter().map(|level| &level.code).collect());
    text.push_str(&format!("\nDefined\n{}", defined.render()));
    text
}

fn name(setup: &Setup) -> &str {
    if setup.agency_name.is_empty() { "an agency without a name" } else { &setup.agency_name }
}

fn who(scheme: &Scheme) -> String {
    match (&scheme.bill_type, &scheme.agency, &scheme.manager) {
        (Some(bill_type), ..) => format!(" for bill type {bill_type}"),
        (None, Some(agency), _) => format!(", collection agency {agency}"),
        (None, None, Some(manager)) => format!(", manager {manager}"),
        (None, None, None) => String::new(),
    }
}

fn marks(milestone: &Milestone) -> &'static str {
    match (milestone.collections, milestone.lien) {
        (true, true) => "collections, lien",
        (true, false) => "collections",
        (false, true) => "lien",
        (false, false) => "",
    }
}

/// The actions of each scheme as plain data.
pub fn actions_document(version: u32, setup: &Setup) -> Value {
    let schemes = describe(setup).schemes.into_iter().map(|scheme| {
        let actions = scheme.actions.into_iter().map(|action| {
            json!({
                "milestone": action.milestone,
                "perform_on": action.perform_on,
                "type": action.action_type,
                "condition": action.condition,
                "config": action.config,
            })
        });
        json!({"scheme": scheme.scheme, "actions": actions.collect::<Vec<_>>()})
    });
    json!({"version": version, "schemes": schemes.collect::<Vec<_>>()})
}

/// The actions of each scheme for people: the source document's *Collections
/// Actions* node.
pub fn actions(version: u32, setup: &Setup) -> String {
    let mut text = format!("Actions of setup {version} of {}.\n", name(setup));
    for scheme in describe(setup).schemes {
        text.push_str(&format!("\nScheme {}\n", scheme.scheme));
        if scheme.actions.is_empty() {
            text.push_str("  no actions\n");
            continue;
        }
        let mut table = Table::new(["Milestone", "Perform on", "Action", "Condition", "Config"]);
        for action in scheme.actions {
            let condition = action.condition.unwrap_or_else(|| "always".to_owned());
            table.row([
                action.milestone.as_str(),
                action.perform_on,
                &action.action_type,
                &condition,
                &action.config,
            ]);
        }
        text.push_str(&table.render());
    }
    text
}

fn in_order(setup: &Setup) -> Vec<&Scheme> {
    let mut schemes: Vec<&Scheme> = setup.schemes.values().collect();
    schemes.sort_by_key(|scheme| scheme.display_order);
    schemes
}

/// `10 business days of city`, `30 days from the oldest debt, to the month's end`.
fn duration(duration: &Duration) -> String {
    let days = rule(&duration.days);
    let basis = match &duration.basis {
        DayBasis::Calendar => "days".to_owned(),
        DayBasis::Business(calendar) => format!("business days of {calendar}"),
    };
    let from = match duration.from {
        Anchor::MilestoneEntry => "",
        Anchor::OldestDebt => " from the oldest debt",
    };
    let end = if duration.to_month_end { ", to the month's end" } else { "" };
    format!("{days} {basis}{from}{end}")
}

/// The value of a rule, or its formula in quotes.
fn rule<T: Display>(rule: &Rule<T>) -> String {
    match rule {
        Rule::Value(value) => value.to_string(),
        Rule::Formula(formula) => format!("`{}`", formula.text()),
    }
}
