//! The contract of the store, against the DynamoDB and S3 of moto.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::SCRIPTS;
use crate::python;
use crate::workspace::{Workspace, execute};

/// Tells the suite where to look. Without it the suite tests the embedded engines.
const ENDPOINT: &str = "ARREARS_CONTRACT_ENDPOINT";

/// The suite: a test of `arrears-storage`, built as all tests are, so that nothing is built twice.
const SUITE: [&str; 4] = ["test", "--workspace", "--test", "contract_http"];

/// Starts moto, runs the suite against it, and ends it.
pub fn run(workspace: &Workspace, python: &Path) -> Result<()> {
    let mut serve = python::script(workspace, python, &format!("{SCRIPTS}/serve.py"));
    serve.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut moto = Served(serve.spawn().context("moto cannot be started")?);
    let endpoint = moto.endpoint()?;
    execute(workspace.cargo().args(SUITE).env(ENDPOINT, endpoint))
}

/// A server that ends with this: its standard input is closed, which it waits for.
struct Served(Child);

impl Served {
    fn endpoint(&mut self) -> Result<String> {
        let stdout = self.0.stdout.take().context("moto has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("moto says nothing")?;
        let said: Value = serde_json::from_str(&line)
            .with_context(|| format!("moto has not started: see above, and `{line}`"))?;
        Ok(said["endpoint"].as_str().context("moto names no endpoint")?.to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Nobody is left to tell.
        let _ = self.0.wait();
    }
}
