//! The SDK for milestone actions: write one pure function, get a component.
//!
//! An author implements [`Action`] and calls [`export_action!`]. The SDK runs
//! the batch, decodes the settings once for it, and sends the text of a panic
//! to the operator. Beside that it has what actions need again and again: exact
//! [`money`], [`amount_rule`]s, [`date`]s, [`facts`] and [`template`]s.
//!
//! It gives no access to anything: a plugin imports a log and nothing else. It
//! does not check effects against the agency's grant; the host does.
//!
//! See [`Action`] for a complete plugin, and the `cases/` folders of the
//! built-in ones for how they are tested.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod action;

#[expect(missing_docs, reason = "generated; the documentation is in wit/")]
pub mod bindings;

mod definitions;

pub mod fault;

mod log;

pub mod money;

pub mod amount_rule;

pub mod date;

mod severity;

pub mod facts;

pub mod template;

pub mod fields;

#[cfg(any(test, target_arch = "wasm32"))]
mod region;

#[cfg(target_arch = "wasm32")]
mod allocator;

#[cfg(feature = "testing")]
pub mod testing;

pub use action::{Action, Exported, Manifest, plan};
pub use bindings::arrears::action::types::{
    Alert, Cause, Charge, Configuration, Context, CreditPoints, Custom, Decision, Definition,
    DelinquencyKind, Deposit, Descriptor, Effect, EffectKind, Event, Fault, LogEntry, Money,
    Notice, ServiceRequest, Severity, Subject, Verdict,
};
pub use definitions::{Definitions, LineItemKind, LineItemType};
pub use log::{Level, log};
pub use severity::SeverityConfig;
