//! Puts the eight built-in plugins into the binary, so that it stands alone.

use std::fmt::Write as _;
use std::path::Path;

/// The built-in actions, in the order in which `plugin list` shows them.
const NAMES: [&str; 8] = [
    "notice",
    "one-off-charge",
    "one-off-penalty",
    "deposit-demand",
    "alert",
    "log",
    "credit-rating",
    "service-request",
];

fn main() {
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../../target/components");
    let mut list = String::from("&[\n");
    for name in NAMES {
        let path = folder.join(format!("{name}.wasm"));
        println!("cargo::rerun-if-changed={}", path.display());
        assert!(
            path.is_file(),
            "run `cargo xtask setup` first: target/components/{name}.wasm is missing"
        );
        let line = format!("    (\"{name}\", include_bytes!({path:?}) as &[u8]),");
        writeln!(list, "{line}").expect("a text takes any line");
    }
    list.push_str("]\n");
    let generated = Path::new(&variable("OUT_DIR")).join("components.rs");
    std::fs::write(&generated, list)
        .unwrap_or_else(|error| panic!("{} cannot be written: {error}", generated.display()));
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
