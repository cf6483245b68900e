//! What a setup consists of, once it has been read and checked.

mod definition;
mod export;
mod payment;

pub use definition::{
    CollectionAgency, Correspondence, CreditRatingLevel, LineItemKind, LineItemType, RequestType,
};
pub use export::{Compression, Escape, ExportSetup, ExportTemplate, ReadyTemplate, TemplateText};
pub use payment::{
    BankFile, BankFormat, Creditor, LedgerAccounts, LedgerSettings, Originator, PaymentMethod,
    PaymentProfile, PaymentsDebits, ReportDetail,
};

use super::mistake::Span;
use crate::formula::Formula;
use crate::{
    BusinessCalendar, DayBasis, DelinquencyKind, MilestoneCode, SchemeCode, TransitionEvent,
};
use std::collections::BTreeMap;

/// An agency's whole setup. Stored setups are immutable and numbered.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The agency's own name, for letters; empty if the setup does not say.
    pub agency_name: String,
    /// The IANA zone in which the agency's dates are meant: that of `[agency]`,
    /// else the one of all calendars, else `UTC` (with a warning).
    pub time_zone: String,
    /// The one collections group (DELINQUENCYGROUP).
    pub group: Group,
    /// One delinquency group for each bill type.
    pub delinquency_groups: Vec<Group>,
    /// Feature switches.
    pub features: Features,
    /// Threads and commit numbers.
    pub tasks: Tasks,
    /// Business calendars by name.
    pub calendars: BTreeMap<String, BusinessCalendar>,
    /// All schemes by code (DELINQUENCYSCHEME).
    ///
    /// The scheme `LIENS` exists with the collections group, as in the source
    /// document: unless the setup defines it, it is entered at its one milestone
    /// `LIEN`, of level 1, which has no duration, no action and no next milestone
    /// and makes nothing eligible.
    pub schemes: BTreeMap<SchemeCode, Scheme>,
    /// Line item types by code.
    pub line_item_types: BTreeMap<String, LineItemType>,
    /// Correspondence processes by code.
    pub correspondence: BTreeMap<String, Correspondence>,
    /// Service request types by code.
    pub request_types: BTreeMap<String, RequestType>,
    /// Credit rating levels, fewest points first.
    pub credit_rating_levels: Vec<CreditRatingLevel>,
    /// Collection agencies by code.
    pub collection_agencies: BTreeMap<String, CollectionAgency>,
    /// Export setups by code.
    pub export_setups: BTreeMap<String, ExportSetup>,
    /// Payment profiles by code.
    pub payment_profiles: BTreeMap<String, PaymentProfile>,
    /// What holds for all of the ledger.
    pub ledger: LedgerSettings,
    /// The order in which the actions of a milestone are performed, by type;
    /// types that it does not name come after it, by name.
    pub action_order: Vec<String>,
}

/// A group: the collections group, or the delinquency group of a bill type.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its code.
    pub code: String,
    /// The bill type; none for the collections group.
    pub bill_type: Option<String>,
    /// A balance must be greater than this to enter: decimal text in the
    /// account's currency, `25.00`.
    pub minimum_entry_amount: rust_decimal::Decimal,
    /// Days after the due date before an unpaid item counts.
    pub grace_days: u32,
    /// A balance below this is resolved ("Below Amount" of the source document):
    /// decimal text in the account's currency. None: never.
    pub resolve_below_amount: Option<rust_decimal::Decimal>,
    /// Whether records on hold are decremented and resolved by rule too.
    pub auto_decrement_and_resolve_holds: bool,
    /// The scheme that an account enters.
    pub entry_scheme: Option<Rule<SchemeCode>>,
    /// Where it is shown.
    pub display_order: u32,
}

/// Feature switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Without it a collections run is refused.
    pub collections: bool,
}

/// The default of every task, and what single tasks override.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tasks {
    /// "Number of Task Threads" and the commit number of all tasks.
    pub default: TaskSettings,
    /// A task's own values, by its name: `collections-run`.
    pub by_name: BTreeMap<String, TaskSettings>,
}

/// What may be set for a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskSettings {
    /// Parallel workers.
    pub threads: Option<u32>,
    /// Accounts in a chunk.
    pub commit_number: Option<u32>,
}

/// A rule of the setup: a value, or a formula that gives one.
#[derive(Debug, Clone)]
pub enum Rule<T> {
    /// Always this.
    Value(T),
    /// Computed for each record.
    Formula(Formula),
}

/// A way through collections (DELINQUENCYSCHEME).
#[derive(Debug, Clone)]
pub struct Scheme {
    /// Unique.
    pub code: SchemeCode,
    /// The bill type's group whose records go through it; none for collections
    /// and liens.
    pub bill_type: Option<String>,
    /// Where a record enters.
    pub entry_milestone: Option<Rule<MilestoneCode>>,
    /// The manager who looks after it, or ...
    pub manager: Option<String>,
    /// ... the collection agency.
    pub agency: Option<String>,
    /// Where it is shown.
    pub display_order: u32,
    /// By display order, then as written.
    pub milestones: Vec<Milestone>,
}

/// A stage of a scheme (DELINQUENCYMILESTONE).
#[derive(Debug, Clone)]
pub struct Milestone {
    /// Unique in the scheme.
    pub code: MilestoneCode,
    /// Severity, comparable between schemes; shown as `CODE (level)`.
    pub level: u32,
    /// Where it is shown.
    pub display_order: u32,
    /// Accounts that enter are eligible for liens.
    pub lien: bool,
    /// Accounts that enter are eligible for collections.
    pub collections: bool,
    /// How long a record stays.
    pub duration: Duration,
    /// Where it goes next; none or an empty text: it stays.
    pub next_milestone: Option<Rule<MilestoneCode>>,
    /// Where a record goes when it is decremented.
    pub decrement_milestone: Option<Rule<MilestoneCode>>,
    /// Whether a payment decrements it.
    pub auto_decrement: Option<Rule<bool>>,
    /// Whether it is resolved without full payment.
    pub resolve: Option<Rule<bool>>,
    /// The code with which it is then resolved.
    pub resolution_code: Option<Rule<String>>,
    /// Where it goes when a payment is reversed.
    pub payment_reversal_milestone: Option<Rule<MilestoneCode>>,
    /// All its actions, in the order in which they are performed.
    pub actions: Vec<Action>,
}

/// How long a record must remain at a milestone before it may advance.
#[derive(Debug, Clone)]
pub struct Duration {
    /// Days, counted from the anchor: the anchor's day is day 0.
    pub days: Rule<u32>,
    /// Calendar days, or business days of a named calendar.
    pub basis: DayBasis,
    /// What the days are counted from.
    pub from: Anchor,
    /// Whether the date is moved to the last day of its month.
    pub to_month_end: bool,
}

/// What a duration is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Entry into the present milestone: the default, as in the source
    /// document ("must remain at the current milestone").
    MilestoneEntry,
    /// The due date of the oldest debt that is unpaid *now*: when it moves, the
    /// date of eligibility moves with it. A record without one counts from its
    /// entry.
    OldestDebt,
}

/// An action of a milestone.
#[derive(Debug, Clone)]
pub struct Action {
    /// `notice`, or a vendor's `vendor:name`.
    pub action_type: String,
    /// The event on which it is performed.
    pub perform_on: TransitionEvent,
    /// Performed only if this holds.
    pub condition: Option<Formula>,
    /// Among actions of one type.
    pub display_order: u32,
    /// The `config` table as a JSON object with sorted keys.
    pub config: serde_json::Value,
    /// Where the action stands in the source, and each value of its config by
    /// JSON pointer (`/amount`), so that what a plugin says of it can be shown
    /// at its line.
    pub places: ConfigPlaces,
}

/// Where an action and the values of its config stand.
#[derive(Debug, Clone, Default)]
pub struct ConfigPlaces {
    /// The action's `type`.
    pub action: Span,
    /// The values of the config, by JSON pointer.
    pub values: BTreeMap<String, Span>,
}

impl Setup {
    /// The scheme and the milestone, if the setup has them.
    #[must_use]
    pub fn milestone(
        &self,
        scheme: &SchemeCode,
        milestone: &MilestoneCode,
    ) -> Option<(&Scheme, &Milestone)> {
        let scheme = self.schemes.get(scheme)?;
        Some((scheme, scheme.milestone(milestone)?))
    }

    /// The group whose records have this kind and bill type.
    #[must_use]
    pub fn group_of(&self, kind: DelinquencyKind, bill_type: Option<&str>) -> Option<&Group> {
        match kind {
            DelinquencyKind::BillType => {
                self.delinquency_groups.iter().find(|group| group.bill_type.as_deref() == bill_type)
            }
            _ => Some(&self.group),
        }
    }

    /// The rating of a contact with so many points: the highest level reached.
    #[must_use]
    pub fn credit_rating(&self, points: i64) -> Option<&CreditRatingLevel> {
        self.credit_rating_levels.iter().rev().find(|level| level.points_min <= points)
    }

    /// The definition that an action's config names, as a JSON object.
    ///
    /// Kinds: `correspondence`, `line-item-type`, `request-type`.
    #[must_use]
    pub fn definition(&self, kind: &str, code: &str) -> Option<serde_json::Value> {
        use serde_json::json;
        match kind {
            "correspondence" => self.correspondence.get(code).map(|it| {
                json!({"code": it.code, "name": it.name, "channel": it.channel, "fields": it.fields})
            }),
            "line-item-type" => self.line_item_types.get(code).map(|it| {
                json!({"code": it.code, "name": it.name, "kind": it.kind.as_str()})
            }),
            "request-type" => self.request_types.get(code).map(|it| {
                json!({"code": it.code, "name": it.name, "priority": it.priority, "queue": it.queue})
            }),
            _ => None,
        }
    }

    /// Whether [`Setup::definition`] knows the code.
    #[must_use]
    pub fn is_defined(&self, kind: &str, code: &str) -> bool {
        match kind {
            "correspondence" => self.correspondence.contains_key(code),
            "line-item-type" => self.line_item_types.contains_key(code),
            "request-type" => self.request_types.contains_key(code),
            _ => false,
        }
    }

    /// The codes that [`Setup::definition`] knows of a kind, for hints.
    #[must_use]
    pub fn definition_codes(&self, kind: &str) -> Vec<&str> {
        match kind {
            "correspondence" => self.correspondence.keys().map(String::as_str).collect(),
            "line-item-type" => self.line_item_types.keys().map(String::as_str).collect(),
            "request-type" => self.request_types.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

impl Scheme {
    /// The milestone with the code.
    #[must_use]
    pub fn milestone(&self, code: &MilestoneCode) -> Option<&Milestone> {
        self.milestones.iter().find(|milestone| milestone.code == *code)
    }
}

impl Milestone {
    /// `CODE (level)`, as the source document shows it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} ({})", self.code, self.level)
    }
}

impl Tasks {
    /// What holds for a task: its own value over the default of all tasks.
    #[must_use]
    pub fn of(&self, task: &str) -> TaskSettings {
        let own = self.by_name.get(task).copied().unwrap_or_default();
        TaskSettings {
            threads: own.threads.or(self.default.threads),
            commit_number: own.commit_number.or(self.default.commit_number),
        }
    }
}
