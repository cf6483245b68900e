//! A plugin that was built with WASI, and reads a file.

wit_bindgen::generate!({
    path: ["../../../wit", "wit"],
    world: "acme:filed/plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Filed;

impl exports::arrears::action::action::Guest for Filed {
    fn describe() -> Descriptor {
        Descriptor {
            id: "wants-files".to_owned(),
            version: format!("1.0.{}", wasi::filesystem::preopens::get_directories()),
            summary: "Reads a file".to_owned(),
            actions: vec!["test:wants-files".to_owned()],
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

export!(Filed);
