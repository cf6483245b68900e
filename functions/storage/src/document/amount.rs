//! Amounts in documents.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount as written: a decimal string, `"152.30"`. A JSON number is
/// refused, since it may have gone through a float on its way here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Amount(String);

impl Amount {
    /// The text, not yet checked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is less than nothing, as the amount of a credit is.
    pub(crate) fn is_negative(&self) -> bool {
        self.0.starts_with('-') && self.0.bytes().any(|b| matches!(b, b'1'..=b'9'))
    }
}

impl From<arrears_domain::Money> for Amount {
    fn from(money: arrears_domain::Money) -> Self {
        Self(money.to_string())
    }
}

impl From<&str> for Amount {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Text {
            fn number<E: Error>(found: Unexpected<'_>) -> E {
                E::invalid_type(found, &Self)
            }
        }

        impl Visitor<'_> for Text {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount in quotes, such as \"152.30\"; write it in quotes")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Amount, E> {
                Ok(Amount(text.to_owned()))
            }
            fn visit_string<E: Error>(self, text: String) -> Result<Amount, E> {
                Ok(Amount(text))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Amount, E> {
                Err(Self::number(Unexpected::Signed(number)))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Amount, E> {
                Err(Self::number(Unexpected::Unsigned(number)))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Amount, E> {
                Err(Self::number(Unexpected::Float(number)))
            }
        }

        deserializer.deserialize_any(Text)
    }
}
