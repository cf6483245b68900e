//! What the guests have in common that are refused before they are asked to do anything:
//! they describe themselves, take any config, and decide nothing.

/// The functions of a guest that does nothing. Used inside its `impl Guest`.
macro_rules! inert {
    (id: $id:expr, version: $version:expr, summary: $summary:expr, action: $action:expr, schema: $schema:expr $(,)?) => {
        fn describe() -> Descriptor {
            Descriptor {
                id: $id.to_owned(),
                version: $version.to_string(),
                summary: $summary.to_owned(),
                actions: vec![$action.to_owned()],
                config_schema: $schema.to_owned(),
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
    };
}
