//! Checks files of debits with the strict reader of the tests, for checks from
//! outside. Prints each problem; the exit code says whether there are any.
//!
//! ```sh
//! cargo run -p arrears-bank --example nacha_check -- debits.ach
//! ```

#![expect(clippy::unwrap_used, reason = "the reader is one of tests")]

#[path = "../tests/nacha/checker.rs"]
mod checker;

use std::process::ExitCode;

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("usage: nacha_check FILE..");
        return ExitCode::from(2);
    }
    let mut code = ExitCode::SUCCESS;
    for path in paths {
        let found = std::fs::read(&path).map_err(|error| vec![error.to_string()]);
        match found.and_then(|file| checker::check(&file)) {
            Ok(found) => eprintln!("{path}: {found:?}"),
            Err(problems) => {
                problems.iter().for_each(|problem| println!("{problem}"));
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
