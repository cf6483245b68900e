//! A plugin that would call home.

#[macro_use]
#[path = "../../inert.rs"]
mod inert;

wit_bindgen::generate!({
    path: ["../../../wit", "wit"],
    world: "acme:socketed/plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Socketed;

impl exports::arrears::action::action::Guest for Socketed {
    inert! {
        id: "wants-sockets",
        version: format!("1.0.{}", wasi::sockets::tcp::connect("198.51.100.1", 443)),
        summary: "Calls home",
        action: "test:wants-sockets",
        schema: "{}",
    }
}

export!(Socketed);
