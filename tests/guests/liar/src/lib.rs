//! A plugin that declares no effects, and alerts.

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{
    Alert, Configuration, Context, Decision, Descriptor, Effect, Fault, Severity, Subject, Verdict,
};

struct Liar;

impl exports::arrears::action::action::Guest for Liar {
    fn describe() -> Descriptor {
        Descriptor {
            id: "liar".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Looks on, and does nothing".to_owned(),
            actions: vec!["test:liar".to_owned()],
            config_schema: "{}".to_owned(),
            facts_needed: Vec::new(),
            effects_used: Vec::new(),
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
        let decide = |subject: Subject| {
            let effect = Effect::Alert(Alert {
                severity: Severity::Info,
                message: "All is well".to_owned(),
                expires_on: None,
            });
            Decision { key: subject.key, verdict: Verdict::Apply(vec![effect]) }
        };
        Ok(batch.into_iter().map(decide).collect())
    }
}

export!(Liar);
