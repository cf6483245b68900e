//! Reading the fields of a line into the domain's types.

use super::{Amount, LineError};
use arrears_domain::{Currency, Date, Identifier, Money};

/// The record that is read, for its errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    pub record: &'static str,
    pub id: &'a str,
}

impl Fields<'_> {
    pub fn error(&self, field: &str, value: &str, expected: impl ToString) -> LineError {
        LineError {
            record: self.record,
            id: self.id.to_owned(),
            field: field.to_owned(),
            value: format!("`{value}`"),
            expected: expected.to_string(),
        }
    }

    pub fn missing(&self, field: &str, expected: &str) -> LineError {
        LineError { value: "missing".to_owned(), ..self.error(field, "", expected) }
    }

    pub fn identifier<T: Identifier>(&self, field: &str, text: &str) -> Result<T, LineError> {
        T::parse(text).map_err(|reason| self.error(field, text, reason))
    }

    pub fn date(&self, field: &str, text: &str) -> Result<Date, LineError> {
        let expected = "write a date that exists, as YYYY-MM-DD";
        // Exactly ten bytes: chrono would take `2026-1-5` and ` 2026-01-05` too.
        Some(text)
            .filter(|text| text.len() == 10)
            .and_then(|text| Date::parse_from_str(text, "%Y-%m-%d").ok())
            .ok_or_else(|| self.error(field, text, expected))
    }

    pub fn date_if_any(&self, field: &str, text: Option<&str>) -> Result<Option<Date>, LineError> {
        text.map(|text| self.date(field, text)).transpose()
    }

    pub fn currency(&self, text: &str) -> Result<Currency, LineError> {
        Currency::parse(text).map_err(|reason| self.error("currency", text, reason))
    }

    pub fn money(
        &self,
        field: &str,
        amount: &Amount,
        currency: Currency,
    ) -> Result<Money, LineError> {
        Money::parse(amount.as_str(), currency)
            .map_err(|reason| self.error(field, amount.as_str(), reason))
    }

    /// A record of an account may name the currency; it must be the account's.
    pub fn same_currency(&self, text: Option<&str>, account: Currency) -> Result<(), LineError> {
        match text {
            Some(text) if self.currency(text)? != account => {
                let expected = format!("the account's currency is {}", account.code());
                Err(self.error("currency", text, expected))
            }
            _ => Ok(()),
        }
    }

    pub fn word<T>(
        &self,
        field: &str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Result<T, LineError> {
        parse(text)
            .ok_or_else(|| self.error(field, text, format!("write one of: {}", words.join(", "))))
    }
}

/// The text of a date.
pub(super) fn date_text(date: Date) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// Whether a field is as it is when it is left out.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
