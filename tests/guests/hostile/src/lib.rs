//! A plugin that attacks its host. The part of a subject's key before the
//! colon names the attack ("loop:17"); each other subject is honest, so that a
//! test can see what becomes of the neighbours.

mod attack;

use std::panic::PanicHookInfo;

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
});

use arrears::action::log::{Level, write};
use arrears::action::types::{
    Cause, Configuration, Context, Decision, Descriptor, EffectKind, Fault, Subject,
};
use exports::arrears::action::action::Guest;

struct Hostile;

impl Guest for Hostile {
    fn describe() -> Descriptor {
        Descriptor {
            id: "hostile".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Attacks its host".to_owned(),
            actions: vec!["test:hostile".to_owned()],
            config_schema: r#"{
                "type": "object",
                "properties": {
                    "attack": {"type": "string"},
                    "level": {"type": "integer", "minimum": 1}
                },
                "additionalProperties": false
            }"#
            .to_owned(),
            facts_needed: Vec::new(),
            effects_used: vec![
                EffectKind::OneOffCharge,
                EffectKind::Alert,
                EffectKind::CreditPoints,
                EffectKind::Custom,
            ],
            max_batch: 1_000,
            fuel_per_item: 1_000_000,
        }
    }

    fn check_config(config: Configuration) -> Result<(), Fault> {
        std::panic::set_hook(Box::new(tell));
        if config.settings.contains("refuse") {
            return Err(Fault {
                cause: Cause::Config,
                code: "refused".to_owned(),
                message: "the setting `attack` must not be `refuse`".to_owned(),
            });
        }
        if config.settings.contains("panic") {
            panic!("the settings are not to my liking");
        }
        Ok(())
    }

    fn perform(
        context: Context,
        config: Configuration,
        batch: Vec<Subject>,
    ) -> Result<Vec<Decision>, Fault> {
        std::panic::set_hook(Box::new(tell));
        if config.settings.contains("whole-batch") {
            return Err(Fault {
                cause: Cause::Unsupported,
                code: "whole-batch".to_owned(),
                message: "this batch is not for me".to_owned(),
            });
        }
        let mut decisions = Vec::with_capacity(batch.len());
        for subject in &batch {
            attack::decide(&context, subject, &mut decisions);
        }
        Ok(decisions)
    }
}

/// What the SDK does as well: the text of a panic goes to the log before the
/// trap.
fn tell(panic: &PanicHookInfo<'_>) {
    write(Level::Error, &panic.to_string());
}

export!(Hostile);
