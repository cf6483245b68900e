//! Severities, as a setup writes them.

use serde::Deserialize;

use crate::Severity;

/// A [`Severity`] in a config: "info", "warning" or "critical".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeverityConfig {
    /// For the record.
    Info,
    /// Somebody should read it.
    Warning,
    /// Somebody should act on it.
    Critical,
}

impl From<SeverityConfig> for Severity {
    fn from(config: SeverityConfig) -> Self {
        match config {
            SeverityConfig::Info => Self::Info,
            SeverityConfig::Warning => Self::Warning,
            SeverityConfig::Critical => Self::Critical,
        }
    }
}
