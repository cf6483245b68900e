//! The cases in `cases/`: what each event comes to, line by line. After a
//! change that is meant, rewrite the answers with
//! `UPDATE_EXPECT=1 cargo test -p arrears-domain --lib event` and read the
//! difference.
//!
//! ```text
//! = TITLE                         a case begins, with an empty account
//! account BALANCE
//! item ID BILL-TYPE AMOUNT [due=] [marker=] [set=REFERENCE]
//! record ID KIND-OR-BILL-TYPE SCHEME/MILESTONE BALANCE [since=2026-06-01] ...
//! on DATE EVENT ...               an event
//! enter DATE BILL-TYPE            a delinquency run asks for entry
//! run DATE RECORD                 a run asks whether the record advances
//! ```
//!
//! Answers are indented: a line for each record that changes (event, from -> to,
//! what it owes, on which date, when a run looks again: the actions), each line
//! item, the balance and what the ledger gets; or the code and text of the
//! rejection.

use super::book::Ledger;
use super::script::{Words, event, show, show_decision, show_entry};
use super::*;
use std::collections::BTreeSet;

const CASES: [(&str, &str); 7] = [
    ("payments", include_str!("cases/payments.txt")),
    ("reversals", include_str!("cases/reversals.txt")),
    ("staff", include_str!("cases/staff.txt")),
    ("placements", include_str!("cases/placements.txt")),
    ("bad", include_str!("cases/bad.txt")),
    ("entry", include_str!("cases/entry.txt")),
    ("collections", include_str!("cases/collections.txt")),
];

/// The text with the answers as they are now: `= ...` begins a case; indented
/// lines are answers to the line above them.
fn answered(text: &str) -> String {
    let (mut written, mut ledger, mut number) = (String::new(), Ledger::new(), 0);
    for line in text.lines().filter(|line| !line.starts_with("    ")) {
        written += &format!("{line}\n");
        if line.starts_with("= ") {
            (ledger, number) = (Ledger::new(), 0);
        }
        if line.is_empty() || line.starts_with(['=', '#']) {
            continue;
        }
        let words = Words::of(line);
        let answers = match words.plain(0) {
            "on" => {
                number += 1;
                show(&ledger.apply(&event(&words, number)))
            }
            "enter" => show_entry(&ledger.enter(words.plain(2), date(words.plain(1)))),
            "run" => show_decision(&ledger.run(&id(words.plain(2)), date(words.plain(1)))),
            _ => {
                ledger.has(&words);
                continue;
            }
        };
        for answer in answers {
            written += &format!("    {answer}\n");
        }
    }
    written
}

#[test]
fn events_come_to_what_the_cases_say() {
    for (name, cases) in CASES {
        let actual = answered(cases);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/event/tests/cases");
            std::fs::write(format!("{folder}/{name}.txt"), &actual).unwrap();
            continue;
        }
        for (number, (expected, actual)) in cases.lines().zip(actual.lines()).enumerate() {
            assert_eq!(expected, actual, "{name}.txt, line {}", number + 1);
        }
        assert_eq!(cases.lines().count(), actual.lines().count(), "{name}.txt has another length");
    }
}

/// Codes that no event can come to: no event adds amounts in a decision or
/// computes a date, and what fails there leaves the record due on every run.
const OF_RUNS_ONLY: [&str; 3] =
    ["AMOUNT_OUT_OF_RANGE", "DURATION_OUT_OF_RANGE", "DATE_OUT_OF_RANGE"];

#[test]
fn every_rejection_has_a_case_and_a_line_in_the_manual() {
    let source = [include_str!("../rejection.rs"), include_str!("../../decide/error.rs")].concat();
    let codes: BTreeSet<&str> = source
        .split('"')
        .filter(|text| text.contains('_'))
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        .chain(["AMBIGUOUS", "LATE", "RESOLVED"])
        .collect();
    assert!(codes.len() > 25, "the codes are not found in the source any more: {codes:?}");
    let manual = include_str!("../../../../../docs/EVENTS.md");
    for code in codes {
        let is_shown = CASES.iter().any(|(_, cases)| cases.contains(&format!("    {code}: ")));
        assert_eq!(is_shown, !OF_RUNS_ONLY.contains(&code), "{code} in the cases");
        assert!(manual.contains(&format!("`{code}`")), "docs/EVENTS.md does not have {code}");
    }
}
