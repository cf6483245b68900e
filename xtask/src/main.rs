//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! A newcomer needs two of them, `demo` and `test`; each first does what
//! `setup` does. `ci` is every gate that a change has to pass. This crate
//! imports nothing of the product, so that it is compiled in seconds and can
//! judge the rest while the rest does not compile.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod workspace;

mod stopwatch;

mod guests;
mod python;
mod setup;

mod bench;
mod conformance;
mod demo;
mod fuzz;
mod infra;
mod package;
mod simulate;
mod test;
mod vendor;
mod wit_page;

mod ci;
mod layers;
mod tidy;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  setup                  add the WebAssembly target and build the components
  demo [ARG..]           setup, build `arrears`, then run `arrears demo ARG..`
  test [ARG..]           setup, then every test; ARG.. goes to the last `cargo test`
  bench [NAME] [-- ARG..]  setup, then the bench called NAME, or all of them
  conformance            setup, then files of banks before the validators of others
  simulate-scale [--records N] [--measured FILE.json]
                         how long a large run takes on AWS, and what it costs
  infra-test             setup, then the Terraform of infra/: its own tests, and the
                         system on a stand-in for AWS
  vendor-test            setup, then the vendor's kit in Rust, C, JavaScript and Python:
                         a new project of each, its cases, the gate, what it costs
  package [--arch arm64|x86_64 ..]
                         the functions as Lambda takes them, for arm64 unless named
  fuzz [--seconds N]     mutated components before the host's gate, for N seconds
  wit-page               docs/WIT.md from the files of wit/
  ci [--without-tests] [--advisories]
                         every gate that a change has to pass; --advisories also
                         asks the RustSec database, which lives on GitHub
  layers                 who may import whom
  tidy                   lengths, leftovers, floats near money, links, fixtures";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if ["help", "--help", "-h"].contains(&command.as_str()) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(command, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, rest: &[String]) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        "setup" | "conformance" | "infra-test" | "vendor-test" | "layers" | "tidy" | "wit-page"
            if !rest.is_empty() =>
        {
            bail!("`{command}` takes no argument, but was given `{}`", rest[0])
        }
        "setup" => setup::run(&workspace),
        "demo" => demo::run(&workspace, rest),
        "test" => test::run(&workspace, rest),
        "bench" => bench::run(&workspace, rest),
        "conformance" => conformance::run(&workspace),
        "fuzz" => fuzz::run(&workspace, rest),
        "infra-test" => infra::run(&workspace),
        "package" => package::run(&workspace, rest),
        "simulate-scale" => simulate::run(&workspace, rest),
        "vendor-test" => vendor::run(&workspace),
        "wit-page" => wit_page::run(&workspace),
        "ci" => ci::run(&workspace, rest),
        "layers" => layers::run(&workspace),
        "tidy" => tidy::run(&workspace),
        other => bail!("there is no command `{other}`\n{USAGE}"),
    }
}
