//! `cargo xtask test`: every test, with one command.

use anyhow::Result;

use crate::guests::PLUGINS;
use crate::setup;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, execute};

/// Runs every test. The arguments go to the `cargo test` of the main
/// workspace, whose summary is the last thing that is printed.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut stopwatch = Stopwatch::default();
    setup::prepare(workspace, &mut stopwatch)?;
    plugins(workspace, &mut stopwatch)?;
    stopwatch.report();
    main_workspace(workspace, &mut stopwatch, arguments)
}

/// Every test, as a part of another command.
pub fn all(workspace: &Workspace, stopwatch: &mut Stopwatch) -> Result<()> {
    plugins(workspace, stopwatch)?;
    main_workspace(workspace, stopwatch, &[])
}

fn plugins(workspace: &Workspace, stopwatch: &mut Stopwatch) -> Result<()> {
    stopwatch.part("tests of the plugins", || {
        let mut cargo = workspace.guest_cargo(PLUGINS.folder);
        execute(cargo.args(["test", "--workspace"]))
    })
}

fn main_workspace(
    workspace: &Workspace,
    stopwatch: &mut Stopwatch,
    arguments: &[String],
) -> Result<()> {
    stopwatch.part("tests", || {
        let mut cargo = workspace.cargo();
        cargo.arg("test");
        if !names_packages(arguments) {
            cargo.arg("--workspace");
        }
        execute(cargo.args(arguments))
    })
}

/// Whether the arguments choose packages, which `--workspace` would overrule.
fn names_packages(arguments: &[String]) -> bool {
    arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::names_packages;

    #[test]
    fn packages_are_named_before_the_dashes() {
        let names = |words: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            names_packages(&words)
        };
        assert!(names("-p arrears-host"));
        assert!(names("--package=arrears-host -- --nocapture"));
        assert!(!names("money -- -p"));
        assert!(!names(""));
    }
}
