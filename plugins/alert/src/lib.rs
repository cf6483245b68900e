//! The built-in action `alert`: shows staff an alert when they open the account.
//!
//! The message may hold facts of the record, as `arrears_action_sdk::template`
//! describes.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "alert"
//! config = { severity = "critical", message = "Shut-off pending, {{delinquency.balance}} due", expires_in_days = 30 }
//! ```

use arrears_action_sdk::date::days_after;
use arrears_action_sdk::template::Template;
use arrears_action_sdk::{
    Action, Alert, Context, Definitions, Effect, EffectKind, Fault, Manifest, Severity,
    SeverityConfig, Subject, Verdict,
};
use serde::Deserialize;

/// The action.
#[derive(Debug)]
pub struct AlertAction;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default = "default_severity")]
    severity: SeverityConfig,
    message: String,
    expires_in_days: Option<u32>,
}

/// An alert is there to make somebody stop and read.
fn default_severity() -> SeverityConfig {
    SeverityConfig::Warning
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    severity: Severity,
    message: Template,
    expires_in_days: Option<u32>,
}

impl Action for AlertAction {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-alert",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Shows staff an alert when they open the account",
        actions: &["alert"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &["account.*", "agency.*", "contact.*", "delinquency.*", "payment.*"],
        effects_used: &[EffectKind::Alert],
        max_batch: 1_000,
        fuel_per_item: 300_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, _: &Definitions) -> Result<Plan, Fault> {
        Ok(Plan {
            severity: config.severity.into(),
            message: Template::parse(&config.message, "/message")?,
            expires_in_days: config.expires_in_days,
        })
    }

    fn decide(context: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        alert(context, plan, subject).unwrap_or_else(Verdict::Fail)
    }
}

arrears_action_sdk::export_action!(AlertAction);

fn alert(context: &Context, plan: &Plan, subject: &Subject) -> Result<Verdict, Fault> {
    let expires_on =
        plan.expires_in_days.map(|days| days_after(&context.as_of, days)).transpose()?;
    Ok(Verdict::Apply(vec![Effect::Alert(Alert {
        severity: plan.severity,
        message: plan.message.fill(subject, "the message")?,
        expires_on,
    })]))
}
