//! Terraform: whether it is there, where it finds its provider, and its own checks.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::{Workspace, capture, execute};

/// The variable that names the configuration of the command.
pub const CONFIGURATION: &str = "TF_CLI_CONFIG_FILE";

/// The oldest that knows what the module uses.
const WANTED: (u64, u64) = (1, 11);

/// The registry that the provider comes from: the first folder of a mirror.
const REGISTRY: &str = "registry.terraform.io";

/// The provider, below the registry.
const PROVIDER: &str = "hashicorp/aws";

/// Where packages are put on a machine, and mirrors among them.
const PLACES: [&str; 6] =
    ["/opt", "/usr/local/lib", "/usr/local/share", "/usr/lib", "/usr/share", "/var/lib"];

/// How deep a mirror may lie below one of these places.
const DEPTH: u32 = 3;

/// The command, over the module.
pub struct Terraform {
    module: PathBuf,
    data: PathBuf,
    configuration: PathBuf,
}

impl Terraform {
    /// Looks for the command and for its provider.
    pub fn find(workspace: &Workspace) -> Result<Self> {
        version()?;
        let folder = workspace.target().join("infra");
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let configuration = folder.join("terraform.rc");
        let found = mirror();
        match &found {
            Some(mirror) => eprintln!("    the provider comes from {}", mirror.display()),
            None => eprintln!("    the provider comes from {REGISTRY}"),
        }
        fs::write(&configuration, installation(found.as_deref()))
            .with_context(|| format!("{} cannot be written", configuration.display()))?;
        let module = workspace.root().join("infra");
        Ok(Self { module, data: folder.join("data"), configuration })
    }

    /// The file that says where the provider comes from.
    pub fn configuration(&self) -> &Path {
        &self.configuration
    }

    /// Whether all files are formatted.
    pub fn formatting(&self) -> Result<()> {
        execute(self.command("fmt").args(["-check", "-diff", "-recursive"]))
    }

    /// Whether the module makes sense.
    pub fn validate(&self) -> Result<()> {
        capture(self.command("init").args(["-backend=false", "-no-color"])).context(
            "the provider cannot be had: it needs the network once, or a mirror on this machine",
        )?;
        execute(self.command("validate").arg("-no-color"))
    }

    /// The tests of the module, with a provider that is mocked.
    pub fn test(&self) -> Result<()> {
        execute(self.command("test").arg("-no-color"))
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new("terraform");
        command.current_dir(&self.module).arg(subcommand);
        // Nothing is left beside the sources, and nobody is asked anything.
        command.env("TF_DATA_DIR", &self.data).env(CONFIGURATION, &self.configuration);
        command.env("CHECKPOINT_DISABLE", "1").env("TF_INPUT", "0").env("TF_IN_AUTOMATION", "1");
        command
    }
}

/// Fails unless there is a Terraform that is new enough.
fn version() -> Result<()> {
    let (major, minor) = WANTED;
    let wanted = format!(
        "install Terraform {major}.{minor} or later: https://developer.hashicorp.com/terraform/install"
    );
    let mut terraform = Command::new("terraform");
    terraform.args(["version", "-json"]).env("CHECKPOINT_DISABLE", "1").env_remove(CONFIGURATION);
    let output = match terraform.output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no terraform on the PATH: {wanted}")
        }
        Err(error) => return Err(error).context("terraform cannot be started"),
    };
    let said: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("`terraform version` printed no JSON; {wanted}"))?;
    let found = said["terraform_version"].as_str().unwrap_or_default();
    if parse(found).is_none_or(|version| version < WANTED) {
        bail!("this is Terraform `{found}`: {wanted}");
    }
    Ok(())
}

/// The first two numbers of a version.
fn parse(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// A folder of this machine that has the provider, if there is one.
fn mirror() -> Option<PathBuf> {
    let home = std::env::home_dir().map(|home| home.join(".terraform.d"));
    let cache = std::env::var_os("TF_PLUGIN_CACHE_DIR").map(PathBuf::from);
    let places = PLACES.iter().map(PathBuf::from);
    cache.into_iter().chain(home).chain(places).find_map(|place| mirror_below(&place, DEPTH))
}

fn mirror_below(folder: &Path, depth: u32) -> Option<PathBuf> {
    if folder.join(REGISTRY).join(PROVIDER).is_dir() {
        return Some(folder.to_owned());
    }
    if depth == 0 {
        return None;
    }
    // A folder that may not be read holds no mirror for us.
    let mut folders: Vec<PathBuf> = folder
        .read_dir()
        .ok()?
        .flatten()
        // Links are not followed: they may lead around in a circle.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders.iter().find_map(|folder| mirror_below(folder, depth - 1))
}

/// The configuration of the command: from a mirror alone, or as it is by itself.
fn installation(mirror: Option<&Path>) -> String {
    let Some(mirror) = mirror else {
        return String::new();
    };
    let (path, all) = (mirror.display(), format!("{REGISTRY}/*/*"));
    format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path    = \"{path}\"\n    \
         include = [\"{all}\"]\n  }}\n  direct {{\n    exclude = [\"{all}\"]\n  }}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse("1.11.4"), Some((1, 11)));
        assert_eq!(parse("1.9.0-rc1"), Some((1, 9)));
        assert!(parse("1.9.0").unwrap() < WANTED);
        assert!(parse("2.0.0").unwrap() > WANTED);
        assert!(parse("soon").is_none());
    }

    #[test]
    fn a_mirror_is_found_below_a_place() {
        let place = std::env::temp_dir().join(format!("mirror-{}", std::process::id()));
        let mirror = place.join("a").join("terraform");
        fs::create_dir_all(mirror.join(REGISTRY).join(PROVIDER)).unwrap();
        let found = (mirror_below(&place, 2), mirror_below(&place, 1));
        fs::remove_dir_all(&place).unwrap();
        assert_eq!(found, (Some(mirror), None));
    }

    #[test]
    fn without_a_mirror_nothing_is_configured() {
        assert_eq!(installation(None), "");
        let configured = installation(Some(Path::new("/mirror")));
        assert!(configured.contains("path    = \"/mirror\""), "{configured}");
        assert!(configured.contains("exclude = [\"registry.terraform.io/*/*\"]"), "{configured}");
    }
}
