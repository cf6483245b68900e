//! Calendar dates, without a clock: a plugin knows no other "today" than
//! [`Context::as_of`](crate::Context).

use std::fmt;

use crate::{Fault, fault};

/// Days in 400 years, the period of the Gregorian calendar.
const DAYS_PER_ERA: i64 = 146_097;

/// A day of the Gregorian calendar, year 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// Reads "2026-11-21"; `None` if it has another form or does not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
        let number = |range: std::ops::Range<usize>| {
            bytes[range].iter().try_fold(0_i64, |sum, byte| {
                byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
            })
        };
        let date = Self { year: number(0..4)?, month: number(5..7)?, day: number(8..10)? };
        let exists = bytes[4] == b'-'
            && bytes[7] == b'-'
            && date.year >= 1
            && (1..=12).contains(&date.month)
            && (1..=days_in_month(date.year, date.month)).contains(&date.day);
        exists.then_some(date)
    }

    /// The date this many calendar days later; `None` beyond the year 9999.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Option<Self> {
        let date = Self::from_day_number(self.day_number() + i64::from(days));
        (date.year <= 9999).then_some(date)
    }

    /// Days since 0000-03-01. Years that begin in March have their leap day at
    /// the end, which leaves arithmetic without special cases.
    fn day_number(self) -> i64 {
        let (year, month) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year - 1, self.month + 9)
        };
        let day_of_year = (153 * month + 2) / 5 + self.day - 1;
        365 * year + year / 4 - year / 100 + year / 400 + day_of_year
    }

    /// The inverse of [`day_number`](Self::day_number).
    fn from_day_number(day_number: i64) -> Self {
        let era = day_number / DAYS_PER_ERA;
        let day_of_era = day_number % DAYS_PER_ERA;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let year = era * 400 + year_of_era;
        if month < 10 {
            Self { year, month: month + 3, day }
        } else {
            Self { year: year + 1, month: month - 9, day }
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The text of the date that lies some calendar days after a context's `as_of`.
///
/// # Errors
/// Code `bad-date` if `as_of` is no date, or the result is beyond the year 9999.
pub fn days_after(as_of: &str, days: u32) -> Result<String, Fault> {
    Date::parse(as_of)
        .and_then(|date| date.plus_days(days))
        .map(|date| date.to_string())
        .ok_or_else(|| {
            fault::unsupported("bad-date", format!("there is no date {days} days after {as_of:?}"))
        })
}
