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
    let arrears = stopwatch.part("build of arrears", || workspace.arrears())?;
    stopwatch.part("demo", || {
        execute(Command::new(arrears).arg("demo").args(arguments).current_dir(workspace.root()))
    })?;
    stopwatch.report();
    Ok(())
}
