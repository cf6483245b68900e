//! From what a plugin asks for to what is committed.
//!
//! The host has checked every effect against the plugin's grant and the
//! contract's limits. Here it is checked against the agency's setup: what an
//! effect names must be defined ("deposit charges must first be defined as line
//! item types").

use arrears_domain::setup::LineItemKind;
use arrears_domain::{Currency, Date, Effect, Money, Setup, Severity};
use arrears_host::contract as host;

/// An effect that the agency's setup does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// It names something that is not defined.
    #[error("the plugin's effect names the {kind} `{code}`, which the setup does not define")]
    Undefined {
        /// What it should be.
        kind: &'static str,
        /// The code named.
        code: String,
    },
    /// A charge names a line item type of another kind.
    #[error("the plugin's effect books a {wanted} on line item type `{code}`, which is a {is}")]
    WrongKind {
        /// What the effect is.
        wanted: &'static str,
        /// The line item type.
        code: String,
        /// What the type is.
        is: &'static str,
    },
    /// A currency or a date that cannot be read.
    #[error("the plugin's effect has `{value}`, which is no {what}")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
}

/// The effect as the domain knows it.
///
/// # Errors
/// See [`EffectError`].
pub fn accept(setup: &Setup, effect: host::Effect) -> Result<Effect, EffectError> {
    Ok(match effect {
        host::Effect::Notice(it) => {
            defined(setup, "correspondence", &it.correspondence)?;
            Effect::Notice {
                correspondence: it.correspondence,
                channel: it.channel,
                fields: it.fields,
            }
        }
        host::Effect::OneOffCharge(it) => Effect::OneOffCharge {
            line_item_type: line_item_type(setup, it.line_item_type, LineItemKind::Charge)?,
            amount: money(&it.amount)?,
            memo: it.memo,
        },
        host::Effect::OneOffPenalty(it) => Effect::OneOffPenalty {
            line_item_type: line_item_type(setup, it.line_item_type, LineItemKind::Penalty)?,
            amount: money(&it.amount)?,
            memo: it.memo,
        },
        host::Effect::DepositCharge(it) => Effect::DepositCharge {
            line_item_type: line_item_type(setup, it.line_item_type, LineItemKind::Deposit)?,
            amount: money(&it.amount)?,
            due_on: it.due_on.as_deref().map(date).transpose()?,
            memo: it.memo,
        },
        host::Effect::Alert(it) => Effect::Alert {
            severity: severity(it.severity),
            message: it.message,
            expires_on: it.expires_on.as_deref().map(date).transpose()?,
        },
        host::Effect::LogEntry(it) => {
            Effect::LogEntry { severity: severity(it.severity), message: it.message }
        }
        host::Effect::CreditPoints(it) => {
            Effect::CreditPoints { points: it.points, reason: it.reason }
        }
        host::Effect::ServiceRequest(it) => {
            defined(setup, "request-type", &it.request_type)?;
            Effect::ServiceRequest {
                request_type: it.request_type,
                summary: it.summary,
                priority: it.priority,
                fields: it.fields,
            }
        }
        host::Effect::Custom(it) => {
            Effect::Custom { kind: it.kind, schema_version: it.schema_version, body: it.body }
        }
    })
}

fn defined(setup: &Setup, kind: &'static str, code: &str) -> Result<(), EffectError> {
    match setup.is_defined(kind, code) {
        true => Ok(()),
        false => Err(EffectError::Undefined { kind, code: code.to_owned() }),
    }
}

fn line_item_type(
    setup: &Setup,
    code: String,
    wanted: LineItemKind,
) -> Result<String, EffectError> {
    let Some(found) = setup.line_item_types.get(&code) else {
        return Err(EffectError::Undefined { kind: "line-item-type", code });
    };
    if found.kind == wanted {
        Ok(code)
    } else {
        Err(EffectError::WrongKind { wanted: wanted.as_str(), code, is: found.kind.as_str() })
    }
}

fn money(amount: &host::Money) -> Result<Money, EffectError> {
    let currency = Currency::parse(&amount.currency)
        .map_err(|_| EffectError::Malformed { what: "currency", value: amount.currency.clone() })?;
    Ok(Money::from_minor_units(amount.minor_units, currency))
}

fn date(text: &str) -> Result<Date, EffectError> {
    text.parse().map_err(|_| EffectError::Malformed { what: "date", value: text.to_owned() })
}

fn severity(severity: host::Severity) -> Severity {
    match severity {
        host::Severity::Info => Severity::Info,
        host::Severity::Warning => Severity::Warning,
        host::Severity::Critical => Severity::Critical,
    }
}
