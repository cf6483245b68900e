//! Dates, against `chrono` as an oracle.

use arrears_action_sdk::date::{Date, days_after};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;

#[test]
fn dates_that_do_not_exist_are_refused() {
    let refused = [
        "2026-02-29",
        "2100-02-29",
        "2026-04-31",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "0000-01-01",
        "2026-1-01",
        "2026/01/01",
        "26-01-01",
        "2026-01-01Z",
        "２026-01-1",
        "",
    ];
    for text in refused {
        assert_eq!(Date::parse(text), None, "{text}");
    }
}

#[test]
fn leap_days_are_counted() {
    assert_eq!(days_after("2028-02-28", 1).as_deref(), Ok("2028-02-29"));
    assert_eq!(days_after("2000-02-28", 2).as_deref(), Ok("2000-03-01"));
    assert_eq!(days_after("2100-02-28", 1).as_deref(), Ok("2100-03-01"));
}

#[test]
fn the_calendar_ends_with_four_digit_years() {
    assert_eq!(days_after("9999-12-30", 1).as_deref(), Ok("9999-12-31"));
    let fault = days_after("9999-12-31", 1).expect_err("the year 10000");
    assert_eq!(fault.code, "bad-date");
    assert!(days_after("0001-01-01", u32::MAX).is_err());
}

proptest! {
    #[test]
    fn days_are_added_as_the_oracle_adds_them(
        year in 1..=9_900,
        day_of_year in 1..=365_u32,
        days in 0..=36_500_u32,
    ) {
        let date = NaiveDate::from_yo_opt(year, day_of_year).expect("a date");
        let later = date + Days::new(u64::from(days));
        prop_assert_eq!(days_after(&date.to_string(), days), Ok(later.to_string()));
    }

    #[test]
    fn a_date_is_read_if_the_oracle_reads_it(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]") {
        let expected = NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .is_ok_and(|_| !text.starts_with("0000"));
        prop_assert_eq!(Date::parse(&text).is_some(), expected);
    }
}
