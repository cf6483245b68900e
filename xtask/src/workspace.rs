//! Where things are, and how another cargo is started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The checkout that the command was started in.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the checkout by walking up from the current folder.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let root = here
            .ancestors()
            .find(|folder| folder.join("xtask/Cargo.toml").is_file())
            .with_context(|| format!("{} is not inside the checkout", here.display()))?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => here.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The folder that holds the workspace's Cargo.toml.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the main workspace is compiled to; `CARGO_TARGET_DIR` moves it.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where the components go. The command embeds them from here, so it is
    /// the same folder wherever cargo compiles to.
    pub fn components(&self) -> PathBuf {
        self.root.join("target/components")
    }

    /// Where guests are compiled to. Their workspaces share it, so that what
    /// they have in common, the binding generator, is compiled once. That needs
    /// the same versions, features and release profile in both.
    pub fn guest_target(&self) -> PathBuf {
        self.target.join("guests")
    }

    /// A cargo for the main workspace.
    pub fn cargo(&self) -> Command {
        let mut command = clean(Command::new("cargo"));
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// Builds `arrears`, and gives the program. The whole workspace is named, so that what it
    /// has in common is compiled with the same features as for `cargo xtask test`, and not a
    /// second time.
    pub fn arrears(&self) -> Result<PathBuf> {
        execute(self.cargo().args(["build", "--workspace", "--bin", "arrears"]))?;
        Ok(self.target.join("debug").join("arrears"))
    }

    /// A cargo for a workspace of guests in `folder`, below the root. It takes
    /// no compiler flags from outside: those for this machine's processor would
    /// break a build for WebAssembly, or change the digests of the components.
    pub fn guest_cargo(&self, folder: &str) -> Command {
        let mut command = clean(Command::new("cargo"));
        for variable in
            ["CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"]
        {
            command.env_remove(variable);
        }
        command.current_dir(self.root.join(folder)).env("CARGO_TARGET_DIR", self.guest_target());
        command
    }
}

/// Removes what the `cargo run` around this process has set: build scripts
/// that watch these variables would otherwise run again, and recompile half
/// the tree, each time that a newcomer goes from `cargo xtask` to plain cargo.
fn clean(mut command: Command) -> Command {
    const PREFIXES: [&str; 4] = ["CARGO_BIN_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(&*name);
        }
    }
    command
}

/// The folder, with nothing in it.
pub fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.is_dir() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

/// Runs a command with the terminal's own output.
pub fn execute(command: &mut Command) -> Result<()> {
    let status =
        command.status().with_context(|| format!("`{}` cannot be started", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command and returns what it prints; its errors go to the terminal.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` cannot be started", shown(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not UTF-8", shown(command)))
}

/// What `cargo metadata` says of the members of a workspace.
pub fn members(cargo: &mut Command) -> Result<Vec<Value>> {
    let text = capture(cargo.args(["metadata", "--no-deps", "--format-version=1", "--quiet"]))?;
    let mut metadata: Value =
        serde_json::from_str(&text).context("`cargo metadata` printed no JSON")?;
    match metadata["packages"].take() {
        Value::Array(packages) => Ok(packages),
        _ => bail!("`cargo metadata` names no packages"),
    }
}

/// The command as one would type it, and where.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    let words = words.join(" ");
    match command.get_current_dir() {
        Some(folder) => format!("{words}` in `{}", folder.display()),
        None => words,
    }
}
