//! The function `export-run`: export runs, step by step.

use arrears_lambdas::serve;
use arrears_lambdas::steps::Steps;
use arrears_runs::record::RunKind;
use std::process::ExitCode;

fn main() -> ExitCode {
    serve(|site| Steps::new(site, &[RunKind::Export]))
}
