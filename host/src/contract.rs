//! The contract in Rust: what `wit/` defines, under short names.
//!
//! The types derive `Serialize` and `Deserialize`, so that a journal can hold
//! them, and total order, so that tests and diffs can sort them.

use std::fmt;

pub use crate::bindings::arrears::action::log::Level;
pub use crate::bindings::arrears::action::types::{
    Alert, Cause, Charge, Configuration, Context, CreditPoints, Custom, Decision, Definition,
    DelinquencyKind, Deposit, Descriptor, Effect, EffectKind, Event, Fault, LogEntry, Money,
    Notice, ServiceRequest, Severity, Subject, Verdict,
};

/// Name of the package, without its version.
pub(crate) const PACKAGE: &str = "arrears:action";
/// The interface that a plugin exports.
pub(crate) const ACTION: &str = "arrears:action/action";
/// The interfaces that a plugin may import.
pub(crate) const IMPORTS: [&str; 2] = ["arrears:action/log", "arrears:action/types"];
/// The version that this host speaks. Patches of it are compatible.
pub const CONTRACT_VERSION: semver::Version = semver::Version::new(0, 1, 0);

/// Every kind of effect, in the order of the contract.
pub const EFFECT_KINDS: [EffectKind; 9] = [
    EffectKind::Notice,
    EffectKind::OneOffCharge,
    EffectKind::OneOffPenalty,
    EffectKind::DepositCharge,
    EffectKind::Alert,
    EffectKind::LogEntry,
    EffectKind::CreditPoints,
    EffectKind::ServiceRequest,
    EffectKind::Custom,
];

impl Effect {
    /// The kind of this effect.
    #[must_use]
    pub fn kind(&self) -> EffectKind {
        match self {
            Self::Notice(_) => EffectKind::Notice,
            Self::OneOffCharge(_) => EffectKind::OneOffCharge,
            Self::OneOffPenalty(_) => EffectKind::OneOffPenalty,
            Self::DepositCharge(_) => EffectKind::DepositCharge,
            Self::Alert(_) => EffectKind::Alert,
            Self::LogEntry(_) => EffectKind::LogEntry,
            Self::CreditPoints(_) => EffectKind::CreditPoints,
            Self::ServiceRequest(_) => EffectKind::ServiceRequest,
            Self::Custom(_) => EffectKind::Custom,
        }
    }
}

impl EffectKind {
    /// The name that the contract gives it: `one-off-charge`.
    #[must_use]
    pub fn name(self) -> &'static str {
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

impl fmt::Display for EffectKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
