//! The function `export-run`: export runs, step by step.

use arrears_lambdas::serve;
use arrears_lambdas::steps::Steps;
use arrears_runs::record::RunKind;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    serve(|site| Arc::new(Steps::new(site, &[RunKind::Export])))
}
