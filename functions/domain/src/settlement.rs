//! The days on which banks settle, by rule: no list that somebody has to keep.

use crate::Date;
use chrono::{Datelike, Weekday};

/// The calendar of a settlement system.
///
/// The rules are those of today: TARGET's are in force since 2002, those of the
/// Federal Reserve since 1986, but for Juneteenth, which is one from 2021 on.
/// Days on which a system was closed once, by decree, are not known here.
///
/// ```
/// use arrears_domain::{Date, settlement::SettlementCalendar};
/// let maundy_thursday: Date = "2026-04-02".parse().unwrap();
/// let next = |calendar: SettlementCalendar| calendar.add_business_days(maundy_thursday, 1);
/// assert_eq!(next(SettlementCalendar::Target).to_string(), "2026-04-07");
/// assert_eq!(next(SettlementCalendar::FederalReserve).to_string(), "2026-04-03");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettlementCalendar {
    /// TARGET, by which euro payments settle: closed on weekends, 1 January,
    /// Good Friday, Easter Monday, 1 May, 25 and 26 December.
    Target,
    /// The Federal Reserve Banks, by which ACH settles: closed on weekends and
    /// the holidays of the United States. One that falls on a Sunday is kept on
    /// Monday; one that falls on a Saturday is not kept.
    FederalReserve,
}

impl SettlementCalendar {
    /// Whether payments settle on the date.
    #[must_use]
    pub fn is_business_day(self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
            && match self {
                Self::Target => !is_target_holiday(date),
                Self::FederalReserve => !is_federal_holiday(date),
            }
    }

    /// The date itself if payments settle on it, else the first date after it on
    /// which they do. Past the last date that there is, that one.
    #[must_use]
    pub fn next_business_day(self, on_or_after: Date) -> Date {
        let mut days = on_or_after.iter_days();
        days.find(|day| self.is_business_day(*day)).unwrap_or(Date::MAX)
    }

    /// The date so many business days after another, which is day 0 and counts
    /// for nothing: 0 days give day 0 itself, even if it is a holiday. Past the
    /// last date that there is, that one.
    #[must_use]
    pub fn add_business_days(self, from: Date, days: u32) -> Date {
        let Some(before_last) = days.checked_sub(1) else {
            return from;
        };
        let mut counted = from.iter_days().skip(1).filter(|day| self.is_business_day(*day));
        counted.nth(before_last as usize).unwrap_or(Date::MAX)
    }
}

fn is_target_holiday(date: Date) -> bool {
    // In days from Easter Sunday: Good Friday, Easter Monday.
    let from_easter = i64::from(date.ordinal()) - i64::from(easter_ordinal(date));
    matches!((date.month(), date.day()), (1, 1) | (5, 1) | (12, 25 | 26))
        || matches!(from_easter, -2 | 1)
}

/// Easter Sunday of the date's year, as the day of that year.
///
/// The anonymous Gregorian algorithm (Meeus, Jones, Butcher): the Sunday after
/// the full moon of the church, which is reckoned from the year alone.
fn easter_ordinal(date: Date) -> u32 {
    let year = date.year();
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let skipped_leap_days = century - century.div_euclid(4);
    let moon_correction = (8 * century + 13).div_euclid(25);
    let epact = (19 * golden + skipped_leap_days - moon_correction + 15).rem_euclid(30);
    let to_sunday =
        (32 + 2 * century.rem_euclid(4) + 2 * (of_century / 4) - epact - of_century.rem_euclid(4))
            .rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    // Days after 22 March, the earliest Easter that there can be.
    let after_earliest = epact + to_sunday - 7 * late;
    let leap_day = u32::from(date.leap_year());
    31 + 28 + leap_day + 22 + after_earliest.unsigned_abs()
}

fn is_federal_holiday(date: Date) -> bool {
    let is_observed_monday = date.weekday() == Weekday::Mon
        && date.pred_opt().is_some_and(has_federal_holiday_by_day_of_month);
    is_observed_monday
        || has_federal_holiday_by_day_of_month(date)
        || has_federal_holiday_by_weekday(date)
}

/// New Year, Juneteenth, Independence, Veterans, Christmas.
fn has_federal_holiday_by_day_of_month(date: Date) -> bool {
    match (date.month(), date.day()) {
        (1, 1) | (7, 4) | (11, 11) | (12, 25) => true,
        (6, 19) => date.year() >= 2021,
        _ => false,
    }
}

/// Martin Luther King, Presidents, Memorial, Labor, Columbus, Thanksgiving.
fn has_federal_holiday_by_weekday(date: Date) -> bool {
    let nth = date.day().div_ceil(7);
    match (date.month(), date.weekday()) {
        (1 | 2, Weekday::Mon) => nth == 3,
        // The last one: May has 31 days.
        (5, Weekday::Mon) => date.day() > 31 - 7,
        (9, Weekday::Mon) => nth == 1,
        (10, Weekday::Mon) => nth == 2,
        (11, Weekday::Thu) => nth == 4,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::SettlementCalendar::{FederalReserve, Target};
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// The weekdays of a year on which nothing settles, `MM-DD`.
    fn closed(calendar: SettlementCalendar, year: i32) -> String {
        let first = Date::from_yo_opt(year, 1).unwrap();
        let days = first.iter_days().take_while(|day| day.year() == year);
        let closed: Vec<String> = days
            .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
            .filter(|day| !calendar.is_business_day(*day))
            .map(|day| day.format("%m-%d").to_string())
            .collect();
        closed.join(" ")
    }

    #[test]
    fn the_closed_weekdays_are_those_that_the_banks_publish() {
        let target = [
            (2022, "04-15 04-18 12-26"),
            (2023, "04-07 04-10 05-01 12-25 12-26"),
            (2024, "01-01 03-29 04-01 05-01 12-25 12-26"),
            (2025, "01-01 04-18 04-21 05-01 12-25 12-26"),
            (2026, "01-01 04-03 04-06 05-01 12-25"),
            (2027, "01-01 03-26 03-29"),
            (2028, "04-14 04-17 05-01 12-25 12-26"),
        ];
        for (year, expected) in target {
            assert_eq!(closed(Target, year), expected, "TARGET in {year}");
        }
        let federal_reserve = [
            (2020, "01-01 01-20 02-17 05-25 09-07 10-12 11-11 11-26 12-25"),
            (2021, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25"),
            (2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
            (2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),
            (2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
            (2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
            (2026, "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25"),
            (2027, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25"),
            (2028, "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),
        ];
        for (year, expected) in federal_reserve {
            assert_eq!(closed(FederalReserve, year), expected, "the Federal Reserve in {year}");
        }
    }

    #[test]
    fn easter_is_where_the_church_has_it() {
        // The earliest and the latest there can be, leap years, turns of centuries.
        let cases = "1818-03-22 1900-04-15 1943-04-25 1961-04-02 1981-04-19 2000-04-23 \
            2008-03-23 2011-04-24 2016-03-27 2019-04-21 2024-03-31 2026-04-05 \
            2038-04-25 2049-04-18 2076-04-19 2100-03-28 2285-03-22 2400-04-16";
        for easter in cases.split(' ').map(date) {
            assert_eq!(easter.ordinal(), easter_ordinal(easter), "{easter}");
            assert_eq!(easter.weekday(), Weekday::Sun);
        }
        for year in Date::MIN.year()..=Date::MAX.year() {
            let day = Date::from_yo_opt(year, 1).unwrap();
            let easter = Date::from_yo_opt(year, easter_ordinal(day)).unwrap();
            assert_eq!(easter.weekday(), Weekday::Sun, "{easter}");
            assert!(((3, 22)..=(4, 25)).contains(&(easter.month(), easter.day())), "{easter}");
        }
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        let cases = [
            (FederalReserve, "2026-07-02", 1, "2026-07-03"),
            (FederalReserve, "2026-07-03", 1, "2026-07-06"),
            (FederalReserve, "2027-07-02", 1, "2027-07-06"),
            (FederalReserve, "2026-11-25", 3, "2026-12-01"),
            (FederalReserve, "2026-12-24", 0, "2026-12-24"),
            (FederalReserve, "2026-12-25", 0, "2026-12-25"),
            (FederalReserve, "2026-12-25", 1, "2026-12-28"),
            (Target, "2026-04-02", 1, "2026-04-07"),
            (Target, "2026-12-24", 2, "2026-12-29"),
            (Target, "2026-12-24", 5, "2027-01-04"),
        ];
        for (calendar, from, days, expected) in cases {
            assert_eq!(calendar.add_business_days(date(from), days), date(expected), "{from}");
        }
        let cases = [
            (Target, "2026-04-03", "2026-04-07"),
            (Target, "2026-04-07", "2026-04-07"),
            (FederalReserve, "2026-04-03", "2026-04-03"),
            (FederalReserve, "2026-05-23", "2026-05-26"),
        ];
        for (calendar, from, expected) in cases {
            assert_eq!(calendar.next_business_day(date(from)), date(expected), "{from}");
        }
    }

    #[test]
    fn the_last_date_is_never_passed() {
        for calendar in [Target, FederalReserve] {
            assert_eq!(calendar.next_business_day(Date::MAX), Date::MAX);
            assert_eq!(calendar.add_business_days(Date::MAX, 1), Date::MAX);
            assert_eq!(calendar.add_business_days(Date::MAX, u32::MAX), Date::MAX);
            let _ = calendar.is_business_day(Date::MIN);
        }
    }
}
