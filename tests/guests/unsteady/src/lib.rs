//! A plugin that is another one each time it is asked.

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use std::sync::atomic::{AtomicU32, Ordering};

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Unsteady;

impl exports::arrears::action::action::Guest for Unsteady {
    fn describe() -> Descriptor {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        let asked = ASKED.fetch_add(1, Ordering::Relaxed);
        Descriptor {
            id: "unsteady".to_owned(),
            version: format!("1.0.{asked}"),
            summary: "Changes its mind".to_owned(),
            actions: vec!["test:unsteady".to_owned()],
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

export!(Unsteady);
