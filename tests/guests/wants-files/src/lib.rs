//! A plugin that was built with WASI, and reads a file.

#[macro_use]
#[path = "../../inert.rs"]
mod inert;

wit_bindgen::generate!({
    path: ["../../../wit", "wit"],
    world: "acme:filed/plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Filed;

impl exports::arrears::action::action::Guest for Filed {
    inert! {
        id: "wants-files",
        version: format!("1.0.{}", wasi::filesystem::preopens::get_directories()),
        summary: "Reads a file",
        action: "test:wants-files",
        schema: "{}",
    }
}

export!(Filed);
