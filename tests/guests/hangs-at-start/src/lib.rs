//! A plugin that never says what it is.

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Hanging;

impl exports::arrears::action::action::Guest for Hanging {
    fn describe() -> Descriptor {
        let mut turns = 0_u64;
        while std::hint::black_box(turns) != u64::MAX {
            turns += 1;
        }
        unreachable!("the host stops it before")
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

export!(Hanging);
