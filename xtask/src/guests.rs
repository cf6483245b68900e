//! Builds the guests and wraps each as a component.
//!
//! A guest is a package with a `cdylib`, in a folder of its own below a
//! workspace of guests; the component is named for that folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::workspace::{Workspace, execute, members};

/// What guests are compiled for. It has no system interface: a plain Rust
/// guest then imports our world and nothing else.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The interfaces that a built-in action may import, without their version.
/// The world is the list of capabilities; this proves that no toolchain has
/// slipped another one in. The host checks it again for every plugin.
const CAPABILITIES: [&str; 2] = ["arrears:action/log", "arrears:action/types"];

/// A workspace of guests.
pub struct Guests {
    /// Its folder, below the root.
    pub folder: &'static str,
    /// Where its components go, below the components' folder.
    components: &'static str,
    /// Whether the imports are held to [`CAPABILITIES`]. Hostile guests are
    /// there to be refused by the host.
    harmless: bool,
}

/// The built-in actions.
pub const PLUGINS: Guests = Guests { folder: "plugins", components: "", harmless: true };

/// The guests that the host's tests must contain.
pub const HOSTILE: Guests =
    Guests { folder: "tests/guests", components: "hostile", harmless: false };

/// A package that becomes a component.
struct Guest {
    package: String,
    library: String,
    component: String,
}

/// Builds all guests of a workspace and writes their components. A component
/// that has not changed is left alone, so that nothing that embeds it is
/// compiled again; one whose guest is gone is removed.
pub fn build(workspace: &Workspace, guests: &Guests) -> Result<()> {
    if !workspace.root().join(guests.folder).join("Cargo.toml").is_file() {
        bail!("{}/Cargo.toml is missing: the checkout is not complete", guests.folder);
    }
    let packages = members(&mut workspace.guest_cargo(guests.folder))?;
    let found: Vec<Guest> = packages.iter().filter_map(guest).collect();
    if found.is_empty() {
        bail!("{} holds no package with a cdylib", guests.folder);
    }
    let mut cargo = workspace.guest_cargo(guests.folder);
    cargo.args(["build", "--release", "--target", TARGET, "--config"]);
    cargo.arg(remapping(workspace)?);
    for guest in &found {
        cargo.args(["--package", &guest.package]);
    }
    execute(&mut cargo)?;

    let modules = workspace.guest_target().join(TARGET).join("release");
    let folder = workspace.components().join(guests.components);
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut changed = 0;
    for guest in &found {
        let module = modules.join(format!("{}.wasm", guest.library.replace('-', "_")));
        let component = encode(&module, guests.harmless)?;
        changed += usize::from(write_if_changed(&folder.join(&guest.component), &component)?);
    }
    let keep = found.iter().map(|guest| guest.component.as_str()).collect();
    remove_others(&folder, &keep)?;
    eprintln!("    {} components, {changed} of them changed", found.len());
    Ok(())
}

/// A package of `cargo metadata`, if it has a cdylib.
fn guest(package: &Value) -> Option<Guest> {
    let library = package["targets"].as_array()?.iter().find(|target| {
        target["crate_types"]
            .as_array()
            .is_some_and(|types| types.iter().any(|kind| kind == "cdylib"))
    })?;
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
    // An example is a project as a vendor has it, which builds it as a vendor does.
    if folder.parent()?.ends_with("examples") {
        return None;
    }
    Some(Guest {
        package: package["name"].as_str()?.to_owned(),
        library: library["name"].as_str()?.to_owned(),
        component: format!("{}.wasm", folder.file_name()?.to_str()?),
    })
}

/// The cargo setting that keeps this machine's folders out of the components:
/// they would differ, and with them their digests, from checkout to checkout.
fn remapping(workspace: &Workspace) -> Result<String> {
    let home = std::env::home_dir().context("there is no home folder")?;
    let cargo_home = match std::env::var_os("CARGO_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => home.join(".cargo"),
    };
    let flags: Vec<String> = [(workspace.root(), "arrears"), (&cargo_home, "cargo")]
        .into_iter()
        .map(|(folder, name)| format!("'--remap-path-prefix={}={name}'", folder.display()))
        .collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(", ")))
}

/// Wraps a core module as a component and checks what it imports.
fn encode(module: &Path, harmless: bool) -> Result<Vec<u8>> {
    let bytes = fs::read(module).with_context(|| format!("{} is missing", module.display()))?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|mut encoder| encoder.encode())
        .with_context(|| format!("{} cannot be made a component", module.display()))?;
    if harmless {
        let imports = imports(&component)?;
        let foreign: Vec<&String> = imports.iter().filter(|name| !is_capability(name)).collect();
        if !foreign.is_empty() {
            bail!(
                "{} imports {foreign:?}, but an action may only import {CAPABILITIES:?}: \
                 find the dependency that reaches for it and drop it or its feature",
                module.display()
            );
        }
    }
    Ok(component)
}

/// The names of a component's imports: `arrears:action/log@0.1.0`.
fn imports(component: &[u8]) -> Result<Vec<String>> {
    match wit_component::decode(component)? {
        DecodedWasm::Component(resolve, world) => Ok(resolve.worlds[world]
            .imports
            .keys()
            .map(|key| resolve.name_world_key(key))
            .collect()),
        DecodedWasm::WitPackage(..) => bail!("a WIT package was encoded, not a component"),
    }
}

fn is_capability(import: &str) -> bool {
    let interface = import.split_once('@').map_or(import, |(name, _)| name);
    CAPABILITIES.contains(&interface)
}

/// Writes a file, by way of a temporary one, if its content is another.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(false);
    }
    let temporary = path.with_extension("wasm.new");
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(true)
}

/// Removes the components that no guest stands for any more.
fn remove_others(folder: &Path, keep: &BTreeSet<&str>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let component = path.extension().is_some_and(|extension| extension == "wasm");
        let wanted =
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| keep.contains(name));
        if component && !wanted {
            fs::remove_file(&path)
                .with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_named_interfaces_are_capabilities() {
        assert!(is_capability("arrears:action/log@0.1.0"));
        assert!(is_capability("arrears:action/types@0.1.0"));
        assert!(!is_capability("wasi:clocks/wall-clock@0.2.6"));
        assert!(!is_capability("arrears:action/logs@0.1.0"));
        assert!(!is_capability("log"));
    }

    #[test]
    fn a_component_is_named_for_its_folder() {
        let package = |kind: &str| {
            json!({
                "name": "arrears-plugin-notice",
                "manifest_path": "/checkout/plugins/notice/Cargo.toml",
                "targets": [{ "name": "arrears_plugin_notice", "crate_types": [kind, "rlib"] }],
            })
        };
        let found = guest(&package("cdylib")).unwrap();
        assert_eq!(found.component, "notice.wasm");
        assert_eq!(found.library, "arrears_plugin_notice");
        assert!(guest(&package("lib")).is_none());
        let mut example = package("cdylib");
        example["manifest_path"] = json!("/checkout/plugins/examples/rust/Cargo.toml");
        assert!(guest(&example).is_none());
    }
}
