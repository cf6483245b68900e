//! A component for another world: a file that was picked by mistake.

wit_bindgen::generate!({
    path: "wit",
    world: "greeting",
});

struct Greeter;

impl exports::acme::greeting::greeter::Guest for Greeter {
    fn greet(name: String) -> String {
        format!("Hello, {name}")
    }
}

export!(Greeter);
