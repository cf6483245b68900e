//! What fuzzing begins with, `host/fuzz/corpus/admit`: attackers of each kind, small ones,
//! and what was found with them. Each is answered in words that can be shown.
//!
//! Seeds are written anew with `UPDATE_EXPECT=1`; what a fuzzer has found stays as it is.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

#[expect(dead_code, reason = "this file uses a part of it")]
mod forge;

use std::fs;
use std::path::{Path, PathBuf};

use arrears_host::{Descriptor, Host, HostOptions};
use forge::{bombs, descriptor};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/admit")
}

/// The seeds that are made here.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let looping = Descriptor { config_schema: r##"{"$ref": "#"}"##.to_owned(), ..descriptor() };
    let mut seeds = vec![
        ("forged", forge::plugin(&descriptor())),
        ("forged-schema-loop", forge::plugin(&looping)),
        ("forged-import", forge::plugin_that_imports("read: func() -> u32;", "read")),
        ("import-escape", bombs::named("acme:clock/\u{1b}[2J")),
        ("nested-components", bombs::nested_components(5)),
        ("doubling-components", bombs::doubling_components(9)),
        ("nested-types", bombs::nested_types(1_000)),
        ("many-types", bombs::many_types(20_001)),
        ("many-types-in-a-type", bombs::many_types_in_a_type(20_001)),
        ("doubling-types", bombs::doubling_types(18)),
        ("many-modules", bombs::many_modules(129)),
        ("many-functions", bombs::many_functions(500)),
        ("functions-without-bodies", bombs::functions_without_bodies(20_000)),
        ("giant-function", bombs::giant_function(5_000)),
        ("loops-and-variables", bombs::loops_and_variables(1_000, 1_000)),
        ("nested-exits", bombs::nested_exits(450, 450)),
        ("nested-loops", bombs::nested_loops(33)),
        ("wide-jumps", bombs::wide_jumps(700, 1_000)),
        ("large-memory", bombs::large_memory(1_025)),
        ("large-table", bombs::large_table(65_537)),
    ];
    for bomb in bombs::headers_without_content() {
        seeds.push(("header", bomb));
    }
    seeds
}

#[test]
fn the_seeds_are_those_that_are_made_here() {
    for (index, (name, wasm)) in seeds().into_iter().enumerate() {
        let path = folder().join(format!("seed-{index:02}-{name}.wasm"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &wasm).unwrap();
        }
        let present = fs::read(&path).unwrap_or_default();
        assert!(present == wasm, "{} is stale; UPDATE_EXPECT=1 writes it", path.display());
    }
}

#[test]
fn each_input_is_answered() {
    let host = Host::new(HostOptions::default()).unwrap();
    let mut bytes = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let wasm = fs::read(&path).unwrap();
        bytes += wasm.len();
        if let Err(refusal) = host.admit(&wasm) {
            let words = refusal.to_string();
            assert!(!words.is_empty() && !words.chars().any(char::is_control), "{words:?}");
        }
    }
    assert!((10_000..2_000_000).contains(&bytes), "{bytes} bytes");
}
