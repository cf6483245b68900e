//! When the money is to come.

use crate::settlement::SettlementCalendar;
use crate::setup::{BankFormat, PaymentProfile};
use crate::{BusinessCalendar, Date, Setup};
use chrono::Days;

/// The collection date of a run on a date: at least the lead time of the profile
/// in business days, and the days of pre-notification, from then; a day on which
/// the banks settle and, if the profile names a calendar, the agency works. A
/// profile that needs no bank collects on the date itself.
#[must_use]
pub fn collection_date(setup: &Setup, profile: &PaymentProfile, on: Date) -> Date {
    let Some(bank) = &profile.bank else { return on };
    let settles = match bank {
        BankFormat::Pain008(_) => SettlementCalendar::Target,
        BankFormat::Nacha(_) => SettlementCalendar::FederalReserve,
    };
    let own = profile.calendar.as_ref().and_then(|name| setup.calendars.get(name));
    let notified = on.checked_add_days(Days::new(profile.pre_notification_days.into()));
    let earliest = settles.add_business_days(on, profile.lead_days).max(notified.unwrap_or(on));
    next_common(settles, own, earliest)
}

/// The first day from a date on that is one of both calendars. Whoever closes for
/// a year on end collects on the banks' next day.
fn next_common(
    settles: SettlementCalendar,
    own: Option<&BusinessCalendar>,
    earliest: Date,
) -> Date {
    let works = |date: &Date| own.is_none_or(|own| own.is_business_day(*date));
    let days = earliest.iter_days().take(366).filter(|date| settles.is_business_day(*date));
    days.into_iter().find(works).unwrap_or_else(|| settles.next_business_day(earliest))
}
