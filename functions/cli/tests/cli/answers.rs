//! What commands answer when all is well.

use crate::support::{BOOK, Desk, SETUP};
use serde_json::{Value, json};

const RUN: [&str; 4] = ["run", "collections", "--as-of", "2026-02-02"];

fn after_a_run() -> Desk {
    let desk = Desk::with_book();
    desk.arrears(&RUN).done();
    desk
}

#[test]
fn with_json_every_command_answers_with_one_document() {
    let desk = after_a_run();
    let journal = "runs/collections-000001/journal/000001-1.jsonl";
    let commands: &[&[&str]] = &[
        &["setup", "check", "setup.toml"],
        &["setup", "load", "setup.toml"],
        &["setup", "show"],
        &["setup", "show", "--actions", "--version", "1"],
        &["setup", "diff", "1", "setup.toml"],
        &["book", "import", "book.jsonl"],
        &["book", "export", "--out", "export.jsonl"],
        &["book", "generate", "--accounts", "5", "--seed", "1", "--out", "made.jsonl"],
        &["run", "collections", "--as-of", "2026-03-02", "--dry-run"],
        &["run", "collections", "--as-of", "2026-03-02"],
        &["runs", "list"],
        &["runs", "show", "collections-000001"],
        &["runs", "log", "1"],
        &["runs", "replay", "1"],
        &[
            "run",
            "collections",
            "--as-of",
            "2026-03-02",
            "--dry-run",
            "--diff",
            "--setup",
            "setup.toml",
        ],
        &["run", "delinquency", "--as-of", "2026-03-02", "--dry-run"],
        &["run", "delinquency", "--as-of", "2026-03-02"],
        &["payment", "post", "--account", "A-1", "--id", "E-1", "--amount", "1.00"],
        &["payment", "reverse", "--account", "A-1", "--id", "E-2", "--payment", "E-1"],
        &["delinquency", "extend", "--account", "A-1", "--days", "1"],
        &["promise", "make", "--account", "A-1", "--until", "2099-01-01"],
        &["arrangement", "make", "--account", "A-1"],
        &["dispute", "open", "--account", "A-1", "--reason", "x"],
        &["delinquency", "release", "--account", "A-1", "--id", "E-3"],
        &["events", "dead-letters"],
        &["events", "redrive", "--all"],
        &["account", "show", "A-1"],
        &["account", "explain", "A-1"],
        &["eligible", "lien"],
        &["eligible", "collections"],
        &["files", "list"],
        &["files", "cat", journal],
        &["files", "get", journal, "--out", "journal.jsonl"],
        &["plugin", "list"],
        &["plugin", "inspect", "arrears-notice"],
    ];
    for command in commands {
        let answer = desk.arrears(&[&["--json"], *command].concat()).done();
        assert!(!answer.json().is_null(), "{command:?}");
        let text = desk.arrears(command).done();
        assert!(!text.stdout.trim().is_empty(), "{command:?} says nothing");
        assert_eq!(text.stderr, "", "{command:?}");
    }
}

#[test]
fn a_run_reports_counts_that_add_up() {
    let desk = Desk::with_book();
    let run = desk.arrears(&[&["--json"], &RUN[..]].concat()).done().json();
    assert_eq!(run["run_key"], "collections-000001");
    assert_eq!(run["status"], "finished");
    assert_eq!(
        (&run["processed"], &run["errors"], &run["omitted"]),
        (&json!(1), &json!(0), &json!(1))
    );
    assert_eq!(run["omitted_by_reason"], json!({"ON_HOLD": 1}));
    assert_eq!(run["effects"], json!({"notice": 1, "one-off-penalty": 1}));
    assert_eq!(run["moves"], json!({"RES: REMIND -> FINAL": 1}));
    // 1.5 % of 152.30 is 2.2845, less than the minimum.
    assert_eq!(run["charged_minor_units"], json!({"USD": 250}));
    assert!(run["capacity"]["write_units_milli"].as_u64().unwrap() > 0);
    assert!(!run["files"].as_array().unwrap().is_empty());
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let desk = Desk::with_book();
    let before = desk.arrears(&["book", "export"]).done().stdout;
    let rehearsed = desk.arrears(&[&RUN[..], &["--dry-run", "--json"]].concat()).done().json();
    assert_eq!(desk.arrears(&["book", "export"]).done().stdout, before);
    assert_eq!(desk.arrears(&["--json", "runs", "list"]).done().json(), json!([]));
    let run = desk.arrears(&[&["--json"], &RUN[..]].concat()).done().json();
    for same in ["processed", "omitted", "effects", "moves", "charged_minor_units"] {
        assert_eq!(rehearsed[same], run[same], "{same}");
    }
}

#[test]
fn an_account_is_shown_and_explained() {
    let desk = after_a_run();
    let shown = desk.arrears(&["--json", "account", "show", "A-1"]).done().json();
    assert_eq!(shown["account"]["balance"], "154.80");
    assert_eq!(shown["delinquencies"][0]["milestone"], "FINAL");
    assert_eq!(shown["delinquencies"][0]["status"], "open");
    assert_eq!(shown["history"][0]["from"], "REMIND");
    assert_eq!(shown["one_off_charge"][0]["amount"], "2.50");
    let page = desk.arrears(&["account", "show", "A-1"]).done().stdout;
    for words in ["R. Vance", "154.80 USD", "FINAL (2)", "REMIND -> FINAL", "penalty", "REMINDER"] {
        assert!(page.contains(words), "{words:?} is missing:\n{page}");
    }
    let story = desk.arrears(&["account", "explain", "A-1"]).done().stdout;
    for words in ["as of 2026-02-02", "2026-01-25", "by collections-000001", "NO_NEXT_MILESTONE"] {
        assert!(story.contains(words), "{words:?} is missing:\n{story}");
    }
    let held = desk.arrears(&["account", "explain", "A-2"]).done().stdout;
    assert!(held.contains("Disputed bill"), "{held}");
}

#[test]
fn the_log_has_the_messages_of_the_source_document() {
    let desk = after_a_run();
    let log = desk.arrears(&["runs", "log", "1"]).done().stdout;
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(
        lines.first(),
        Some(&"Delinquency/Collections Run process started for Key collections-000001")
    );
    assert!(lines.contains(&"Started batch for 2 Accounts."), "{log}");
    let completed = "Completed batch with 1 processed, 0 errors, and 1 accounts omitted.";
    assert!(lines.contains(&completed), "{log}");
    assert_eq!(
        lines.last(),
        Some(&"Delinquency/Collections Run process finished for Key collections-000001")
    );
    let loud = desk.arrears(&["run", "collections", "--as-of", "2026-02-03", "-v"]).done();
    assert!(loud.stderr.contains("Completed batch with"), "{loud:#?}");
}

#[test]
fn an_import_of_an_export_loses_nothing() {
    let desk = after_a_run();
    let exported = desk.arrears(&["book", "export"]).done().stdout;
    let types: Vec<String> = exported
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].to_string())
        .collect();
    assert!(types.contains(&"\"transition\"".to_owned()), "{exported}");
    let other = Desk::with_setup(SETUP);
    let book = other.write("export.jsonl", &exported);
    other.arrears(&["book", "import", &book]).done();
    assert_eq!(other.arrears(&["book", "export"]).done().stdout, exported);
}

#[test]
fn a_csv_is_taken_in_by_its_map() {
    let desk = Desk::with_setup(SETUP);
    let csv = desk.write("accounts.csv", "Account No,Total Due,E-Bill\nA-7,12.50,yes\n");
    let map = desk.write(
        "map.toml",
        "type = \"account\"\n[columns]\nid = \"Account No\"\nbalance = \"Total Due\"\n\
         \"attributes.paperless\" = \"E-Bill\"\n[constants]\ncurrency = \"USD\"\n",
    );
    desk.arrears(&["book", "import", &csv, "--map", &map]).done();
    let shown = desk.arrears(&["--json", "account", "show", "A-7"]).done().json();
    assert_eq!(shown["account"]["balance"], "12.50");
    assert_eq!(shown["account"]["attributes"], json!({"paperless": "yes"}));
    let unmapped = desk.arrears(&["book", "import", &csv]).exits(2);
    unmapped.complains(&["accounts.csv", "--map"]);
}

#[test]
fn the_same_seed_makes_the_same_book() {
    let desk = Desk::empty();
    let setup = desk.write("setup.toml", SETUP);
    let make = |seed: &str| {
        let command = ["book", "generate", "--accounts", "50", "--seed", seed, "--setup", &setup];
        desk.arrears(&command).done().stdout
    };
    assert_eq!(make("1"), make("1"));
    assert_ne!(make("1"), make("2"));
}

#[test]
fn setups_are_compared_in_words() {
    let desk = Desk::with_setup(SETUP);
    let changed = desk.write("changed.toml", &SETUP.replace("duration = 10", "duration = 14"));
    let words = desk.arrears(&["setup", "diff", "1", &changed]).done().stdout;
    assert_eq!(words, "scheme RES, milestone REMIND: duration 10 days -> 14 days\n");
    let same = desk.arrears(&["setup", "diff", "1", "1"]).done().stdout;
    assert_eq!(same, "1 and 1 say the same.\n");
}

#[test]
fn a_plugin_tells_what_it_takes() {
    let desk = Desk::empty();
    let by_type = desk.arrears(&["plugin", "inspect", "one-off-penalty"]).done().stdout;
    for words in [
        "arrears-one-off-penalty",
        "sha256:",
        "arrears:action/log@0.1.0",
        "line_item_type (code of a line item type, required)",
        "percent (text, optional)",
    ] {
        assert!(by_type.contains(words), "{words:?} is missing:\n{by_type}");
    }
    let list = desk.arrears(&["--json", "plugin", "list"]).done().json();
    assert_eq!(list.as_array().unwrap().len(), 8);
    let text = desk.write("plugin.wasm", "this is no component");
    desk.arrears(&["plugin", "inspect", &text]).exits(1).complains(&["not WebAssembly"]);
}

#[test]
fn the_demo_tells_a_story_and_touches_nothing_that_is_there() {
    let desk = Desk::empty();
    let data = desk.path("demo");
    let told = desk.arrears_over(&data, &["demo", "--accounts", "300", "--seed", "7"]).done();
    for words in [
        "Rivertown Water & Light",
        "collections-000004",
        "What if reminders took 5 business days",
        "payments posted",
        "What the collection agency NORTHSTAR was told",
        "export/northstar/export-000002/NORTHSTAR-2026-03-16.csv",
        "every one comes out bit for bit",
        "RES: FINAL (2)",
        "The story of one account",
        "DynamoDB",
        "How long it took",
    ] {
        assert!(told.stdout.contains(words), "{words:?} is missing:\n{}", told.stdout);
    }
    assert!(told.stdout.lines().count() <= 140, "{}", told.stdout);
    let again = desk.arrears_over(&data, &["demo", "--accounts", "3"]).exits(1);
    again.complains(&["is not empty", "new folder"]);
    let runs = desk.arrears_over(&data, &["--json", "runs", "list"]).done().json();
    assert_eq!(runs.as_array().unwrap().len(), 6);
}

#[test]
fn agencies_do_not_see_each_other() {
    let desk = Desk::with_book();
    let others = desk.arrears(&["--agency", "other", "book", "export"]).done();
    assert_eq!(others.stdout, "");
    assert_eq!(
        desk.arrears(&["book", "export"]).done().stdout.lines().count(),
        BOOK.lines().count()
    );
}
