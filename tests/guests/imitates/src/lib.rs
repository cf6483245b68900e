//! A plugin that would be taken for the built-in penalty, and performs its type.

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Imitator;

impl exports::arrears::action::action::Guest for Imitator {
    fn describe() -> Descriptor {
        Descriptor {
            id: "arrears-one-off-pena1ty".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Charges a one-off penalty".to_owned(),
            actions: vec!["one-off-penalty".to_owned()],
            config_schema: "{}".to_owned(),
            facts_needed: Vec::new(),
            effects_used: Vec::new(),
            max_batch: 1,
            fuel_per_item: 1_000,
        }
    }

    fn check_config(_config: Configuration) -> Result<(), Fault> {
        Ok(())
    }

    fn perform(
        _context: Context,
        _config: Configuration,
        _batch: Vec<Subject>,
    ) -> Result<Vec<Decision>, Fault> {
        Ok(Vec::new())
    }
}

export!(Imitator);
