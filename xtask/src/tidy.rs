//! `cargo xtask tidy`: what a compiler does not look at.
//!
//! It reads the files that git knows or would take, and reports every finding
//! at once. The limits and the words are constants of the modules below.

mod rust;

mod ratchet;

mod text;

mod markdown;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::tidy::ratchet::{Measure, Ratchet};
use crate::workspace::Workspace;

/// The excesses that are known; they may only shrink.
const RATCHET: &str = "xtask/tidy-ratchet.toml";

/// Every scenario has a folder here that a billing clerk could read.
const FIXTURES: &str = "tests/fixtures/";

/// Something that has to be mended.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, message } = self;
        write!(formatter, "{path}:{line}: {message}")
    }
}

/// Reads the checkout, and fails with each finding.
pub fn run(workspace: &Workspace) -> Result<()> {
    let root = workspace.root();
    let paths = files(root)?;
    let mut findings = fixtures(&paths);
    let mut measures = Vec::new();
    for path in &paths {
        let bytes = fs::read(root.join(path)).with_context(|| format!("{path} cannot be read"))?;
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        findings.extend(text::findings(path, &text));
        match extension(path) {
            "rs" => {
                let source = rust::read(path, &text);
                findings.extend(source.findings);
                measures.extend(source.measures);
            }
            "md" => findings.extend(markdown::findings(path, &text, &paths)),
            _ => {}
        }
    }
    let known = fs::read_to_string(root.join(RATCHET))
        .with_context(|| format!("{RATCHET} cannot be read"))?;
    findings.extend(ratcheted(&known, &measures));
    if !findings.is_empty() {
        findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
        bail!("{} to mend\n{}", lines.len(), lines.join("\n"));
    }
    eprintln!("    {} files are tidy", paths.len());
    Ok(())
}

fn ratcheted(known: &str, measures: &[Measure]) -> Vec<Finding> {
    match Ratchet::parse(known) {
        Ok(ratchet) => ratchet.findings(RATCHET, measures),
        Err((line, message)) => vec![Finding::new(RATCHET, line, message)],
    }
}

/// The files of the checkout, relative to the root, with `/` between folders.
fn files(root: &Path) -> Result<BTreeSet<String>> {
    let mut git = Command::new("git");
    git.current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .stderr(Stdio::null());
    let mut paths = BTreeSet::new();
    match git.output() {
        Ok(output) if output.status.success() => {
            let list = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
            paths.extend(list.split('\0').filter(|path| !path.is_empty()).map(str::to_owned));
        }
        // A source archive has no git.
        _ => walk(root, "", &mut paths)?,
    }
    // Removed in the checkout and not yet in the index.
    paths.retain(|path| root.join(path).is_file());
    Ok(paths)
}

fn walk(folder: &Path, prefix: &str, paths: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if !entry.file_type()?.is_dir() {
            paths.insert(path);
        } else if ![".git", ".arrears", "target"].contains(&name.as_str()) {
            walk(&entry.path(), &format!("{path}/"), paths)?;
        }
    }
    Ok(())
}

/// The folders of fixtures that do not say what they are.
fn fixtures(paths: &BTreeSet<String>) -> Vec<Finding> {
    let folders: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| path.strip_prefix(FIXTURES)?.split_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    folders
        .into_iter()
        .map(|folder| format!("{FIXTURES}{folder}"))
        .filter(|folder| {
            !["README.md", "scenario.toml"]
                .iter()
                .any(|name| paths.contains(&format!("{folder}/{name}")))
        })
        .map(|folder| {
            Finding::new(
                &folder,
                1,
                "a fixture needs a scenario.toml, or a README.md that says what it is for",
            )
        })
        .collect()
}

/// What follows the last dot of a file's name; empty if there is none.
fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether `text` has `word` with no letter, digit or underscore around it.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_must_say_what_it_is() {
        let paths = [
            "tests/fixtures/README.md",
            "tests/fixtures/holds/scenario.toml",
            "tests/fixtures/liens/README.md",
            "tests/fixtures/liens/book/a.jsonl",
            "tests/fixtures/mute/setup.toml",
        ];
        let found = fixtures(&paths.into_iter().map(str::to_owned).collect());
        let paths: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(paths, ["tests/fixtures/mute"]);
    }

    #[test]
    fn a_word_stands_alone() {
        assert!(has_word("an f64 here", "f64"));
        assert!(has_word("f64", "f64"));
        assert!(!has_word("leaf64 f640 f64_bits", "f64"));
    }

    #[test]
    fn an_extension_belongs_to_the_name() {
        assert_eq!(extension("xtask/src/main.rs"), "rs");
        assert_eq!(extension(".ci/run"), "");
    }
}
