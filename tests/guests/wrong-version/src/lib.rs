//! A plugin for a later version of the contract than the host speaks.

wit_bindgen::generate!({
    path: "wit",
    world: "plugin",
});

struct Later;

impl exports::arrears::action::action::Guest for Later {
    fn describe() -> String {
        "later".to_owned()
    }
}

export!(Later);
