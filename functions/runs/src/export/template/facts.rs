//! What templates see: the record, its file, and the file's totals. Values are
//! made when a template asks for them.

use super::amount::Amount;
use super::mistake::data_fault;
use super::variable::Group;
use arrears_domain::{
    Account, Contact, Currency, Date, Delinquency, Money, MoneyError, PlacementAction,
};
use minijinja::value::{Object, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a record template sees.
#[derive(Debug, Clone)]
pub struct Row {
    /// What the collection agency is told to do.
    pub action: PlacementAction,
    /// Counts what the agency has been told of the delinquency, from 1.
    pub sequence: u32,
    /// The account that owes.
    pub account: Account,
    /// Its primary contact.
    pub contact: Option<Contact>,
    /// The delinquency.
    pub delinquency: Delinquency,
    /// Level of the present milestone, if the setup defines it.
    pub level: Option<u32>,
    /// The business date of the run.
    pub as_of: Date,
    /// Counts the records of the file, from 1.
    pub number: u64,
    /// What the line says is owed: `delinquency.balance` in templates.
    pub reported_balance: Money,
}

/// What the templates of all parts see.
#[derive(Debug, Clone)]
pub struct FileFacts {
    /// Key of the export run.
    pub run_key: String,
    /// Its number.
    pub run_number: u32,
    /// Its business date.
    pub as_of: Date,
    /// Code of the export setup.
    pub setup: String,
    /// Code of the public agency.
    pub agency_code: String,
    /// Its name.
    pub agency_name: String,
    /// Code of the collection agency.
    pub collection_agency_code: String,
    /// Its name.
    pub collection_agency_name: String,
    /// Counts the files of the run, from 1.
    pub file_number: u32,
}

/// What a trailer tells of all records of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTotals {
    /// How many there are.
    pub records: u64,
    /// How many of them are NEW.
    pub new: u64,
    /// How many of them are UPDATE.
    pub update: u64,
    /// How many of them are RECALL.
    pub recall: u64,
    /// The sum of their reported balances, for each currency.
    pub balance_minor_units: BTreeMap<Currency, i64>,
}

impl FileTotals {
    /// Counts a record.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`]; then nothing is counted.
    pub fn count(&mut self, row: &Row) -> Result<(), MoneyError> {
        let balance = row.reported_balance;
        let currency = balance.currency();
        let so_far = self.balance_minor_units.get(&currency).copied().unwrap_or_default();
        let sum = Money::from_minor_units(so_far, currency).checked_add(balance)?;
        self.balance_minor_units.insert(currency, sum.minor_units());
        self.records += 1;
        match row.action {
            PlacementAction::New => self.new += 1,
            PlacementAction::Update => self.update += 1,
            PlacementAction::Recall => self.recall += 1,
        }
        Ok(())
    }

    fn amounts(&self) -> impl Iterator<Item = Money> {
        self.balance_minor_units
            .iter()
            .map(|(currency, units)| Money::from_minor_units(*units, *currency))
    }
}

/// The context of a template: what its part may see.
#[derive(Debug)]
pub(super) enum Facts {
    Header {
        file: Arc<FileFacts>,
    },
    Record {
        row: Arc<Row>,
        file: Arc<FileFacts>,
        /// Samples know no names of attributes: each that a template asks for is
        /// this one.
        any_attribute: Option<&'static str>,
    },
    Trailer {
        totals: FileTotals,
        file: Arc<FileFacts>,
    },
}

impl Facts {
    pub fn row(&self) -> Option<&Row> {
        match self {
            Self::Record { row, .. } => Some(row),
            Self::Header { .. } | Self::Trailer { .. } => None,
        }
    }

    // An option, as its siblings are, for the table of variables.
    pub fn file(&self) -> Option<&FileFacts> {
        match self {
            Self::Header { file } | Self::Record { file, .. } | Self::Trailer { file, .. } => {
                Some(file)
            }
        }
    }

    pub fn totals(&self) -> Option<&FileTotals> {
        match self {
            Self::Trailer { totals, .. } => Some(totals),
            Self::Header { .. } | Self::Record { .. } => None,
        }
    }

    fn any_attribute(&self) -> Option<&'static str> {
        match self {
            Self::Record { any_attribute, .. } => *any_attribute,
            Self::Header { .. } | Self::Trailer { .. } => None,
        }
    }

    fn attributes(&self, group: Group) -> Option<&BTreeMap<String, String>> {
        let row = self.row()?;
        match group {
            Group::Account => Some(&row.account.attributes),
            Group::Delinquency => Some(&row.delinquency.attributes),
            Group::Contact => row.contact.as_ref().map(|contact| &contact.attributes),
            _ => None,
        }
    }
}

impl Object for Facts {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let of = Group::named(key)?;
        Some(Value::from_object(Fields { of, facts: Arc::clone(self) }))
    }
}

/// `account` of `account.id`.
#[derive(Debug)]
struct Fields {
    of: Group,
    facts: Arc<Facts>,
}

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == "attributes" {
            return Some(Value::from_object(Attributes(Arc::clone(self))));
        }
        self.of.value(key, &self.facts)
    }
}

/// `account.attributes`; one that is absent is empty text.
#[derive(Debug)]
struct Attributes(Arc<Fields>);

impl Object for Attributes {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let attributes = self.0.facts.attributes(self.0.of);
        let attribute = attributes.and_then(|attributes| attributes.get(key));
        let or_sample = attribute.map(String::as_str).or(self.0.facts.any_attribute());
        Some(Value::from(or_sample.unwrap_or_default()))
    }
}

/// `totals.balance`: the one sum that there is.
pub(super) fn balance(totals: &FileTotals) -> Value {
    let mut amounts = totals.amounts();
    let first = amounts.next();
    if amounts.next().is_some() {
        let currencies: Vec<_> = totals.balance_minor_units.keys().map(Currency::code).collect();
        let message =
            format!("the file has amounts in {}, which have no one sum", { currencies.join(", ") });
        return Value::from(data_fault(
            message,
            "select records of one currency, or list totals.balances",
        ));
    }
    Value::from_object(first.map_or(Amount::NOTHING, Amount::from))
}

/// `totals.balances`.
pub(super) fn balances(totals: &FileTotals) -> Value {
    totals.amounts().map(|amount| Value::from_object(Balance(amount))).collect()
}

/// One of `totals.balances`.
#[derive(Debug)]
struct Balance(Money);

impl Object for Balance {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "currency" => Some(Value::from(self.0.currency().code())),
            "amount" => Some(Value::from_object(Amount::from(self.0))),
            _ => None,
        }
    }
}
