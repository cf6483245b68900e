//! What differs between two setups, in words.
//!
//! A setup is laid out as parts with properties, each a line of text; two
//! layouts are compared. Order in the files and how a thing is written (a bare
//! value or a table) make no difference.

mod payment;

use super::describe::one_line;
use super::model::{
    Action, Duration, ExportSetup, ExportTemplate, Group, Milestone, Rule, Scheme, Setup,
    TaskSettings,
};
use crate::DayBasis;
use std::collections::BTreeMap;
use std::fmt;

/// One difference: `scheme RES, milestone REMIND: duration 14 business days of
/// city -> 10 business days of city`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The part of the setup, from the outside in; empty for the setup itself.
    pub place: Vec<String>,
    /// What is different there.
    pub change: Change,
}

/// How a part differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the second setup has the part.
    Added,
    /// Only the first setup has the part.
    Removed,
    /// A property of the part differs; without a text it is not set.
    Changed {
        /// The property, `duration`.
        property: &'static str,
        /// What the first setup says.
        from: Option<String>,
        /// What the second setup says.
        to: Option<String>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.join(", ");
        let place = if place.is_empty() { "setup" } else { &place };
        match &self.change {
            Change::Added => write!(f, "{place}: added"),
            Change::Removed => write!(f, "{place}: removed"),
            Change::Changed { property, from, to } => {
                let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "not set".to_owned());
                write!(f, "{place}: {property} {} -> {}", text(from), text(to))
            }
        }
    }
}

/// What differs in the second setup, part by part.
#[must_use]
pub fn diff(a: &Setup, b: &Setup) -> Vec<Difference> {
    let (a, b) = (Layout::of(a).0, Layout::of(b).0);
    let mut places: Vec<&Place> = a.keys().chain(b.keys()).collect();
    places.sort();
    places.dedup();
    // A part that is new or gone as a whole is one difference, not one for
    // each thing in it.
    let is_inside = |place: &Place, layout: &BTreeMap<Place, Properties>| {
        place.len() > 1 && !layout.contains_key(&place[..place.len() - 1])
    };
    let mut differences = Vec::new();
    for place in places {
        let mut differs = |change| differences.push(Difference { place: place.clone(), change });
        match (a.get(place), b.get(place)) {
            (Some(a), Some(b)) => changes(a, b).into_iter().for_each(differs),
            (Some(_), None) if !is_inside(place, &b) => differs(Change::Removed),
            (None, Some(_)) if !is_inside(place, &a) => differs(Change::Added),
            _ => {}
        }
    }
    differences
}

fn changes(a: &Properties, b: &Properties) -> Vec<Change> {
    let changed = a.iter().zip(b).filter(|((_, from), (_, to))| from != to);
    changed
        .map(|((property, from), (_, to))| Change::Changed {
            property,
            from: from.clone(),
            to: to.clone(),
        })
        .collect()
}

type Place = Vec<String>;

/// Properties in a fixed order, the same for all parts of a kind.
type Properties = Vec<(&'static str, Option<String>)>;

/// A setup as parts with properties.
struct Layout(BTreeMap<Place, Properties>);

impl Layout {
    fn of(setup: &Setup) -> Self {
        let mut layout = Self(BTreeMap::new());
        layout.put(
            &[],
            vec![
                ("agency name", Some(format!("\"{}\"", setup.agency_name))),
                ("time zone", Some(setup.time_zone.clone())),
                ("collections feature", yes_or_no(setup.features.collections)),
                ("order of actions", Some(setup.action_order.join(", "))),
                ("ledger closed through", setup.ledger.closed_through.map(|it| it.to_string())),
            ],
        );
        layout.put(&["all tasks".to_owned()], task(&setup.tasks.default));
        for (name, settings) in &setup.tasks.by_name {
            layout.put(&[format!("task {name}")], task(settings));
        }
        layout.group(&["collections group".to_owned()], &setup.group);
        for group in &setup.delinquency_groups {
            let bill_type = group.bill_type.as_deref().unwrap_or_default();
            layout.group(&[format!("delinquency group of {bill_type}")], group);
        }
        layout.calendars(setup);
        layout.definitions(setup);
        for export in setup.export_setups.values() {
            layout.put(&[format!("export setup {}", export.code)], export_properties(export));
        }
        for profile in setup.payment_profiles.values() {
            layout.payment_profile(profile);
        }
        for scheme in setup.schemes.values() {
            layout.scheme(scheme);
        }
        layout
    }

    fn put(&mut self, place: &[String], properties: Properties) {
        self.0.insert(place.to_vec(), properties);
    }

    fn group(&mut self, place: &[String], group: &Group) {
        self.put(
            place,
            vec![
                ("code", Some(group.code.clone())),
                ("minimum entry amount", Some(group.minimum_entry_amount.to_string())),
                ("grace days", Some(group.grace_days.to_string())),
                ("resolve below amount", group.resolve_below_amount.map(|it| it.to_string())),
                (
                    "auto decrement and resolve holds",
                    group.auto_decrement_and_resolve_holds.then(|| "yes".to_owned()),
                ),
                ("entry scheme", rule(group.entry_scheme.as_ref())),
                ("display order", Some(group.display_order.to_string())),
            ],
        );
    }

    fn calendars(&mut self, setup: &Setup) {
        for (name, calendar) in &setup.calendars {
            let place = [format!("calendar {name}")];
            let weekend: Vec<String> = calendar.weekend().map(|day| day.to_string()).collect();
            self.put(
                &place,
                vec![
                    ("time zone", Some(calendar.time_zone().to_owned())),
                    ("weekend", Some(weekend.join(", "))),
                ],
            );
            for holiday in calendar.holidays() {
                self.put(&[place[0].clone(), format!("holiday {holiday}")], Vec::new());
            }
        }
    }

    fn definitions(&mut self, setup: &Setup) {
        let named = |name: &str| ("name", Some(format!("\"{name}\"")));
        for it in setup.line_item_types.values() {
            let kind = Some(it.kind.as_str().to_owned());
            self.put(
                &[format!("line item type {}", it.code)],
                vec![named(&it.name), ("kind", kind)],
            );
        }
        for it in setup.correspondence.values() {
            let place = [format!("correspondence {}", it.code)];
            self.put(&place, vec![named(&it.name), ("channel", Some(it.channel.clone()))]);
            for (field, text) in &it.fields {
                let place = [place[0].clone(), format!("field {field}")];
                self.put(&place, vec![("text", Some(format!("\"{text}\"")))]);
            }
        }
        for it in setup.request_types.values() {
            let priority = it.priority.map(|priority| priority.to_string());
            let properties =
                vec![named(&it.name), ("priority", priority), ("queue", it.queue.clone())];
            self.put(&[format!("request type {}", it.code)], properties);
        }
        for it in &setup.credit_rating_levels {
            let points = Some(it.points_min.to_string());
            let properties = vec![named(&it.name), ("least points", points)];
            self.put(&[format!("credit rating level {}", it.code)], properties);
        }
        for it in setup.collection_agencies.values() {
            self.put(&[format!("collection agency {}", it.code)], vec![named(&it.name)]);
        }
    }

    fn scheme(&mut self, scheme: &Scheme) {
        let place = format!("scheme {}", scheme.code);
        self.put(
            std::slice::from_ref(&place),
            vec![
                ("bill type", scheme.bill_type.clone()),
                ("entry milestone", rule(scheme.entry_milestone.as_ref())),
                ("manager", scheme.manager.clone()),
                ("agency", scheme.agency.clone()),
                ("display order", Some(scheme.display_order.to_string())),
            ],
        );
        for milestone in &scheme.milestones {
            let place = [place.clone(), format!("milestone {}", milestone.code)];
            self.put(&place, milestone_properties(milestone));
            self.actions(&place, &milestone.actions, |action| {
                format!("action {} on {}", action.action_type, action.perform_on.as_str())
            });
        }
    }

    /// Actions have no codes: one is known by its name, made of its type and
    /// perhaps its event, and a number among its like.
    fn actions(&mut self, owner: &[String], actions: &[Action], name: fn(&Action) -> String) {
        let mut like: BTreeMap<String, usize> = BTreeMap::new();
        for action in actions {
            let name = name(action);
            let number = like.entry(name.clone()).or_insert(0);
            *number += 1;
            let name = if *number == 1 { name } else { format!("{name} ({number})") };
            let place: Vec<String> = owner.iter().cloned().chain([name]).collect();
            let condition = action.condition.as_ref().map(|it| format!("`{}`", it.text()));
            self.put(
                &place,
                vec![
                    ("condition", condition),
                    ("display order", Some(action.display_order.to_string())),
                    ("config", Some(format!("{{{}}}", one_line(&action.config)))),
                ],
            );
        }
    }
}

fn export_properties(export: &ExportSetup) -> Properties {
    let text = |key: &str| {
        let mut texts = export.template.texts();
        texts.find(|(own, _)| *own == key).map(|(_, it)| quoted(&it.text))
    };
    let ready = match &export.template {
        ExportTemplate::Ready(ready) => Some(ready.as_str().to_owned()),
        ExportTemplate::Written { .. } => None,
    };
    vec![
        ("name", export.name.as_deref().map(quoted)),
        ("collection agency", Some(export.collection_agency.clone())),
        ("prefix", Some(export.prefix.clone())),
        ("extension", Some(export.extension.clone())),
        ("template", ready),
        ("header", text("header")),
        ("record", text("record")),
        ("trailer", text("trailer")),
        ("escape", Some(export.escape_in_force().as_str().to_owned())),
        ("compression", Some(export.compression.as_str().to_owned())),
        ("records of a file", export.split_records.map(|it| it.to_string())),
    ]
}

fn milestone_properties(milestone: &Milestone) -> Properties {
    vec![
        ("level", Some(milestone.level.to_string())),
        ("display order", Some(milestone.display_order.to_string())),
        ("lien", yes_or_no(milestone.lien)),
        ("collections", yes_or_no(milestone.collections)),
        ("duration", Some(duration(&milestone.duration))),
        ("next milestone", rule(milestone.next_milestone.as_ref())),
        ("decrement milestone", rule(milestone.decrement_milestone.as_ref())),
        ("auto decrement", rule(milestone.auto_decrement.as_ref())),
        ("resolve", rule(milestone.resolve.as_ref())),
        ("resolution code", rule(milestone.resolution_code.as_ref())),
        ("payment reversal milestone", rule(milestone.payment_reversal_milestone.as_ref())),
    ]
}

fn task(settings: &TaskSettings) -> Properties {
    vec![
        ("threads", settings.threads.map(|it| it.to_string())),
        ("commit number", settings.commit_number.map(|it| it.to_string())),
    ]
}

/// A text on one line, quoted as JSON does it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn yes_or_no(flag: bool) -> Option<String> {
    Some(if flag { "yes" } else { "no" }.to_owned())
}

fn rule<T: fmt::Display>(rule: Option<&Rule<T>>) -> Option<String> {
    rule.map(|rule| match rule {
        Rule::Value(value) => value.to_string(),
        Rule::Formula(formula) => format!("`{}`", formula.text()),
    })
}

/// `14 business days of city from oldest-debt to month end`.
fn duration(duration: &Duration) -> String {
    let days = rule(Some(&duration.days)).unwrap_or_default();
    let basis = match &duration.basis {
        DayBasis::Calendar => " days".to_owned(),
        DayBasis::Business(calendar) => format!(" business days of {calendar}"),
    };
    let from = match duration.from {
        super::Anchor::MilestoneEntry => String::new(),
        anchor => format!(" from {}", anchor.as_str()),
    };
    let month_end = if duration.to_month_end { " to month end" } else { "" };
    format!("{days}{basis}{from}{month_end}")
}
