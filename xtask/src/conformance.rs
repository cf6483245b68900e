//! `cargo xtask conformance`: files of banks, before validators that we did not
//! write.
//!
//! It makes files, by the examples of `arrears-bank` and by real runs, and hands
//! them to `tests/conformance/validate.py`, which also spoils them, so that a
//! validator that accepts everything is noticed.

mod made;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::python::{self, Environment};
use crate::setup;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, capture, execute};

/// Where the validation is written down, below the root.
const SCRIPTS: &str = "tests/conformance";

/// What validates the files.
const VALIDATORS: Environment = Environment {
    name: "conformance",
    requirements: "tests/conformance/requirements.txt",
    purpose: "the validators",
};

/// Makes everything and validates it. The scripts print a line for each check, and
/// how many failed.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut stopwatch = Stopwatch::default();
    setup::prepare(workspace, &mut stopwatch)?;
    let python = stopwatch.part("validators", || VALIDATORS.make(workspace))?;
    let arrears = stopwatch.part("build of arrears", || made::build(workspace))?;
    let made = stopwatch.part("files of banks", || made::all(workspace, &arrears))?;
    let validated = stopwatch.part("validation", || {
        let mut validate = python::script(workspace, &python, &format!("{SCRIPTS}/validate.py"));
        validate.arg("--files").arg(&made.files).arg("--days").arg(&made.days);
        validate.arg("--schemas").arg(schemas(workspace)?).arg("--checker").arg(&made.checker);
        execute(&mut validate)
    });
    stopwatch.report();
    validated
}

/// Where the crate `sepa`, which the tests of `arrears-bank` use, has its schemas.
fn schemas(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    let text = capture(cargo.args(["metadata", "--format-version=1", "--quiet"]))?;
    let metadata: Value =
        serde_json::from_str(&text).context("`cargo metadata` printed no JSON")?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let sepa = packages.iter().find(|package| package["name"] == "sepa");
    let manifest = sepa.and_then(|package| package["manifest_path"].as_str());
    let Some(manifest) = manifest else {
        bail!("the crate sepa is no dependency any more, and its schemas are needed");
    };
    let folder = PathBuf::from(manifest).with_file_name("tests").join("xsd");
    if !folder.is_dir() {
        bail!("the crate sepa ships no schemas in {} any more", folder.display());
    }
    Ok(folder)
}
