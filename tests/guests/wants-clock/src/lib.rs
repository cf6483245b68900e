//! A plugin that asks for a clock, which no plugin is given.

#[macro_use]
#[path = "../../inert.rs"]
mod inert;

wit_bindgen::generate!({
    path: ["../../../wit", "wit"],
    world: "acme:clocked/plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Clocked;

impl exports::arrears::action::action::Guest for Clocked {
    inert! {
        id: "wants-clock",
        version: format!("1.0.{}", acme::clocked::clock::now()),
        summary: "Reads a clock",
        action: "test:wants-clock",
        schema: "{}",
    }
}

export!(Clocked);
