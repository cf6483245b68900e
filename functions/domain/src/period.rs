//! Periods of the ledger: calendar months.

use crate::Date;
use chrono::Datelike;
use std::fmt;

/// A month, in which the ledger is open or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i32,
    month: u32,
}

/// A text is no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no month; write it as YYYY-MM")]
pub struct NoPeriod(String);

impl Period {
    /// The period of a date.
    ///
    /// ```
    /// use arrears_domain::Period;
    /// let period = Period::of("2026-02-14".parse().unwrap());
    /// assert_eq!(period, Period::parse("2026-02")?);
    /// assert_eq!(period.to_string(), "2026-02");
    /// assert!(period < Period::parse("2026-03")?);
    /// assert!(["2026-2", "2026-13", "+026-02", ""].iter().all(|it| Period::parse(it).is_err()));
    /// # Ok::<(), arrears_domain::period::NoPeriod>(())
    /// ```
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    /// The period that a text names, as `YYYY-MM`.
    ///
    /// # Errors
    /// It names none.
    pub fn parse(text: &str) -> Result<Self, NoPeriod> {
        // Looked at first: chrono would take `2026-2` and `+026-02` too.
        let is_shaped = text.len() == 7
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = is_shaped.then(|| format!("{text}-01").parse::<Date>().ok()).flatten();
        date.map(Self::of).ok_or_else(|| NoPeriod(text.to_owned()))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}
