//! What a plugin may say: each effect against what the agency has granted and
//! against the shapes that the contract promises to whoever commits it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::contract::{Custom, Descriptor, Effect, EffectKind, Money, Subject};
use crate::error::{Failure, FailureKind};
use crate::limits::Limits;

/// What an agency allows a plugin to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Kinds of effects that it may return.
    #[serde(with = "crate::trust::effect_names")]
    pub effects: BTreeSet<EffectKind>,
    /// The most that one effect may put on an account, in the smallest unit of
    /// its currency. The host's own limit holds besides.
    pub amount_minor_units_max: i64,
    /// Effects that it may return for one subject. The host's own limit holds
    /// besides.
    pub effects_per_case_max: usize,
}

impl Grant {
    /// Grants the kinds of effects that the plugin declares, within the limits
    /// of the host.
    #[must_use]
    pub fn of(descriptor: &Descriptor) -> Self {
        Self {
            effects: descriptor.effects_used.iter().copied().collect(),
            amount_minor_units_max: i64::MAX,
            effects_per_case_max: usize::MAX,
        }
    }
}

/// Checks the effects of one subject.
pub(crate) struct Checker<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) grant: &'a Grant,
    pub(crate) descriptor: &'a Descriptor,
}

impl Checker<'_> {
    /// Nothing if all effects may be committed for the subject.
    pub(crate) fn effects(&self, subject: &Subject, effects: &[Effect]) -> Result<(), Failure> {
        let most = self.limits.effects_per_case_max.min(self.grant.effects_per_case_max);
        if effects.len() > most {
            return Err(violation(format!(
                "it returned {} effects for one subject; {most} are allowed",
                effects.len()
            )));
        }
        for (index, effect) in effects.iter().enumerate() {
            let kind = effect.kind();
            self.granted(kind)
                .and_then(|()| self.effect(subject, effect))
                .map_err(|reason| violation(format!("effect {} ({kind}): {reason}", index + 1)))?;
        }
        Ok(())
    }

    fn granted(&self, kind: EffectKind) -> Result<(), String> {
        if !self.descriptor.effects_used.contains(&kind) {
            return Err("the plugin does not declare this kind in `effects-used`".to_owned());
        }
        if !self.grant.effects.contains(&kind) {
            return Err("the agency has not granted this kind".to_owned());
        }
        Ok(())
    }

    fn effect(&self, subject: &Subject, effect: &Effect) -> Result<(), String> {
        match effect {
            Effect::Notice(notice) => {
                self.code("correspondence", &notice.correspondence)?;
                self.code("channel", &notice.channel)?;
                self.attrs(&notice.fields)
            }
            Effect::OneOffCharge(charge) | Effect::OneOffPenalty(charge) => {
                self.code("line-item-type", &charge.line_item_type)?;
                self.amount(subject, &charge.amount)?;
                self.text("memo", &charge.memo)
            }
            Effect::DepositCharge(deposit) => {
                self.code("line-item-type", &deposit.line_item_type)?;
                self.amount(subject, &deposit.amount)?;
                date("due-on", deposit.due_on.as_deref())?;
                self.text("memo", &deposit.memo)
            }
            Effect::Alert(alert) => {
                date("expires-on", alert.expires_on.as_deref())?;
                self.text("message", &alert.message)
            }
            Effect::LogEntry(entry) => self.text("message", &entry.message),
            Effect::CreditPoints(credit) => {
                let most = self.limits.credit_points_max;
                if credit.points == 0 || credit.points > most {
                    return Err(format!("{} points are not in 1 to {most}", credit.points));
                }
                self.text("reason", &credit.reason)
            }
            Effect::ServiceRequest(request) => {
                self.code("request-type", &request.request_type)?;
                self.text("summary", &request.summary)?;
                if !(1..=5).contains(&request.priority) {
                    return Err(format!("priority {} is not in 1 to 5", request.priority));
                }
                self.attrs(&request.fields)
            }
            Effect::Custom(custom) => self.custom(custom),
        }
    }

    fn custom(&self, custom: &Custom) -> Result<(), String> {
        self.code("kind", &custom.kind)?;
        let id = &self.descriptor.id;
        let name = custom.kind.strip_prefix(id.as_str()).and_then(|rest| rest.strip_prefix('/'));
        if name.is_none_or(str::is_empty) {
            return Err(format!("the kind `{}` does not start with `{id}/`", custom.kind));
        }
        let most = self.limits.custom_body_bytes_max;
        if custom.body.len() > most {
            return Err(format!("the body has {} bytes; {most} are allowed", custom.body.len()));
        }
        serde_json::from_str::<serde::de::IgnoredAny>(&custom.body)
            .map(|_json| ())
            .map_err(|error| format!("the body is not JSON: {error}"))
    }

    fn amount(&self, subject: &Subject, amount: &Money) -> Result<(), String> {
        if amount.currency != subject.balance.currency {
            return Err(format!(
                "the amount is in `{}`, the account in {}",
                shown(&amount.currency),
                subject.balance.currency
            ));
        }
        let most = self.limits.amount_minor_units_max.min(self.grant.amount_minor_units_max);
        if amount.minor_units < 1 || amount.minor_units > most {
            return Err(format!(
                "the amount of {} minor units is not in 1 to {most}",
                amount.minor_units
            ));
        }
        Ok(())
    }

    /// A code or a name: of one line, not empty.
    fn code(&self, field: &str, code: &str) -> Result<(), String> {
        let most = self.limits.code_bytes_max;
        if code.is_empty() || code.len() > most {
            return Err(format!("{field} has {} bytes; 1 to {most} are allowed", code.len()));
        }
        if code.chars().any(char::is_control) {
            return Err(format!("{field} has a control character"));
        }
        Ok(())
    }

    /// A text that people read: lines and tabs are allowed, but nothing else
    /// that a terminal or a printer would obey.
    fn text(&self, field: &str, text: &str) -> Result<(), String> {
        let most = self.limits.text_bytes_max;
        if text.len() > most {
            return Err(format!("{field} has {} bytes; {most} are allowed", text.len()));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(format!("{field} has a control character"));
        }
        Ok(())
    }

    fn attrs(&self, attrs: &[(String, String)]) -> Result<(), String> {
        let most = self.limits.attrs_max;
        if attrs.len() > most {
            return Err(format!("it has {} fields; {most} are allowed", attrs.len()));
        }
        let mut names = BTreeSet::new();
        for (name, value) in attrs {
            self.code("the name of a field", name)?;
            self.text(name, value)?;
            if !names.insert(name) {
                return Err(format!("the field `{name}` is there twice"));
            }
        }
        Ok(())
    }
}

fn violation(message: String) -> Failure {
    Failure::new(FailureKind::Contract, message)
}

/// The beginning of a text from a plugin, to quote in a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn date(field: &str, date: Option<&str>) -> Result<(), String> {
    match date {
        Some(date) if !is_date(date) => {
            Err(format!("{field} `{}` is no date of the form 2026-12-01", shown(date)))
        }
        _ => Ok(()),
    }
}

/// Whether a text is a day of the Gregorian calendar as ISO 8601 writes it.
pub(crate) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !form {
        return false;
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day)
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
