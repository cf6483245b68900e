//! `cargo xtask setup`: what a fresh clone needs before cargo can build it.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::guests::{self, HOSTILE, PLUGINS, TARGET};
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, capture};

/// Does the command, and reports.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut stopwatch = Stopwatch::default();
    prepare(workspace, &mut stopwatch)?;
    stopwatch.report();
    Ok(())
}

/// Adds the WebAssembly target and builds the components, as the first parts
/// of another command.
pub fn prepare(workspace: &Workspace, stopwatch: &mut Stopwatch) -> Result<()> {
    stopwatch.part("WebAssembly target", || add_target(workspace.root(), TARGET))?;
    stopwatch.part("plugins", || guests::build(workspace, &PLUGINS))?;
    stopwatch.part("hostile guests", || guests::build(workspace, &HOSTILE))
}

/// Adds the target to the toolchain if it lacks it. `rust-toolchain.toml`
/// alone adds no target to a toolchain that is already installed.
pub fn add_target(root: &Path, target: &str) -> Result<()> {
    if has_target(root, target)? {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.current_dir(root).args(["target", "add", target]);
    match rustup.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!(
            "`rustup target add {target}` failed: see above; it needs the network, \
             or a mirror named by RUSTUP_DIST_SERVER"
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "this Rust toolchain lacks the target {target} and rustup is not on the PATH to add it: \
             install rustup (https://rustup.rs), or the standard library for {target} \
             from where the toolchain came from"
        ),
        Err(error) => Err(error).context("rustup cannot be started"),
    }
}

/// Whether the toolchain has a standard library for the target. Asks the
/// compiler and not rustup, which need not be there.
fn has_target(root: &Path, target: &str) -> Result<bool> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root).args(["--print", "target-libdir", "--target", target]);
    let folder = capture(&mut rustc)?;
    let Ok(entries) = Path::new(folder.trim()).read_dir() else {
        return Ok(false);
    };
    Ok(entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
}
