//! What is validated: made-up files, files of real runs, days.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::SCRIPTS;
use crate::workspace::{Workspace, capture, emptied, execute};

/// The examples of `arrears-bank` that are used.
const EXAMPLES: [&str; 4] = ["calendar", "nacha", "nacha_check", "pain008"];

/// Examples that make files, and what the names of those end with.
const FORMATS: [(&str, &str); 2] = [("pain008", "xml"), ("nacha", "ach")];

/// How many debits files are made of: one, less than a block, many batches.
const DEBITS: [&str; 3] = ["1", "7", "5000"];

/// The profiles that are run, and what is expected of each: the ending of the
/// bank's file, and how many debits and prenotes the book has for it.
const PROFILES: [(&str, &str, &str); 2] = [("DD-EUR", "xml", "6"), ("ACH-USD", "ach", "4")];

/// The date of the runs. The book's debts are due on it.
const BASE_DATE: &str = "2026-03-02";

/// Where everything is.
pub struct Made {
    /// The folder of the files.
    pub files: PathBuf,
    /// The days on which banks are closed.
    pub days: PathBuf,
    /// The program that is our own checker of NACHA files.
    pub checker: PathBuf,
}

/// Builds the programs, and gives `arrears`.
pub fn build(workspace: &Workspace) -> Result<PathBuf> {
    let arrears = workspace.arrears()?;
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--workspace"]);
    execute(cargo.args(EXAMPLES.iter().flat_map(|example| ["--example", example])))?;
    Ok(arrears)
}

/// Makes everything anew.
pub fn all(workspace: &Workspace, arrears: &Path) -> Result<Made> {
    let folder = emptied(workspace.target().join("conformance").join("made"))?;
    let files = folder.join("files");
    fs::create_dir_all(&files).with_context(|| format!("{} cannot be made", files.display()))?;
    let examples = workspace.target().join("debug").join("examples");
    for (example, extension) in FORMATS {
        for debits in DEBITS {
            let mut made = Command::new(examples.join(example));
            made.arg(debits).arg(files.join(format!("made-{debits}.{extension}")));
            capture(&mut made)?;
        }
    }
    let here = workspace.root().join(SCRIPTS);
    let run = || {
        let mut command = Command::new(arrears);
        command.arg("--json").arg("--data").arg(folder.join("data")).current_dir(&here);
        command
    };
    collect(run, &files)?;
    let days = folder.join("days.txt");
    let closed = capture(Command::new(examples.join("calendar")).args(["2000", "2100"]))?;
    fs::write(&days, closed).with_context(|| format!("{} cannot be written", days.display()))?;
    Ok(Made { files, days, checker: examples.join("nacha_check") })
}

/// Runs each profile over a small book, as an operator does, and fetches the file
/// for the bank.
fn collect(arrears: impl Fn() -> Command, files: &Path) -> Result<()> {
    capture(arrears().args(["setup", "load", "setup.toml"]))?;
    capture(arrears().args(["book", "import", "book.jsonl"]))?;
    for (profile, extension, debits) in PROFILES {
        let run = ["run", "payment", "--profile", profile, "--base-date", BASE_DATE];
        let report = json(&capture(arrears().args(run))?)?;
        let listed = json(&capture(arrears().args(["files", "list", "payment/"]))?)?;
        let key = bank_file(&report, &listed, extension)
            .with_context(|| format!("the run of {profile} left no file for the bank"))?;
        let path = files.join(format!("run-{profile}-{debits}.{extension}"));
        capture(arrears().args(["files", "get", key, "--out"]).arg(path))?;
    }
    Ok(())
}

/// The one file for the bank that the run says it has written, and that is there.
fn bank_file<'a>(report: &'a Value, listed: &Value, extension: &str) -> Result<&'a str> {
    let keys = report["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let keys = keys.iter().filter_map(Value::as_str);
    let is_for_bank = |key: &&str| Path::new(key).extension().is_some_and(|it| it == extension);
    let for_bank: Vec<&str> = keys.filter(is_for_bank).collect();
    let [key] = for_bank.as_slice() else {
        bail!("one file that ends with .{extension} is expected among {}", report["files"]);
    };
    let is_there = listed.as_array().is_some_and(|files| files.iter().any(|it| it["key"] == *key));
    if !is_there {
        bail!("{key} is not among {listed}");
    }
    Ok(key)
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).with_context(|| format!("arrears printed no JSON: {text}"))
}

#[cfg(test)]
mod tests {
    use super::bank_file;
    use serde_json::json;

    #[test]
    fn a_run_has_one_file_for_the_bank() {
        let report = json!({ "files": ["payment/DD/1/DD.xml", "payment/DD/1/report.txt"] });
        let listed = json!([{ "key": "payment/DD/1/DD.xml", "bytes": 1 }]);
        assert_eq!(bank_file(&report, &listed, "xml").unwrap(), "payment/DD/1/DD.xml");
        for (report, listed, extension) in
            [(&report, &listed, "ach"), (&report, &json!([]), "xml"), (&json!({}), &listed, "xml")]
        {
            assert!(bank_file(report, listed, extension).is_err(), "{extension} of {report}");
        }
    }
}
