//! Rust: cargo makes a module, which is wrapped as a component.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::project::Project;
use super::tool::Tool;
use super::{BuildError, Language, encode};

/// What a plugin is compiled for. It has no system interface: a plain library then imports
/// our world and nothing else.
const TARGET: &str = "wasm32-unknown-unknown";

const INSTALL: &str = "install Rust by rustup, see https://rustup.rs, or \
                       `apt-get install rustup && rustup default stable` on Debian 13";

const INSTALL_TARGET: &str = "`rustup target add wasm32-unknown-unknown`";

/// Compiler flags from outside: those for this machine's processor would break a build for
/// WebAssembly, or change the digest of the component.
const FLAGS: [&str; 4] =
    ["CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"];

/// The library of a project and where cargo puts things.
struct Layout {
    package: String,
    library: String,
    workspace: PathBuf,
    target: PathBuf,
}

pub(super) fn build(project: &Project, component: &Path) -> Result<String, BuildError> {
    find_target(project)?;
    let layout = layout(project)?;
    let said = cargo(project)
        .args(["build", "--quiet", "--release", "--lib", "--target", TARGET])
        .args(["--package", &layout.package, "--config", &remapping(&layout.workspace)])
        .run()?;
    let module =
        layout.target.join(TARGET).join("release").join(format!("{}.wasm", layout.library));
    encode(&module, component)?;
    Ok(said.all())
}

fn cargo(project: &Project) -> Tool {
    Tool::new("cargo", project.folder(), Language::Rust, INSTALL).without_env(&FLAGS)
}

/// Without the target, rustc says that there is no crate `core`, and that tells few people
/// what to do.
fn find_target(project: &Project) -> Result<(), BuildError> {
    let rustc = |install| Tool::new("rustc", project.folder(), Language::Rust, install);
    let said = rustc(INSTALL).args(["--print", "target-libdir", "--target", TARGET]).run()?;
    if Path::new(said.stdout.trim_end()).is_dir() {
        return Ok(());
    }
    Err(rustc(INSTALL_TARGET).missing(format!("target {TARGET}")))
}

/// Asks cargo for the library of the project's own package.
fn layout(project: &Project) -> Result<Layout, BuildError> {
    let said =
        cargo(project).args(["metadata", "--no-deps", "--format-version=1", "--quiet"]).run()?;
    let manifest = project.folder().join("Cargo.toml");
    let bad =
        |reason: &str| BuildError::BadProject { path: manifest.clone(), reason: reason.to_owned() };
    let metadata: Value = serde_json::from_str(&said.stdout)
        .map_err(|error| bad(&format!("`cargo metadata` says what cannot be read: {error}")))?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let package = packages
        .iter()
        .find(|package| package["manifest_path"].as_str().map(Path::new) == Some(&manifest))
        .ok_or_else(|| bad("it has no [package]: build the folder of the plugin itself"))?;
    let library = package["targets"]
        .as_array()
        .and_then(|targets| targets.iter().find(|target| is_cdylib(target)))
        .ok_or_else(|| {
            bad("it makes no library for others than Rust: add `crate-type = [\"cdylib\", \
                 \"rlib\"]` below [lib]")
        })?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Layout {
        package: text(&package["name"]),
        library: text(&library["name"]).replace('-', "_"),
        workspace: text(&metadata["workspace_root"]).into(),
        target: text(&metadata["target_directory"]).into(),
    })
}

fn is_cdylib(target: &Value) -> bool {
    let types = target["crate_types"].as_array();
    types.is_some_and(|types| types.iter().any(|kind| kind == "cdylib"))
}

/// The setting of cargo that keeps this machine's folders out of the component: they would
/// differ, and with them its digest, from checkout to checkout.
fn remapping(workspace: &Path) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let folders = [(Some(workspace.to_owned()), "plugin"), (home, "cargo")];
    let flags: Vec<String> = folders
        .into_iter()
        .filter_map(|(folder, name)| {
            Some(format!("--remap-path-prefix={}={name}", folder?.display()))
        })
        .collect();
    // A list of texts in JSON is one in TOML.
    format!("target.{TARGET}.rustflags={}", Value::from(flags))
}
