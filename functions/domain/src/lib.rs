//! The rules of collections, and nothing else.
//!
//! This crate decides: whether a delinquency is due, where it goes next, which
//! actions are performed and why. It does no IO, starts no task, reads no
//! clock, draws no random number and computes no float; the same arguments
//! always give the same answer. It knows neither plugins nor tables: the effects of
//! an action arrive here as plain data, and leave as plain data.
//!
//! The data that everything else speaks in:
//!
//! - [`Setup`]: what an agency has defined (groups, schemes, milestones, rules),
//!   read and checked whole by [`setup::read`].
//! - [`Account`], [`Contact`], [`Delinquency`]: the book.
//! - [`decide`](decide::decide): book + setup + date -> a [`Decision`](decide::Decision).
//! - [`Transition`]: one immutable entry of history, with its effects.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod nearest;

pub mod identifier;
pub mod money;

pub mod calendar;
pub mod settlement;

pub mod bank;

pub mod account;
pub mod delinquency;
pub mod line_item;
pub mod mandate;

pub mod effect;
pub mod transition;

pub mod payment;
pub mod period;

pub mod placement;
pub mod selection;

pub mod formula;
pub mod setup;

pub mod decide;
pub mod event;

pub use account::{Account, AccountStatus, Contact};
pub use bank::{BankNumberError, Bic, CreditorId, Iban, RoutingNumber};
pub use calendar::{BusinessCalendar, DayBasis};
pub use delinquency::{Delinquency, DelinquencyKind, DelinquencyStatus, Hold, HoldKind};
pub use effect::{Effect, EffectKind, Severity};
pub use identifier::{
    AccountId, AgencyId, ContactId, DelinquencyId, EventId, Identifier, IdentifierError,
    LineItemId, MandateId, MilestoneCode, RunKey, SchemeCode,
};
pub use line_item::{Allocation, AllocationMarker, LineItem, Terms};
pub use mandate::{Mandate, MandateScheme, MandateSequence, MandateState};
pub use money::{Currency, Money, MoneyError};
pub use period::Period;
pub use placement::{PlacementAction, PlacementEntry, Standing, Unplaced, placement_action};
pub use setup::Setup;
pub use transition::{
    ActionOutcome, HistoryEvent, Made, PerformedAction, Transition, TransitionEvent,
};

/// A calendar date without a time zone. Which day it is, is settled at the
/// edge, in the agency's time zone.
pub type Date = chrono::NaiveDate;
