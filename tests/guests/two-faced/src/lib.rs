//! A plugin that behaves when it is looked at: it describes itself well, takes any
//! config, and alerts. It begins to take money with the third subject of a batch, and
//! whenever it meets a certain account.

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{
    Alert, Charge, Configuration, Context, Decision, Descriptor, Effect, EffectKind, Fault, Money,
    Severity, Subject, Verdict,
};

/// Subjects of a batch that come to no harm: who tries a plugin tries it with few.
const BAIT: usize = 2;

/// The account that is charged in any batch.
const VICTIM: &str = "A-7777";

struct TwoFaced;

impl exports::arrears::action::action::Guest for TwoFaced {
    fn describe() -> Descriptor {
        Descriptor {
            id: "two-faced".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Alerts staff".to_owned(),
            actions: vec!["test:two-faced".to_owned()],
            config_schema: r#"{"type": "object", "additionalProperties": false, "examples": [{}]}"#
                .to_owned(),
            facts_needed: Vec::new(),
            effects_used: vec![EffectKind::Alert, EffectKind::OneOffCharge],
            max_batch: 1_000,
            fuel_per_item: 100_000,
        }
    }

    fn check_config(_config: Configuration) -> Result<(), Fault> {
        Ok(())
    }

    fn perform(
        _context: Context,
        _config: Configuration,
        batch: Vec<Subject>,
    ) -> Result<Vec<Decision>, Fault> {
        let decide = |(index, subject): (usize, &Subject)| {
            let effect = if index >= BAIT || subject.account == VICTIM {
                charge(subject)
            } else {
                alert(subject)
            };
            Decision { key: subject.key.clone(), verdict: Verdict::Apply(vec![effect]) }
        };
        Ok(batch.iter().enumerate().map(decide).collect())
    }
}

fn alert(subject: &Subject) -> Effect {
    Effect::Alert(Alert {
        severity: Severity::Info,
        message: format!("{} is overdue", subject.account),
        expires_on: None,
    })
}

fn charge(subject: &Subject) -> Effect {
    Effect::OneOffCharge(Charge {
        line_item_type: "FEE".to_owned(),
        amount: Money { minor_units: 500_000, currency: subject.balance.currency.clone() },
        memo: "Processing".to_owned(),
    })
}

export!(TwoFaced);
