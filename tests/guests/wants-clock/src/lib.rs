//! A plugin that asks for a clock, which no plugin is given.

wit_bindgen::generate!({
    path: ["../../../wit", "wit"],
    world: "acme:clocked/plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Clocked;

impl exports::arrears::action::action::Guest for Clocked {
    fn describe() -> Descriptor {
        Descriptor {
            id: "wants-clock".to_owned(),
            version: format!("1.0.{}", acme::clocked::clock::now()),
            summary: "Reads a clock".to_owned(),
            actions: vec!["test:wants-clock".to_owned()],
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

export!(Clocked);
