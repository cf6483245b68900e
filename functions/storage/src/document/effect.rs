//! Effects in documents.

use super::fields::{Fields, date_text};
use super::{Amount, LineError};
use arrears_domain::{Effect, Money, Severity};
use serde::{Deserialize, Serialize};

/// How loud an alert or a log entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityWord {
    /// Good to know.
    Info,
    /// Worth a look.
    Warning,
    /// Act on it.
    Critical,
}

impl From<Severity> for SeverityWord {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Critical => Self::Critical,
        }
    }
}

impl From<SeverityWord> for Severity {
    fn from(word: SeverityWord) -> Self {
        match word {
            SeverityWord::Info => Self::Info,
            SeverityWord::Warning => Self::Warning,
            SeverityWord::Critical => Self::Critical,
        }
    }
}

/// An effect, as it is written; the fields are those of [`Effect`]. Fields of
/// notices and service requests are pairs, since their order counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "documented at the domain's effect of the same name")]
pub enum EffectDocument {
    Notice {
        correspondence: String,
        channel: String,
        fields: Vec<(String, String)>,
    },
    OneOffCharge {
        line_item_type: String,
        amount: Amount,
        currency: String,
        memo: String,
    },
    OneOffPenalty {
        line_item_type: String,
        amount: Amount,
        currency: String,
        memo: String,
    },
    DepositCharge {
        line_item_type: String,
        amount: Amount,
        currency: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_on: Option<String>,
        memo: String,
    },
    Alert {
        severity: SeverityWord,
        message: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_on: Option<String>,
    },
    LogEntry {
        severity: SeverityWord,
        message: String,
    },
    CreditPoints {
        points: u32,
        reason: String,
    },
    ServiceRequest {
        request_type: String,
        summary: String,
        priority: u8,
        fields: Vec<(String, String)>,
    },
    #[serde(rename = "custom")]
    Custom {
        effect_kind: String,
        schema_version: u32,
        body: String,
    },
}

impl From<&Effect> for EffectDocument {
    fn from(effect: &Effect) -> Self {
        let code = |money: &Money| money.currency().code().to_owned();
        match effect.clone() {
            Effect::Notice { correspondence, channel, fields } => {
                Self::Notice { correspondence, channel, fields }
            }
            Effect::OneOffCharge { line_item_type, amount, memo } => Self::OneOffCharge {
                line_item_type,
                amount: amount.into(),
                currency: code(&amount),
                memo,
            },
            Effect::OneOffPenalty { line_item_type, amount, memo } => Self::OneOffPenalty {
                line_item_type,
                amount: amount.into(),
                currency: code(&amount),
                memo,
            },
            Effect::DepositCharge { line_item_type, amount, due_on, memo } => Self::DepositCharge {
                line_item_type,
                amount: amount.into(),
                currency: code(&amount),
                due_on: due_on.map(date_text),
                memo,
            },
            Effect::Alert { severity, message, expires_on } => Self::Alert {
                severity: severity.into(),
                message,
                expires_on: expires_on.map(date_text),
            },
            Effect::LogEntry { severity, message } => {
                Self::LogEntry { severity: severity.into(), message }
            }
            Effect::CreditPoints { points, reason } => Self::CreditPoints { points, reason },
            Effect::ServiceRequest { request_type, summary, priority, fields } => {
                Self::ServiceRequest { request_type, summary, priority, fields }
            }
            Effect::Custom { kind, schema_version, body } => {
                Self::Custom { effect_kind: kind, schema_version, body }
            }
        }
    }
}

impl EffectDocument {
    /// The effect.
    pub(super) fn to_effect(&self, record: Fields<'_>) -> Result<Effect, LineError> {
        let money = |amount: &Amount, currency: &str| {
            record.money("amount", amount, record.currency(currency)?)
        };
        Ok(match self.clone() {
            Self::Notice { correspondence, channel, fields } => {
                Effect::Notice { correspondence, channel, fields }
            }
            Self::OneOffCharge { line_item_type, amount, currency, memo } => {
                Effect::OneOffCharge { line_item_type, amount: money(&amount, &currency)?, memo }
            }
            Self::OneOffPenalty { line_item_type, amount, currency, memo } => {
                Effect::OneOffPenalty { line_item_type, amount: money(&amount, &currency)?, memo }
            }
            Self::DepositCharge { line_item_type, amount, currency, due_on, memo } => {
                Effect::DepositCharge {
                    line_item_type,
                    amount: money(&amount, &currency)?,
                    due_on: record.date_if_any("due_on", due_on.as_deref())?,
                    memo,
                }
            }
            Self::Alert { severity, message, expires_on } => Effect::Alert {
                severity: severity.into(),
                message,
                expires_on: record.date_if_any("expires_on", expires_on.as_deref())?,
            },
            Self::LogEntry { severity, message } => {
                Effect::LogEntry { severity: severity.into(), message }
            }
            Self::CreditPoints { points, reason } => Effect::CreditPoints { points, reason },
            Self::ServiceRequest { request_type, summary, priority, fields } => {
                Effect::ServiceRequest { request_type, summary, priority, fields }
            }
            Self::Custom { effect_kind, schema_version, body } => {
                Effect::Custom { kind: effect_kind, schema_version, body }
            }
        })
    }
}
