//! The definitions that a config names: line item types, correspondence
//! processes, request types.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Definition, Fault, fault};

/// The definitions of one configuration.
#[derive(Debug, Clone, Copy)]
pub struct Definitions<'a> {
    all: &'a [Definition],
}

impl<'a> Definitions<'a> {
    /// A view of what the host handed over.
    #[must_use]
    pub const fn new(all: &'a [Definition]) -> Self {
        Self { all }
    }

    /// The body of a definition. `kind` is the schema's "x-arrears-ref";
    /// `pointer` says which property of the config named it.
    ///
    /// # Errors
    /// Code `unknown-definition` if the setup has none such, `bad-definition`
    /// if its body has not the shape of `T`.
    pub fn find<T: DeserializeOwned>(
        &self,
        kind: &str,
        code: &str,
        pointer: &str,
    ) -> Result<T, Fault> {
        let definition = self
            .all
            .iter()
            .find(|definition| definition.kind == kind && definition.code == code)
            .ok_or_else(|| {
                fault::config(
                    "unknown-definition",
                    format!("{pointer}: the setup defines no {kind} {code:?}; define it, or correct the code"),
                )
            })?;
        serde_json::from_str(&definition.body).map_err(|error| {
            fault::config(
                "bad-definition",
                format!("{pointer}: the {kind} {code:?} cannot be used here: {error}"),
            )
        })
    }

    /// The line item type of this code, which must be of the kind that the
    /// action puts on an account.
    ///
    /// # Errors
    /// As [`find`](Self::find); code `wrong-kind` for another kind.
    pub fn line_item_type(&self, code: &str, needed: LineItemKind) -> Result<LineItemType, Fault> {
        const POINTER: &str = "/line_item_type";
        let found: LineItemType = self.find("line-item-type", code, POINTER)?;
        if found.kind == needed {
            return Ok(found);
        }
        Err(fault::config(
            "wrong-kind",
            format!(
                "{POINTER}: {code:?} is a {} type, and this action needs a {} type",
                found.kind.name(),
                needed.name()
            ),
        ))
    }
}

/// What a line item type is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineItemKind {
    /// A one-off charge.
    Charge,
    /// A one-off penalty: a charge that is applied as a penalty.
    Penalty,
    /// A deposit.
    Deposit,
}

impl LineItemKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Penalty => "penalty",
            Self::Deposit => "deposit",
        }
    }
}

/// A line item type, as the setup defines it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LineItemType {
    /// Its code.
    pub code: String,
    /// What it is called on a bill.
    pub name: String,
    /// What it is for.
    pub kind: LineItemKind,
}
