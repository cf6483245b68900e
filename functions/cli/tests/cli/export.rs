//! Export runs as a clerk asks for them: what is told, what is shown of it, and
//! what is refused.

use crate::support::{Desk, SETUP};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../../../docs/EXPORTS.md");

/// A collection agency with a ready template in two files, and with a template
/// of its own that has no room for a long account.
const EXPORTS: &str = r#"
[[collection_agency]]
code = "NORTHSTAR"
name = "Northstar Recovery"

[[export_setup]]
code = "WEEKLY"
name = "Weekly file"
collection_agency = "NORTHSTAR"
prefix = "northstar/weekly"
template = "csv"
split_records = 2

[[export_setup]]
code = "OWN"
collection_agency = "NORTHSTAR"
prefix = "northstar/own"
record = '''
{{ placement.action | left(6) }}{{ account.id | left(6) }}{{ delinquency.balance }}
'''
trailer = "END {{ totals.balance }}\n"
"#;

/// Three records that may be handed over, and one on hold.
const BOOK: &str = r#"{"type":"contact","id":"C-1","name":"R. Vance"}
{"type":"account","id":"A-1","contact":"C-1","class":"residential","currency":"USD","balance":"152.30"}
{"type":"account","id":"A-2","class":"commercial","currency":"USD","balance":"80.00"}
{"type":"account","id":"A-30000","class":"residential","currency":"USD","balance":"60.00"}
{"type":"account","id":"A-4","class":"residential","currency":"USD","balance":"60.00"}
{"type":"delinquency","id":"D-1","account":"A-1","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-15","balance":"152.30"}
{"type":"delinquency","id":"D-2","account":"A-2","kind":"collections","scheme":"RES","milestone":"FINAL","entered_on":"2026-01-20","balance":"80.00"}
{"type":"delinquency","id":"D-3","account":"A-30000","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-15","balance":"60.00"}
{"type":"delinquency","id":"D-4","account":"A-4","kind":"collections","scheme":"RES","milestone":"REMIND","entered_on":"2026-01-15","balance":"60.00","hold":{"reason":"disputed"}}
"#;

const FOLDER: &str = "export/northstar/weekly/export-000001";
const WEEKLY: [&str; 6] = ["run", "export", "--setup", "WEEKLY", "--as-of", "2026-02-02"];

fn desk_of(book: &str) -> Desk {
    let desk = Desk::with_setup(&format!("{SETUP}{EXPORTS}"));
    let book = desk.write("book.jsonl", book);
    desk.arrears(&["book", "import", &book]).done();
    desk
}

fn desk() -> Desk {
    desk_of(BOOK)
}

/// After a run.
fn exported() -> Desk {
    let desk = desk();
    desk.arrears(&WEEKLY).done();
    desk
}

fn json(desk: &Desk, arguments: &[&str]) -> Value {
    desk.arrears(&[&["--json"], arguments].concat()).done().json()
}

/// All that there is, as far as commands show it.
fn state(desk: &Desk) -> (String, Value) {
    (desk.arrears(&["book", "export"]).done().stdout, json(desk, &["files", "list"]))
}

#[test]
fn a_run_says_what_was_told() {
    let desk = desk();
    desk.arrears(&WEEKLY).done().says(&[
        "Run 1 (export-000001) as of 2026-02-02: finished in",
        "Setup 1. Export setup WEEKLY, for NORTHSTAR.\n3 records told: 3 NEW, 0 UPDATE, 0 RECALL; 292.30 USD.\n",
        "4 records were looked at: 3 processed, 0 errors, 1 omitted.",
        "ON_HOLD                1",
        "export show export-000001",
    ]);
    let again = ["run", "export", "--setup", "WEEKLY", "--as-of", "2026-02-03"];
    let report = json(&desk, &[&again[..], &["--class", "residential"]].concat());
    assert_eq!(report["run_key"], "export-000002");
    assert_eq!(
        report["omitted_by_reason"],
        json!({"NOTHING_CHANGED": 2, "ON_HOLD": 1, "OTHER_CLASS": 1})
    );
    let export = &report["export"];
    assert_eq!(export["stage"], "done");
    assert_eq!(export["parameters"], json!({"classes": ["residential"]}));
    assert_eq!(export["sums"]["records"], 0);
    let shown = desk.arrears(&["runs", "show", "export-000002"]).done();
    shown.says(&["Parameters: classes residential.\n0 records told"]);
}

#[test]
fn export_setups_are_listed_and_shown() {
    let desk = desk();
    let all = desk.arrears(&["export", "setups"]).done();
    all.says(&["NORTHSTAR (Northstar Recovery)", "export/northstar/own/", "Weekly file"]);
    let one = desk.arrears(&["export", "setups", "OWN"]).done();
    one.says(&[
        "Values escaped for  line",
        "record:\n  {{ placement.action | left(6) }}",
        "trailer:\n  END {{ totals.balance }}\n",
        "export sample OWN",
        "run export --setup OWN",
    ]);
    let documents = json(&desk, &["export", "setups"]);
    let words = |it: &Value| json!([it["code"], it["template"], it["escape"], it["split_records"]]);
    let documents: Vec<Value> = documents.as_array().unwrap().iter().map(words).collect();
    let expected = [json!(["OWN", "own", "line", null]), json!(["WEEKLY", "csv", "csv", 2])];
    assert_eq!(documents, expected);
    let none = Desk::with_setup(SETUP);
    none.arrears(&["export", "setups"]).done().says(&["has no export setups", "docs/EXPORTS.md"]);
}

#[test]
fn a_sample_is_a_file_of_made_up_records() {
    let desk = desk();
    let sample = desk.arrears(&["export", "sample", "OWN"]).done().stdout;
    assert_eq!(sample, "NEW   A-1001152.30\nNEW   A-1002152.30\nRECALLA-10030.00\nEND 304.60\n");
    assert_eq!(json(&desk, &["export", "sample", "OWN"]), json!({"sample": sample}));
    let weekly = desk.arrears(&["export", "sample", "WEEKLY"]).done();
    assert!(weekly.stdout.starts_with("action,sequence,account,"), "{weekly:#?}");
}

#[test]
fn the_index_names_each_file() {
    let desk = exported();
    let shown = desk.arrears(&["export", "show", "export-000001"]).done();
    let file = |number: u32| format!("{FOLDER}/WEEKLY-2026-02-02-{number:04}.csv");
    let shown = shown.says(&["WEEKLY, for NORTHSTAR.\n3 records told: 3 NEW", "232.30 USD"]);
    let shown = shown.says(&[&file(1), &file(2), "files get"]);
    let number = desk.arrears(&["export", "show", "1"]).done();
    assert_eq!(number.stdout, shown.stdout);
    let index = json(&desk, &["export", "show", &format!("{FOLDER}/manifest.json")]);
    assert_eq!(index, json(&desk, &["export", "show", "1"]));
    assert_eq!(index["setup_version"], 1);
    assert_eq!(index["totals"]["balance"], json!({"USD": "292.30"}));
    for (number, accounts) in [(1, &["A-1", "A-2"][..]), (2, &["A-30000"])] {
        let entry = &index["files"][number - 1];
        let key = entry["key"].as_str().unwrap();
        assert_eq!(key, file(u32::try_from(number).unwrap()));
        assert_eq!(entry["records"], accounts.len());
        desk.arrears(&["files", "get", key, "--out", "file.csv"]).done();
        let text = std::fs::read_to_string(desk.path("file.csv")).unwrap();
        std::fs::remove_file(desk.path("file.csv")).unwrap();
        assert_eq!(entry["bytes"], text.len());
        let column = |line: &str| line.split(',').nth(2).unwrap().to_owned();
        assert_eq!(text.lines().skip(1).map(column).collect::<Vec<_>>(), accounts);
    }
}

#[test]
fn a_run_is_looked_at_as_other_runs_are() {
    let desk = exported();
    let list = desk.arrears(&["runs", "list"]).done();
    list.says(&["export-000001  export WEEKLY  2026-02-02  finished          3       0        1"]);
    assert_eq!(json(&desk, &["runs", "list"])[0]["export"]["collection_agency"], "NORTHSTAR");
    desk.arrears(&["runs", "show", "export-000001"]).done().says(&["3 records told: 3 NEW"]);
    let files = json(&desk, &["runs", "show", "export-000001"])["files"].clone();
    for file in [format!("{FOLDER}/manifest.json"), "runs/export-000001/plan-1.jsonl.zst".into()] {
        assert!(files.as_array().unwrap().contains(&json!(file)), "{file}: {files:#}");
    }
    desk.arrears(&["runs", "log", "export-000001"]).done().says(&[
        "Collections Export Run process started for Key export-000001\n",
        "Process Ledger executed 3 times",
        "Completed batch with 3 processed, 0 errors, and 1 accounts omitted.\n",
        "Collections Export Run process finished for Key export-000001\n",
    ]);
    let replayed = desk.arrears(&["runs", "replay", "export-000001"]).done();
    replayed.says(&["Replayed export-000001: 3 records, all decided again bit for bit"]);
    assert_eq!(json(&desk, &["runs", "replay", "export-000001"])["differing"], 0);
}

#[test]
fn a_dry_run_writes_nothing() {
    let desk = desk();
    let before = state(&desk);
    let dry = [&WEEKLY[..], &["--dry-run"]].concat();
    desk.arrears(&[&dry[..], &["--min-balance", "70"]].concat()).done().says(&[
        "Dry run (export WEEKLY) as of 2026-02-02: nothing was written.\n",
        "Parameters: min_balance 70.\n2 records to tell: 2 NEW, 0 UPDATE, 0 RECALL; 232.30 USD.\n",
        "OTHER_BALANCE          2",
    ]);
    let document = json(&desk, &dry);
    assert_eq!((&document["dry_run"], &document["processed"]), (&json!(true), &json!(3)));
    assert_eq!(document["sums"]["balance"], json!({"USD": "292.30"}));
    assert_eq!(json(&desk, &["runs", "list"]), json!([]));
    assert_eq!(state(&desk), before);
}

#[test]
fn a_record_that_cannot_be_written_is_an_error_of_the_run() {
    let desk = desk();
    let own = ["run", "export", "--setup", "OWN", "--as-of", "2026-02-02"];
    let words = ["A-30000 D-3: RENDER_FAILED", "record template, line 1", "does not fit into 6"];
    desk.arrears(&[&own[..], &["--dry-run"]].concat()).done().says(&words);
    desk.arrears(&own).done().says(&words).says(&["2 records told", "2 processed, 1 errors"]);
    let file = "export/northstar/own/export-000001/OWN-2026-02-02.txt";
    let file = desk.arrears(&["files", "cat", file]).done().stdout;
    assert_eq!(file, "NEW   A-1   152.30\nNEW   A-2   80.00\nEND 232.30\n");
    let next = ["run", "export", "--setup", "WEEKLY", "--as-of", "2026-02-03"];
    desk.arrears(&next).done().says(&["1 record told: 1 NEW"]);
    let needs = [&WEEKLY[..], &["--dry-run", "--condition", "contact.credit_points > 5"]].concat();
    desk.arrears(&needs).done().says(&["A-2 D-2: CONDITION_FAILED", "has(contact.credit_points)"]);
}

#[test]
fn what_cannot_be_asked_is_refused_before_anything_is_written() {
    let desk = exported();
    let before = state(&desk);
    let cases: [(&[&str], u8, &str, &[&str]); 18] = [
        (&["--scheme", "REST"], 1, "bad-parameter", &["`--scheme` is `REST`", "LIENS, RES"]),
        (
            &["--milestone", "X"],
            1,
            "bad-parameter",
            &["`--milestone` is `X`", "FINAL, LIEN, REMIND"],
        ),
        (
            &["--collection-agency", "X"],
            1,
            "bad-parameter",
            &["`--collection-agency`", "NORTHSTAR"],
        ),
        (&["--kind", "loan"], 1, "bad-parameter", &["`loan`", "address-lien, bill-type"]),
        (&["--min-balance", "1e3"], 1, "bad-parameter", &["`--min-balance` is `1e3`", "25.00"]),
        (&["--max-balance", "much"], 1, "bad-parameter", &["`--max-balance` is `much`"]),
        (
            &["--min-balance", "9", "--max-balance", "1"],
            1,
            "bad-parameter",
            &["`9`", "between it and 1"],
        ),
        (&["--min-level", "3", "--max-level", "1"], 1, "bad-parameter", &["`--min-level` is `3`"]),
        (
            &["--entered-from", "2026-03-01", "--entered-until", "2026-01-01"],
            1,
            "bad-parameter",
            &["`--entered-from` is `2026-03-01`", "2026-01-01"],
        ),
        (
            &["--condition", "delinquency.balanc > 1"],
            1,
            "bad-parameter",
            &["`--condition`", "at character 1", "did you mean delinquency.balance?"],
        ),
        (&["--condition", "1 + 1"], 1, "bad-parameter", &["`--condition` is `1 + 1`"]),
        (&["--setup", "WEEKLI"], 1, "unknown-export-setup", &["`WEEKLI`", "OWN, WEEKLY"]),
        (
            &["--as-of", "2026-02-01"],
            1,
            "back-dated",
            &["2026-02-01", "export-000001", "--allow-back-dated"],
        ),
        (&["--as-of", "2026-02-30"], 2, "usage", &["a date that exists"]),
        (&["--changed-since", "soon"], 2, "usage", &["--changed-since", "YYYY-MM-DD"]),
        (&["--min-level", "high"], 2, "usage", &["--min-level"]),
        (&["--dry-run", "--at", "2099-12-01T06:00"], 2, "usage", &["--dry-run", "--at"]),
        (&["--severity", "1"], 2, "usage", &["--severity"]),
    ];
    for (asked, exit, code, words) in cases {
        let is_asked = |option: &str| asked.contains(&option);
        let mut command = vec!["run", "export"];
        for usual in [["--setup", "WEEKLY"], ["--as-of", "2026-02-03"]] {
            command.extend(if is_asked(usual[0]) { &[][..] } else { &usual[..] });
        }
        command.extend(asked);
        desk.arrears(&command).exits(exit.into()).complains(words);
        let document =
            desk.arrears(&[&["--json"], &command[..]].concat()).exits(exit.into()).json();
        assert_eq!(document["error"]["code"], code, "{asked:?}");
    }
    assert_eq!(state(&desk), before);
    let back_dated = ["run", "export", "--setup", "WEEKLY", "--as-of", "2026-02-01"];
    desk.arrears(&[&back_dated[..], &["--allow-back-dated"]].concat()).done();
}

#[test]
fn what_is_not_there_is_said() {
    let desk = exported();
    let cases: &[(&[&str], &str, &[&str])] = &[
        (&["export", "setups", "NOPE"], "unknown-export-setup", &["`NOPE`", "OWN, WEEKLY"]),
        (&["export", "sample", "NOPE"], "unknown-export-setup", &["`NOPE`"]),
        (&["export", "show", "9"], "unknown-run", &["export-000009", "arrears runs list"]),
        (
            &["export", "show", "export/a/manifest.json"],
            "unknown-file",
            &["export/a/manifest.json"],
        ),
        (&["runs", "abandon", "export-000009"], "unknown-run", &["export-000009"]),
        (&["runs", "abandon", "export-000001"], "already-finished", &["export-000001 has ended"]),
        (&["runs", "resume", "export-000001"], "already-finished", &["export-000001 has ended"]),
    ];
    for (command, code, words) in cases {
        desk.arrears(command).exits(1).complains(words);
        let document = desk.arrears(&[&["--json"], *command].concat()).exits(1).json();
        assert_eq!(document["error"]["code"], *code, "{command:?}");
    }
}

/// Amounts of two currencies have no one sum: the trailer cannot be written, by
/// this run as it is bound to its setup never.
#[test]
fn a_run_that_cannot_write_its_files_is_given_up() {
    let desk = desk_of(
        &BOOK
            .replace(r#""USD","balance":"80.00""#, r#""JPY","balance":"80""#)
            .replace(r#""2026-01-20","balance":"80.00""#, r#""2026-01-20","balance":"80""#),
    );
    let own = ["run", "export", "--setup", "OWN", "--as-of", "2026-02-02"];
    desk.arrears(&own).exits(1).complains(&["is given up", "trailer template", "JPY, USD"]);
    let shown = desk.arrears(&["runs", "show", "export-000001"]).done();
    let shown = shown.says(&["Run 1 (export-000001) as of 2026-02-02: abandoned."]);
    assert!(!shown.stdout.contains("resume"), "{shown:#?}");
    desk.arrears(&["runs", "resume", "export-000001"]).exits(1).complains(&["has ended"]);
    desk.arrears(&WEEKLY).done().says(&["3 records told", "80 JPY, 212.30 USD"]);
}

#[test]
fn a_mistake_of_an_export_setup_is_shown_at_its_place() {
    // What is replaced, by what, the code of the mistake, and what is shown.
    let cases: [(&str, &str, &str, &[&str]); 5] = [
        (
            "{{ delinquency.balance }}\n",
            "\n{{ delinquency.balanse }}\n",
            "bad-template",
            &["`record`, line 2", "`delinquency.balanse`", "did you mean delinquency.balance?"],
        ),
        ("END {{ totals.balance }}", "{{ account.id }}", "bad-template", &["`trailer`, line 1"]),
        ("northstar/own", "../x", "bad-prefix", &["the part `..`", "`export/` folder"]),
        ("northstar/own", "/etc", "bad-prefix", &["begins with `/`"]),
        ("template = \"csv\"", "template = \"cvs\"", "unknown-word", &["`cvs`", "`csv`"]),
    ];
    let desk = Desk::empty();
    let good = format!("{SETUP}{EXPORTS}");
    for (words, replacement, code, shown) in cases {
        let text = good.replacen(words, replacement, 1);
        assert_ne!(text, good, "{words:?} does not stand in the setup");
        desk.write("bad.toml", &text);
        let checked = desk.arrears(&["setup", "check", "bad.toml"]).exits(1);
        let mistakes = desk.arrears(&["--json", "setup", "check", "bad.toml"]).exits(1).json();
        let mistake = &mistakes["mistakes"][0];
        assert_eq!(mistake["code"], code, "{mistakes:#}");
        let place = format!("bad.toml:{}:{}", mistake["line"], mistake["column"]);
        for word in shown.iter().chain(&[place.as_str()]) {
            assert!(checked.stderr.contains(word), "{word:?} is missing: {checked:#?}");
        }
        let line =
            text.lines().nth(usize::try_from(mistake["line"].as_u64().unwrap()).unwrap() - 1);
        let replaced = replacement.trim();
        assert!(line.unwrap().contains(replaced), "{line:?} is not where {replaced:?} stands");
        desk.arrears(&["setup", "load", "bad.toml"]).exits(1);
    }
    assert!(!desk.path("data").exists(), "nothing may be made for a setup that is refused");
}

/// The options that the help of a command names.
fn options(desk: &Desk, command: &[&str]) -> BTreeSet<String> {
    let help = desk.arrears(&[command, &["--help"]].concat()).done().stdout;
    let words = help.split(|it: char| !(it.is_ascii_lowercase() || it == '-'));
    words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn the_guide_explains_every_option() {
    let desk = desk();
    let of_all = options(&desk, &["runs", "list"]);
    let own = &options(&desk, &["run", "export"]) - &of_all;
    assert!(own.len() > 15, "{own:?}");
    let missing: Vec<&String> =
        own.iter().filter(|option| !GUIDE.contains(&format!("`{option}"))).collect();
    assert_eq!(missing, Vec::<&String>::new());
}
