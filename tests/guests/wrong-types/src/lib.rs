//! A plugin built against a contract with one more field in a subject: the
//! names are right, the shapes are not.

#[macro_use]
#[path = "../../inert.rs"]
mod inert;

wit_bindgen::generate!({
    path: "wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Wider;

impl exports::arrears::action::action::Guest for Wider {
    inert! {
        id: "wrong-types",
        version: "1.0.0",
        summary: "Sees more than there is",
        action: "test:wrong-types",
        schema: "{}",
    }
}

export!(Wider);
