//! The built-in action `one-off-charge`: puts a fixed charge on the account,
//! such as the cost of a visit or of a reminder by registered letter.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "one-off-charge"
//! config = { line_item_type = "VISIT", amount = "12.50", memo = "Shut-off visit" }
//! ```

use arrears_action_sdk::amount_rule::{fixed_minor_units, in_currency_of, positive};
use arrears_action_sdk::money::Decimal;
use arrears_action_sdk::{
    Action, Charge, Context, Definitions, Effect, EffectKind, Fault, LineItemKind, Manifest,
    Subject, Verdict,
};
use serde::Deserialize;

/// The action.
#[derive(Debug)]
pub struct OneOffCharge;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    line_item_type: String,
    amount: String,
    memo: Option<String>,
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    line_item_type: String,
    amount: Decimal,
    memo: String,
}

impl Action for OneOffCharge {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-one-off-charge",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Puts a fixed one-off charge on the account",
        actions: &["one-off-charge"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &[],
        effects_used: &[EffectKind::OneOffCharge],
        max_batch: 1_000,
        fuel_per_item: 100_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, definitions: &Definitions) -> Result<Plan, Fault> {
        let line_item_type =
            definitions.line_item_type(&config.line_item_type, LineItemKind::Charge)?;
        Ok(Plan {
            line_item_type: config.line_item_type,
            amount: positive(&config.amount, "/amount")?,
            memo: config.memo.unwrap_or(line_item_type.name),
        })
    }

    fn decide(_: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        match fixed_minor_units(plan.amount, &subject.balance.currency, "/amount") {
            Err(fault) => Verdict::Fail(fault),
            Ok(minor_units) => Verdict::Apply(vec![Effect::OneOffCharge(Charge {
                line_item_type: plan.line_item_type.clone(),
                amount: in_currency_of(subject, minor_units),
                memo: plan.memo.clone(),
            })]),
        }
    }
}

arrears_action_sdk::export_action!(OneOffCharge);
