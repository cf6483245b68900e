//! What an agency has defined: read from TOML, checked whole, before it is stored.
//!
//! [`read`] takes one source or several that are read as one, and gives either
//! the [`Setup`] or every [`Mistake`] in it: syntax, shapes, names, formulas,
//! and how the milestones of a scheme hang together. What the config of an
//! action means is not checked here but by the plugin that performs it;
//! [`ConfigPlaces`] tell where to point then.
//!
//! ```
//! use arrears_domain::setup::{self, Source};
//!
//! let text = r#"
//! [agency]
//! name = "Rivertown Water"
//! time_zone = "America/New_York"
//!
//! [group]
//! code = "COLL"
//! minimum_entry_amount = "25.00"
//! entry_scheme = "RES"
//!
//! [[scheme]]
//! code = "RES"
//! entry_milestone = "REMIND"
//!
//! [[scheme.milestone]]
//! code = "REMIND"
//! level = 1
//! duration = 14
//! next_milestone = "FINALE"
//!
//! [[scheme.milestone]]
//! code = "FINAL"
//! level = 2
//! "#;
//! let source = Source { name: "setup.toml".to_owned(), text: text.to_owned() };
//!
//! let mistakes = setup::read(std::slice::from_ref(&source)).unwrap_err();
//! assert_eq!(mistakes[0].message, "there is no milestone of RES `FINALE`");
//! assert_eq!(mistakes[0].hint.as_deref(), Some("did you mean `FINAL`?"));
//! assert_eq!(setup::line_and_column(&source.text, mistakes[0].span.offset), (19, 18));
//! ```

mod model;

pub mod limits;
pub mod mistake;

mod places;
mod syntax;
mod tree;
mod values;

mod actions;
mod definitions;
mod exports;
mod rules;
mod schemes;
mod sections;

mod banks;
mod payments;

mod graph;
mod references;

pub mod describe;
pub mod diff;

pub use actions::ACTION_TYPES;
pub use describe::{Description, describe};
pub use diff::{Difference, diff};
pub use mistake::{Mistake, Severity, Span, line_and_column};
pub use model::{
    Action, Anchor, BankFile, BankFormat, CollectionAgency, Compression, ConfigPlaces,
    Correspondence, CreditRatingLevel, Creditor, Duration, Escape, ExportSetup, ExportTemplate,
    Features, Group, LedgerAccounts, LedgerSettings, LineItemKind, LineItemType, Milestone,
    Originator, PaymentMethod, PaymentProfile, PaymentsDebits, ReadyTemplate, ReportDetail,
    RequestType, Rule, Scheme, Setup, TaskSettings, Tasks, TemplateText,
};
pub use schemes::{LIENS_MILESTONE, LIENS_SCHEME};
pub use sections::TASK_NAMES;

use mistake::code;
use references::kinds;
use schemes::Surroundings;
use tree::{Reading, Table};

/// One file of a setup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What to call it, such as its path.
    pub name: String,
    /// TOML.
    pub text: String,
}

/// A setup that can be used, and what somebody should look at.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The setup.
    pub setup: Setup,
    /// Mistakes of [`Severity::Warning`], by place.
    pub warnings: Vec<Mistake>,
}

/// Reads and checks a setup whole. The sources are read as one; their order
/// does not matter, but for credit rating levels and milestones, which stand as
/// written.
///
/// # Errors
/// All mistakes by place, warnings among them, if one is an error; at most
/// [`limits::MISTAKES_MAX`].
pub fn read(sources: &[Source]) -> Result<Checked, Vec<Mistake>> {
    read_further(sources, |_, _| Vec::new())
}

/// Like [`read`], with further checks by a layer that knows more (the plugins),
/// so that all mistakes are shown together. `further` gets the setup as far as
/// it could be read, and a question: whether the sources define something of a
/// kind ([`Setup::definition`]) under a code, even if the setup lacks it because
/// there is a mistake in it.
///
/// # Errors
/// As [`read`].
pub fn read_further(
    sources: &[Source],
    further: impl FnOnce(&Setup, &dyn Fn(&str, &str) -> bool) -> Vec<Mistake>,
) -> Result<Checked, Vec<Mistake>> {
    let reading = Reading::new(sources);
    let trees = syntax::parse(&reading);
    let tops = trees.iter().enumerate();
    let root = sections::Root(
        tops.map(|(source, tree)| Table::top(&reading, source, tree.get_ref())).collect(),
    );
    let setup = assemble(&root, &reading);
    root.0.iter().for_each(Table::finish);
    references::check(&setup, &reading);
    graph::check(&setup, &reading);
    let mut mistakes = reading.mistakes.take();
    let is_named = |kind: &str, code: &str| {
        let kind = match kind {
            "correspondence" => kinds::CORRESPONDENCE,
            "line-item-type" => kinds::LINE_ITEM_TYPE,
            "request-type" => kinds::REQUEST_TYPE,
            _ => return false,
        };
        reading.claimed(kind).iter().any(|claimed| claimed == code)
    };
    mistakes.extend(further(&setup, &is_named));
    let mistakes = settle(mistakes, sources);
    if mistakes.iter().any(|it| it.severity == Severity::Error) {
        return Err(mistakes);
    }
    Ok(Checked { setup, warnings: mistakes })
}

/// Reads every section. What could not be read, and has been reported, is empty.
fn assemble(root: &sections::Root<'_>, reading: &Reading<'_>) -> Setup {
    let agency = sections::agency(root);
    let (group, action_order) = sections::collections_group(root, reading);
    let delinquency_groups = sections::delinquency_groups(root);
    let features = sections::features(root);
    let tasks = sections::tasks(root);
    let (calendars, time_zone) = sections::calendars(root, &agency, reading);
    let line_item_types = definitions::line_item_types(root);
    let correspondence = definitions::correspondence(root);
    let request_types = definitions::request_types(root);
    let credit_rating_levels = definitions::credit_rating_levels(root);
    let collection_agencies = definitions::collection_agencies(root);
    let export_setups = exports::export_setups(root);
    let payment_profiles = payments::payment_profiles(root, &action_order);
    let ledger = payments::ledger(root);
    let calendar_names = reading.claimed(kinds::CALENDAR);
    let around = Surroundings { calendars: &calendar_names, action_order: &action_order };
    let schemes = schemes::schemes(root, &around);
    Setup {
        agency_name: agency.name,
        time_zone,
        group,
        delinquency_groups,
        features,
        tasks,
        calendars,
        schemes,
        line_item_types,
        correspondence,
        request_types,
        credit_rating_levels,
        collection_agencies,
        export_setups,
        payment_profiles,
        ledger,
        action_order,
    }
}

/// The mistakes as they are shown: by place, without what only follows from
/// broken syntax, and no more than anybody reads.
fn settle(mut mistakes: Vec<Mistake>, sources: &[Source]) -> Vec<Mistake> {
    mistakes.sort_by(|a, b| (a.span, a.severity, a.code).cmp(&(b.span, b.severity, b.code)));
    mistakes.dedup();
    syntax::drop_follow_ups(&mut mistakes, sources);
    if mistakes.len() > limits::MISTAKES_MAX {
        let more = mistakes.len() - limits::MISTAKES_MAX;
        mistakes.truncate(limits::MISTAKES_MAX);
        let span = mistakes.last().map(|it| it.span).unwrap_or_default();
        let message = format!("there are {more} more mistakes");
        mistakes.push(
            Mistake::error(code::MORE_MISTAKES, span, message)
                .hint("correct these first; check that each file is a setup"),
        );
    }
    mistakes
}
