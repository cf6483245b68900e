//! What is said when the place of the data fails, and that nothing is half
//! written.

use crate::support::{Answer, BOOK, Desk, SETUP, bare};
use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn a_file_is_no_folder_for_data() {
    let desk = Desk::empty();
    let setup = desk.write("setup.toml", SETUP);
    let file = desk.write("data", "not a folder");
    let answer = desk.arrears(&["setup", "load", &setup]).exits(1);
    answer.complains(&[&file]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let desk = Desk::empty();
    let setup = desk.write("setup.toml", SETUP);
    let answer = desk.arrears_over(Path::new("/proc/data"), &["setup", "load", &setup]).exits(1);
    answer.complains(&["/proc/data"]);
}

#[test]
fn an_endpoint_that_does_not_answer_is_an_error_within_seconds() {
    let begin = Instant::now();
    let mut command = bare(Path::new(env!("CARGO_BIN_EXE_arrears")));
    command
        .args(["--json", "runs", "list"])
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    let document = Answer::from(command).exits(1).json();
    assert_eq!(document["error"]["code"], "unreachable", "{document:#}");
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("http://127.0.0.1:1"), "{message}");
    assert!(document["error"]["hint"].as_str().unwrap().contains("--data"), "{document:#}");
    assert!(begin.elapsed() < Duration::from_secs(15), "it took {:?}", begin.elapsed());
}

/// Everything that an export has, but the runs: those tell when they were.
fn book(desk: &Desk) -> Vec<String> {
    let exported = desk.arrears(&["book", "export"]).done().stdout;
    exported.lines().filter(|line| !line.contains("\"type\":\"run\"")).map(str::to_owned).collect()
}

#[test]
fn a_killed_run_goes_on_and_comes_to_the_same() {
    let (killed, whole) = (Desk::with_setup(SETUP), Desk::with_setup(SETUP));
    let made = killed.arrears(&["book", "generate", "--accounts", "2000", "--seed", "3"]).done();
    for desk in [&killed, &whole] {
        let file = desk.write("book.jsonl", &made.stdout);
        desk.arrears(&["book", "import", &file]).done();
    }
    let run = ["run", "collections", "--as-of", "2026-02-16", "--commit-number", "10"];
    let mut child = killed.start(&run);
    // The second chunk of a hundred has been begun: the first may be done.
    let journal = "runs/collections-000001/journal/000002";
    while !killed.arrears(&["files", "list", journal]).stdout.contains(journal) {
        assert!(child.try_wait().unwrap().is_none(), "the run was over too soon to be killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let left = killed.arrears(&["--json", "runs", "show", "1"]).done().json();
    assert_eq!(left["status"], "running");
    let hint = killed.arrears(&["runs", "show", "1"]).done().stdout;
    assert!(hint.contains("runs resume 1"), "{hint}");
    let resumed = killed.arrears(&["--json", "runs", "resume", "1"]).done().json();
    let straight = whole.arrears(&[&["--json"], &run[..]].concat()).done().json();
    for same in ["processed", "errors", "omitted", "effects", "moves", "charged_minor_units"] {
        assert_eq!(resumed[same], straight[same], "{same}");
    }
    assert_eq!(book(&killed), book(&whole));
    killed.arrears(&["runs", "resume", "1"]).exits(1).complains(&["nothing to resume"]);
}

/// A collection agency that gets two records a file: many files take long enough
/// to be caught at each stage.
const EXPORTS: &str = r#"
[[collection_agency]]
code = "NORTHSTAR"
name = "Northstar Recovery"

[[export_setup]]
code = "PAIRS"
collection_agency = "NORTHSTAR"
prefix = "northstar"
template = "csv"
split_records = 2
"#;

/// The files that an agency may fetch, with what is in them.
fn told(desk: &Desk) -> Vec<String> {
    let folder = desk.path("data/objects/arrears/default/export/northstar/export-000001");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|it| it == "csv")).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn an_export_killed_at_each_stage_goes_on_and_comes_to_the_same() {
    let setup = format!("{SETUP}{EXPORTS}");
    let desk = || {
        let desk = Desk::with_setup(&setup);
        let made = desk.arrears(&["book", "generate", "--accounts", "600", "--seed", "3"]).done();
        let file = desk.write("book.jsonl", &made.stdout);
        desk.arrears(&["book", "import", &file]).done();
        desk
    };
    let run = ["run", "export", "--setup", "PAIRS", "--as-of", "2026-02-16"];
    let whole = desk();
    let straight = whole.arrears(&[&["--json"], &run[..]].concat()).done().json();
    let stages = ["reading", "selecting", "uploading", "entering", "publishing"];
    let mut kills = 0;
    for (at, stage) in stages.iter().enumerate() {
        let killed = desk();
        let mut child = killed.start(&run);
        // A stage that is over already is as good as the next one.
        let is_reached = |shown: &str| {
            stages[at..].iter().any(|it| shown.contains(&format!("\"stage\": \"{it}\"")))
        };
        while child.try_wait().unwrap().is_none() {
            let shown = killed.arrears(&["--json", "runs", "show", "export-000001"]).stdout;
            if is_reached(&shown) {
                child.kill().unwrap();
            }
        }
        let show = ["--json", "runs", "show", "export-000001"];
        let is_over = killed.arrears(&show).done().json()["status"] == "finished";
        kills += u32::from(!is_over);
        let resume = ["--json", "runs", "resume", "export-000001"];
        let resumed = killed.arrears(if is_over { &show } else { &resume }).done().json();
        for same in ["processed", "errors", "omitted", "omitted_by_reason"] {
            assert_eq!(resumed[same], straight[same], "{stage}: {same}");
        }
        assert_eq!(resumed["export"]["sums"], straight["export"]["sums"], "{stage}");
        assert_eq!(book(&killed), book(&whole), "{stage}");
        assert_eq!(told(&killed), told(&whole), "{stage}");
    }
    assert!(kills > 0, "the runs were over too soon to be killed");
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_loses_nothing() {
    let desk = Desk::with_setup(SETUP);
    let book = desk.write("book.jsonl", BOOK);
    desk.arrears(&["book", "import", &book]).done();
    let before = desk.arrears(&["book", "export"]).done().stdout;
    let more = desk.arrears(&["book", "generate", "--accounts", "3000", "--seed", "1"]);
    let more = desk.write("more.jsonl", &more.done().stdout);

    // Room for the data as it is, and a little more.
    let size = std::fs::metadata(desk.path("data/table.sqlite")).unwrap().len();
    let answer = desk.arrears_with_full_disk(size / 512 + 64, &["book", "import", &more]);
    let folder = desk.path("data");
    answer.exits(1).complains(&["cannot be used", folder.to_str().unwrap()]);

    // What was there is there, each line that came is whole, and the same
    // command goes through once there is room.
    let after = desk.arrears(&["book", "export"]).done().stdout;
    for line in before.lines() {
        assert!(after.contains(line), "lost: {line}");
    }
    desk.arrears(&["book", "import", &more]).done();
    let out = desk.path("export.jsonl");
    let out = out.to_str().unwrap();
    desk.arrears_with_full_disk(64, &["book", "export", "--out", out]).exits(1);
    assert!(!Path::new(out).exists(), "half a file must not lie where a whole one is meant");
}
