//! The variables of templates: one table, from which values, checks, hints and
//! documentation are made. Names are those of formulas where these have them.

use super::amount::Amount;
use super::facts::{Facts, balance, balances};
use super::mistake::Part;
use arrears_domain::{Date, DelinquencyStatus, Identifier};
use minijinja::value::Value;

/// What a variable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// Money, written with the decimals of its currency: `152.30`.
    Amount,
    /// A date, written `2026-01-15`.
    Date,
    /// A list of sums, each with its `currency` and its `amount`.
    Balances,
}

/// Whether every record has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Each has one.
    Always,
    /// Some have none; then the variable is empty text.
    Sometimes,
}

/// Which templates may use a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Header, record and trailer.
    Everywhere,
    /// The record's.
    Record,
    /// The trailer's: it is known when all records have been written.
    Trailer,
}

impl Place {
    /// Whether the part may use it.
    #[must_use]
    pub fn includes(self, part: Part) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Record => part == Part::Record,
            Self::Trailer => part == Part::Trailer,
        }
    }
}

/// A variable as documentation lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentedVariable {
    /// The full path, `delinquency.balance`. `NAME` at the end stands for a name
    /// that the agency has chosen.
    pub path: &'static str,
    /// What it is.
    pub of: Kind,
    /// Whether it may be empty.
    pub presence: Presence,
    /// Which templates may use it.
    pub place: Place,
    /// What it means.
    pub meaning: &'static str,
}

impl DocumentedVariable {
    const fn attribute(path: &'static str, meaning: &'static str) -> Self {
        let (of, presence, place) = (Kind::Text, Presence::Sometimes, Place::Record);
        Self { path, of, presence, place, meaning }
    }
}

macro_rules! variables {
    ($($group:ident $prefix:literal $place:ident $facts:path, |$source:ident| {$(
        $name:literal $of:ident $presence:ident $meaning:literal => $value:expr;
    )*})*) => {
        /// Every variable of templates.
        pub const VARIABLES: &[DocumentedVariable] = &[
            $($(DocumentedVariable {
                path: concat!($prefix, ".", $name),
                of: Kind::$of,
                presence: Presence::$presence,
                place: Place::$place,
                meaning: $meaning,
            },)*)*
            DocumentedVariable::attribute(
                "delinquency.attributes.NAME",
                "an attribute of the record; empty if the record lacks it",
            ),
            DocumentedVariable::attribute(
                "account.attributes.NAME",
                "an attribute of the account; empty if the account lacks it",
            ),
            DocumentedVariable::attribute(
                "contact.attributes.NAME",
                "an attribute of the contact; empty if the contact lacks it",
            ),
        ];

        /// The first parts of paths.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Group {$(
            $group,
        )*}

        impl Group {
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($prefix => Some(Self::$group),)*
                    _ => None,
                }
            }

            /// The value of the variable, where the facts have it.
            pub fn value(self, name: &str, facts: &Facts) -> Option<Value> {
                match self {$(
                    Self::$group => {
                        let $source = $facts(facts)?;
                        match name {
                            $($name => Some($value),)*
                            _ => None,
                        }
                    }
                )*}
            }
        }
    };
}

variables! {
    Account "account" Record Facts::row, |row| {
        "id" Text Always "the account's identifier" => text(row.account.id.as_str());
        "class" Text Always "the agency's own classification, such as residential"
            => text(&row.account.class);
        "status" Text Always "open, suspended or closed" => text(row.account.status.as_str());
        "currency" Text Always "ISO 4217 code of the account's currency"
            => text(row.account.currency().code());
        "balance" Amount Always "all that the account owes" => amount(row.account.balance);
    }
    Contact "contact" Record Facts::row, |row| {
        "id" Text Sometimes "the primary contact's identifier; empty without a contact"
            => of_some(row.contact.as_ref(), |contact| text(contact.id.as_str()));
        "name" Text Sometimes "the primary contact's name; empty without a contact"
            => of_some(row.contact.as_ref(), |contact| text(&contact.name));
        "credit_points" Whole Sometimes
            "accumulated credit points, more is worse; empty without a contact"
            => of_some(row.contact.as_ref(), |contact| Value::from(contact.credit_points));
    }
    Delinquency "delinquency" Record Facts::row, |row| {
        "id" Text Always "the record's identifier" => text(row.delinquency.id.as_str());
        "kind" Text Always "bill-type, collections, address-lien or parcel-lien"
            => text(row.delinquency.kind.as_str());
        "bill_type" Text Sometimes "the bill type; only records of kind bill-type have one"
            => text(row.delinquency.bill_type.as_deref().unwrap_or_default());
        "scheme" Text Always "code of the record's scheme"
            => text(row.delinquency.scheme.as_str());
        "milestone" Text Always "code of the record's present milestone"
            => text(row.delinquency.milestone.as_str());
        "level" Whole Sometimes
            "level of the present milestone; empty if the setup does not define it"
            => of_some(row.level, Value::from);
        "balance" Amount Always "the delinquent balance that is reported, in the account's currency"
            => amount(row.reported_balance);
        "days_past_due" Whole Always
            "whole days since the oldest unpaid debt was due; 0 if nothing is overdue"
            => Value::from(row.delinquency.days_past_due(row.as_of));
        "days_at_milestone" Whole Always "whole days since entry into the present milestone"
            => Value::from((row.as_of - row.delinquency.entered_on).num_days());
        "entered_on" Date Always "the date of entry into the present milestone"
            => date(row.delinquency.entered_on);
        "oldest_debt_on" Date Sometimes
            "due date of the oldest unpaid debt; empty if it is not known"
            => of_some(row.delinquency.oldest_debt_on, date);
        "status" Text Always "open or resolved"
            => text(if row.delinquency.is_open() { "open" } else { "resolved" });
        "resolution_code" Text Sometimes "why the record was resolved; empty if it is open"
            => match &row.delinquency.status {
                DelinquencyStatus::Resolved { code, .. } => text(code),
                DelinquencyStatus::Open => text(""),
            };
        "resolved_on" Date Sometimes "when the record was resolved; empty if it is open"
            => match &row.delinquency.status {
                DelinquencyStatus::Resolved { on, .. } => date(*on),
                DelinquencyStatus::Open => text(""),
            };
    }
    Placement "placement" Record Facts::row, |row| {
        "action" Text Always "NEW, UPDATE or RECALL" => text(row.action.as_str());
        "sequence" Whole Always
            "counts what this collection agency has been told of the delinquency, from 1"
            => Value::from(row.sequence);
    }
    Record "record" Record Facts::row, |row| {
        "number" Whole Always "counts the records of the file, from 1"
            => Value::from(row.number);
    }
    Run "run" Everywhere Facts::file, |file| {
        "key" Text Always "key of the export run" => text(&file.run_key);
        "number" Whole Always "number of the export run" => Value::from(file.run_number);
        "as_of" Date Always "the business date of the run" => date(file.as_of);
    }
    Setup "setup" Everywhere Facts::file, |file| {
        "code" Text Always "code of the export setup" => text(&file.setup);
    }
    Agency "agency" Everywhere Facts::file, |file| {
        "code" Text Always "code of the public agency" => text(&file.agency_code);
        "name" Text Always "name of the public agency" => text(&file.agency_name);
    }
    CollectionAgency "collection_agency" Everywhere Facts::file, |file| {
        "code" Text Always "code of the collection agency" => text(&file.collection_agency_code);
        "name" Text Always "name of the collection agency" => text(&file.collection_agency_name);
    }
    File "file" Everywhere Facts::file, |file| {
        "number" Whole Always "counts the files of the run, from 1"
            => Value::from(file.file_number);
    }
    Totals "totals" Trailer Facts::totals, |totals| {
        "records" Whole Always "how many records the file has" => Value::from(totals.records);
        "new" Whole Always "how many of them are NEW" => Value::from(totals.new);
        "update" Whole Always "how many of them are UPDATE" => Value::from(totals.update);
        "recall" Whole Always "how many of them are RECALL" => Value::from(totals.recall);
        "balance" Amount Always
            "the sum of delinquency.balance over all records; they must have one currency"
            => balance(totals);
        "balances" Balances Always
            "the sums for each currency, a list: each has a currency and an amount"
            => balances(totals);
    }
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn amount(money: arrears_domain::Money) -> Value {
    Value::from_object(Amount::from(money))
}

// Text that sorts as dates do, so that dates compare with each other and with
// text in every operator of the engine.
fn date(date: Date) -> Value {
    Value::from(date.to_string())
}

/// What is absent is empty text.
fn of_some<T>(value: Option<T>, to_value: impl FnOnce(T) -> Value) -> Value {
    value.map_or_else(|| Value::from(""), to_value)
}
