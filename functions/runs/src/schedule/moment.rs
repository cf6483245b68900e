//! A date and time as a clerk types it, in the agency's zone.

use crate::error::RunError;
use chrono::offset::LocalResult;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// How dates and times are typed.
const FORMAT: &str = "%Y-%m-%dT%H:%M";

/// The shape of what may be typed, and the same with seconds. chrono alone would
/// take `2026-1-5` too.
const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
const WITHOUT_SECONDS: usize = 16;

/// A date and time that exists in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What the clocks of the zone show.
    pub local: NaiveDateTime,
    /// The zone.
    pub zone: Tz,
    /// The same moment in UTC.
    pub utc: DateTime<Utc>,
    /// Which time it is that the clocks show it.
    pub pass: Pass,
}

/// Which of the times it is that clocks show a date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// They show it once.
    Only,
    /// They go back, and show it again later.
    First,
    /// They have gone back, and have shown it before.
    Second,
}

impl Moment {
    /// Reads a date and time that is still to come.
    ///
    /// # Errors
    /// [`RunError::Parameter`]: it cannot be read, the clocks of the zone never
    /// show it, or it is past.
    pub(super) fn read(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<Self, RunError> {
        let wrong =
            |reason| RunError::Parameter { parameter: "at", value: text.to_owned(), reason };
        let local = local(text).ok_or_else(|| wrong(unreadable(zone)))?;
        let moment = Self::first_since(local, zone, now);
        let moment = moment.ok_or_else(|| wrong(in_gap(local, zone)))?;
        if moment.utc < now {
            let now = now.with_timezone(&zone).format("%Y-%m-%d %H:%M");
            return Err(wrong(format!(
                "that is past: it is {now} in {zone}; name a later time, or leave `--at` out to \
                 start at once"
            )));
        }
        Ok(moment)
    }

    /// When the clocks of a zone show it, for the first time from `now` on; if they
    /// have done so for the last time, that one. None if they never do.
    fn first_since(local: NaiveDateTime, zone: Tz, now: DateTime<Utc>) -> Option<Self> {
        let utc = match zone.from_local_datetime(&local) {
            LocalResult::Single(only) => only.to_utc(),
            LocalResult::Ambiguous(first, _) if first.to_utc() >= now => first.to_utc(),
            LocalResult::Ambiguous(_, second) => second.to_utc(),
            LocalResult::None => return None,
        };
        Some(Self::of(local, zone, utc))
    }

    /// A moment at which the clocks of a zone show this.
    pub(super) fn of(local: NaiveDateTime, zone: Tz, utc: DateTime<Utc>) -> Self {
        let pass = match zone.from_local_datetime(&local) {
            LocalResult::Ambiguous(first, _) if first.to_utc() == utc => Pass::First,
            LocalResult::Ambiguous(..) => Pass::Second,
            LocalResult::Single(_) | LocalResult::None => Pass::Only,
        };
        Self { local, zone, utc, pass }
    }

    /// How far the clocks are from UTC: `-04:00`.
    #[must_use]
    pub fn offset(&self) -> String {
        self.utc.with_timezone(&self.zone).format("%:z").to_string()
    }
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let is_whole = text.len() == SHAPE.len() || text.len() == WITHOUT_SECONDS;
    let fits = |(byte, shape): (u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        other => byte == *other,
    };
    if !is_whole || !text.bytes().zip(SHAPE).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let seconds = if text.len() == WITHOUT_SECONDS { 0 } else { number(17, 19)? };
    let year = i32::try_from(number(0, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?.and_hms_opt(
        number(11, 13)?,
        number(14, 16)?,
        seconds,
    )
}

fn unreadable(zone: Tz) -> String {
    format!("write a date and time that exist, as 2026-12-01T06:00; it is meant in {zone}")
}

/// What is said of a time that the clocks leap over.
fn in_gap(local: NaiveDateTime, zone: Tz) -> String {
    let gap = GapInfo::new(&local, &zone);
    let begin = gap.as_ref().and_then(|gap| gap.begin.as_ref()).map(|(begin, _)| *begin);
    let end = gap.as_ref().and_then(|gap| gap.end.as_ref()).map(DateTime::naive_local);
    match (begin, end) {
        (Some(begin), Some(end)) => {
            // The gap's first moment is one that is left out.
            let before = begin - TimeDelta::minutes(1);
            let [before, begin, end] = [before, begin, end].map(|it| it.format(FORMAT));
            format!(
                "the clocks of {zone} go from {begin} to {end}, and never show it; the nearest \
                 times are {before} and {end}"
            )
        }
        // At the ends of what is known of a zone; there are no gaps.
        _ => format!("the clocks of {zone} never show it; name another time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YORK: Tz = Tz::America__New_York;

    fn read(text: &str, zone: Tz) -> Result<Moment, String> {
        let now = "2026-11-22T20:00:00Z".parse().unwrap();
        Moment::read(text, zone, now).map_err(|error| error.to_string())
    }

    #[test]
    fn local_times_are_moments() {
        let cases = [
            ("2026-12-01T06:00", NEW_YORK, "2026-12-01T11:00:00Z", "-05:00", false),
            ("2026-12-01 06:00", NEW_YORK, "2026-12-01T11:00:00Z", "-05:00", false),
            ("2026-12-01T06:00:30", NEW_YORK, "2026-12-01T11:00:30Z", "-05:00", false),
            ("2027-07-01T06:00", NEW_YORK, "2027-07-01T10:00:00Z", "-04:00", false),
            // The moment of asking is not past.
            ("2026-11-22T15:00", NEW_YORK, "2026-11-22T20:00:00Z", "-05:00", false),
            // Beside the gap of a spring.
            ("2027-03-14T01:59", NEW_YORK, "2027-03-14T06:59:00Z", "-05:00", false),
            ("2027-03-14T03:00", NEW_YORK, "2027-03-14T07:00:00Z", "-04:00", false),
            // In the hour of an autumn that comes twice, and beside it.
            ("2027-11-07T00:59", NEW_YORK, "2027-11-07T04:59:00Z", "-04:00", false),
            ("2027-11-07T01:00", NEW_YORK, "2027-11-07T05:00:00Z", "-04:00", true),
            ("2027-11-07T01:59:59", NEW_YORK, "2027-11-07T05:59:59Z", "-04:00", true),
            ("2027-11-07T02:00", NEW_YORK, "2027-11-07T07:00:00Z", "-05:00", false),
            // Zones of half hours and quarters.
            ("2026-12-01T06:00", Tz::Asia__Kolkata, "2026-12-01T00:30:00Z", "+05:30", false),
            ("2026-12-01T06:00", Tz::Asia__Kathmandu, "2026-12-01T00:15:00Z", "+05:45", false),
            ("2027-01-01T06:00", Tz::America__St_Johns, "2027-01-01T09:30:00Z", "-03:30", false),
            // Where the clocks change by half an hour.
            ("2027-04-04T01:45", Tz::Australia__Lord_Howe, "2027-04-03T14:45:00Z", "+11:00", true),
            ("2026-12-01T06:00", Tz::UTC, "2026-12-01T06:00:00Z", "+00:00", false),
        ];
        for (text, zone, utc, offset, comes_twice) in cases {
            let moment = read(text, zone).unwrap_or_else(|error| panic!("{text}: {error}"));
            let pass = if comes_twice { Pass::First } else { Pass::Only };
            let expected: DateTime<Utc> = utc.parse().unwrap();
            assert_eq!(moment.utc, expected, "{text} in {zone}");
            assert_eq!(moment.offset(), offset, "{text} in {zone}");
            assert_eq!(moment.pass, pass, "{text} in {zone}");
        }
    }

    #[test]
    fn of_two_times_that_the_clocks_show_the_next_is_meant() {
        let (first, second) = ("2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z");
        let cases = [
            ("2027-11-07T05:29:59Z", first, "-04:00", Pass::First),
            (first, first, "-04:00", Pass::First),
            ("2027-11-07T05:30:01Z", second, "-05:00", Pass::Second),
            (second, second, "-05:00", Pass::Second),
        ];
        for (now, utc, offset, pass) in cases {
            let moment = Moment::read("2027-11-07T01:30", NEW_YORK, now.parse().unwrap()).unwrap();
            let expected: DateTime<Utc> = utc.parse().unwrap();
            assert_eq!((moment.utc, moment.pass), (expected, pass), "at {now}");
            assert_eq!(moment.offset(), offset, "at {now}");
            assert_eq!(Moment::of(moment.local, NEW_YORK, moment.utc), moment, "at {now}");
        }
        let after = "2027-11-07T06:30:01Z".parse().unwrap();
        let error = Moment::read("2027-11-07T01:30", NEW_YORK, after).unwrap_err();
        assert!(error.to_string().contains("that is past"), "{error}");
    }

    #[test]
    fn what_is_no_time_to_come_is_refused_with_what_to_do() {
        let gap = "the clocks of America/New_York go from 2027-03-14T02:00 to 2027-03-14T03:00, \
                   and never show it; the nearest times are 2027-03-14T01:59 and 2027-03-14T03:00";
        let half = "the nearest times are 2027-10-03T01:59 and 2027-10-03T02:30";
        let cases = [
            ("2027-03-14T02:00", NEW_YORK, gap),
            ("2027-03-14T02:59:59", NEW_YORK, gap),
            ("2027-10-03T02:15", Tz::Australia__Lord_Howe, half),
            ("2026-11-22T14:59", NEW_YORK, "that is past: it is 2026-11-22 15:00 in America/New_"),
            ("2026-11-22T14:59", NEW_YORK, "or leave `--at` out to start at once"),
            // The day in UTC is the next one already.
            ("2026-11-23T01:29", Tz::Asia__Kolkata, "that is past: it is 2026-11-23 01:30"),
        ];
        for (text, zone, words) in cases {
            let error = read(text, zone).unwrap_err();
            assert!(error.starts_with(&format!("`--at` is `{text}`: ")), "{error}");
            assert!(error.contains(words), "{text}: {error}");
        }
        let unreadable = [
            "",
            "tomorrow",
            "2026-12-01",
            "06:00",
            "2026-12-1T06:00",
            "2026-12-01T6:00",
            "2026-12-01t06:00",
            "2026-12-01T06:00Z",
            "2026-12-01T06:00:00-05:00",
            "2026-12-01T06:00:0",
            "2026-12-01T06:00:000",
            "2026-12-01T24:00",
            "2026-12-01T06:60",
            "2026-12-01T06:00:60",
            "2026-02-30T06:00",
            "2026-13-01T06:00",
            "2026-12-01  06:00",
            " 2026-12-01T06:00",
            "+026-12-01T06:00",
            "2026-12-01T06:0é",
            "01.12.2026 06:00",
        ];
        for text in unreadable {
            let error = read(text, NEW_YORK).unwrap_err();
            assert!(error.contains("as 2026-12-01T06:00"), "{text}: {error}");
            assert!(error.contains("America/New_York"), "{text}: {error}");
        }
    }

    #[test]
    fn a_day_that_a_zone_left_out_is_a_gap() {
        let now = "2011-12-01T00:00:00Z".parse().unwrap();
        let error = Moment::read("2011-12-30T12:00", Tz::Pacific__Apia, now).unwrap_err();
        let words = "the nearest times are 2011-12-29T23:59 and 2011-12-31T00:00";
        assert!(error.to_string().contains(words), "{error}");
    }
}
