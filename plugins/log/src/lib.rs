//! The built-in action `log`: writes an entry into the account's log.
//!
//! The message may hold facts of the record, as `arrears_action_sdk::template`
//! describes.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "log"
//! config = { message = "Reached {{delinquency.milestone}} owing {{delinquency.balance}}" }
//! ```

use arrears_action_sdk::template::Template;
use arrears_action_sdk::{
    Action, Context, Definitions, Effect, EffectKind, Fault, LogEntry, Manifest, Severity,
    SeverityConfig, Subject, Verdict,
};
use serde::Deserialize;

/// The action.
#[derive(Debug)]
pub struct Log;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default = "default_severity")]
    severity: SeverityConfig,
    message: String,
}

/// Most entries only record what happened.
fn default_severity() -> SeverityConfig {
    SeverityConfig::Info
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    severity: Severity,
    message: Template,
}

impl Action for Log {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-log",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Writes an entry into the account's log",
        actions: &["log"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &["account.*", "agency.*", "contact.*", "delinquency.*", "payment.*"],
        effects_used: &[EffectKind::LogEntry],
        max_batch: 1_000,
        fuel_per_item: 300_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, _: &Definitions) -> Result<Plan, Fault> {
        Ok(Plan {
            severity: config.severity.into(),
            message: Template::parse(&config.message, "/message")?,
        })
    }

    fn decide(_: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        match plan.message.fill(subject, "the message") {
            Err(fault) => Verdict::Fail(fault),
            Ok(message) => Verdict::Apply(vec![Effect::LogEntry(LogEntry {
                severity: plan.severity,
                message,
            })]),
        }
    }
}

arrears_action_sdk::export_action!(Log);
