//! What the deployment tells those who work with it.

use crate::error::TriggerError;

/// The values of all variables, in their order.
///
/// # Errors
/// [`TriggerError::Environment`] with each that is missing or empty.
pub(crate) fn all<const N: usize>(names: [&'static str; N]) -> Result<[String; N], TriggerError> {
    from(names, |name| std::env::var(name).ok())
}

/// The same from any place, for tests.
pub(crate) fn from<const N: usize>(
    names: [&'static str; N],
    value: impl Fn(&str) -> Option<String>,
) -> Result<[String; N], TriggerError> {
    let values = names.map(|name| value(name).unwrap_or_default().trim().to_owned());
    let missing: Vec<_> = names
        .into_iter()
        .zip(&values)
        .filter(|(_, value)| value.is_empty())
        .map(|(name, _)| name)
        .collect();
    if missing.is_empty() { Ok(values) } else { Err(TriggerError::Environment { missing }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_that_is_missing_is_named() {
        let set = |name: &str| match name {
            "A" => Some("a ".to_owned()),
            "EMPTY" => Some(" ".to_owned()),
            _ => None,
        };
        assert_eq!(from(["A"], set).unwrap(), ["a"]);
        let error = from(["A", "EMPTY", "NONE"], set).unwrap_err().to_string();
        assert_eq!(
            error,
            "the environment lacks EMPTY, NONE; `terraform output -raw environment` in the folder \
             of the agency's module prints what to set"
        );
    }
}
