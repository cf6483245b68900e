//! A plugin whose schema has no end.

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Looping;

impl exports::arrears::action::action::Guest for Looping {
    fn describe() -> Descriptor {
        Descriptor {
            id: "loops-in-schema".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Never ends its schema".to_owned(),
            actions: vec!["test:loops-in-schema".to_owned()],
            config_schema: r##"{
                "type": "object",
                "properties": {"rule": {"$ref": "#/$defs/rule"}},
                "$defs": {
                    "rule": {"properties": {"not": {"$ref": "#/$defs/other"}}},
                    "other": {"properties": {"not": {"$ref": "#/$defs/rule"}}}
                }
            }"##
            .to_owned(),
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

export!(Looping);
