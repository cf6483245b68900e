//! What a function is told by its environment.

use arrears_domain::{AgencyId, Identifier};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// How long before its deadline a function stops taking up work: what is under way
/// needs some seconds, and a table that throttles some more.
const STOP_BEFORE_DEADLINE: Duration = Duration::from_secs(60);

/// Where artifacts are kept; the only folder that a function may write to.
const ARTIFACTS: &str = "/tmp/arrears";

/// What a function is told by its environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The agency that it serves.
    pub agency: AgencyId,
    /// The table.
    pub table: String,
    /// The bucket of files.
    pub bucket: String,
    /// The bucket of components and artifacts.
    pub plugin_bucket: String,
    /// The bus for events; none if nobody is to be told.
    pub event_bus: Option<String>,
    /// The folder for artifacts.
    pub artifacts: PathBuf,
    /// How long before the deadline a function stops taking up work.
    pub stop_before_deadline: Duration,
    /// The digests of the components that came with this release, each "sha256:" and 64
    /// hexadecimal digits. Only `plugin-admit` is told of them.
    pub built_in: BTreeSet<String>,
}

/// A variable that is missing or cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} {reason}; Terraform sets it, see infra/functions.tf")]
pub struct EnvironmentError {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl Environment {
    /// Reads the variables by a lookup, which is that of the process but for tests.
    ///
    /// # Errors
    /// One is missing or cannot be read.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let needed = |name: &'static str| {
            given(name).ok_or_else(|| EnvironmentError { name, reason: "is missing".to_owned() })
        };
        const AGENCY: &str = "ARREARS_AGENCY";
        const STOP: &str = "ARREARS_STOP_BEFORE_DEADLINE_MS";
        let agency = AgencyId::parse(&needed(AGENCY)?).map_err(|error| EnvironmentError {
            name: AGENCY,
            reason: format!("is no agency's id: {error}"),
        })?;
        let stop_before_deadline = match given(STOP) {
            None => STOP_BEFORE_DEADLINE,
            Some(text) => Duration::from_millis(text.parse().map_err(|_| EnvironmentError {
                name: STOP,
                reason: format!("is `{text}`, and not a number of milliseconds"),
            })?),
        };
        Ok(Self {
            agency,
            table: needed("ARREARS_TABLE")?,
            bucket: needed("ARREARS_BUCKET")?,
            plugin_bucket: needed("ARREARS_PLUGIN_BUCKET")?,
            event_bus: given("ARREARS_EVENT_BUS"),
            artifacts: given("ARREARS_ARTIFACTS").map_or_else(|| ARTIFACTS.into(), PathBuf::from),
            stop_before_deadline,
            built_in: built_in(given("ARREARS_BUILT_IN").as_deref().unwrap_or_default())?,
        })
    }
}

/// Reads digests in hexadecimal digits, separated by commas.
fn built_in(text: &str) -> Result<BTreeSet<String>, EnvironmentError> {
    const DIGITS: usize = 64;
    let digest = |hex: &str| match hex.len() == DIGITS
        && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    {
        true => Ok(format!("sha256:{hex}")),
        false => Err(EnvironmentError {
            name: "ARREARS_BUILT_IN",
            reason: format!("has `{hex}`, and not the {DIGITS} digits of a SHA-256"),
        }),
    };
    text.split(',').map(str::trim).filter(|hex| !hex.is_empty()).map(digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Environment, String> {
        let base = [
            ("ARREARS_AGENCY", "river"),
            ("ARREARS_TABLE", "t"),
            ("ARREARS_BUCKET", "b"),
            ("ARREARS_PLUGIN_BUCKET", "p"),
        ];
        let find = |name: &str| {
            let all = set.iter().chain(&base);
            all.clone().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Environment::read(find).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let environment = read(&[]).unwrap();
        assert_eq!(environment.stop_before_deadline, Duration::from_secs(60));
        assert!(environment.event_bus.is_none() && environment.built_in.is_empty());
        let two = format!("{}, {}", "a1".repeat(32), "0f".repeat(32));
        let built_in = read(&[("ARREARS_BUILT_IN", &two)]).unwrap().built_in;
        assert!(built_in.contains(&format!("sha256:{}", "0f".repeat(32))));
        for (set, expected) in [
            (("ARREARS_TABLE", ""), "ARREARS_TABLE is missing"),
            (("ARREARS_AGENCY", "a#b"), "ARREARS_AGENCY is no agency's id"),
            (("ARREARS_STOP_BEFORE_DEADLINE_MS", "1m"), "not a number of milliseconds"),
            (("ARREARS_BUILT_IN", "abc"), "has `abc`"),
        ] {
            let error = read(&[set]).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
