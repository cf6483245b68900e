//! A line of an agency's file, as it is written.

use super::refusal::Refused;
use crate::rows::Row;
use arrears_domain::nearest::did_you_mean;
use arrears_domain::{AccountId, Date, DelinquencyId, EventId, Identifier, IdentifierError};
use csv::StringRecord;
use serde::Serialize;
use std::collections::BTreeMap;

/// The columns, in the order in which they are explained.
const COLUMNS: [&str; 8] =
    ["account", "delinquency", "status", "amount", "currency", "date", "reference", "reason"];
/// Those without which no line could be understood.
const NEEDED: [&str; 3] = ["account", "status", "reference"];

/// What a line says has become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Acknowledged,
    PartialPayment,
    FullPayment,
    Recalled,
    Closed,
    Rejected,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Acknowledged,
        Self::PartialPayment,
        Self::FullPayment,
        Self::Recalled,
        Self::Closed,
        Self::Rejected,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::PartialPayment => "partial-payment",
            Self::FullPayment => "full-payment",
            Self::Recalled => "recalled",
            Self::Closed => "closed",
            Self::Rejected => "rejected",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(word))
    }

    pub(super) fn is_payment(self) -> bool {
        matches!(self, Self::PartialPayment | Self::FullPayment)
    }

    /// The code with which the record ends, if it does.
    pub(super) fn resolution_code(self) -> Option<&'static str> {
        match self {
            Self::Acknowledged | Self::PartialPayment | Self::FullPayment => None,
            Self::Recalled => Some("RECALLED"),
            Self::Closed => Some("AGENCY-CLOSED"),
            Self::Rejected => Some("AGENCY-REJECTED"),
        }
    }
}

/// What a line says, word by word, as an answer repeats it. What is not there is
/// none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The account.
    pub account: Option<String>,
    /// The delinquency; also if the line does not name it and only one is meant.
    pub delinquency: Option<String>,
    /// What has become of it.
    pub status: Option<String>,
    /// The agency's own id of the line.
    pub reference: Option<String>,
    /// Why, in the agency's words.
    pub reason: Option<String>,
}

impl Said {
    /// The status, if there is such a one.
    pub(super) fn status_word(&self) -> Option<&'static str> {
        self.status.as_deref().and_then(Status::parse).map(Status::as_str)
    }
}

/// A line that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatusLine {
    pub(super) account: AccountId,
    pub(super) delinquency: Option<DelinquencyId>,
    pub(super) status: Status,
    pub(super) amount: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) date: Option<Date>,
    pub(super) reference: String,
    /// Of the event that the line is: see [`event_id`].
    pub(super) event: EventId,
}

/// Why the header of a file cannot be used. Nothing of the file is taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderMistake {
    /// A column that means nothing.
    #[error("the file has a column `{column}`, which means nothing here; {hint}")]
    Unknown {
        /// Its name.
        column: String,
        /// What may be meant.
        hint: String,
    },
    /// A column that is there twice.
    #[error("the file has the column `{column}` twice; remove one")]
    Twice {
        /// Its name.
        column: String,
    },
    /// A column that has to be there.
    #[error("the file has no column `{column}`; the first line names the columns")]
    Missing {
        /// Its name.
        column: &'static str,
    },
    /// The header cannot be read.
    #[error("the first line, which names the columns, cannot be read: {reason}")]
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
}

/// Where each column stands.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    at: BTreeMap<&'static str, usize>,
}

impl Columns {
    /// Reads a header. Its columns stand in any order.
    pub(super) fn read(header: &StringRecord) -> Result<Self, HeaderMistake> {
        let mut at = BTreeMap::new();
        for (index, name) in header.iter().map(str::trim).enumerate() {
            let known = COLUMNS.into_iter().find(|column| column.eq_ignore_ascii_case(name));
            let known = known.ok_or_else(|| HeaderMistake::Unknown {
                column: name.to_owned(),
                hint: did_you_mean(name, COLUMNS).unwrap_or_default(),
            })?;
            if at.insert(known, index).is_some() {
                return Err(HeaderMistake::Twice { column: known.to_owned() });
            }
        }
        match NEEDED.into_iter().find(|column| !at.contains_key(column)) {
            Some(column) => Err(HeaderMistake::Missing { column }),
            None => Ok(Self { at }),
        }
    }

    /// What a row says, and the line that it is.
    pub(super) fn line(&self, agency: &str, row: &Row) -> (Said, Result<StatusLine, Refused>) {
        let cells = match &row.cells {
            Ok(cells) => cells,
            Err(error) => return (Said::default(), Err(error.clone().into())),
        };
        let said = |column| self.cell(cells, column).map(str::to_owned);
        let said = Said {
            account: said("account"),
            delinquency: said("delinquency"),
            status: said("status"),
            reference: said("reference"),
            reason: said("reason"),
        };
        (said, self.status_line(agency, cells))
    }

    /// A cell; none if it is empty, or its column is not there.
    fn cell<'r>(&self, cells: &'r StringRecord, column: &str) -> Option<&'r str> {
        let cell = cells.get(*self.at.get(column)?)?.trim();
        Some(cell).filter(|cell| !cell.is_empty())
    }

    fn status_line(&self, agency: &str, cells: &StringRecord) -> Result<StatusLine, Refused> {
        let cell = |column| self.cell(cells, column);
        let needed = |column| cell(column).ok_or(Refused::Missing { column, why: "" });
        let account = id("account", "BAD_ACCOUNT", needed("account")?)?;
        let delinquency =
            cell("delinquency").map(|it| id("delinquency", "BAD_DELINQUENCY", it)).transpose()?;
        let status = status(needed("status")?)?;
        let amount = cell("amount").map(str::to_owned);
        if status == Status::PartialPayment && amount.is_none() {
            return Err(Refused::Missing { column: "amount", why: "; write what was paid" });
        }
        let date = cell("date").map(date).transpose()?;
        let reference = needed("reference")?.to_owned();
        let event = event_id(agency, &reference)
            .map_err(|error| bad("BAD_REFERENCE", "reference", &reference, &error))?;
        let currency = cell("currency").map(str::to_owned);
        Ok(StatusLine { account, delinquency, status, amount, currency, date, reference, event })
    }
}

/// The event that a line is: `9-NORTHSTAR-REF123`. A code may have every letter
/// that a reference may have, so that its length has to say where it ends: `EAST-5`
/// of NORTH is another line than `5` of NORTH-EAST.
pub(super) fn event_id(agency: &str, reference: &str) -> Result<EventId, IdentifierError> {
    EventId::parse(&format!("{}-{agency}-{reference}", agency.chars().count()))
}

fn bad(code: &'static str, column: &'static str, value: &str, error: &IdentifierError) -> Refused {
    Refused::Value { code, column, value: value.to_owned(), expected: error.to_string() }
}

fn id<T: Identifier>(column: &'static str, code: &'static str, text: &str) -> Result<T, Refused> {
    T::parse(text).map_err(|error| bad(code, column, text, &error))
}

fn status(word: &str) -> Result<Status, Refused> {
    Status::parse(word).ok_or_else(|| Refused::Value {
        code: "BAD_STATUS",
        column: "status",
        value: word.to_owned(),
        expected: did_you_mean(word, Status::ALL.map(Status::as_str)).unwrap_or_default(),
    })
}

fn date(text: &str) -> Result<Date, Refused> {
    crate::events::date("date", text).map_err(|_| Refused::Value {
        code: "BAD_DATE",
        column: "date",
        value: text.to_owned(),
        expected: "write a date that exists, as YYYY-MM-DD".to_owned(),
    })
}
