//! The built command, run in a folder of its own.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A small setup without mistakes.
pub const SETUP: &str = include_str!("setup.toml");
/// A book that fits it: one record that is due, one on hold.
pub const BOOK: &str = include_str!("book.jsonl");

/// A setup with a bill type, an agency and liens.
pub const LIFE_SETUP: &str = include_str!("life.toml");
/// Two accounts with unpaid water bills.
pub const LIFE_BOOK: &str = include_str!("life.jsonl");

/// A folder with data and files.
pub struct Desk {
    folder: TempDir,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    /// An empty folder; the data is made by the first command.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With the small setup loaded.
    pub fn with_setup(text: &str) -> Self {
        let desk = Self::empty();
        let setup = desk.write("setup.toml", text);
        desk.arrears(&["setup", "load", &setup]).done();
        desk
    }

    /// With the small setup and its book.
    pub fn with_book() -> Self {
        let desk = Self::with_setup(SETUP);
        let book = desk.write("book.jsonl", BOOK);
        desk.arrears(&["book", "import", &book]).done();
        desk
    }

    /// With unpaid water bills, of which delinquencies began on 27 January and
    /// went on to FINAL on 6 February.
    pub fn with_delinquencies() -> Self {
        let desk = Self::with_setup(LIFE_SETUP);
        let book = desk.write("life.jsonl", LIFE_BOOK);
        desk.arrears(&["book", "import", &book]).done();
        for date in ["2026-01-27", "2026-02-06"] {
            desk.arrears(&["run", "delinquency", "--as-of", date]).done();
        }
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs a command over the data of this folder.
    pub fn arrears(&self, arguments: &[&str]) -> Answer {
        self.command(&self.path("data"), arguments).into()
    }

    /// Runs a command over other data.
    pub fn arrears_over(&self, data: &Path, arguments: &[&str]) -> Answer {
        self.command(data, arguments).into()
    }

    /// Runs a command over the data of this folder with a file as its stdin.
    pub fn arrears_reading(&self, file: &str, arguments: &[&str]) -> Answer {
        let mut command = self.command(&self.path("data"), arguments);
        command.stdin(std::fs::File::open(self.path(file)).unwrap());
        command.into()
    }

    /// Runs a command that is to find its data in the environment, as on AWS.
    pub fn arrears_on_aws(&self, environment: &[(&str, String)], arguments: &[&str]) -> Answer {
        let mut command = bare(Path::new(env!("CARGO_BIN_EXE_arrears")));
        command.args(arguments).envs(environment.iter().cloned()).current_dir(self.folder.path());
        command.into()
    }

    /// Starts a command over the data of this folder and does not wait.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(&self.path("data"), arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn command(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = bare(Path::new(env!("CARGO_BIN_EXE_arrears")));
        command.args(arguments).arg("--data").arg(data).current_dir(self.folder.path());
        command
    }

    /// Runs a command that may write no file larger than so many blocks of 512
    /// bytes, as on a disk that fills up.
    #[cfg(unix)]
    pub fn arrears_with_full_disk(&self, blocks: u64, arguments: &[&str]) -> Answer {
        let mut command = bare(Path::new("sh"));
        // Ignored, the signal becomes an error of the write.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_arrears")]).args(arguments);
        command.arg("--data").arg(self.path("data")).current_dir(self.folder.path());
        command.into()
    }
}

/// A command without the environment of whoever runs the tests; compiled
/// plugins are kept among the files of the tests.
pub fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("XDG_CACHE_HOME", cache).stdin(Stdio::null());
    command
}

impl From<Command> for Answer {
    fn from(mut command: Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Self {
            code: status.code().expect("no signal ended it"),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

impl Answer {
    /// Its stdout must have all of the words.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stdout.contains(word), "{word:?} is missing: {self:#?}");
        }
        self
    }

    /// It must have exit code 0.
    #[track_caller]
    pub fn done(self) -> Self {
        self.exits(0)
    }

    /// It must have the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Its stdout must be exactly one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(document) => document,
            Err(error) => panic!("not one JSON document: {error}: {self:#?}"),
        }
    }

    /// Its stderr must have all of the words, and its stdout nothing.
    #[track_caller]
    pub fn complains(&self, words: &[&str]) {
        assert_eq!(self.stdout, "", "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing: {self:#?}");
        }
    }
}
