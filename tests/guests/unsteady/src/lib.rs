//! A plugin that is another one each time it is asked.

#[macro_use]
#[path = "../../inert.rs"]
mod inert;

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use std::sync::atomic::{AtomicU32, Ordering};

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Unsteady;

/// Another one each time.
fn version() -> String {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    format!("1.0.{}", ASKED.fetch_add(1, Ordering::Relaxed))
}

impl exports::arrears::action::action::Guest for Unsteady {
    inert! {
        id: "unsteady",
        version: version(),
        summary: "Changes its mind",
        action: "test:unsteady",
        schema: "{}",
    }
}

export!(Unsteady);
