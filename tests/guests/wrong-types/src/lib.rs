//! A plugin built against a contract with one more field in a subject: the
//! names are right, the shapes are not.

wit_bindgen::generate!({
    path: "wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Wider;

impl exports::arrears::action::action::Guest for Wider {
    fn describe() -> Descriptor {
        Descriptor {
            id: "wrong-types".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Sees more than there is".to_owned(),
            actions: vec!["test:wrong-types".to_owned()],
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

export!(Wider);
