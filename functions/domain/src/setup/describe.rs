//! All actions of each scheme at a glance, what collection agencies get, and what
//! payment profiles collect.
//!
//! The source document on collections actions: "The Collections Actions node
//! under a collections scheme shows a summary of all actions defined for that
//! scheme. All information under the Collections Actions node is display-only."

mod payment;

pub use payment::{PaymentActionSummary, PaymentSummary};

use super::model::{Action, Compression, ExportSetup, ExportTemplate, Milestone, Scheme, Setup};

/// The summary of a setup, scheme by scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// By display order, then by code.
    pub schemes: Vec<SchemeSummary>,
    /// By code.
    pub exports: Vec<ExportSummary>,
    /// By code.
    pub payments: Vec<PaymentSummary>,
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

/// The summary of an export setup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSummary {
    /// Its code.
    pub export_setup: String,
    /// Its name.
    pub name: Option<String>,
    /// The code of the collection agency.
    pub collection_agency: String,
    /// Where the files stand, below the agency's own `export/` folder.
    pub prefix: String,
    /// What they are, on one line: `fixed-width, .txt, escape line, zstd,
    /// split_records 5000`.
    pub files: String,
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
    let exports = setup.export_setups.values().map(export_summary);
    let payments = setup.payment_profiles.values().map(payment::summary);
    Description {
        schemes: summaries.collect(),
        exports: exports.collect(),
        payments: payments.collect(),
    }
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

fn export_summary(export: &ExportSetup) -> ExportSummary {
    let template = match &export.template {
        ExportTemplate::Ready(ready) => ready.as_str().to_owned(),
        ExportTemplate::Written { .. } => {
            let texts: Vec<&str> = export.template.texts().map(|(key, _)| key).collect();
            format!("own {}", texts.join(", "))
        }
    };
    let mut files =
        format!("{template}, .{}, escape {}", export.extension, export.escape_in_force().as_str());
    if export.compression != Compression::None {
        files += &format!(", {}", export.compression.as_str());
    }
    if let Some(most) = export.split_records {
        files += &format!(", split_records {most}");
    }
    ExportSummary {
        export_setup: export.code.clone(),
        name: export.name.clone(),
        collection_agency: export.collection_agency.clone(),
        prefix: export.prefix.clone(),
        files,
    }
}

/// The members of a JSON object on one line.
pub(super) fn one_line(config: &serde_json::Value) -> String {
    let members = config.as_object().into_iter().flatten();
    members.map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ")
}
