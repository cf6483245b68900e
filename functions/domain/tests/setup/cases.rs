//! Cases in folders, and their expected texts.

use arrears_domain::setup::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// A setup of one file or several.
pub struct Case {
    pub name: String,
    pub sources: Vec<Source>,
    expected: PathBuf,
}

impl Case {
    /// What is expected of it; empty if nobody has written that down.
    pub fn expected(&self) -> String {
        fs::read_to_string(&self.expected).unwrap_or_default()
    }
}

/// All cases of a folder, by name.
pub fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/setup").join(folder);
    let cases: Vec<Case> = sorted(&folder)
        .into_iter()
        .filter(|path| path.is_dir() || path.extension().is_some_and(|it| it == "toml"))
        .map(|path| Case {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            sources: if path.is_dir() { sorted(&path) } else { vec![path.clone()] }
                .iter()
                .map(|file| source(file))
                .collect(),
            expected: path.with_extension("expected"),
        })
        .collect();
    assert!(!cases.is_empty(), "{} has no cases", folder.display());
    cases
}

/// Compares with what is expected, or writes it down if asked to.
pub fn compare(case: &Case, actual: &str) -> Option<String> {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&case.expected, actual).unwrap();
    }
    let expected = case.expected();
    (expected != actual)
        .then(|| format!("== {}\n-- expected\n{expected}-- actual\n{actual}", case.name))
}

fn source(file: &Path) -> Source {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    Source { name, text: fs::read_to_string(file).unwrap() }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
