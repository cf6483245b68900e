//! A plugin whose schema has no end.

#[macro_use]
#[path = "../../inert.rs"]
mod inert;

wit_bindgen::generate!({
    path: "../../../wit",
    world: "plugin",
    generate_all,
});

use arrears::action::types::{Configuration, Context, Decision, Descriptor, Fault, Subject};

struct Looping;

impl exports::arrears::action::action::Guest for Looping {
    inert! {
        id: "loops-in-schema",
        version: "1.0.0",
        summary: "Never ends its schema",
        action: "test:loops-in-schema",
        schema: r##"{
                "type": "object",
                "properties": {"rule": {"$ref": "#/$defs/rule"}},
                "$defs": {
                    "rule": {"properties": {"not": {"$ref": "#/$defs/other"}}},
                    "other": {"properties": {"not": {"$ref": "#/$defs/rule"}}}
                }
            }"##,
    }
}

export!(Looping);
