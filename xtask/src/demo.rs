//! `cargo xtask demo`: from a clean clone to an explained account.

use std::process::Command;

use anyhow::Result;

use crate::setup;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, execute};

/// Builds everything and runs `arrears demo` with the arguments.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut stopwatch = Stopwatch::default();
    setup::prepare(workspace, &mut stopwatch)?;
    // The whole workspace is named, so that what it has in common is compiled
    // with the same features as for `cargo xtask test`, and not a second time.
    stopwatch.part("build of arrears", || {
        execute(workspace.cargo().args(["build", "--workspace", "--bin", "arrears"]))
    })?;
    stopwatch.part("demo", || {
        let arrears = workspace.target().join("debug").join("arrears");
        execute(Command::new(arrears).arg("demo").args(arguments).current_dir(workspace.root()))
    })?;
    stopwatch.report();
    Ok(())
}
