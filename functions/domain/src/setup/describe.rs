//! All actions of each scheme at a glance.
//!
//! The source document on collections actions: "The Collections Actions node
//! under a collections scheme shows a summary of all actions defined for that
//! scheme. All information under the Collections Actions node is display-only."

use super::model::{Action, Milestone, Scheme, Setup};

/// The summary of a setup, scheme by scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// By display order, then by code.
    pub schemes: Vec<SchemeSummary>,
}

/// The summary of a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeSummary {
    /// Its code.
    pub scheme: String,
    /// Its actions: by milestone as shown, then in the order performed.
    pub actions: Vec<ActionSummary>,
}

/// One action in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionSummary {
    /// `CODE (level)`.
    pub milestone: String,
    /// The event on which it is performed, in the words of the source document.
    pub perform_on: &'static str,
    /// `notice`, `vendor:name`.
    pub action_type: String,
    /// The text of its condition.
    pub condition: Option<String>,
    /// Its config on one line: `amount "15.00", line_item_type "LATE"`.
    pub config: String,
}

/// Summarises a setup for display.
#[must_use]
pub fn describe(setup: &Setup) -> Description {
    let mut schemes: Vec<&Scheme> = setup.schemes.values().collect();
    schemes.sort_by_key(|scheme| scheme.display_order);
    let summaries = schemes.into_iter().map(|scheme| SchemeSummary {
        scheme: scheme.code.to_string(),
        actions: scheme
            .milestones
            .iter()
            .flat_map(|milestone| milestone.actions.iter().map(|it| summary(milestone, it)))
            .collect(),
    });
    Description { schemes: summaries.collect() }
}

fn summary(milestone: &Milestone, action: &Action) -> ActionSummary {
    ActionSummary {
        milestone: milestone.title(),
        perform_on: action.perform_on.title(),
        action_type: action.action_type.clone(),
        condition: action.condition.as_ref().map(|formula| formula.text().to_owned()),
        config: one_line(&action.config),
    }
}

/// The members of a JSON object on one line.
pub(super) fn one_line(config: &serde_json::Value) -> String {
    let members = config.as_object().into_iter().flatten();
    members.map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ")
}
