//! The function `return-files`: what collection agencies and banks send back.

use arrears_lambdas::return_files::ReturnFiles;
use arrears_lambdas::serve;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    serve(|site| Arc::new(ReturnFiles::new(site)))
}
