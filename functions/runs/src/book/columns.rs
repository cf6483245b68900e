//! CSV books: which column is which field.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Which column of a CSV is which field of a line, in TOML:
///
/// ```toml
/// type = "account"
/// [columns]                     # field = "column"
/// id = "Account No"
/// balance = "Total Due"
/// "attributes.paperless" = "E-Bill"
/// [constants]                   # field = "value", the same in each line
/// currency = "USD"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// The type of every line, `account`.
    #[serde(rename = "type")]
    pub line_type: String,
    /// The column of each field; `attributes.NAME` for an attribute.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// The value of fields that no column has.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
}

/// Why a column map cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ColumnMapError {
    /// It is no column map.
    #[error("the column map cannot be read: {0}")]
    Toml(toml::de::Error),
    /// It names a column that the CSV lacks.
    #[error("the column map names the column `{column}` for `{field}`, but the CSV has: {columns}")]
    NoColumn {
        /// The field.
        field: String,
        /// The column named.
        column: String,
        /// The columns that there are.
        columns: String,
    },
}

/// Fields that are numbers or truths in a line; everything else is text.
const UNQUOTED: [&str; 5] = ["credit_points", "extension_days", "hold", "sequence", "version"];

impl ColumnMap {
    /// Reads a map.
    ///
    /// # Errors
    /// [`ColumnMapError::Toml`], with line and column.
    pub fn parse(text: &str) -> Result<Self, ColumnMapError> {
        toml::from_str(text).map_err(ColumnMapError::Toml)
    }

    /// The position of each mapped column.
    pub(super) fn positions(
        &self,
        header: &csv::StringRecord,
    ) -> Result<Vec<(String, usize)>, ColumnMapError> {
        let position = |(field, column): (&String, &String)| {
            header.iter().position(|name| name == column).map(|at| (field.clone(), at)).ok_or_else(
                || ColumnMapError::NoColumn {
                    field: field.clone(),
                    column: column.clone(),
                    columns: header.iter().collect::<Vec<_>>().join(", "),
                },
            )
        };
        self.columns.iter().map(position).collect()
    }

    /// The line that a row is. An empty cell is a field that is not there.
    pub(super) fn line(&self, positions: &[(String, usize)], row: &csv::StringRecord) -> Value {
        let mut line = Map::new();
        line.insert("type".to_owned(), Value::from(self.line_type.as_str()));
        for (field, value) in &self.constants {
            set(&mut line, field, value);
        }
        for (field, at) in positions {
            if let Some(value) = row.get(*at).map(str::trim).filter(|value| !value.is_empty()) {
                set(&mut line, field, value);
            }
        }
        Value::Object(line)
    }
}

fn set(line: &mut Map<String, Value>, field: &str, value: &str) {
    match field.split_once('.') {
        Some((outer, inner)) => {
            let outer = line.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(outer) = outer {
                outer.insert(inner.to_owned(), Value::from(value));
            }
        }
        None if UNQUOTED.contains(&field) => {
            let parsed = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            line.insert(field.to_owned(), parsed);
        }
        None => {
            line.insert(field.to_owned(), Value::from(value));
        }
    }
}
