//! What is wrong with a line.

/// What is wrong with a line: the record, the field, the value and what is
/// expected instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{record} `{id}`: {field} is {value}; {expected}")]
pub struct LineError {
    /// The type of the line, `delinquency`.
    pub record: &'static str,
    /// The id in the line, as given.
    pub id: String,
    /// The field.
    pub field: String,
    /// The value as given, quoted, or `missing`.
    pub value: String,
    /// What is expected.
    pub expected: String,
}
