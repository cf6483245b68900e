//! Business calendars, and counting days by them.

use crate::Date;
use chrono::{Datelike, Days, Weekday, WeekdaySet};
use std::collections::BTreeSet;

/// The most days that may be added at once: ten years. No stage of collections
/// lasts longer, so more is a typing error; and the count, which goes day by
/// day, stays short.
pub const DAYS_MAX: u32 = 3_660;

/// What the days of a duration are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayBasis {
    /// Every day counts.
    Calendar,
    /// The business days of the calendar with this name count.
    Business(String),
}

/// Why days cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// All seven days are weekend.
    #[error("calendar {name} has no business day: its weekend is the whole week")]
    NoBusinessDay {
        /// The calendar.
        name: String,
    },
    /// More than [`DAYS_MAX`].
    #[error("{days} days are more than the {DAYS_MAX} that may be added at once")]
    TooManyDays {
        /// How many were asked for.
        days: u32,
    },
    /// The result is after the last date that there is.
    #[error("{from} and {days} days are beyond the last date that can be shown")]
    OutOfRange {
        /// Day 0.
        from: Date,
        /// How many were to be added.
        days: u32,
    },
}

/// Which days are business days: all but the weekend and the holidays.
///
/// Dates have no time zone here; the calendar's zone says in which one the
/// agency means them, and is used where a clock is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessCalendar {
    name: String,
    time_zone: String,
    weekend: WeekdaySet,
    holidays: BTreeSet<Date>,
}

impl BusinessCalendar {
    /// A calendar. A holiday on a weekend is no mistake: it changes nothing.
    ///
    /// # Errors
    /// [`CalendarError::NoBusinessDay`] if all seven days are weekend: nothing
    /// would ever come due.
    pub fn new(
        name: impl Into<String>,
        time_zone: impl Into<String>,
        weekend: impl IntoIterator<Item = Weekday>,
        holidays: impl IntoIterator<Item = Date>,
    ) -> Result<Self, CalendarError> {
        let name = name.into();
        let weekend: WeekdaySet = weekend.into_iter().collect();
        if weekend == WeekdaySet::ALL {
            return Err(CalendarError::NoBusinessDay { name });
        }
        let holidays = holidays.into_iter().collect();
        Ok(Self { name, time_zone: time_zone.into(), weekend, holidays })
    }

    /// Unique in the setup.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The IANA zone in which its dates are meant.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// The days of the weekend, from Monday on.
    pub fn weekend(&self) -> impl Iterator<Item = Weekday> {
        self.weekend.iter(Weekday::Mon)
    }

    /// The holidays in order.
    pub fn holidays(&self) -> impl Iterator<Item = Date> {
        self.holidays.iter().copied()
    }

    /// Whether business is done on the date.
    #[must_use]
    pub fn is_business_day(&self, date: Date) -> bool {
        !self.weekend.contains(date.weekday()) && !self.holidays.contains(&date)
    }
}

/// The date so many days after another, which is day 0.
///
/// Without a calendar every day counts. With one, only business days after day
/// 0 count, so that the result is a business day; 0 days give day 0 itself,
/// even if it is a holiday.
///
/// ```
/// use arrears_domain::{BusinessCalendar, Date, calendar::add_days};
/// use chrono::Weekday::{Sat, Sun};
/// let thanksgiving: Date = "2026-11-26".parse().unwrap();
/// let city = BusinessCalendar::new("city", "America/New_York", [Sat, Sun], [thanksgiving])?;
/// let wednesday: Date = "2026-11-25".parse().unwrap();
/// assert_eq!(add_days(wednesday, 2, Some(&city))?.to_string(), "2026-11-30");
/// assert_eq!(add_days(wednesday, 2, None)?.to_string(), "2026-11-27");
/// # Ok::<(), arrears_domain::calendar::CalendarError>(())
/// ```
///
/// # Errors
/// [`CalendarError::TooManyDays`], [`CalendarError::OutOfRange`].
pub fn add_days(
    from: Date,
    days: u32,
    calendar: Option<&BusinessCalendar>,
) -> Result<Date, CalendarError> {
    if days > DAYS_MAX {
        return Err(CalendarError::TooManyDays { days });
    }
    let out_of_range = || CalendarError::OutOfRange { from, days };
    let Some(calendar) = calendar else {
        return from.checked_add_days(Days::new(days.into())).ok_or_else(out_of_range);
    };
    let mut date = from;
    let mut counted = 0;
    while counted < days {
        date = date.succ_opt().ok_or_else(out_of_range)?;
        counted += u32::from(calendar.is_business_day(date));
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::random::Random;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn city() -> BusinessCalendar {
        let holidays = ["2026-11-26", "2026-11-27", "2026-12-25", "2027-01-01"];
        BusinessCalendar::new(
            "city",
            "America/New_York",
            [Weekday::Sat, Weekday::Sun],
            holidays.map(date),
        )
        .unwrap()
    }

    #[test]
    fn only_business_days_count() {
        let cases = [
            ("2026-11-25", 0, "2026-11-25"),
            ("2026-11-25", 1, "2026-11-30"),
            ("2026-11-26", 0, "2026-11-26"),
            ("2026-11-26", 1, "2026-11-30"),
            ("2026-11-28", 1, "2026-11-30"),
            ("2026-12-24", 5, "2027-01-04"),
        ];
        for (from, days, expected) in cases {
            assert_eq!(add_days(date(from), days, Some(&city())), Ok(date(expected)), "{from}");
        }
        assert_eq!(add_days(date("2028-02-28"), 2, None), Ok(date("2028-03-01")));
    }

    #[test]
    fn the_result_is_the_business_day_that_was_counted() {
        let mut random = Random::new(7);
        let city = city();
        for _ in 0..200 {
            let from = date("2026-10-01") + Days::new(random.below(120) as u64);
            let days = random.below(90) as u32;
            let to = add_days(from, days, Some(&city)).unwrap();
            assert!(days == 0 || city.is_business_day(to), "{from} + {days} = {to}");
            let counted = from
                .iter_days()
                .skip(1)
                .take_while(|date| *date <= to)
                .filter(|date| city.is_business_day(*date))
                .count();
            assert_eq!(counted, days as usize, "{from} + {days} = {to}");
            let later = add_days(from, days + 1, Some(&city)).unwrap();
            assert!(to < later, "one day more leads further");
        }
    }

    #[test]
    fn what_cannot_be_counted_is_an_error() {
        let week = [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ];
        assert_eq!(
            BusinessCalendar::new("idle", "UTC", week, []),
            Err(CalendarError::NoBusinessDay { name: "idle".to_owned() })
        );
        let from = date("2026-01-01");
        for calendar in [None, Some(&city())] {
            assert_eq!(
                add_days(from, DAYS_MAX + 1, calendar),
                Err(CalendarError::TooManyDays { days: DAYS_MAX + 1 })
            );
            assert!(add_days(from, DAYS_MAX, calendar).is_ok());
            assert_eq!(
                add_days(Date::MAX, 1, calendar),
                Err(CalendarError::OutOfRange { from: Date::MAX, days: 1 })
            );
        }
    }
}
