//! Holds in documents.

use super::fields::{Fields, date_text};
use super::{Amount, LineError};
use arrears_domain::{Currency, Hold, HoldKind};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A hold, as it is written: `false`, `true` (a hold by staff without a reason,
/// until it is released), or `{"kind": "dispute", "reason": "meter", "until":
/// "2026-03-31", "outstanding": "20.00"}`, in which each field may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoldLine(Option<HoldFields>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldFields {
    #[serde(default = "manual", skip_serializing_if = "is_manual")]
    kind: String,
    #[serde(default)]
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outstanding: Option<Amount>,
}

fn manual() -> String {
    HoldKind::Manual.as_str().to_owned()
}

fn is_manual(kind: &str) -> bool {
    kind == HoldKind::Manual.as_str()
}

impl HoldFields {
    /// What `true` stands for.
    fn plain() -> Self {
        Self { kind: manual(), reason: String::new(), until: None, outstanding: None }
    }
}

impl HoldLine {
    /// Whether there is none.
    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    #[cfg(test)]
    pub(super) fn has_amount(&self) -> bool {
        self.0.as_ref().is_some_and(|hold| hold.outstanding.is_some())
    }

    /// The hold; `currency` is asked only if it has an amount.
    pub(super) fn to_hold(
        &self,
        fields: Fields<'_>,
        currency: impl Fn() -> Result<Currency, LineError>,
    ) -> Result<Option<Hold>, LineError> {
        let Some(hold) = &self.0 else { return Ok(None) };
        let words = HoldKind::ALL.map(HoldKind::as_str);
        let outstanding =
            hold.outstanding.as_ref().map(|it| fields.money("hold.outstanding", it, currency()?));
        Ok(Some(Hold {
            kind: fields.word("hold.kind", &hold.kind, HoldKind::parse, &words)?,
            reason: hold.reason.clone(),
            until: fields.date_if_any("hold.until", hold.until.as_deref())?,
            outstanding: outstanding.transpose()?,
        }))
    }
}

impl From<Option<&Hold>> for HoldLine {
    fn from(hold: Option<&Hold>) -> Self {
        Self(hold.map(|hold| HoldFields {
            kind: hold.kind.as_str().to_owned(),
            reason: hold.reason.clone(),
            until: hold.until.map(date_text),
            outstanding: hold.outstanding.map(Amount::from),
        }))
    }
}

impl Serialize for HoldLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            None => serializer.serialize_bool(false),
            Some(hold) if *hold == HoldFields::plain() => serializer.serialize_bool(true),
            Some(hold) => hold.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for HoldLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hold;

        impl<'de> Visitor<'de> for Hold {
            type Value = HoldLine;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "false, true, or {\"kind\": .., \"reason\": .., \"until\": .., \
                     \"outstanding\": ..}",
                )
            }
            fn visit_bool<E: Error>(self, held: bool) -> Result<HoldLine, E> {
                Ok(HoldLine(held.then(HoldFields::plain)))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HoldLine, A::Error> {
                HoldFields::deserialize(MapAccessDeserializer::new(map))
                    .map(|hold| HoldLine(Some(hold)))
            }
        }

        deserializer.deserialize_any(Hold)
    }
}
