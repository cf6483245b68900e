//! The built-in action `one-off-penalty`: puts a charge on the account that is
//! applied as a penalty.
//!
//! The penalty is a fixed amount, or a percentage of the delinquent balance
//! with a least and a most, in exact minor units (half a unit rounds up). It
//! does not look at penalties of earlier milestones: what may be charged when
//! is the setup's to say.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "one-off-penalty"
//! config = { line_item_type = "LATE", percent = "1.5", minimum = "5.00", maximum = "50.00" }
//! ```

use arrears_action_sdk::amount_rule::{AmountConfig, AmountRule, in_currency_of};
use arrears_action_sdk::money::amount_text;
use arrears_action_sdk::{
    Action, Charge, Context, Definitions, Effect, EffectKind, Fault, LineItemKind, Manifest,
    Subject, Verdict,
};
use serde::Deserialize;

/// The action.
#[derive(Debug)]
pub struct OneOffPenalty;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    line_item_type: String,
    amount: Option<String>,
    percent: Option<String>,
    minimum: Option<String>,
    maximum: Option<String>,
    memo: Option<String>,
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    line_item_type: String,
    amount: AmountRule,
    memo: String,
}

impl Action for OneOffPenalty {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-one-off-penalty",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Puts a one-off penalty on the account: a fixed amount, or a percentage of the \
                  delinquent balance",
        actions: &["one-off-penalty"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &[],
        effects_used: &[EffectKind::OneOffPenalty],
        max_batch: 1_000,
        fuel_per_item: 100_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, definitions: &Definitions) -> Result<Plan, Fault> {
        let line_item_type =
            definitions.line_item_type(&config.line_item_type, LineItemKind::Penalty)?;
        let amount = AmountRule::new(AmountConfig {
            amount: config.amount.as_deref(),
            percent: config.percent.as_deref(),
            minimum: config.minimum.as_deref(),
            maximum: config.maximum.as_deref(),
        })?;
        Ok(Plan {
            line_item_type: config.line_item_type,
            amount,
            memo: config.memo.unwrap_or(line_item_type.name),
        })
    }

    fn decide(context: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        decide(context, plan, subject)
    }
}

arrears_action_sdk::export_action!(OneOffPenalty);

/// The penalty for one subject; none if nothing is overdue.
#[must_use]
pub fn decide(_: &Context, plan: &Plan, subject: &Subject) -> Verdict {
    if subject.balance.minor_units <= 0 {
        return Verdict::Skip(format!(
            "nothing is overdue: the balance is {} {}",
            amount_text(&subject.balance),
            subject.balance.currency
        ));
    }
    match plan.amount.minor_units(subject) {
        Err(fault) => Verdict::Fail(fault),
        Ok(0) => Verdict::Skip("the penalty rounds to nothing".to_owned()),
        Ok(minor_units) => Verdict::Apply(vec![Effect::OneOffPenalty(Charge {
            line_item_type: plan.line_item_type.clone(),
            amount: in_currency_of(subject, minor_units),
            memo: plan.memo.clone(),
        })]),
    }
}
