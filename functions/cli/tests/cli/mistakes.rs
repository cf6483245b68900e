//! What is said of a setup or a book that has mistakes.

use crate::support::{BOOK, Desk, SETUP};
use serde_json::{Value, json};

/// A setup with several mistakes, and how they are shown. Run with
/// UPDATE_EXPECT=1 to take over what is shown now.
const BAD_SETUP: &str = include_str!("bad.toml");

#[test]
fn every_mistake_is_shown_with_its_line_and_what_to_do() {
    let desk = Desk::empty();
    desk.write("bad.toml", BAD_SETUP);
    let checked = desk.arrears(&["setup", "check", "bad.toml"]).exits(1);
    let shown = format!("{}{}", checked.stderr, checked.stdout);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/bad.expected");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &shown).unwrap();
    }
    assert_eq!(shown, std::fs::read_to_string(path).unwrap());
}

#[test]
fn a_setup_with_mistakes_is_not_loaded() {
    let desk = Desk::empty();
    desk.write("bad.toml", BAD_SETUP);
    let loaded = desk.arrears(&["setup", "load", "bad.toml"]).exits(1);
    assert!(loaded.stderr.contains("bad.toml:"), "{loaded:#?}");
    assert!(!desk.path("data").exists(), "nothing may be made for a setup that is refused");
    let document = desk.arrears(&["--json", "setup", "load", "bad.toml"]).exits(1).json();
    assert_eq!(document["error"]["code"], "setup-mistakes");
    assert!(document["error"]["mistakes"].as_array().unwrap().len() > 3);
}

/// The first line that has the words, from 1.
fn line_of(text: &str, words: &str) -> usize {
    1 + text.lines().position(|line| line.contains(words)).unwrap()
}

#[test]
fn each_kind_of_mistake_has_its_code_and_its_line() {
    // What is replaced, by what, and the code of the mistake at that line.
    let cases = [
        ("next_milestone = \"FINAL\"", "next_milestone = \"FINALE\"", "unknown-milestone"),
        ("entry_scheme = \"RES\"", "entry_scheme = \"REST\"", "unknown-scheme"),
        ("type = \"notice\"", "type = \"notise\"", "bad-action-type"),
        ("type = \"notice\"", "type = \"vendor:sms\"", "unknown-action-type"),
        ("line_item_type = \"LATE\"", "line_item_type = \"LAET\"", "unknown-reference"),
        ("correspondence = \"REMINDER\"", "correspondence = \"REMIND\"", "unknown-reference"),
        ("percent = \"1.5\"", "percent = \"x\"", "invalid-config"),
        ("minimum = \"2.50\"", "minimum = \"2.50.1\"", "invalid-config"),
        ("percent = \"1.5\"", "percent = 1.5", "float-amount"),
        ("= \"25.00\"", "= 25.00", "float-amount"),
        ("lien = true", "lien = true\nresolve = { formula = \"'no'\" }", "bad-formula"),
        ("lien = true", "lien = true\nduration = 3\nnext_milestone = \"REMIND\"", "milestone-loop"),
        ("code = \"FINAL\"", "code = \"REMIND\"", "duplicate-code"),
        ("duration = 10", "duration = 10\ndays = 3", "unknown-key"),
        ("[[scheme]]", "[calendar.c]\nholidays = [\"2026-02-30\"]\n[[scheme]]", "no-such-date"),
        ("[[scheme]]", "[tasks]\ncommit_number = 0\n[[scheme]]", "out-of-range"),
        ("[[scheme]]", "[tasks]\ncommit_number = 100000\n[[scheme]]", "out-of-range"),
        ("[[scheme]]", "[[scheme\n[[scheme]]", "syntax"),
    ];
    let desk = Desk::empty();
    for (words, replacement, code) in cases {
        let text = SETUP.replacen(words, replacement, 1);
        assert_ne!(text, SETUP, "{words:?} does not stand in the setup");
        desk.write("case.toml", &text);
        let document = desk.arrears(&["--json", "setup", "check", "case.toml"]).exits(1).json();
        let mistakes = document["mistakes"].as_array().unwrap();
        let found = mistakes.iter().find(|mistake| mistake["code"] == code);
        let Some(found) = found else { panic!("no {code} after {replacement:?}: {document:#}") };
        let first = line_of(SETUP, words);
        let last = first + replacement.lines().count() - 1;
        let line = usize::try_from(found["line"].as_u64().unwrap()).unwrap();
        // A loop is shown at its first milestone, a code at its second use.
        let anywhere = ["milestone-loop", "duplicate-code", "float-amount"].contains(&code);
        assert!(anywhere || (first..=last).contains(&line), "{replacement:?}: {found:#}");
        assert_eq!(found["file"], "case.toml");
        assert!(!found["message"].as_str().unwrap().is_empty());
    }
}

#[test]
fn warnings_do_not_refuse_a_setup() {
    let desk = Desk::empty();
    let text = SETUP.replace("duration = 10\nnext_milestone = \"FINAL\"", "duration = 10");
    desk.write("warned.toml", &text);
    let document = desk.arrears(&["--json", "setup", "check", "warned.toml"]).done().json();
    assert_eq!(document["errors"], 0);
    assert_eq!(document["mistakes"][0]["code"], "unreachable-milestone");
    let text = desk.arrears(&["setup", "check", "warned.toml"]).done();
    assert!(text.stderr.contains("unreachable-milestone"), "{text:#?}");
    assert!(text.stdout.starts_with("The setup is good"), "{text:#?}");
}

/// Imports one line after a good account, and gives the reason why it was
/// refused.
fn refusal(line: &str) -> String {
    let desk = Desk::with_setup(SETUP);
    let account = r#"{"type":"account","id":"A-1","currency":"USD","balance":"1.00"}"#;
    let book = desk.write("book.jsonl", &format!("{account}\n\n{line}\n"));
    let report = desk.arrears(&["--json", "book", "import", &book]).exits(1).json();
    assert_eq!(report["imported"], json!({"account": 1}), "the good line is kept");
    assert_eq!(report["rejected_count"], 1);
    assert_eq!(report["rejected"][0]["line"], 3, "the number of the line in the file");
    report["rejected"][0]["reason"].as_str().unwrap().to_owned()
}

#[test]
fn a_bad_line_of_a_book_is_refused_with_its_reason() {
    let delinquency = |fields: Value| {
        let mut line = json!({
            "type": "delinquency", "id": "D-1", "account": "A-1", "kind": "collections",
            "scheme": "RES", "milestone": "REMIND", "entered_on": "2026-01-15", "balance": "1.00",
        });
        for (name, value) in fields.as_object().unwrap() {
            line[name] = value.clone();
        }
        line.to_string()
    };
    let cases = [
        (delinquency(json!({"scheme": "REST"})), "no scheme `REST`"),
        (delinquency(json!({"milestone": "FINALE"})), "no milestone `FINALE`"),
        (delinquency(json!({"balance": 1.5})), "quotes"),
        (delinquency(json!({"balance": "1.005"})), "1.005"),
        (delinquency(json!({"currency": "EUR"})), "the account's currency is USD"),
        (delinquency(json!({"entered_on": "2026-02-30"})), "2026-02-30"),
        (delinquency(json!({"account": "A-2"})), "A-2"),
        (delinquency(json!({"ballance": "1.00"})), "ballance"),
        ("{\"type\":\"delinquency\"".to_owned(), "EOF"),
        ("{\"type\":\"house\"}".to_owned(), "house"),
    ];
    for (line, words) in cases {
        let reason = refusal(&line);
        assert!(reason.contains(words), "{words:?} is not in the reason for {line}: {reason}");
    }
}

#[test]
fn the_good_lines_of_a_long_book_are_kept() {
    let desk = Desk::with_setup(SETUP);
    let mut book = String::new();
    for number in 1..=3_000 {
        let balance = if number == 1_777 { "1.005" } else { "1.00" };
        book.push_str(&format!(
            "{{\"type\":\"account\",\"id\":\"A-{number}\",\"currency\":\"USD\",\"balance\":\"{balance}\"}}\n"
        ));
    }
    let book = desk.write("book.jsonl", &book);
    let text = desk.arrears(&["book", "import", &book]).exits(1).stdout;
    assert!(text.starts_with("2,999 lines taken in (2,999 account)."), "{text}");
    assert!(text.contains("line 1777: "), "{text}");
    assert_eq!(desk.arrears(&["book", "export"]).done().stdout.lines().count(), 2_999);
}

#[test]
fn a_book_of_an_agency_without_a_setup_is_refused() {
    let desk = Desk::with_setup(SETUP);
    let book = desk.write("book.jsonl", BOOK);
    let answer = desk.arrears(&["--agency", "other", "book", "import", &book]).exits(1);
    answer.complains(&["agency other has no setup", "arrears setup load"]);
}
