//! `arrears`: the operator's command.
//!
//! It reads what was typed, calls the crates that do the work, and shows what
//! came of it: as text for people or, with `--json`, as exactly one JSON
//! document on stdout. Logs and progress go to stderr. It holds no rule of
//! collections. Exit codes: 0 the request was done, 1 it failed, 2 it was not
//! understood.
//!
//! In reading order: what may be typed, what commands work with, how they
//! answer and fail, the commands, and how answers look.

mod arguments;

mod components;
mod session;

mod output;

mod failure;

mod progress;

mod command;
mod render;

use arguments::Arguments;
use clap::Parser;
use output::Output;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let is_json = std::env::args_os().any(|argument| argument == "--json");
            return failure::report_usage(&error, Output::new(is_json)).into();
        }
    };
    log_to_stderr(arguments.global.verbose);
    let output = Output::new(arguments.global.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the worker threads cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(command::dispatch(arguments)) {
        Ok(status) => status.code().into(),
        Err(error) => error.report(output).into(),
    }
}

/// The messages of our own crates at the level asked for; those of others only
/// at the highest.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let others = if verbose > 2 { LevelFilter::TRACE } else { LevelFilter::OFF };
    let filter = Targets::new().with_default(others).with_target("arrears", level);
    let messages = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(verbose > 1);
    tracing_subscriber::registry().with(messages.with_filter(filter)).init();
}
