//! `cargo xtask layers`: who may import whom.
//!
//! A crate exists to forbid a dependency. This table is where that is written
//! down, and this command proves it of what cargo would really build, with
//! every feature turned on.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::package::compiler;
use crate::workspace::{Workspace, capture, members};

/// What a crate of the workspace may import.
struct Layer {
    name: &'static str,
    /// The workspace's crates that it may name in `[dependencies]`.
    may_import: &'static [&'static str],
    /// The crates that it must not reach, at any depth. A `*` at the end
    /// stands for any rest of the name.
    must_not_reach: &'static [&'static str],
    why: &'static str,
}

const LAYERS: [Layer; 12] = [
    Layer {
        name: "arrears-domain",
        may_import: &[],
        must_not_reach: &["tokio", "aws-*", "wasmtime*", "rand", "reqwest"],
        why: "the rules are pure: the same setup and book give the same decisions for ever, \
              so no IO, no async, no randomness and no engine comes near them",
    },
    Layer {
        name: "arrears-bank",
        may_import: &["arrears-domain"],
        must_not_reach: &["tokio", "aws-*", "wasmtime*"],
        why: "a bank's file is bytes made from what was decided: it is the same wherever it goes, \
              so no table, no cloud and no engine comes near it",
    },
    Layer {
        name: "arrears-host",
        may_import: &[],
        must_not_reach: &["aws-*"],
        why: "the plugin host knows no billing and no cloud: what it contains, it contains for anyone",
    },
    Layer {
        name: "arrears-storage",
        may_import: &["arrears-domain"],
        must_not_reach: &["wasmtime*"],
        why: "storing is not running: a table can be read without an engine",
    },
    Layer {
        name: "arrears-runs",
        may_import: &["arrears-bank", "arrears-domain", "arrears-host", "arrears-storage"],
        must_not_reach: &["clap*", "indicatif", "lambda_runtime"],
        why: "a run is the same on one machine and on AWS: it knows neither a terminal nor an event loop",
    },
    Layer {
        name: "arrears-triggers",
        may_import: &["arrears-storage"],
        must_not_reach: &["wasmtime*", "lambda_runtime"],
        why: "schedules, buses and queues start runs and are told of them; they decide nothing",
    },
    Layer {
        name: "arrears-kit",
        may_import: &["arrears-host"],
        must_not_reach: &["aws-*", "tokio"],
        why: "a vendor's tools hold a plugin to what the host holds it to, and to nothing else: \
              they need no book, no store and no cloud",
    },
    Layer {
        name: "arrears-lambdas",
        may_import: &[
            "arrears-domain",
            "arrears-host",
            "arrears-runs",
            "arrears-storage",
            "arrears-triggers",
        ],
        must_not_reach: &["clap*", "dynoxide-rs", "s3s", "s3s-fs", "aws-lc-*"],
        why: "a function is small and starts at once: no engine that stands in for AWS, no second \
              cryptography; nothing imports it",
    },
    Layer {
        name: "arrears-cli",
        may_import: &[
            "arrears-domain",
            "arrears-host",
            "arrears-kit",
            "arrears-runs",
            "arrears-storage",
            "arrears-triggers",
        ],
        must_not_reach: &[],
        why: "the command puts the parts together; nothing imports it",
    },
    Layer {
        name: "arrears-runtime-api",
        may_import: &[],
        must_not_reach: &["aws-*", "wasmtime*"],
        why: "it starts any function as Lambda would, and knows none",
    },
    Layer {
        name: "arrears-e2e",
        may_import: &["arrears-domain", "arrears-host", "arrears-runs", "arrears-storage"],
        must_not_reach: &[],
        why: "end-to-end tests may look anywhere; nothing imports them",
    },
    Layer {
        name: "xtask",
        may_import: &[],
        must_not_reach: &["aws-*", "tokio", "wasmtime*"],
        why: "it judges the product while the product does not compile, and is the first thing \
              that a newcomer waits for",
    },
];

/// What one crate imports.
#[derive(Default)]
struct Imports {
    /// The workspace's crates that its manifest names for the product; its
    /// tests and build scripts may use others.
    direct: BTreeSet<String>,
    /// Every crate that is linked with it.
    reached: BTreeSet<String>,
}

/// Asks cargo, and fails with each rule that is broken.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut imports = BTreeMap::new();
    for package in members(&mut workspace.cargo())? {
        let Some(name) = package["name"].as_str() else {
            bail!("`cargo metadata` names a package without a name");
        };
        let mut cargo = workspace.cargo();
        cargo.args(["tree", "--quiet", "--package", name, "--all-features"]);
        cargo.args(["--edges=normal", "--prefix=none"]);
        let tree = capture(cargo.arg("--format={p}"))?;
        let found = Imports { direct: direct(&package), reached: reached(&tree, name) };
        imports.insert(name.to_owned(), found);
    }
    compiler::kept_out(workspace, "arrears-lambdas")?;
    let broken = violations(&LAYERS, &imports);
    if !broken.is_empty() {
        bail!("{}", broken.join("\n"));
    }
    eprintln!("    {} crates keep to their layers", imports.len());
    Ok(())
}

/// The dependencies of a package of `cargo metadata` that are folders here and
/// of the normal kind (`null`), whether or not a feature turns them on.
fn direct(package: &Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies
        .filter(|dependency| dependency["kind"].is_null() && dependency["path"].is_string())
        .filter_map(|dependency| dependency["name"].as_str())
        .map(str::to_owned)
        .collect()
}

/// The names in the output of `cargo tree`, one a line, but for the crate
/// itself.
fn reached(tree: &str, own: &str) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != own)
        .map(str::to_owned)
        .collect()
}

/// Each rule that is broken, with its reason.
fn violations(layers: &[Layer], imports: &BTreeMap<String, Imports>) -> Vec<String> {
    let mut broken = Vec::new();
    for layer in layers {
        let (name, why) = (layer.name, layer.why);
        let Some(found) = imports.get(name) else {
            broken.push(format!(
                "{name} is in the table of xtask/src/layers.rs but not in the workspace: \
                 remove its row"
            ));
            continue;
        };
        for import in &found.direct {
            if !layer.may_import.contains(&import.as_str()) {
                broken.push(format!("{name} must not import {import}: {why}"));
            }
        }
        for import in &found.reached {
            if layer.must_not_reach.iter().any(|rule| matches(rule, import)) {
                broken.push(format!(
                    "{name} must not reach {import}: {why}. \
                     `cargo tree -p {name} --all-features -e normal -i {import}` shows the way"
                ));
            }
        }
    }
    for name in imports.keys() {
        if !layers.iter().any(|layer| layer.name == name) {
            broken.push(format!(
                "{name} has no row in the table of xtask/src/layers.rs: \
                 say what it may import, and why it is a crate"
            ));
        }
    }
    broken
}

fn matches(rule: &str, name: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: [Layer; 2] = [
        Layer {
            name: "rules",
            may_import: &[],
            must_not_reach: &["tokio", "aws-*"],
            why: "the rules are pure",
        },
        Layer {
            name: "tables",
            may_import: &["rules"],
            must_not_reach: &[],
            why: "tables hold what the rules say",
        },
    ];

    /// A crate, what it imports and what it reaches.
    type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

    fn workspace(crates: &[Row]) -> BTreeMap<String, Imports> {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        crates
            .iter()
            .map(|(name, direct, reached)| {
                let imports = Imports { direct: names(direct), reached: names(reached) };
                ((*name).to_owned(), imports)
            })
            .collect()
    }

    #[test]
    fn a_workspace_that_keeps_to_its_layers_passes() {
        let imports = workspace(&[
            ("rules", &[], &["serde", "tokio-free"]),
            ("tables", &["rules"], &["rules", "aws-config", "tokio"]),
        ]);
        assert_eq!(violations(&TABLE, &imports), Vec::<String>::new());
    }

    #[test]
    fn each_violation_is_found_and_explained() {
        let rows: [(&str, &[Row]); 5] = [
            (
                "rules must not import tables: the rules are pure",
                &[("rules", &["tables"], &["tables"]), ("tables", &[], &[])],
            ),
            (
                "rules must not reach tokio: the rules are pure",
                &[("rules", &[], &["serde", "tokio"]), ("tables", &[], &[])],
            ),
            (
                "rules must not reach aws-sdk-s3: the rules are pure",
                &[("rules", &[], &["aws-sdk-s3"]), ("tables", &[], &[])],
            ),
            ("tables is in the table", &[("rules", &[], &[])]),
            ("stray has no row", &[("rules", &[], &[]), ("stray", &[], &[]), ("tables", &[], &[])]),
        ];
        for (expected, crates) in rows {
            let found = violations(&TABLE, &workspace(crates));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with(expected), "{found:?}");
        }
    }

    #[test]
    fn tests_may_import_what_the_product_may_not() {
        let package = json!({ "dependencies": [
            { "name": "serde", "kind": null },
            { "name": "arrears-domain", "kind": null, "path": "/checkout/functions/domain" },
            { "name": "arrears-runs", "kind": "dev", "path": "/checkout/functions/runs" },
        ]});
        let expected = BTreeSet::from(["arrears-domain".to_owned()]);
        assert_eq!(direct(&package), expected);
    }

    #[test]
    fn the_output_of_cargo_tree_is_read() {
        let tree = "rules v0.1.0 (/checkout/rules)\nserde v1.0.229\ntokio v1.52.0 (*)\n\n";
        let expected = BTreeSet::from(["serde".to_owned(), "tokio".to_owned()]);
        assert_eq!(reached(tree, "rules"), expected);
    }

    #[test]
    fn the_table_lets_nobody_import_the_command_the_tests_or_this_crate() {
        for layer in &LAYERS {
            for end in ["arrears-cli", "arrears-e2e", "arrears-lambdas", "xtask"] {
                assert!(!layer.may_import.contains(&end), "{}", layer.name);
            }
        }
    }
}
