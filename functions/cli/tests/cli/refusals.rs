//! What is refused, with which exit code, and in which words.

use crate::support::{Answer, Desk, SETUP, bare};
use std::path::Path;

#[test]
fn what_is_not_understood_has_exit_code_2() {
    let desk = Desk::empty();
    let cases: &[(&[&str], &str)] = &[
        (&["run", "collections"], "--as-of"),
        (&["run", "collections", "--as-of", "2026-02-30"], "a date that exists"),
        (&["run", "collections", "--as-of", "2026-2-3"], "YYYY-MM-DD"),
        (&["run", "collections", "--as-of", "2026-02-02", "--threads", "many"], "many"),
        (&["runs", "lsit"], "list"),
        (&["eligible", "nothing"], "collections"),
        (&["--agency", "a b", "runs", "list"], "identifier"),
        (&["setup", "check"], "FILE"),
    ];
    for (arguments, words) in cases {
        desk.arrears(arguments).exits(2).complains(&[words]);
        let document = desk.arrears(&[&["--json"], *arguments].concat()).exits(2).json();
        assert_eq!(document["error"]["code"], "usage", "{arguments:?}");
    }
    let lines = desk.arrears(&["--json", "book", "export"]).exits(2).json();
    assert!(lines["error"]["message"].as_str().unwrap().contains("--out"));
    assert_eq!(desk.arrears(&["--help"]).done().stderr, "");
}

#[test]
fn a_run_that_may_not_be_is_refused_before_it_writes() {
    let run = |options: &[&str]| {
        let desk = Desk::with_book();
        desk.arrears(&["run", "collections", "--as-of", "2026-02-02"]).done();
        let before = desk.arrears(&["book", "export"]).done().stdout;
        let command = [&["run", "collections"], options].concat();
        let answer = desk.arrears(&command).exits(1);
        let document = desk.arrears(&[&["--json"], &command[..]].concat()).exits(1).json();
        assert_eq!(desk.arrears(&["book", "export"]).done().stdout, before);
        (answer, document["error"]["code"].as_str().unwrap().to_owned())
    };
    let date = ["--as-of", "2026-03-02"];
    let cases: [(&[&str], &str, &[&str]); 5] = [
        (&["--commit-number", "0"], "out-of-bounds", &["commit number is 0", "from 1 to"]),
        (&["--commit-number", "100000"], "out-of-bounds", &["commit number is 100000"]),
        (&["--threads", "0"], "out-of-bounds", &["threads is 0"]),
        (&["--threads", "100000"], "out-of-bounds", &["threads is 100000"]),
        (&[], "back-dated", &["2026-01-31", "collections-000001", "--allow-back-dated"]),
    ];
    for (options, code, words) in cases {
        let date = if options.is_empty() { ["--as-of", "2026-01-31"] } else { date };
        let (answer, found) = run(&[&date[..], options].concat());
        assert_eq!(found, code, "{options:?}");
        answer.complains(words);
    }
}

#[test]
fn a_back_dated_run_may_be_asked_for_by_name() {
    let desk = Desk::with_book();
    desk.arrears(&["run", "collections", "--as-of", "2026-02-02"]).done();
    let command = ["run", "collections", "--as-of", "2026-01-31", "--allow-back-dated"];
    desk.arrears(&command).done();
}

#[test]
fn the_feature_switch_refuses_a_run() {
    let off = format!("{SETUP}\n[features]\ncollections = false\n");
    let desk = Desk::with_setup(&off);
    let answer = desk.arrears(&["run", "collections", "--as-of", "2026-02-02"]).exits(1);
    answer.complains(&["feature is switched off", "collections = true"]);
}

#[test]
fn what_is_not_there_is_said() {
    let desk = Desk::with_setup(SETUP);
    let cases: &[(&[&str], &[&str])] = &[
        (&["runs", "show", "9"], &["no run collections-000009", "arrears runs list"]),
        (&["runs", "resume", "other-1"], &["no run other-1"]),
        (&["account", "show", "A-9"], &["no account A-9"]),
        (&["account", "explain", "A-9", "--as-of", "2026-01-01"], &["no account A-9"]),
        (&["files", "cat", "nothing.txt"], &["nothing.txt", "arrears files list"]),
        (&["setup", "show", "--version", "7"], &["setup 7"]),
        (&["setup", "check", "nowhere.toml"], &["`nowhere.toml` cannot be read", "No such file"]),
        (&["book", "import", "nowhere.jsonl"], &["`nowhere.jsonl` cannot be read"]),
        (&["plugin", "inspect", "nobody"], &["`nobody`", "arrears plugin list"]),
    ];
    for (arguments, words) in cases {
        desk.arrears(arguments).exits(1).complains(words);
        let document = desk.arrears(&[&["--json"], *arguments].concat()).exits(1).json();
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains(words[0]), "{arguments:?}: {document:#}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_not_made_by_looking() {
    let desk = Desk::empty();
    desk.arrears(&["runs", "list"]).exits(1).complains(&["there is no folder", "setup load"]);
    assert!(!desk.path("data").exists());
}

#[test]
fn without_a_setup_nothing_runs() {
    let desk = Desk::with_setup(SETUP);
    let run = ["--agency", "other", "run", "collections", "--as-of", "2026-02-02"];
    desk.arrears(&run).exits(1).complains(&["agency other has no setup", "arrears setup load"]);
}

#[test]
fn who_stops_reading_is_no_error() {
    let desk = Desk::with_book();
    let mut command = bare(Path::new("sh"));
    let script = "\"$0\" book generate --accounts 20000 --seed 1 --data \"$1\" | head -n 1";
    command.args(["-c", script, env!("CARGO_BIN_EXE_arrears")]).arg(desk.path("data"));
    let answer = Answer::from(command).done();
    assert_eq!(answer.stdout.lines().count(), 1);
    assert_eq!(answer.stderr, "");
}
