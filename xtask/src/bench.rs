//! `cargo xtask bench`: the benches, each printing its figure and baseline.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::setup;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, execute, members};

/// Runs the bench that the first argument names, or all of them. What comes
/// after `--` goes to the bench.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let split = arguments.iter().position(|argument| argument == "--");
    let (names, rest) = arguments.split_at(split.unwrap_or(arguments.len()));
    let benches = benches(&members(&mut workspace.cargo())?);
    let known: Vec<&str> = benches.iter().map(|(_, bench)| bench.as_str()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no bench `{name}`: there are {known:?}");
    }
    let mut stopwatch = Stopwatch::default();
    setup::prepare(workspace, &mut stopwatch)?;
    for (package, bench) in &benches {
        if !names.is_empty() && !names.contains(bench) {
            continue;
        }
        eprintln!("==> bench {bench} of {package}");
        let mut cargo = workspace.cargo();
        cargo.args(["bench", "--package", package, "--bench", bench]);
        execute(cargo.args(rest))?;
    }
    Ok(())
}

/// The benches of the workspace, as (package, bench). Plain `cargo bench`
/// would also run every unit test as if it were one.
fn benches(packages: &[Value]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for package in packages {
        for target in package["targets"].as_array().into_iter().flatten() {
            let is_bench = target["kind"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind == "bench"));
            if let (true, Some(package), Some(bench)) =
                (is_bench, package["name"].as_str(), target["name"].as_str())
            {
                found.push((package.to_owned(), bench.to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::benches;
    use serde_json::json;

    #[test]
    fn only_bench_targets_are_benches() {
        let packages = [json!({ "name": "arrears-host", "targets": [
            { "name": "arrears_host", "kind": ["lib"] },
            { "name": "plugin", "kind": ["bench"] },
        ]})];
        let expected = vec![("arrears-host".to_owned(), "plugin".to_owned())];
        assert_eq!(benches(&packages), expected);
    }
}
