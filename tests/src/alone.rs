//! Measuring in a process of its own: a peak of memory is the peak of a process.

use std::path::{Path, PathBuf};
use std::process::Command;

const ALONE: &str = "--alone";

/// The folder that this process was started for by [`run`]; none if somebody
/// else started it.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == ALONE)?;
    arguments.get(at + 1).map(PathBuf::from)
}

/// Starts this program again for a folder, and gives the two numbers that it
/// prints.
#[must_use]
pub fn run(folder: &Path) -> [u64; 2] {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).arg(ALONE).arg(folder).output();
    let output = output.expect("the run alone");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let figures: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [first, second] = figures.as_slice() else {
        panic!("the run alone says two numbers: {text}{complaint}")
    };
    [*first, *second]
}

/// The high-water mark of resident memory, as Linux counts it.
#[must_use]
pub fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this bench needs Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("VmHWM");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number")
}
