//! Puts the templates of projects into the library: the examples of `plugins/examples`, the
//! contract, and for Rust the SDK.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What tools leave behind in a project.
const LEFT_BEHIND: [&str; 6] =
    ["build", "node_modules", "target", ".venv", "__pycache__", "Cargo.lock"];

/// Where the files of a template come from, below the root, and where they go to.
const TEMPLATES: [(&str, &[(&str, &str)]); 5] = [
    ("RUST", &[("plugins/examples/rust", "")]),
    ("JS", &[("plugins/examples/js", "")]),
    ("PYTHON", &[("plugins/examples/python", "")]),
    ("C", &[("plugins/examples/c", "")]),
    (
        "SHARED",
        &[
            ("plugins/examples/cases", "cases"),
            ("plugins/examples/config-schema.json", "config-schema.json"),
            ("wit", "wit"),
        ],
    ),
];

/// What a Rust project has besides: the SDK, whose tests need much that it does not.
const SDK: [(&str, &str); 4] = [
    ("plugins/sdk/Cargo.toml", "sdk/Cargo.toml"),
    ("plugins/sdk/src", "sdk/src"),
    ("plugins/Cargo.toml", "workspace.toml"),
    ("plugins/Cargo.lock", "Cargo.lock"),
];

fn main() {
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../..");
    let mut text = String::new();
    for (name, sources) in TEMPLATES.into_iter().chain([("SDK", &SDK[..])]) {
        let mut files = Vec::new();
        for (from, to) in sources {
            collect(&root.join(from), Path::new(to), &mut files);
        }
        files.sort();
        write_list(&mut text, name, &files);
    }
    let generated = Path::new(&variable("OUT_DIR")).join("templates.rs");
    fs::write(&generated, text)
        .unwrap_or_else(|error| panic!("{} cannot be written: {error}", generated.display()));
}

/// A constant with the path and the text of each file.
fn write_list(text: &mut String, name: &str, files: &[(PathBuf, PathBuf)]) {
    let expect = "a text takes any line";
    writeln!(text, "pub(super) const {name}: &[(&str, &str)] = &[").expect(expect);
    for (to, from) in files {
        let to = to.to_str().expect("a path of this repository is UTF-8").replace('\\', "/");
        writeln!(text, "    ({to:?}, include_str!({from:?})),").expect(expect);
    }
    text.push_str("];\n");
}

/// The files at or below a path that belong into a project: of the contract those that
/// tools read, of anything else all that is not left behind by tools.
fn collect(from: &Path, to: &Path, files: &mut Vec<(PathBuf, PathBuf)>) {
    println!("cargo::rerun-if-changed={}", from.display());
    if from.is_file() {
        files.push((to.to_owned(), from.to_owned()));
        return;
    }
    let entries = fs::read_dir(from).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries =
        entries.unwrap_or_else(|error| panic!("{} cannot be read: {error}", from.display()));
    for entry in entries {
        let name = entry.file_name();
        let is_left_behind = LEFT_BEHIND.iter().any(|it| name == *it);
        // A project has a copy of what the examples share.
        let is_shared = entry.path().is_symlink();
        let is_prose =
            to == Path::new("wit") && entry.path().extension().is_none_or(|it| it != "wit");
        if !is_left_behind && !is_shared && !is_prose {
            collect(&entry.path(), &to.join(name), files);
        }
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
