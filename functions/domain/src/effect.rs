//! Effects: what performed actions want done, as plain data.
//!
//! An action cannot do anything itself. It returns effects; they are committed
//! in one transaction with the transition, inside its item, and the outputs of
//! the source documents (ACCOUNTALERT, ONEOFFCHARGE, CORRSCHEDULE and so on)
//! are views over them: see `docs/OUTPUTS.md`.

use crate::{Date, Money};

/// How loud an alert or a log entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth a look.
    Warning,
    /// Act on it.
    Critical,
}

/// One thing that an action wants done, for the delinquency, its account or
/// its account's primary contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send correspondence (CORRSCHEDULE).
    Notice {
        /// Code of the correspondence process.
        correspondence: String,
        /// `letter`, `email` and so on.
        channel: String,
        /// The fields, filled in.
        fields: Vec<(String, String)>,
    },
    /// Put a one-off charge on the account (ONEOFFCHARGE, ACCOUNTACTIVITY).
    OneOffCharge {
        /// Code of the line item type.
        line_item_type: String,
        /// What is charged.
        amount: Money,
        /// A line for the bill.
        memo: String,
    },
    /// A one-off charge that is applied as a penalty (ONEOFFCHARGE, ACCOUNTACTIVITY).
    OneOffPenalty {
        /// Code of the line item type.
        line_item_type: String,
        /// What is charged.
        amount: Money,
        /// A line for the bill.
        memo: String,
    },
    /// Demand a deposit (DEPOSITCHARGE, ACCOUNTACTIVITY).
    DepositCharge {
        /// Code of the line item type.
        line_item_type: String,
        /// What is demanded.
        amount: Money,
        /// By when.
        due_on: Option<Date>,
        /// A line for the bill.
        memo: String,
    },
    /// Show an alert on the account (ACCOUNTALERT).
    Alert {
        /// How loud.
        severity: Severity,
        /// What staff see.
        message: String,
        /// The last day on which it is shown.
        expires_on: Option<Date>,
    },
    /// Write a line into the account's log (LOG).
    LogEntry {
        /// How loud.
        severity: Severity,
        /// The line.
        message: String,
    },
    /// Add points to the primary contact's credit history (CREDITHISTORY).
    CreditPoints {
        /// More points mean a worse rating.
        points: u32,
        /// Why.
        reason: String,
    },
    /// Ask for a service (CUSTPROB).
    ServiceRequest {
        /// Code of the request type.
        request_type: String,
        /// What is to be done.
        summary: String,
        /// 1 is the most urgent, 5 the least.
        priority: u8,
        /// Details.
        fields: Vec<(String, String)>,
    },
    /// An effect of a vendor's own.
    Custom {
        /// What it is, prefixed by the plugin's id.
        kind: String,
        /// Version of the body's shape.
        schema_version: u32,
        /// A JSON document.
        body: String,
    },
}

/// The kinds of effect, in the order in which reports list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each case is documented at the effect of the same name")]
pub enum EffectKind {
    Notice,
    OneOffCharge,
    OneOffPenalty,
    DepositCharge,
    Alert,
    LogEntry,
    CreditPoints,
    ServiceRequest,
    Custom,
}

impl EffectKind {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Notice,
        Self::OneOffCharge,
        Self::OneOffPenalty,
        Self::DepositCharge,
        Self::Alert,
        Self::LogEntry,
        Self::CreditPoints,
        Self::ServiceRequest,
        Self::Custom,
    ];

    /// The word in reports and stored items.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::OneOffCharge => "one-off-charge",
            Self::OneOffPenalty => "one-off-penalty",
            Self::DepositCharge => "deposit-charge",
            Self::Alert => "alert",
            Self::LogEntry => "log-entry",
            Self::CreditPoints => "credit-points",
            Self::ServiceRequest => "service-request",
            Self::Custom => "custom",
        }
    }
}

impl Effect {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> EffectKind {
        match self {
            Self::Notice { .. } => EffectKind::Notice,
            Self::OneOffCharge { .. } => EffectKind::OneOffCharge,
            Self::OneOffPenalty { .. } => EffectKind::OneOffPenalty,
            Self::DepositCharge { .. } => EffectKind::DepositCharge,
            Self::Alert { .. } => EffectKind::Alert,
            Self::LogEntry { .. } => EffectKind::LogEntry,
            Self::CreditPoints { .. } => EffectKind::CreditPoints,
            Self::ServiceRequest { .. } => EffectKind::ServiceRequest,
            Self::Custom { .. } => EffectKind::Custom,
        }
    }

    /// What the effect adds to the account's balance, if anything.
    #[must_use]
    pub fn charged(&self) -> Option<Money> {
        match self {
            Self::OneOffCharge { amount, .. }
            | Self::OneOffPenalty { amount, .. }
            | Self::DepositCharge { amount, .. } => Some(*amount),
            _ => None,
        }
    }

    /// What the effect adds to the contact's credit points.
    #[must_use]
    pub fn credit_points(&self) -> u32 {
        match self {
            Self::CreditPoints { points, .. } => *points,
            _ => 0,
        }
    }
}
