//! From when a record may advance.

use super::rule::{evaluate, stands_at, unreachable_type};
use super::{DecisionError, Inputs, Step};
use crate::calendar::{CalendarError, DAYS_MAX, add_days};
use crate::formula::Value;
use crate::setup::{Anchor, Duration, Rule};
use crate::{BusinessCalendar, Date, DayBasis, Delinquency, Setup};
use chrono::{Datelike, Days, Months};

/// When a run has to look at a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// From this date on.
    On(Date),
    /// On every run: only a formula, or a clerk, can tell.
    EveryRun,
    /// Never: the process has ended.
    Never,
}

/// The date from which a record may advance, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    /// The first day on which a run advances the record.
    pub on: Date,
    /// How it was found.
    pub step: Step,
}

/// From when the record may advance: `add(anchor, duration, basis)`, moved to
/// the end of its month if the rule says so, plus the extension in the same
/// basis. The day itself is included.
///
/// # Errors
/// The milestone is unknown, the duration formula fails or gives a number of
/// days that makes no sense, or the date is out of range.
pub fn eligibility(setup: &Setup, inputs: &Inputs<'_>) -> Result<Eligibility, DecisionError> {
    let record = inputs.delinquency;
    let (_, milestone) = stands_at(setup, inputs)?;
    let duration = &milestone.duration;
    let (days, read) = match &duration.days {
        Rule::Value(days) => (*days, Vec::new()),
        Rule::Formula(formula) => {
            let (value, read) = evaluate(setup, inputs, "duration", formula)?;
            (formula_days(&value)?, read)
        }
    };
    let on = eligible_on(setup, record, duration, days)?;
    let step =
        Step { rule: "duration".to_owned(), text: text(record, duration, days, on), inputs: read };
    Ok(Eligibility { on, step })
}

/// When a run has to look at the record next: what the due index stores.
#[must_use]
pub fn due(setup: &Setup, record: &Delinquency) -> Due {
    if !record.is_open() {
        return Due::Never;
    }
    // What cannot be computed here is looked at on every run, which then
    // reports what is wrong with it.
    match setup.milestone(&record.scheme, &record.milestone) {
        Some((_, milestone)) => match &milestone.duration.days {
            Rule::Value(days) => eligible_on(setup, record, &milestone.duration, *days)
                .map_or(Due::EveryRun, Due::On),
            Rule::Formula(_) => Due::EveryRun,
        },
        None => Due::EveryRun,
    }
}

fn formula_days(value: &Value) -> Result<u32, DecisionError> {
    let Value::Int(days) = value else { unreachable_type("duration", value) };
    u32::try_from(*days)
        .ok()
        .filter(|days| *days <= DAYS_MAX)
        .ok_or(DecisionError::Duration { days: *days, max: DAYS_MAX })
}

fn eligible_on(
    setup: &Setup,
    record: &Delinquency,
    duration: &Duration,
    days: u32,
) -> Result<Date, CalendarError> {
    let calendar = calendar(setup, &duration.basis);
    let base = add_days(anchor(record, duration), days, calendar)?;
    let base = if duration.to_month_end { month_end(base)? } else { base };
    // An anchor may lie long before the record came here; a record cannot go on
    // before it has come.
    Ok(add_days(base, record.extension_days, calendar)?.max(record.entered_on))
}

fn calendar<'a>(setup: &'a Setup, basis: &DayBasis) -> Option<&'a BusinessCalendar> {
    match basis {
        DayBasis::Calendar => None,
        DayBasis::Business(name) => setup.calendars.get(name),
    }
}

fn anchor(record: &Delinquency, duration: &Duration) -> Date {
    match duration.from {
        Anchor::MilestoneEntry => record.entered_on,
        Anchor::OldestDebt => record.oldest_debt_on.unwrap_or(record.entered_on),
    }
}

fn month_end(date: Date) -> Result<Date, CalendarError> {
    date.with_day(1)
        .and_then(|first| first.checked_add_months(Months::new(1)))
        .and_then(|next| next.checked_sub_days(Days::new(1)))
        .ok_or(CalendarError::OutOfRange { from: date, days: 31 })
}

fn text(record: &Delinquency, duration: &Duration, days: u32, on: Date) -> String {
    let basis = match &duration.basis {
        DayBasis::Calendar => String::new(),
        DayBasis::Business(name) => format!(" business ({name})"),
    };
    let what = match duration.from {
        Anchor::OldestDebt if record.oldest_debt_on.is_some() => "oldest debt",
        _ => "entry",
    };
    let since = anchor(record, duration);
    let month_end = if duration.to_month_end { ", to the end of the month" } else { "" };
    let extension = match record.extension_days {
        0 => String::new(),
        days => format!(", extended by {days}"),
    };
    format!("{days}{basis} days from {what} {since}{month_end}{extension}: eligible on {on}")
}
