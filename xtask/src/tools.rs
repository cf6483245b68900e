//! The tools of the gates that do not come with Rust.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::{Workspace, execute};

/// A tool from crates.io, at a version that was seen to compile with the
/// toolchain of this checkout.
pub struct Tool {
    name: &'static str,
    version: &'static str,
    /// Arguments of `cargo install`.
    features: &'static [&'static str],
}

/// Licences, duplicates, sources and advisories of the dependencies.
pub const DENY: Tool =
    Tool { name: "cargo-deny", version: "0.20.2", features: &["--no-default-features"] };

/// Dependencies that are named and not used.
pub const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2", features: &[] };

/// Builds and runs what is fuzzed.
pub const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2", features: &[] };

/// Installs the tool into the target folder, unless it is there, and returns a
/// command that runs it in the root. One on the PATH is not used: it may be of
/// any version.
pub fn command(workspace: &Workspace, tool: &Tool) -> Result<Command> {
    let program = installed(workspace, tool)?;
    let mut command = Command::new(program);
    command.current_dir(workspace.root());
    Ok(command)
}

fn installed(workspace: &Workspace, tool: &Tool) -> Result<PathBuf> {
    let tools = workspace.target().join("tools");
    let root = tools.join(format!("{}-{}", tool.name, tool.version));
    let program = root.join("bin").join(tool.name).with_extension(std::env::consts::EXE_EXTENSION);
    if program.is_file() {
        return Ok(program);
    }
    eprintln!("    installing {} {}", tool.name, tool.version);
    let build = tools.join("build");
    let mut cargo = workspace.cargo();
    // The debug profile: compiled in half the time, and fast enough for us.
    cargo.args(["install", "--quiet", "--locked", "--debug"]);
    cargo.args(["--version", tool.version]).args(tool.features);
    cargo.arg("--root").arg(&root).arg("--target-dir").arg(&build);
    execute(cargo.arg(tool.name)).with_context(|| {
        format!("{} {} cannot be installed from crates.io", tool.name, tool.version)
    })?;
    // What it was built from is large and never needed again.
    if build.is_dir() {
        std::fs::remove_dir_all(&build)
            .with_context(|| format!("{} cannot be removed", build.display()))?;
    }
    Ok(program)
}
