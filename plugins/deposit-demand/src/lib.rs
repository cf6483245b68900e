//! The built-in action `deposit-demand`: demands a deposit, as security for
//! what the account may come to owe.
//!
//! The deposit is a fixed amount, or a percentage of the delinquent balance
//! with a least and a most, in exact minor units (half a unit rounds up). It is
//! due a number of calendar days after the business date of the run; without
//! that number the bill says when.
//!
//! ```toml
//! [[scheme.milestone.action]]
//! type = "deposit-demand"
//! config = { line_item_type = "DEPOSIT", percent = "200", minimum = "50.00", due_in_days = 14 }
//! ```

use arrears_action_sdk::amount_rule::{AmountConfig, AmountRule, in_currency_of};
use arrears_action_sdk::date::days_after;
use arrears_action_sdk::{
    Action, Context, Definitions, Deposit, Effect, EffectKind, Fault, LineItemKind, Manifest,
    Subject, Verdict,
};
use serde::Deserialize;

/// The action.
#[derive(Debug)]
pub struct DepositDemand;

/// The `config` table; `config-schema.json` says what each property means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    line_item_type: String,
    amount: Option<String>,
    percent: Option<String>,
    minimum: Option<String>,
    maximum: Option<String>,
    due_in_days: Option<u32>,
    memo: Option<String>,
}

/// A checked config.
#[derive(Debug)]
pub struct Plan {
    line_item_type: String,
    amount: AmountRule,
    due_in_days: Option<u32>,
    memo: String,
}

impl Action for DepositDemand {
    const MANIFEST: Manifest = Manifest {
        id: "arrears-deposit-demand",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Demands a deposit: a fixed amount, or a percentage of the delinquent balance",
        actions: &["deposit-demand"],
        config_schema: include_str!("../config-schema.json"),
        facts_needed: &[],
        effects_used: &[EffectKind::DepositCharge],
        max_batch: 1_000,
        fuel_per_item: 100_000,
    };
    type Config = Config;
    type Plan = Plan;

    fn prepare(config: Config, definitions: &Definitions) -> Result<Plan, Fault> {
        let line_item_type =
            definitions.line_item_type(&config.line_item_type, LineItemKind::Deposit)?;
        let amount = AmountRule::new(AmountConfig {
            amount: config.amount.as_deref(),
            percent: config.percent.as_deref(),
            minimum: config.minimum.as_deref(),
            maximum: config.maximum.as_deref(),
        })?;
        Ok(Plan {
            line_item_type: config.line_item_type,
            amount,
            due_in_days: config.due_in_days,
            memo: config.memo.unwrap_or(line_item_type.name),
        })
    }

    fn decide(context: &Context, plan: &Plan, subject: &Subject) -> Verdict {
        demand(context, plan, subject).unwrap_or_else(Verdict::Fail)
    }
}

arrears_action_sdk::export_action!(DepositDemand);

fn demand(context: &Context, plan: &Plan, subject: &Subject) -> Result<Verdict, Fault> {
    let minor_units = plan.amount.minor_units(subject)?;
    if minor_units == 0 {
        return Ok(Verdict::Skip("the percentage of the balance comes to nothing".to_owned()));
    }
    let due_on = plan.due_in_days.map(|days| days_after(&context.as_of, days)).transpose()?;
    Ok(Verdict::Apply(vec![Effect::DepositCharge(Deposit {
        line_item_type: plan.line_item_type.clone(),
        amount: in_currency_of(subject, minor_units),
        due_on,
        memo: plan.memo.clone(),
    })]))
}
