//! What the format cannot say, and what every bank refuses.

use super::error::{FileError, IdentifierProblem, shown};
use super::message::{Address, Debit};
use super::text::{is_latin, latin};
use arrears_domain::bank::is_country;
use arrears_domain::{Date, Money};
use chrono::{Datelike, NaiveDateTime, Timelike};
use std::borrow::Cow;

/// The most characters of an id.
pub(super) const IDENTIFIER_CHARACTERS_MAX: usize = 35;

const NAME_CHARACTERS_MAX: usize = 70;
const TOWN_CHARACTERS_MAX: usize = 35;
const REMITTANCE_CHARACTERS_MAX: usize = 140;

/// 999,999,999.99 EUR.
const AMOUNT_MINOR_UNITS_MAX: i64 = 99_999_999_999;

/// Fifteen digits.
const TRANSACTIONS_MAX: u64 = 999_999_999_999_999;

/// Eighteen digits.
const SUM_MINOR_UNITS_MAX: i64 = 999_999_999_999_999_999;

/// The texts of a debit as they are written.
pub(super) struct Texts<'a> {
    pub debtor_name: Cow<'a, str>,
    pub remittance: Cow<'a, str>,
    pub town: Option<Cow<'a, str>>,
}

/// Whether a debit can be part of a batch that is collected on the date. The
/// writer asks the same; ask beforehand to leave out what it would refuse.
///
/// # Errors
/// Why not, see [`FileError`].
pub fn check(debit: &Debit<'_>, collection_date: Date) -> Result<(), FileError> {
    texts(debit, collection_date).map(drop)
}

/// Checks a debit, and gives its texts.
pub(super) fn texts<'a>(debit: &Debit<'a>, collection_date: Date) -> Result<Texts<'a>, FileError> {
    identifier("end-to-end id", debit.end_to_end_id)?;
    identifier("mandate id", debit.mandate_id)?;
    amount(debit.end_to_end_id, debit.amount)?;
    date("date of signature", debit.signed_on)?;
    if debit.signed_on > collection_date {
        return Err(FileError::SignedLater {
            mandate_id: debit.mandate_id.to_owned(),
            signed_on: debit.signed_on,
            collection_date,
        });
    }
    Ok(Texts {
        debtor_name: name("debtor's name", debit.debtor_name)?,
        remittance: latin(debit.remittance, REMITTANCE_CHARACTERS_MAX),
        town: town(debit.address.as_ref(), || format!("debit `{}`", debit.end_to_end_id))?,
    })
}

pub(super) fn identifier(field: &'static str, text: &str) -> Result<(), FileError> {
    let problem = if text.is_empty() {
        IdentifierProblem::Empty
    } else if let Some(character) = text.chars().find(|character| !is_latin(*character)) {
        IdentifierProblem::Character(character)
    } else if text.len() > IDENTIFIER_CHARACTERS_MAX {
        IdentifierProblem::TooLong(text.len())
    } else if text.starts_with(' ') || text.ends_with(' ') {
        IdentifierProblem::Space
    } else if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
        IdentifierProblem::Slash
    } else {
        return Ok(());
    };
    Err(FileError::Identifier { field, shown: shown(text), problem })
}

fn amount(end_to_end_id: &str, amount: Money) -> Result<(), FileError> {
    let (end_to_end_id, shown) =
        (|| end_to_end_id.to_owned(), || amount.with_currency().to_string());
    if amount.currency().code() != "EUR" {
        return Err(FileError::Currency { end_to_end_id: end_to_end_id(), amount: shown() });
    }
    if !(1..=AMOUNT_MINOR_UNITS_MAX).contains(&amount.minor_units()) {
        return Err(FileError::Amount { end_to_end_id: end_to_end_id(), amount: shown() });
    }
    Ok(())
}

pub(super) fn name<'a>(field: &'static str, text: &'a str) -> Result<Cow<'a, str>, FileError> {
    let clean = latin(text, NAME_CHARACTERS_MAX);
    if clean.chars().any(|character| character.is_ascii_alphanumeric()) {
        Ok(clean)
    } else {
        Err(FileError::Name { field, shown: shown(text) })
    }
}

/// The town of an address whose country is one.
pub(super) fn town<'a>(
    address: Option<&Address<'a>>,
    whose: impl FnOnce() -> String,
) -> Result<Option<Cow<'a, str>>, FileError> {
    let Some(address) = address else { return Ok(None) };
    if !is_country(address.country) {
        return Err(FileError::Country { whose: whose(), country: shown(address.country) });
    }
    let clean = latin(address.town, TOWN_CHARACTERS_MAX);
    if clean.chars().any(|character| character.is_ascii_alphanumeric()) {
        Ok(Some(clean))
    } else {
        Err(FileError::Name { field: "town", shown: shown(address.town) })
    }
}

pub(super) fn date(what: &'static str, date: Date) -> Result<(), FileError> {
    if (1..=9999).contains(&date.year()) { Ok(()) } else { Err(FileError::Date { what, date }) }
}

/// Checks what the head of a batch or of the file announces.
pub(super) fn totals(
    whose: impl Fn() -> String,
    transactions: u64,
    sum_minor_units: i64,
) -> Result<(), FileError> {
    if transactions == 0 || sum_minor_units <= 0 {
        return Err(FileError::Empty(whose()));
    }
    if transactions > TRANSACTIONS_MAX || sum_minor_units > SUM_MINOR_UNITS_MAX {
        return Err(FileError::TooLarge(whose()));
    }
    Ok(())
}

/// Checks `2026-02-02T08:00:00`, with a fraction or not, with an offset or not.
pub(super) fn created_at(text: &str) -> Result<(), FileError> {
    const SECONDS: usize = "2026-02-02T08:00:00".len();
    let is_one = || {
        let (seconds, rest) = text.split_at_checked(SECONDS)?;
        let time = NaiveDateTime::parse_from_str(seconds, "%Y-%m-%dT%H:%M:%S").ok()?;
        // A parser takes more than the format has: compare what it has read, and
        // leave leap seconds out, which chrono counts as more nanoseconds.
        let is_same =
            time.format("%Y-%m-%dT%H:%M:%S").to_string() == seconds && time.nanosecond() == 0;
        let offset = match rest.strip_prefix('.') {
            Some(fraction) => {
                let offset = fraction.trim_start_matches(|it: char| it.is_ascii_digit());
                (offset.len() < fraction.len()).then_some(offset)?
            }
            None => rest,
        };
        (is_same && is_offset(offset)).then_some(())
    };
    is_one().ok_or_else(|| FileError::CreatedAt(shown(text)))
}

fn is_offset(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else { return matches!(text, "" | "Z") };
    let number = |part: &str| {
        (part.len() == 2 && part.bytes().all(|it| it.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let minutes = |(hours, minutes)| Some((number(hours)?, number(minutes)?));
    // XML Schema has offsets of up to fourteen hours.
    rest.split_once(':')
        .and_then(minutes)
        .is_some_and(|(hours, minutes): (u32, u32)| minutes < 60 && hours * 60 + minutes <= 14 * 60)
}
