//! A changed setup asked about the live book, and runs that are decided again.

use crate::support::{Desk, SETUP};
use serde_json::json;

const ASK: [&str; 6] = ["run", "collections", "--as-of", "2026-02-02", "--dry-run", "--diff"];

fn ask(desk: &Desk, setup: &str, options: &[&str]) -> crate::support::Answer {
    desk.arrears(&[options, &ASK[..], &["--setup", setup]].concat())
}

#[test]
fn a_changed_setup_is_asked_and_nothing_is_written() {
    let desk = Desk::with_book();
    let before = desk.arrears(&["book", "export"]).done().stdout;
    let changed = desk.write("changed.toml", &SETUP.replace("duration = 10", "duration = 30"));
    let text = ask(&desk, &changed, &[]).done().says(&[
        "What if, as of 2026-02-02: setup 1 now, the new one then. Nothing was written.\n",
        "2 records asked: all that are open",
        "1 fares the same, 1 differently.",
        "  REMIND -> FINAL  stays: NOT_YET_ELIGIBLE        1\n",
        "2.50 USD  nothing\n",
        "  A-1 D-1 at RES: REMIND (1), owing 152.30 USD\n",
        "now   REMIND -> FINAL; notice REMINDER, one-off-penalty LATE 2.50 USD\n",
        "then  stays: NOT_YET_ELIGIBLE\n",
        "why   duration: 30 days from entry 2026-01-15: eligible on 2026-02-14\n",
    ]);
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 100), "{text:#?}");
    let document = ask(&desk, &changed, &["--json"]).done().json();
    assert_eq!((&document["same"], &document["differing"]), (&json!(1), &json!(1)));
    assert_eq!(document["fares"][0]["account"], "A-1");
    assert_eq!(desk.arrears(&["book", "export"]).done().stdout, before);
    assert_eq!(desk.arrears(&["--json", "runs", "list"]).done().json(), json!([]));
    desk.arrears(&["setup", "show", "--version", "2"]).exits(1);
}

#[test]
fn other_effects_are_a_difference_too() {
    let desk = Desk::with_book();
    let dearer = desk.write("dearer.toml", &SETUP.replace("\"2.50\"", "\"4.00\""));
    ask(&desk, &dearer, &[]).done().says(&[
        "REMIND -> FINAL  the same, with other effects        1\n",
        "2.50 USD  4.00 USD\n",
        "why   the rules say the same; the actions are others\n",
    ]);
    let same = desk.write("same.toml", SETUP);
    let text = ask(&desk, &same, &[]).done().stdout;
    assert!(text.ends_with("2 fare the same, 0 differently.\n"), "{text}");
}

#[test]
fn mistakes_of_the_other_setup_are_shown_like_those_of_any() {
    let desk = Desk::with_book();
    let bad = desk.write("bad.toml", &SETUP.replace("= \"FINAL\"\n\n", "= \"FINALE\"\n\n"));
    let answer = ask(&desk, &bad, &[]).exits(1);
    answer.complains(&["unknown-milestone", "bad.toml:", "did you mean `FINAL`?"]);
    let document = ask(&desk, &bad, &["--json"]).exits(1).json();
    assert_eq!(document["error"]["code"], "setup-mistakes");
}

#[test]
fn a_run_is_decided_again_bit_for_bit() {
    let desk = Desk::with_book();
    desk.arrears(&["run", "collections", "--as-of", "2026-02-02"]).done();
    let before = desk.arrears(&["book", "export"]).done().stdout;
    let text = desk.arrears(&["runs", "replay", "1"]).done().stdout;
    let start = "Replayed collections-000001: 2 records, all decided again bit for bit, in ";
    assert!(text.starts_with(start) && text.ends_with(").\n"), "{text}");
    let document = desk.arrears(&["--json", "runs", "replay", "collections-000001"]).done().json();
    assert_eq!((&document["records"], &document["differing"]), (&json!(2), &json!(0)));
    assert_eq!(desk.arrears(&["book", "export"]).done().stdout, before);
    desk.arrears(&["runs", "replay", "7"]).exits(1).complains(&["no run collections-000007"]);
}

#[test]
fn a_journal_that_was_changed_is_found_out() {
    let desk = Desk::with_book();
    desk.arrears(&["run", "collections", "--as-of", "2026-02-02"]).done();
    // Somebody makes the penalty of the journal larger.
    let changed = replace_in_files(&desk.path("data"), "\"2.50\"", "\"9.50\"");
    assert_eq!(changed, 1, "the journal is one file");
    let answer = desk.arrears(&["runs", "replay", "1"]).exits(1).says(&[
        "Replayed collections-000001: 2 records, of which 1 comes out otherwise",
        "  A-1 D-1: runs/collections-000001/journal/000001-1.jsonl, line ",
        "recorded\n",
        "9.50",
        "replayed\n",
        "2.50",
    ]);
    assert_eq!(answer.stderr, "");
}

/// Replaces a text in all journals under a folder; gives how many had it.
fn replace_in_files(folder: &std::path::Path, from: &str, to: &str) -> usize {
    let mut changed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            changed += replace_in_files(&path, from, to);
        } else if path.extension().is_some_and(|it| it == "jsonl") {
            let text = std::fs::read_to_string(&path).unwrap();
            if text.contains(from) {
                std::fs::write(&path, text.replace(from, to)).unwrap();
                changed += 1;
            }
        }
    }
    changed
}
