//! Components, folders, and snapshots.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use arrears_host::{Host, HostOptions};

/// The built-in plugins.
pub const BUILT_IN: [&str; 8] = [
    "alert",
    "credit-rating",
    "deposit-demand",
    "log",
    "notice",
    "one-off-charge",
    "one-off-penalty",
    "service-request",
];

/// A host as a vendor has it, which keeps what it compiles where other tests keep it too.
pub fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let cache = root("target/components/artifacts");
        Host::new(HostOptions { artifact_cache: Some(cache), ..HostOptions::default() }).unwrap()
    })
}

/// A path below the root of the repository.
pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The component of a built-in plugin.
pub fn built_in(name: &str) -> PathBuf {
    component(&format!("{name}.wasm"))
}

/// A component that `cargo xtask setup` builds.
pub fn component(file: &str) -> PathBuf {
    let path = root("target/components").join(file);
    assert!(path.is_file(), "{file} is missing: run `cargo xtask setup` first");
    path
}

/// Compares a text with a file of `tests/snapshots`; `UPDATE_EXPECT=1` writes it anew.
#[track_caller]
pub fn assert_snapshot(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "set UPDATE_EXPECT=1 to rewrite {name}");
}
