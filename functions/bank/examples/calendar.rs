//! Prints the weekdays on which banks do not settle, for whoever has a list to
//! compare them with. The calendars are named as exchanges are.
//!
//! ```sh
//! cargo run -p arrears-bank --example calendar -- 2000 2100
//! ```

use arrears_domain::Date;
use arrears_domain::settlement::SettlementCalendar::{FederalReserve, Target};
use chrono::{Datelike, Weekday};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let years: Vec<String> = std::env::args().skip(1).collect();
    let [first, last] = years.as_slice() else {
        return Err("usage: calendar FIRST-YEAR LAST-YEAR".into());
    };
    let last: i32 = last.parse()?;
    let start = Date::from_ymd_opt(first.parse()?, 1, 1).ok_or("there is no such year")?;
    let weekdays = start
        .iter_days()
        .take_while(|day| day.year() <= last)
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    for day in weekdays {
        for (name, calendar) in [("XECB", Target), ("XFED", FederalReserve)] {
            if !calendar.is_business_day(day) {
                println!("{name} {day}");
            }
        }
    }
    Ok(())
}
