//! Pages that are followed command by command, in an empty folder: the vendor's guide,
//! docs/WRITE-AN-ACTION.md, and what an agency does with a vendor's versions.
//!
//! `UPDATE_EXPECT=1` writes what was printed into the page.

mod page;

use page::{Printed, Step};
use regex_lite::{Captures, Regex};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Components that were compiled for good, and are found by pages as `$FROZEN`.
const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/frozen/0.1.0");

/// What differs from one time to the next.
const VARIABLE: [(&str, &str); 5] = [
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "INSTANT"),
    (r"(\d+ min )?\d+(\.\d+)? (us|ms|s)\b", "TIME"),
    // Microseconds in tables.
    (r"\b[\d,]+\.\d\b", "TIME"),
    (r"us/record +[\d,]+ +[\d,]+", "us/record"),
    // Columns are as wide as what stands in them.
    (r" {2,}", "  "),
];

/// A digest, whole or as its first digits.
const DIGEST: &str = r"\b[0-9a-f]{12}([0-9a-f]{52})?\b";

/// How much of one is always shown.
const DIGEST_SHOWN: usize = 12;

/// A public key, whole or as it begins.
const BEGINNING_OF_KEY: &str = r"\bRW[A-Za-z0-9+/]{14,54}";

/// A public key.
const KEY: &str = r"\bRW[A-Za-z0-9+/]{54}";

/// How much of one is shown where there is little room.
const KEY_SHOWN: usize = 16;

#[test]
fn a_vendor_writes_an_action_by_the_guide() {
    follow("../../docs/WRITE-AN-ACTION.md");
}

#[test]
fn an_agency_takes_from_a_vendor_what_it_trusts() {
    follow("tests/cli/guide/trust.md");
}

/// Does what the page says, and holds what is printed to what it shows.
fn follow(path: &str) {
    let page = std::fs::read_to_string(path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut reader = Reader { folder: folder.path().to_owned(), key: None };
    let (mut shown, mut found) = (Names::default(), Names::default());
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for step in page::steps(&page) {
        match step {
            Step::File { name, text } => reader.write(&name, &text),
            Step::Command { command, printed } => {
                let text = reader.run(&command);
                if found.fixed(&text) != shown.fixed(&printed.text) {
                    wrong.push(format!("line {}:\n{text}", printed.lines.start));
                }
                all.push(Printed { text, ..printed });
            }
        }
    }
    if wrong.is_empty() {
        return;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, reader.in_the_page(&page, &page::rewritten(&page, &all))).unwrap();
        return;
    }
    panic!("{path} shows something else; UPDATE_EXPECT=1 writes it.\n{}", wrong.join("\n"));
}

/// One who follows a page.
struct Reader {
    folder: PathBuf,
    /// The public key that a command has made.
    key: Option<String>,
}

impl Reader {
    /// Writes a file, with the key that there is for the page's.
    fn write(&self, name: &str, text: &str) {
        let text = match &self.key {
            Some(key) => regex(KEY).replace_all(text, key.as_str()).into_owned(),
            None => text.to_owned(),
        };
        std::fs::write(self.folder.join(name), text).unwrap();
    }

    /// Types a command, and gives what it prints. It has to succeed.
    fn run(&mut self, command: &str) -> String {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.folder.push(folder);
            return String::new();
        }
        let began = Instant::now();
        let output = self.shell(command).output().unwrap();
        eprintln!("{:>8.2} s  {command}", began.elapsed().as_secs_f64());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "`{command}` failed ({}):\n{text}", output.status);
        if let Some(key) = regex(KEY).find(&text) {
            self.key = Some(key.as_str().to_owned());
        }
        text
    }

    fn shell(&self, command: &str) -> Command {
        let arrears = Path::new(env!("CARGO_BIN_EXE_arrears")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let path = std::iter::once(arrears.to_owned()).chain(std::env::split_paths(&path));
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{{ {command}; }} 2>&1")]).current_dir(&self.folder);
        shell.env("PATH", std::env::join_paths(path).unwrap());
        shell.env("FROZEN", FROZEN);
        // The project's packages are those of `plugins/`, which are here already. What they
        // are compiled to is kept, so that the second time is short.
        shell.env("CARGO_NET_OFFLINE", "true");
        shell.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ARREARS_") {
                shell.env_remove(name);
            }
        }
        shell
    }

    /// The new page with the key that the old one has.
    fn in_the_page(&self, old: &str, new: &str) -> String {
        match (&self.key, regex(KEY).find(old)) {
            (Some(key), Some(kept)) => {
                let kept = kept.as_str();
                new.replace(key, kept).replace(&key[..KEY_SHOWN], &kept[..KEY_SHOWN])
            }
            _ => new.to_owned(),
        }
    }
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

/// The digests and keys of a page, in the order in which they are shown first: they differ
/// from one time to the next, and one that is shown twice is the same.
#[derive(Default)]
struct Names {
    digests: Vec<String>,
    keys: Vec<String>,
}

impl Names {
    /// The text without what differs from one time to the next.
    fn fixed(&mut self, text: &str) -> String {
        let text = numbered(text, DIGEST, DIGEST_SHOWN, &mut self.digests, "DIGEST");
        let text = numbered(&text, BEGINNING_OF_KEY, KEY_SHOWN, &mut self.keys, "KEY");
        let replace = |text: String, (pattern, with): &(&str, &str)| {
            regex(pattern).replace_all(&text, *with).into_owned()
        };
        VARIABLE.iter().fold(text, replace)
    }
}

/// The text with a number for each that is known by so many of its first characters.
fn numbered(text: &str, pattern: &str, by: usize, known: &mut Vec<String>, name: &str) -> String {
    let number = |captures: &Captures<'_>| {
        let first = &captures[0][..by];
        let at = known.iter().position(|it| it == first).unwrap_or_else(|| {
            known.push(first.to_owned());
            known.len() - 1
        });
        format!("{name}-{at}")
    };
    regex(pattern).replace_all(text, number).into_owned()
}

#[test]
fn another_digest_is_noticed() {
    let (mut one, mut two) = (Names::default(), Names::default());
    let digest = |digit: &str| digit.repeat(64);
    let page =
        |first: &str, second: &str| format!("sha256:{} {}", digest(first), &digest(second)[..12]);
    assert_eq!(one.fixed(&page("a", "a")), "sha256:DIGEST-0 DIGEST-0");
    assert_eq!(two.fixed(&page("b", "c")), "sha256:DIGEST-0 DIGEST-1");
}
