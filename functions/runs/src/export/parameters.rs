//! What a clerk may ask of an export run, as it is typed, stored and checked.

use crate::error::RunError;
use arrears_domain::formula::{Formula, Type};
use arrears_domain::selection::Selection;
use arrears_domain::setup::ExportSetup;
use arrears_domain::{Date, DelinquencyKind, Identifier, MilestoneCode, SchemeCode, Setup};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The kind of record that is exported unless others are asked for: what was
/// sent to collections. A lien is not for an agency to collect.
const KIND_DEFAULT: DelinquencyKind = DelinquencyKind::Collections;

/// The parameters of an export run. What is empty asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// Agencies whose schemes' records are taken, by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agencies: Vec<String>,
    /// Kinds of record; `collections` if none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Schemes, by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<String>,
    /// Milestones, by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub milestones: Vec<String>,
    /// The lowest level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_level: Option<u32>,
    /// The highest level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_level: Option<u32>,
    /// Classes of account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// The lowest balance, decimal text in the account's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_balance: Option<String>,
    /// The highest balance, decimal text in the account's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_balance: Option<String>,
    /// The first day of entry to the milestone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_from: Option<Date>,
    /// The last day of entry to the milestone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_until: Option<Date>,
    /// The first day of the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_since: Option<Date>,
    /// A formula that gives yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

impl Parameters {
    /// The selection that the parameters mean under a setup.
    ///
    /// # Errors
    /// [`RunError::Parameter`]: a name that the setup does not have, a range
    /// that nothing is in, a formula with a mistake.
    pub fn selection(&self, setup: &Setup, export: &ExportSetup) -> Result<Selection, RunError> {
        let agencies = setup.collection_agencies.keys().map(String::as_str);
        let schemes = setup.schemes.keys().map(Identifier::as_str);
        let milestones = setup.schemes.values().flat_map(|scheme| &scheme.milestones);
        let milestones = milestones.map(|milestone| milestone.code.as_str());
        let selection = Selection {
            collection_agency: export.collection_agency.clone(),
            agencies: known("collection-agency", &self.agencies, agencies, |it| {
                Some(it.to_owned())
            })?,
            kinds: self.kinds()?,
            schemes: known("scheme", &self.schemes, schemes, |it| SchemeCode::parse(it).ok())?,
            milestones: known("milestone", &self.milestones, milestones, |it| {
                MilestoneCode::parse(it).ok()
            })?,
            min_level: self.min_level,
            max_level: self.max_level,
            classes: self.classes.iter().cloned().collect(),
            min_balance: amount("min-balance", self.min_balance.as_deref())?,
            max_balance: amount("max-balance", self.max_balance.as_deref())?,
            entered_from: self.entered_from,
            entered_until: self.entered_until,
            changed_since: self.changed_since,
            condition: self.condition.as_deref().map(condition).transpose()?,
        };
        in_order("min-level", &selection.min_level, &selection.max_level)?;
        in_order("min-balance", &selection.min_balance, &selection.max_balance)?;
        in_order("entered-from", &selection.entered_from, &selection.entered_until)?;
        Ok(selection)
    }

    fn kinds(&self) -> Result<BTreeSet<DelinquencyKind>, RunError> {
        if self.kinds.is_empty() {
            return Ok(BTreeSet::from([KIND_DEFAULT]));
        }
        let words = DelinquencyKind::ALL.map(DelinquencyKind::as_str);
        known("kind", &self.kinds, words, DelinquencyKind::parse)
    }
}

/// Names that must be among the known ones.
fn known<'a, T: Ord>(
    parameter: &'static str,
    asked: &[String],
    known: impl IntoIterator<Item = &'a str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<BTreeSet<T>, RunError> {
    let known: BTreeSet<&str> = known.into_iter().collect();
    let unknown = |name: &str| {
        let known: Vec<&str> = known.iter().copied().collect();
        let reason = match known.as_slice() {
            [] => "there are none".to_owned(),
            known => format!("known: {}", known.join(", ")),
        };
        wrong(parameter, name, reason)
    };
    let found = asked.iter().map(|name| {
        let is_known = known.contains(name.as_str());
        is_known.then(|| parse(name)).flatten().ok_or_else(|| unknown(name))
    });
    found.collect()
}

fn amount(parameter: &'static str, text: Option<&str>) -> Result<Option<Decimal>, RunError> {
    let parse = |text: &str| {
        Decimal::from_str_exact(text)
            .map_err(|_| wrong(parameter, text, "write digits with a point, 25.00"))
    };
    text.map(parse).transpose()
}

fn condition(text: &str) -> Result<Formula, RunError> {
    Formula::compile(text, Type::Bool).map_err(|error| {
        let at = text.get(..error.offset).map_or(0, |before| before.chars().count()) + 1;
        let hint = error.hint.map_or_else(String::new, |hint| format!("; {hint}"));
        wrong("condition", text, format!("at character {at}: {}{hint}", error.message))
    })
}

fn in_order<T: PartialOrd + ToString>(
    parameter: &'static str,
    least: &Option<T>,
    most: &Option<T>,
) -> Result<(), RunError> {
    match (least, most) {
        (Some(least), Some(most)) if least > most => {
            let reason = format!("nothing is between it and {}", most.to_string());
            Err(wrong(parameter, &least.to_string(), reason))
        }
        _ => Ok(()),
    }
}

fn wrong(parameter: &'static str, value: &str, reason: impl Into<String>) -> RunError {
    RunError::Parameter { parameter, value: value.to_owned(), reason: reason.into() }
}
