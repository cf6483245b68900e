//! `cargo xtask infra-test`: what is deployed, without AWS.
//!
//! Terraform's own checks and tests come first, then the contract of the store
//! against moto, which stands in for AWS. Last, the whole module is applied to moto,
//! the system runs in it, and it is destroyed. A tool that is missing is an error: a
//! check that is skipped proves nothing.

mod contract;
pub mod terraform;

use std::path::PathBuf;

use anyhow::Result;

use crate::python::{self, Environment};
use crate::setup;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, execute};

/// Where the slow test is written down, below the root.
const SCRIPTS: &str = "tests/infra";

/// What stands in for AWS.
const MOTO: Environment =
    Environment { name: "infra", requirements: "tests/infra/requirements.txt", purpose: "moto" };

/// Runs everything and prints how long each part took.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut stopwatch = Stopwatch::default();
    let passed = parts(workspace, &mut stopwatch);
    stopwatch.report();
    passed
}

/// The module by itself, as every change has to pass it: no server, and a provider that
/// is mocked.
pub fn module(workspace: &Workspace, stopwatch: &mut Stopwatch) -> Result<terraform::Terraform> {
    let terraform = stopwatch.part("terraform", || terraform::Terraform::find(workspace))?;
    stopwatch.part("terraform fmt", || terraform.formatting())?;
    stopwatch.part("terraform validate", || terraform.validate())?;
    stopwatch.part("terraform test", || terraform.test())?;
    Ok(terraform)
}

fn parts(workspace: &Workspace, stopwatch: &mut Stopwatch) -> Result<()> {
    let terraform = module(workspace, stopwatch)?;
    let python = stopwatch.part("moto", || MOTO.make(workspace))?;
    setup::prepare(workspace, stopwatch)?;
    stopwatch.part("store on moto", || contract::run(workspace, &python))?;
    stopwatch.part("build", || execute(workspace.cargo().args(["build", "--workspace"])))?;
    stopwatch.part("system on moto", || {
        let mut apply = python::script(workspace, &python, &format!("{SCRIPTS}/apply.py"));
        apply.arg("--root").arg(workspace.root()).arg("--binaries").arg(binaries(workspace));
        apply.arg("--components").arg(workspace.components());
        execute(apply.env(terraform::CONFIGURATION, terraform.configuration()))
    })
}

fn binaries(workspace: &Workspace) -> PathBuf {
    workspace.target().join("debug")
}
