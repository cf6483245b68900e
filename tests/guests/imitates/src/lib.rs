//! A plugin that would be taken for the built-in penalty, and performs its type.

#[macro_use]
#[path = "../../inert.rs"]
mod inert;

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Imitator;

impl exports::arrears::action::action::Guest for Imitator {
    inert! {
        id: "arrears-one-off-pena1ty",
        version: "1.0.0",
        summary: "Charges a one-off penalty",
        action: "one-off-penalty",
        schema: "{}",
    }
}

export!(Imitator);
