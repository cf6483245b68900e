//! `cargo xtask ci`: every gate that a change has to pass.
//!
//! The quick gates come first; the first that fails ends the command.

use anyhow::{Result, bail};

use crate::guests::{HOSTILE, PLUGINS, TARGET};
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, execute, members};
use crate::{fuzz, infra, layers, setup, test, tidy, tools};

/// Workspaces of their own, each with its lock file.
const OTHERS: [&str; 3] = [PLUGINS.folder, HOSTILE.folder, fuzz::FOLDER];

/// What the command was asked to do beyond, or short of, the usual.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    without_tests: bool,
    advisories: bool,
}

/// Runs the gates and prints how long each took.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let mut stopwatch = Stopwatch::default();
    let passed = gates(workspace, &options, &mut stopwatch);
    stopwatch.report();
    passed
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    for argument in arguments {
        match argument.as_str() {
            "--without-tests" => options.without_tests = true,
            "--advisories" => options.advisories = true,
            other => bail!("`ci` takes --without-tests and --advisories, not `{other}`"),
        }
    }
    Ok(options)
}

fn gates(workspace: &Workspace, options: &Options, stopwatch: &mut Stopwatch) -> Result<()> {
    stopwatch.part("formatting", || formatting(workspace))?;
    stopwatch.part("lock files", || lock_files(workspace))?;
    stopwatch.part("layers", || layers::run(workspace))?;
    stopwatch.part("tidy", || tidy::run(workspace))?;
    infra::module(workspace, stopwatch)?;
    setup::prepare(workspace, stopwatch)?;
    stopwatch.part("clippy", || clippy(workspace))?;
    if !options.without_tests {
        test::all(workspace, stopwatch)?;
    }
    stopwatch.part("documentation", || documentation(workspace))?;
    stopwatch.part("licences and sources", || dependencies(workspace, options.advisories))?;
    stopwatch.part("unused dependencies", || {
        execute(tools::command(workspace, &tools::MACHETE)?.arg("."))
    })
}

fn formatting(workspace: &Workspace) -> Result<()> {
    execute(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    for folder in OTHERS {
        let mut cargo = workspace.guest_cargo(folder);
        execute(cargo.args(["fmt", "--all", "--check"]))?;
    }
    Ok(())
}

/// A lock file that does not fit its manifest would be mended silently by the
/// next build, with other versions than those that were tested.
fn lock_files(workspace: &Workspace) -> Result<()> {
    members(workspace.cargo().arg("--locked"))?;
    for folder in OTHERS {
        members(workspace.guest_cargo(folder).arg("--locked"))?;
    }
    Ok(())
}

/// Guests are checked as they are shipped; the plugins also as they are
/// tested, on this machine.
fn clippy(workspace: &Workspace) -> Result<()> {
    const STRICT: [&str; 3] = ["--", "-D", "warnings"];
    let all_targets = ["clippy", "--workspace", "--all-targets"];
    let shipped = ["clippy", "--workspace", "--target", TARGET];
    execute(workspace.cargo().args(all_targets).args(STRICT))?;
    let plugins = || workspace.guest_cargo(PLUGINS.folder);
    execute(plugins().args(all_targets).args(STRICT))?;
    execute(plugins().args(shipped).args(STRICT))?;
    let mut hostile = workspace.guest_cargo(HOSTILE.folder);
    execute(hostile.args(shipped).args(STRICT))
}

fn documentation(workspace: &Workspace) -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps"];
    for mut cargo in [workspace.cargo(), workspace.guest_cargo(PLUGINS.folder)] {
        execute(cargo.env("RUSTDOCFLAGS", "-D warnings").args(arguments))?;
    }
    Ok(())
}

/// The advisories are asked for by name: their database lives on GitHub, and
/// an advisory of today must not fail yesterday's commit.
fn dependencies(workspace: &Workspace, advisories: bool) -> Result<()> {
    for folder in std::iter::once(".").chain(OTHERS) {
        let mut deny = tools::command(workspace, &tools::DENY)?;
        deny.args(["--workspace", "--all-features", "--manifest-path"]);
        deny.arg(format!("{folder}/Cargo.toml"));
        deny.args(["--config=deny.toml", "check", "--hide-inclusion-graph"]);
        deny.args(["licenses", "bans", "sources"]);
        if advisories {
            deny.arg("advisories");
        }
        execute(&mut deny)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named() {
        let parse = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            options(&words)
        };
        assert_eq!(parse(&[]).unwrap(), Options::default());
        let both = parse(&["--advisories", "--without-tests"]).unwrap();
        assert!(both.advisories && both.without_tests);
        let error = parse(&["--no-tests"]).unwrap_err().to_string();
        assert!(error.contains("`--no-tests`"), "{error}");
    }
}
