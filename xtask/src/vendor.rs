//! `cargo xtask vendor-test`: the vendor's kit in every language, as a vendor uses it.
//!
//! For each language a project is made, built, put through its cases and held to the gate.
//! All have the same cases, and a case compares the text of an effect as it is, so that
//! plugins that pass return the same bytes. Last, what each language costs is measured side
//! by side. A tool that is missing is an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, emptied, execute};

/// As `arrears plugin new --lang` names them.
const LANGUAGES: [&str; 4] = ["rust", "c", "js", "python"];

/// What is made in each of them.
const PLUGIN: &str = "acme-sms-reminder";

/// The case that is measured: of several subjects, as most are.
const MEASURED: &str = "several.json";

/// Does all of it, and prints how long each part took.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut stopwatch = Stopwatch::default();
    let passed = parts(workspace, &mut stopwatch);
    stopwatch.report();
    passed
}

fn parts(workspace: &Workspace, stopwatch: &mut Stopwatch) -> Result<()> {
    setup::prepare(workspace, stopwatch)?;
    let arrears = stopwatch.part("build of arrears", || workspace.arrears())?;
    let folder = workspace.target().join("vendor");
    let kept = folder.join("kept");
    let vendor = Vendor { arrears, folder: emptied(folder.join("projects"))?, kept };
    for language in LANGUAGES {
        stopwatch.part(language, || vendor.makes(language))?;
    }
    stopwatch.part("side by side", || vendor.measures())
}

/// A vendor's machine.
struct Vendor {
    arrears: PathBuf,
    /// Where the projects are.
    folder: PathBuf,
    /// What the toolchains have fetched and compiled, which a second run takes again.
    kept: PathBuf,
}

impl Vendor {
    fn project(&self, language: &str) -> PathBuf {
        self.folder.join(language)
    }

    /// The component, by its language, as the table is to name it.
    fn component(&self, language: &str) -> PathBuf {
        self.folder.join(format!("{language}.wasm"))
    }

    /// The three commands of a vendor.
    fn makes(&self, language: &str) -> Result<()> {
        let project = self.project(language);
        let new = ["plugin", "new", PLUGIN, "--lang", language, "--folder"];
        execute(self.arrears(&self.folder).args(new).arg(&project))?;
        execute(self.arrears(&project).args(["plugin", "test"]))?;
        let built = project.join("build").join(format!("{language}.wasm"));
        execute(self.arrears(&project).args(["plugin", "check"]).arg(&built))?;
        fs::copy(&built, self.component(language))
            .with_context(|| format!("{} cannot be copied", built.display()))?;
        Ok(())
    }

    fn measures(&self) -> Result<()> {
        let cases = self.folder.join("measured");
        fs::create_dir_all(&cases)?;
        fs::copy(self.project(LANGUAGES[0]).join("cases").join(MEASURED), cases.join(MEASURED))
            .with_context(|| format!("there is no case {MEASURED}"))?;
        let components = LANGUAGES.map(|language| self.component(language));
        let mut bench = self.arrears(&self.folder);
        bench.args(["plugin", "bench", "--cases"]).arg(&cases).args(components);
        execute(&mut bench)
    }

    fn arrears(&self, folder: &Path) -> Command {
        let mut arrears = Command::new(&self.arrears);
        arrears.current_dir(folder).env("ARREARS_DATA", self.kept.join("data"));
        // A second run need not compile what the first one has.
        arrears.env("CARGO_TARGET_DIR", self.kept.join("cargo"));
        arrears
    }
}
