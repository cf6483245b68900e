//! `cargo xtask fuzz`: mutated components before the host's gate, for a bounded time.
//!
//! cargo-fuzz builds `host/fuzz` with counters of coverage, which needs no more than the
//! toolchain of this checkout. Its sanitizers would need another; what they look for is
//! in unsafe code, of which the host has two calls.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::stopwatch::Stopwatch;
use crate::tools;
use crate::workspace::{Workspace, emptied, execute};

/// The workspace of what is fuzzed, below the root.
pub const FOLDER: &str = "host/fuzz";

/// What is fuzzed.
const TARGET: &str = "admit";

/// Time for new inputs unless another is asked for; building and replaying come on top.
const SECONDS: u64 = 60;

/// An input that takes longer is a finding.
const INPUT_SECONDS_MAX: u64 = 10;

/// A process that takes more memory is a finding.
const MEMORY_MB_MAX: u64 = 1024;

/// Inputs do not grow beyond this: what is found in a large one is found in a small one.
const INPUT_BYTES_MAX: usize = 256 * 1024;

/// Replays the corpus, then looks for new findings.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let seconds = seconds(arguments)?;
    has_cpp_compiler()?;
    let mut stopwatch = Stopwatch::default();
    let places = Places::make(workspace)?;
    stopwatch.part("corpus", || {
        let mut fuzzer = fuzzer(workspace, &places, &[&places.corpus])?;
        found_nothing(fuzzer.arg("-runs=0"), &places)
    })?;
    stopwatch.part("new inputs", || {
        let mut fuzzer = fuzzer(workspace, &places, &[&places.scratch, &places.corpus])?;
        found_nothing(fuzzer.arg(format!("-max_total_time={seconds}")), &places)
    })?;
    stopwatch.report();
    Ok(())
}

fn seconds(arguments: &[String]) -> Result<u64> {
    match arguments {
        [] => Ok(SECONDS),
        [name, number] if name == "--seconds" => match number.parse() {
            Ok(seconds) if seconds > 0 => Ok(seconds),
            _ => bail!("--seconds takes a whole number above 0, not `{number}`"),
        },
        _ => bail!("`fuzz` takes --seconds N, not `{}`", arguments.join(" ")),
    }
}

/// The fuzzer's own engine is C++.
fn has_cpp_compiler() -> Result<()> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut command = Command::new(&compiler);
    match command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "there is no C++ compiler ({}), which libFuzzer needs: install g++ or clang",
            compiler.display()
        ),
        Err(error) => Err(error).context("the C++ compiler cannot be started"),
    }
}

/// Where inputs come from, and where new ones and findings go.
struct Places {
    /// In the checkout: what every run replays and begins with.
    corpus: PathBuf,
    /// In the target folder: what this run finds new ways with. It is emptied at first: what
    /// is replayed takes time, and the time is bounded.
    scratch: PathBuf,
    findings: PathBuf,
}

impl Places {
    fn make(workspace: &Workspace) -> Result<Self> {
        let own = workspace.target().join("fuzz");
        let findings = own.join("findings");
        fs::create_dir_all(&findings)
            .with_context(|| format!("{} cannot be made", findings.display()))?;
        Ok(Self {
            corpus: workspace.root().join(FOLDER).join("corpus").join(TARGET),
            scratch: emptied(own.join("corpus"))?,
            findings,
        })
    }
}

/// A command that builds the target and runs it on these folders; arguments that are
/// added go to libFuzzer.
fn fuzzer(workspace: &Workspace, places: &Places, folders: &[&Path]) -> Result<Command> {
    let mut command = tools::command(workspace, &tools::FUZZ)?;
    command.args(["run", "--sanitizer", "none", "--codegen-units", "16", "--fuzz-dir", FOLDER]);
    command.arg("--target-dir").arg(workspace.target().join("fuzz/build"));
    command.arg(TARGET).args(folders).arg("--");
    command.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
    command.arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"));
    command.arg(format!("-max_len={INPUT_BYTES_MAX}"));
    command.args(["-verbosity=0", "-print_final_stats=1"]);
    command.arg(format!("-artifact_prefix={}/", places.findings.display()));
    Ok(command)
}

fn found_nothing(fuzzer: &mut Command, places: &Places) -> Result<()> {
    execute(fuzzer).with_context(|| {
        format!(
            "the fuzzer has a finding, or cannot be built: see above. Findings lie in {}; \
             mend what they show, then keep them in {FOLDER}/corpus/{TARGET}",
            places.findings.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_bounded_and_can_be_set() {
        let parse =
            |words: &str| seconds(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(parse("").unwrap(), SECONDS);
        assert_eq!(parse("--seconds 5").unwrap(), 5);
        for wrong in ["--seconds", "--seconds 0", "--seconds -1", "--seconds soon", "60"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
