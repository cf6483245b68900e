//! The function `return-files`: what collection agencies and banks send back.

use arrears_lambdas::return_files::ReturnFiles;
use arrears_lambdas::serve;
use std::process::ExitCode;

fn main() -> ExitCode {
    serve(ReturnFiles::new)
}
