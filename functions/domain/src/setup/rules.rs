//! Rules: each a value or a formula; and durations, which are a rule with more.

use super::limits;
use super::mistake::{Mistake, code};
use super::model::{Anchor, Duration, Rule};
use super::places::Owner;
use super::tree::{Node, Table};
use crate::formula::{self, Formula, Reference, Type};
use crate::nearest::did_you_mean;
use crate::{DayBasis, Identifier};
use toml::Spanned;
use toml::de::DeValue;

/// What the results of a rule are meant to be.
pub(super) struct Kind<'f, 'a, T> {
    /// The type that a formula must give.
    pub(super) gives: Type,
    /// Reads a value.
    pub(super) value: &'f dyn Fn(Node<'a>) -> Option<T>,
}

/// Reads `{ value = .. }`, `{ formula = ".." }` or the bare value.
pub(super) fn rule<'a, T>(
    node: Node<'a>,
    owner: &Owner,
    key: &'static str,
    kind: &Kind<'_, 'a, T>,
) -> Option<Rule<T>> {
    match node.value.map(Spanned::get_ref)? {
        DeValue::Table(_) => {
            node.table("a rule", |table| value_or_formula(table, owner, key, kind)).flatten()
        }
        _ => bare_value(node, owner, key, kind),
    }
}

/// A rule that gives yes or no.
pub(super) fn flag_rule(node: Node<'_>, owner: &Owner, key: &'static str) -> Option<Rule<bool>> {
    rule(node, owner, key, &Kind { gives: Type::Bool, value: &Node::flag })
}

/// A rule that gives a code, which may not be empty.
pub(super) fn code_rule<T: Identifier>(
    node: Node<'_>,
    owner: &Owner,
    key: &'static str,
) -> Option<Rule<T>> {
    rule(node, owner, key, &Kind { gives: Type::Text, value: &Node::identifier })
}

/// A rule that gives a code of no type of its own.
pub(super) fn text_code_rule(
    node: Node<'_>,
    owner: &Owner,
    key: &'static str,
) -> Option<Rule<String>> {
    rule(node, owner, key, &Kind { gives: Type::Text, value: &Node::code })
}

/// A rule that gives a code or, with an empty text, none.
pub(super) fn target_rule<T: Identifier>(
    node: Node<'_>,
    owner: &Owner,
    key: &'static str,
) -> Option<Rule<T>> {
    let value = |node: Node<'_>| match node.text()? {
        "" => None,
        _ => node.identifier(),
    };
    rule(node, owner, key, &Kind { gives: Type::Text, value: &value })
}

fn bare_value<'a, T>(
    node: Node<'a>,
    owner: &Owner,
    key: &'static str,
    kind: &Kind<'_, 'a, T>,
) -> Option<Rule<T>> {
    node.reading.places.borrow_mut().put(owner, key, node.place());
    (kind.value)(node.called(key)).map(Rule::Value)
}

/// The keys `value` and `formula` of a table, of which exactly one must be there.
fn value_or_formula<'a, T>(
    table: &Table<'a>,
    owner: &Owner,
    key: &'static str,
    kind: &Kind<'_, 'a, T>,
) -> Option<Rule<T>> {
    let (value, text) = (table.optional("value"), table.optional("formula"));
    match (value.is_present(), text.is_present()) {
        (true, false) => bare_value(value, owner, key, kind),
        (false, true) => {
            table.reading.places.borrow_mut().put(owner, key, text.place());
            formula(text.called(key), kind.gives.clone()).map(Rule::Formula)
        }
        (true, true) => {
            let message = format!("`{key}` has both a value and a formula");
            text.wrong(code::VALUE_AND_FORMULA, message, "keep one of them");
            None
        }
        (false, false) => {
            let message = format!("`{key}` has neither a value nor a formula");
            table.reading.report(
                Mistake::error(code::EMPTY_RULE, table.span, message)
                    .hint("write `{ value = ... }` or `{ formula = \"...\" }`"),
            );
            None
        }
    }
}

/// Compiles a formula; what is wrong with it is reported at its own place
/// within the text.
pub(super) fn formula(node: Node<'_>, gives: Type) -> Option<Formula> {
    let text = node.text()?;
    Formula::compile(text, gives)
        .map_err(|error| {
            let span = node.place().part(error.offset, error.length);
            let message = format!("`{}`: {}", node.name, error.message);
            let mistake = Mistake::error(code::BAD_FORMULA, span, message);
            node.reading.report(mistake.maybe_hint(error.hint));
        })
        .ok()
}

/// Compiles a condition on an account: there is no record that it could read.
pub(super) fn account_condition(node: Node<'_>) -> Option<Formula> {
    let formula = formula(node, Type::Bool)?;
    let mut of_records: Vec<&Reference> = formula.variables().iter().collect();
    of_records.retain(|reference| is_of_record(reference));
    for reference in &of_records {
        let text = reference.to_string();
        // What is written otherwise is pointed to as a whole.
        let span = match formula.text().find(&text) {
            Some(offset) => node.place().part(offset, text.len()),
            None => node.span(),
        };
        let message =
            format!("`{}`: a payment has no record whose {reference} could be read", node.name);
        let hint = "use what begins with account, contact or run";
        node.reading.report(Mistake::error(code::BAD_FORMULA, span, message).hint(hint));
    }
    of_records.is_empty().then(|| formula.clone())
}

fn is_of_record(reference: &Reference) -> bool {
    match reference {
        Reference::Variable(variable) => variable.path().starts_with("delinquency."),
        Reference::Attribute { owner, .. } => *owner == formula::Owner::Delinquency,
    }
}

/// Reads the duration of a milestone: days, `{ value = 14, days = "business" }`
/// or `{ formula = ".." }`. A milestone from which nothing goes on needs none.
pub(super) fn duration(milestone: &Table<'_>, owner: &Owner, calendars: &[String]) -> Duration {
    const KEY: &str = "duration";
    let days =
        Kind { gives: Type::Int, value: &|node: Node<'_>| node.whole(&limits::DURATION_DAYS) };
    let node = milestone.optional(KEY);
    match node.value.map(Spanned::get_ref) {
        None => {
            let next = milestone.optional("next_milestone");
            if next.is_present() {
                let message = "the milestone goes on to another, but has no duration";
                let hint = "add `duration = 14`; with `duration = 0` it goes on at once";
                next.wrong(code::NO_DURATION, message, hint);
            }
            Duration::at_once()
        }
        Some(DeValue::Table(_)) => node
            .table("a duration", |table| {
                let days = value_or_formula(table, owner, KEY, &days);
                Duration {
                    basis: basis(table, calendars),
                    from: table
                        .optional("from")
                        .word(&[
                            (Anchor::MilestoneEntry.as_str(), Anchor::MilestoneEntry),
                            (Anchor::OldestDebt.as_str(), Anchor::OldestDebt),
                        ])
                        .unwrap_or(Anchor::MilestoneEntry),
                    to_month_end: table.optional("month_end").flag().unwrap_or(false),
                    days: days.unwrap_or(Rule::Value(0)),
                }
            })
            .unwrap_or_else(Duration::at_once),
        Some(_) => {
            let mut duration = Duration::at_once();
            if let Some(days) = bare_value(node, owner, KEY, &days) {
                duration.days = days;
            }
            duration
        }
    }
}

fn basis(table: &Table<'_>, calendars: &[String]) -> DayBasis {
    let days = table.optional("days");
    let is_business = days.word(&[("calendar", false), ("business", true)]).unwrap_or(false);
    let calendar = table.optional("calendar");
    let name = calendar.text();
    if !is_business {
        if days.is_present() == (days.text() == Some("calendar")) && name.is_some() {
            let message = "a calendar is named, but calendar days are counted";
            let hint = "add `days = \"business\"`, or remove the calendar";
            calendar.wrong(code::UNUSED_CALENDAR, message, hint);
        }
        return DayBasis::Calendar;
    }
    match (name, calendars) {
        (Some(name), _) => {
            if !calendars.iter().any(|known| known == name) {
                unknown_calendar(calendar, name, calendars);
            }
            DayBasis::Business(name.to_owned())
        }
        (None, [only]) => DayBasis::Business(only.clone()),
        (None, _) => {
            let hint = if calendars.is_empty() {
                "define one as `[calendar.NAME]`, and name it: `calendar = \"NAME\"`".to_owned()
            } else {
                format!("there are several: name one of `{}`", calendars.join("`, `"))
            };
            days.wrong(code::NO_CALENDAR, "business days need a calendar", &hint);
            DayBasis::Calendar
        }
    }
}

pub(super) fn unknown_calendar(node: Node<'_>, name: &str, calendars: &[String]) {
    let hint = did_you_mean(name, calendars.iter().map(String::as_str))
        .or_else(|| Some(format!("define it as `[calendar.{name}]`")));
    let message = format!("there is no calendar `{name}`");
    node.reading
        .report(Mistake::error(code::UNKNOWN_CALENDAR, node.span(), message).maybe_hint(hint));
}

impl Duration {
    /// No waiting: what holds where a setup names no duration.
    #[must_use]
    pub fn at_once() -> Self {
        Self {
            days: Rule::Value(0),
            basis: DayBasis::Calendar,
            from: Anchor::MilestoneEntry,
            to_month_end: false,
        }
    }
}

impl Anchor {
    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MilestoneEntry => "milestone-entry",
            Self::OldestDebt => "oldest-debt",
        }
    }
}
