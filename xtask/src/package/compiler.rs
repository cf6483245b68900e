//! Proves that a function that runs carries no compiler.

use anyhow::{Result, bail};

use crate::workspace::{Workspace, capture};

/// The feature that brings the compiler.
pub const FEATURE: &str = "compile";

/// What compiles: the crates are named by how their names begin.
const COMPILERS: [&str; 4] =
    ["cranelift-codegen", "wasmtime-cranelift", "wasmtime-internal-cranelift", "winch-"];

/// Fails if a function without the feature reaches a compiler. A function with it
/// must reach one: a check that finds nothing anywhere checks nothing.
pub fn kept_out(workspace: &Workspace, package: &str) -> Result<()> {
    let without = compilers(&tree(workspace, package, "--no-default-features")?);
    if !without.is_empty() {
        bail!(
            "the functions that run would carry a compiler, {without:?}: `cargo tree --package \
             {package} --no-default-features --edges normal --invert {}` says which dependency \
             brings it",
            without[0]
        );
    }
    if compilers(&tree(workspace, package, "--features=compile")?).is_empty() {
        bail!(
            "{package} reaches none of {COMPILERS:?} with the feature `{FEATURE}`: the names in \
             xtask/src/package/compiler.rs are out of date"
        );
    }
    Ok(())
}

fn tree(workspace: &Workspace, package: &str, features: &str) -> Result<String> {
    let mut cargo = workspace.cargo();
    cargo.args(["tree", "--quiet", "--locked", "--package", package, features]);
    // Of any processor: what is linked must not depend on who looks.
    cargo.args(["--edges=normal", "--prefix=none", "--target=all", "--format={p}"]);
    capture(&mut cargo)
}

/// The compilers among the crates of a tree, one a line.
fn compilers(tree: &str) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<String> = names
        .filter(|name| COMPILERS.iter().any(|compiler| name.starts_with(compiler)))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::compilers;

    #[test]
    fn a_compiler_is_seen_among_the_crates() {
        let tree = "arrears-lambdas v0.1.0 (/checkout)\nwasmtime v46.0.0\n\
                    wasmtime-internal-cranelift v46.0.0\ncranelift-entity v0.1.0\n\
                    cranelift-codegen v0.1.0\ncranelift-codegen v0.1.0 (*)\n";
        assert_eq!(compilers(tree), ["cranelift-codegen", "wasmtime-internal-cranelift"]);
        assert!(compilers("wasmtime v46.0.0\ncranelift-entity v0.1.0\n").is_empty());
    }
}
