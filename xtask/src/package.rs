//! `cargo xtask package`: the functions as Lambda takes them, and the components.
//!
//! The functions that run are built without the compiler of components; the one
//! that admits components is built with it, apart from them, because cargo would
//! otherwise give all of them what one of them wants.

pub mod compiler;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::guests::{self, PLUGINS, TARGET};
use crate::python::{self, Environment};
use crate::setup;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, emptied, execute, members};

/// The package that has the functions.
const PACKAGE: &str = "arrears-lambdas";

/// Whom a function trusts to be AWS, below the root. Terraform tells a function where it is.
const CERTIFICATES: &str = "functions/lambdas/certificates.pem";

/// The profile that the functions are built in.
const PROFILE: &str = "lambda";

/// What builds them.
const CARGO_LAMBDA: Environment = Environment {
    name: "package",
    requirements: "xtask/src/package/requirements.txt",
    purpose: "cargo-lambda and zig",
};

/// A larger zip takes noticeably longer to start cold.
const LIMIT: u64 = 15_000_000;

/// What Lambda takes in an upload, the one with the compiler included.
const LIMIT_OF_LAMBDA: u64 = 50 * 1024 * 1024;

/// A processor that Lambda has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arch {
    Arm64,
    X86,
}

impl Arch {
    /// As AWS and Terraform name it.
    fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }

    /// As Rust names it.
    fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86 => "x86_64-unknown-linux-gnu",
        }
    }
}

/// The functions, by whether they need the compiler.
#[derive(Debug, Default, PartialEq, Eq)]
struct Functions {
    running: Vec<String>,
    compiling: Vec<String>,
}

/// Packages everything for the processors that are named, or for arm64.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let archs = archs(arguments)?;
    let mut stopwatch = Stopwatch::default();
    let packaged = package(workspace, &archs, &mut stopwatch);
    stopwatch.report();
    packaged
}

fn package(workspace: &Workspace, archs: &[Arch], stopwatch: &mut Stopwatch) -> Result<()> {
    let functions = functions(&members(&mut workspace.cargo())?)?;
    stopwatch.part("compiler kept out", || compiler::kept_out(workspace, PACKAGE))?;
    let python = stopwatch.part("cargo-lambda", || CARGO_LAMBDA.make(workspace))?;
    stopwatch.part("targets", || {
        archs
            .iter()
            .map(|arch| arch.target())
            .chain([TARGET])
            .try_for_each(|target| setup::add_target(workspace.root(), target))
    })?;
    stopwatch.part("plugins", || {
        guests::build(workspace, &PLUGINS)?;
        components(workspace)
    })?;
    for arch in archs {
        let part = match arch {
            Arch::Arm64 => "functions for arm64",
            Arch::X86 => "functions for x86_64",
        };
        stopwatch.part(part, || build(workspace, &python, *arch, &functions))?;
        stopwatch.part("zips", || zips(workspace, &python, *arch, &functions))?;
    }
    Ok(())
}

fn archs(arguments: &[String]) -> Result<Vec<Arch>> {
    let mut archs = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word != "--arch" {
            bail!("`package` takes --arch arm64 and --arch x86_64, not `{word}`");
        }
        let arch = match words.next().map(String::as_str) {
            Some("arm64") => Arch::Arm64,
            Some("x86_64") => Arch::X86,
            other => bail!("--arch is arm64 or x86_64, not `{}`", other.unwrap_or_default()),
        };
        if !archs.contains(&arch) {
            archs.push(arch);
        }
    }
    if archs.is_empty() {
        // What Terraform deploys unless it is told otherwise.
        archs.push(Arch::Arm64);
    }
    Ok(archs)
}

/// The binaries of the package: one is a function.
fn functions(packages: &[Value]) -> Result<Functions> {
    let package = packages.iter().find(|package| package["name"] == PACKAGE);
    let targets = package.and_then(|package| package["targets"].as_array());
    let mut functions = Functions::default();
    for target in targets.into_iter().flatten() {
        let is_bin =
            target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|it| it == "bin"));
        let (true, Some(name)) = (is_bin, target["name"].as_str()) else {
            continue;
        };
        let needs = target["required-features"].as_array().into_iter().flatten();
        let of = match needs.clone().any(|feature| feature == compiler::FEATURE) {
            true => &mut functions.compiling,
            false => &mut functions.running,
        };
        of.push(name.to_owned());
    }
    if functions.running.is_empty() || functions.compiling.is_empty() {
        bail!(
            "{PACKAGE} should have functions with and without the feature `{}`, but has {functions:?}",
            compiler::FEATURE
        );
    }
    Ok(functions)
}

/// Where the packages go. Terraform reads them from here, wherever cargo compiles to.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("target/lambda")
}

/// The built-in actions, as they are put into the plugin bucket.
fn components(workspace: &Workspace) -> Result<()> {
    let folder = emptied(folder(workspace).join("components"))?;
    let from = workspace.components();
    for entry in from.read_dir().with_context(|| format!("{} is missing", from.display()))? {
        let path = entry?.path();
        let is_component = path.extension().is_some_and(|extension| extension == "wasm");
        if let (true, Some(name)) = (is_component, path.file_name()) {
            fs::copy(&path, folder.join(name))
                .with_context(|| format!("{} cannot be copied", path.display()))?;
        }
    }
    Ok(())
}

/// Builds all functions, each group with its features.
fn build(workspace: &Workspace, python: &Path, arch: Arch, functions: &Functions) -> Result<()> {
    let bin = python.parent().context("Python has no folder")?;
    // cargo-lambda looks for zig by way of the first python3.
    let mut paths = vec![bin.to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let path = std::env::join_paths(paths).context("the PATH cannot be extended")?;
    for (names, features) in [
        (&functions.running, "--no-default-features"),
        (&functions.compiling, "--features=compile"),
    ] {
        let mut cargo = Command::new(bin.join("cargo-lambda"));
        cargo.current_dir(workspace.root()).env("PATH", &path);
        cargo.env("CARGO_TARGET_DIR", build_folder(workspace));
        cargo.args(["lambda", "build", "--locked", "--package", PACKAGE]);
        cargo.args(["--profile", PROFILE, "--target", arch.target(), features]);
        // The target was added above, and rustup need not be there.
        cargo.arg("--skip-target-check").arg("--lambda-dir").arg(binaries(workspace, arch));
        for name in names {
            cargo.args(["--bin", name]);
        }
        execute(&mut cargo)?;
    }
    Ok(())
}

fn build_folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("lambda-build")
}

/// Where cargo-lambda puts each binary, in a folder of the function's name.
fn binaries(workspace: &Workspace, arch: Arch) -> PathBuf {
    build_folder(workspace).join("functions").join(arch.name())
}

/// Packs the functions and weighs them.
fn zips(workspace: &Workspace, python: &Path, arch: Arch, functions: &Functions) -> Result<()> {
    let folder = emptied(folder(workspace).join(arch.name()))?;
    let mut heavy = Vec::new();
    for (names, limit) in [(&functions.running, LIMIT), (&functions.compiling, LIMIT_OF_LAMBDA)] {
        for name in names {
            let zip = folder.join(name).with_extension("zip");
            let binary = binaries(workspace, arch).join(name).join("bootstrap");
            let mut bundle = python::script(workspace, python, "xtask/src/package/bundle.py");
            let certificates = workspace.root().join(CERTIFICATES);
            execute(bundle.arg(binary).arg(certificates).arg(&zip))?;
            let size = fs::metadata(&zip)?.len();
            eprintln!("    {:<6} {name:<18} {}", arch.name(), shown(size));
            if size > limit {
                heavy.push(format!("{name} has {}, and may have {}", shown(size), shown(limit)));
            }
        }
    }
    if !heavy.is_empty() {
        bail!("too heavy for a quick start: {}", heavy.join("; "));
    }
    Ok(())
}

/// Bytes as megabytes, with two digits.
fn shown(bytes: u64) -> String {
    format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn processors_are_named() {
        assert_eq!(archs(&[]).unwrap(), [Arch::Arm64]);
        let both = archs(&words("--arch x86_64 --arch arm64 --arch x86_64")).unwrap();
        assert_eq!(both, [Arch::X86, Arch::Arm64]);
        for wrong in ["--arch mips", "--arch", "arm64"] {
            assert!(archs(&words(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn functions_are_the_binaries_by_their_need() {
        let targets = json!([
            { "name": "arrears_lambdas", "kind": ["lib"] },
            { "name": "export-run", "kind": ["bin"] },
            { "name": "plugin-admit", "kind": ["bin"], "required-features": ["compile"] },
            { "name": "it", "kind": ["test"] },
        ]);
        let found = functions(&[json!({ "name": PACKAGE, "targets": targets })]).unwrap();
        assert_eq!(found.running, ["export-run"]);
        assert_eq!(found.compiling, ["plugin-admit"]);
        assert!(functions(&[]).is_err());
    }

    #[test]
    fn sizes_are_shown_in_megabytes() {
        assert_eq!(shown(14_987_654), "14.98 MB");
        assert_eq!(shown(5_040_000), "5.04 MB");
    }
}
