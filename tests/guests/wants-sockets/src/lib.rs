//! A plugin that would call home.

wit_bindgen::generate!({
    path: ["../../../wit", "wit"],
    world: "acme:socketed/plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Socketed;

impl exports::arrears::action::action::Guest for Socketed {
    fn describe() -> Descriptor {
        Descriptor {
            id: "wants-sockets".to_owned(),
            version: format!("1.0.{}", wasi::sockets::tcp::connect("198.51.100.1", 443)),
            summary: "Calls home".to_owned(),
            actions: vec!["test:wants-sockets".to_owned()],
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

export!(Socketed);
