//! What comes back from a collection agency: the records are handed over by an
//! export run, the agency's file is taken in, and the next export run tells the
//! agency what has become of it.

use crate::support::{Answer, Desk, SETUP};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const AGENCIES: &str = r#"
[[collection_agency]]
code = "NORTHSTAR"
name = "Northstar Recovery"

[[collection_agency]]
code = "SOUTHERN"
name = "Southern Credit"

[[export_setup]]
code = "WEEKLY"
collection_agency = "NORTHSTAR"
prefix = "northstar/weekly"
template = "csv"
"#;

/// The agency's file: a line of each status.
const FILE: &str = include_str!("placement.csv");

const IMPORT: [&str; 4] = ["placement", "import", "--collection-agency", "NORTHSTAR"];

/// The accounts `A-1` to `A-7`, each with one record of 60.00, which the agency
/// got on 2 February; the last one is on hold, and was not handed over.
fn desk() -> Desk {
    let desk = Desk::with_setup(&format!("{SETUP}{AGENCIES}"));
    let mut book = String::new();
    for number in 1..=7 {
        let hold = if number == 7 { json!({"reason": "disputed"}) } else { json!(false) };
        let account = json!({
            "type": "account", "id": format!("A-{number}"), "currency": "USD", "balance": "60.00",
        });
        let record = json!({
            "type": "delinquency", "id": format!("D-{number}"), "account": format!("A-{number}"),
            "kind": "collections", "scheme": "RES", "milestone": "REMIND",
            "entered_on": "2026-01-15", "balance": "60.00", "hold": hold,
        });
        book.push_str(&format!("{account}\n{record}\n"));
    }
    let book = desk.write("book.jsonl", &book);
    desk.arrears(&["book", "import", &book]).done();
    export(&desk, "2026-02-02");
    desk
}

fn export(desk: &Desk, date: &str) {
    desk.arrears(&["run", "export", "--setup", "WEEKLY", "--as-of", date]).done();
}

fn import(desk: &Desk, text: &str) -> Answer {
    let file = desk.write("file.csv", text);
    desk.arrears(&[&["--json"], &IMPORT[..], &[&file, "--on", "2026-02-20"]].concat())
}

/// `D-1: NEW`, the last entry for each record.
fn told(desk: &Desk) -> BTreeSet<String> {
    let all = desk.arrears(&["--json", "placement", "list", "--all"]).done().json();
    let entries = all["placements"].as_array().unwrap().clone();
    let is_last = |entry: &Value| {
        let later = entries.iter().filter(|it| it["delinquency"] == entry["delinquency"]);
        later.map(|it| it["sequence"].as_u64()).max().unwrap() == entry["sequence"].as_u64()
    };
    let words = |it: &Value| {
        let word = |name: &str| it[name].as_str().unwrap().to_owned();
        format!("{}: {}", word("delinquency"), word("action"))
    };
    entries.iter().filter(|entry| is_last(entry)).map(words).collect()
}

/// The outcome of each line; with its code if it is refused.
fn outcomes(report: &Value) -> Vec<String> {
    let outcome = |it: &Value| {
        let word = |name: &str| it[name].as_str().unwrap().to_owned();
        match it["outcome"].as_str() {
            Some("refused") => format!("{} {}", it["line"], word("code")),
            _ => format!("{} {}", it["line"], word("outcome")),
        }
    };
    report["answers"].as_array().unwrap().iter().map(outcome).collect()
}

fn balance(desk: &Desk, account: &str) -> Value {
    let page = desk.arrears(&["--json", "account", "show", account]).done().json();
    page["account"]["balance"].clone()
}

#[test]
fn each_status_does_what_it_says_and_the_next_run_confirms_it() {
    let desk = desk();
    let first = told(&desk);
    assert_eq!(first, (1..=6).map(|it| format!("D-{it}: NEW")).collect::<BTreeSet<_>>());
    let report = import(&desk, FILE).done().json();
    assert_eq!(report["outcomes"], json!({"applied": 8, "duplicates": 0, "refused": 0}));
    assert_eq!(report["taken_in_minor_units"], json!({"USD": 8_500}));
    assert_eq!(report["by_status"]["closed"]["applied"], 1);
    let changes = |line: usize| report["answers"][line - 1]["changes"].clone();
    assert_eq!(changes(1), json!([]));
    assert_eq!(changes(2), json!(["D-2: balance-changed"]));
    assert_eq!(changes(5), json!(["D-5: REMIND -> resolved (AGENCY-CLOSED)"]));
    assert_eq!(report["answers"][4]["reason"], "deceased, no estate");
    assert_eq!(report["answers"][5]["delinquency"], "D-6", "the only one that is meant");
    for (account, expected) in
        [("A-1", "60.00"), ("A-2", "40.00"), ("A-3", "0.00"), ("A-6", "55.00")]
    {
        assert_eq!(balance(&desk, account), expected, "{account}");
    }

    let before = desk.arrears(&["book", "export"]).done().stdout;
    assert!(before.contains("arrears.placement.acknowledged"), "{before}");
    let file = desk.write("file.csv", FILE);
    let again = desk.arrears(&[&IMPORT[..], &[&file]].concat()).done();
    again.says(&["8 lines from NORTHSTAR: 0 applied, 8 applied before, 0 refused."]);
    assert_eq!(desk.arrears(&["book", "export"]).done().stdout, before, "nothing has changed");

    export(&desk, "2026-03-02");
    let expected =
        ["D-1: NEW", "D-2: UPDATE", "D-3: RECALL", "D-4: RECALL", "D-5: RECALL", "D-6: RECALL"];
    assert_eq!(told(&desk), expected.map(str::to_owned).into());
    let report = import(&desk, FILE).done().json();
    assert_eq!(report["outcomes"]["duplicates"], 8, "also once the agency was told to stop");
}

#[test]
fn a_line_that_is_refused_says_why_and_the_others_stand() {
    let desk = desk();
    let lines = [
        "account,status,reference,amount,delinquency,currency,date",
        "A-1,partial-payment,R-1,10.00,,,",
        "A-7,closed,R-2,,,,",
        "A-9,closed,R-3,,,,",
        "A-1,full-payment,R-4,1.000,,,",
        "A-1,partial-payment,R-5,1.00,,EUR,",
        "A-1,gone,R-6,,,,",
        "",
        "A-1,closed",
        "A-1,closed,R-7,,D-1,,2026-01-01",
        "A-1,partial-payment,R-1,11.00,,,",
        "A-1,full-payment,R-8,,,,",
        "A-1,closed,R-9,,,,",
    ];
    let report = import(&desk, &lines.join("\n")).exits(1).json();
    let expected = [
        "2 applied",
        "3 NOT_PLACED",
        "4 UNKNOWN_ACCOUNT",
        "5 BAD_AMOUNT",
        "6 OTHER_CURRENCY",
        "7 BAD_STATUS",
        "9 BAD_ROW",
        "10 LATE",
        "11 REFERENCE_REUSED",
        "12 applied",
        "13 applied",
    ];
    assert_eq!(outcomes(&report), expected);
    assert_eq!(report["taken_in_minor_units"], json!({"USD": 6_000}));
    let remarks = |at: usize| report["answers"][at]["remarks"][0].clone();
    assert_eq!(remarks(9), "no amount is named: the balance of 50.00 USD is paid");
    assert_eq!(remarks(10), "was over already: PAID-IN-FULL on 2026-02-20");
    // Only what the rules of events refuse waits in the list.
    assert_eq!(report["parked"], 1);
    let letters = desk.arrears(&["--json", "events", "dead-letters"]).done().json();
    assert_eq!(letters[0]["event_id"], "9-NORTHSTAR-R-7");
    assert_eq!(letters.as_array().unwrap().len(), 1);

    let late = format!("{}\n{}", lines[0], "A-2,closed,R-9,,D-2,,2026-01-01");
    desk.write("late.csv", &late);
    let shown = desk.arrears(&[&IMPORT[..], &["late.csv"]].concat()).exits(1);
    shown.says(&[
        "LATE: ",
        "dead letter 9-NORTHSTAR-R-9.",
        "1 of them waits",
        "events dead-letters",
    ]);

    let file = desk.write("file.csv", &lines.join("\n"));
    let again = desk.arrears(&[&IMPORT[..], &[&file, "--on", "2026-02-20"]].concat()).exits(1);
    let again = again.says(&[
        "11 lines from NORTHSTAR: 2 applied, 2 applied before, 7 refused.",
        "line 13, closed of D-1 of account A-1, reference R-9\n    was over already",
        "line 3, closed of account A-7, reference R-2\n    NOT_PLACED: no delinquency of account A-7",
        "not understood",
    ]);
    assert_eq!(again.stderr, "");
}

#[test]
fn no_line_is_lost_to_a_carriage_return() {
    let desk = desk();
    let header = "account,status,reference,amount";
    let joined = format!("{header}\nA-1,closed,R-1,\rA-2,partial-payment,R-2,20.00\n");
    let report = import(&desk, &joined).exits(1).json();
    assert_eq!(outcomes(&report), ["2 BAD_ROW"]);
    let file = desk.write("file.csv", &format!("{header}\rA-1,closed,R-1,\r"));
    let refused = desk.arrears(&[&IMPORT[..], &[&file]].concat()).exits(1);
    refused.complains(&["the first line", "carriage return", "line feed"]);
}

#[test]
fn money_is_taken_when_the_record_is_over() {
    let desk = desk();
    let header = "account,status,reference,amount\n";
    import(&desk, &format!("{header}A-1,closed,R-1,\n")).done();
    export(&desk, "2026-03-02");
    import(&desk, &format!("{header}A-1,partial-payment,R-2,70.00\n")).done();
    assert_eq!(balance(&desk, "A-1"), "-10.00");
}

#[test]
fn a_file_that_cannot_be_meant_changes_nothing() {
    let desk = desk();
    let before = desk.arrears(&["book", "export"]).done().stdout;
    desk.write("good.csv", FILE);
    desk.write("columns.csv", "account,status,reference,paid\nA-1,closed,R-1,\n");
    desk.write("empty.csv", "");
    let cases: [(&str, &str, &[&str]); 4] = [
        ("good.csv", "EASTERN", &["no collection agency `EASTERN`", "NORTHSTAR, SOUTHERN"]),
        ("columns.csv", "NORTHSTAR", &["column `paid`", "`account`, `delinquency`"]),
        ("empty.csv", "NORTHSTAR", &["no column `account`"]),
        ("nowhere.csv", "NORTHSTAR", &["`nowhere.csv` cannot be read"]),
    ];
    for (file, agency, words) in cases {
        let command = ["placement", "import", file, "--collection-agency", agency];
        desk.arrears(&command).exits(1).complains(words);
    }
    let all = ["placement", "import", "good.csv", "--collection-agency", "SOUTHERN"];
    desk.arrears(&all).exits(1).says(&["0 applied, 0 applied before, 8 refused.", "NOT_PLACED"]);
    assert_eq!(desk.arrears(&["book", "export"]).done().stdout, before, "nothing has changed");
    let answer = desk.arrears_reading("good.csv", &[&IMPORT[..], &["-"]].concat()).done();
    answer.says(&["8 applied", "Taken in: 85.00 USD."]);
}

#[test]
fn what_agencies_have_is_listed_and_stands_on_the_account_page() {
    let desk = desk();
    let list = |options: &[&str]| desk.arrears(&[&["placement", "list"], options].concat()).done();
    list(&[]).says(&["NORTHSTAR", "360.00 USD", "D-1", "RES: REMIND", "NEW", "export-000001"]);
    import(&desk, FILE).done();
    export(&desk, "2026-03-02");
    let json = |options: &[&str]| {
        let command = [&["--json", "placement", "list"], options].concat();
        desk.arrears(&command).done().json()
    };
    let listed = json(&[]);
    let totals = json!({"placed": 2, "recalled": 4, "balance_minor_units": {"USD": 10_000}});
    assert_eq!(listed["agencies"], json!({"NORTHSTAR": totals}));
    let sequences = |listed: &Value| -> Vec<String> {
        let entry =
            |it: &Value| format!("{} {}", it["delinquency"].as_str().unwrap(), it["sequence"]);
        listed["placements"].as_array().unwrap().iter().map(entry).collect()
    };
    assert_eq!(sequences(&listed), ["D-1 1", "D-2 2"]);
    assert_eq!(sequences(&json(&["--all", "--delinquency", "D-3"])), ["D-3 1", "D-3 2"]);
    assert_eq!(
        json(&["--collection-agency", "SOUTHERN"]),
        json!({"agencies": {}, "placements": []})
    );
    list(&["--delinquency", "D-7"]).says(&["No collection agency was ever told"]);

    let page = desk.arrears(&["--json", "account", "show", "A-3"]).done().json();
    let actions: Vec<&Value> =
        page["placements"].as_array().unwrap().iter().map(|it| &it["action"]).collect();
    assert_eq!(actions, ["NEW", "RECALL"]);
    assert_eq!(page["placements"][0]["under_way"], false);
    let shown = desk.arrears(&["account", "show", "A-3"]).done();
    shown.says(&["With collection agencies", "Has it", "no      RECALL  2026-03-02"]);
}

#[test]
fn an_entry_of_a_run_that_is_not_finished_is_under_way() {
    let book = desk().arrears(&["book", "export"]).done().stdout;
    let killed = book.replace(r#""status":"finished""#, r#""status":"running""#);
    assert_ne!(killed, book);
    let desk = Desk::with_setup(&format!("{SETUP}{AGENCIES}"));
    let book = desk.write("book.jsonl", &killed);
    desk.arrears(&["book", "import", &book]).done();
    for command in [&["placement", "list"][..], &["account", "show", "A-1"]] {
        desk.arrears(command).done().says(&["NEW", "export-000001 (under way)"]);
    }
    let page = desk.arrears(&["--json", "account", "show", "A-1"]).done().json();
    assert_eq!(page["placements"][0]["under_way"], true);
}

#[test]
fn a_long_file_is_answered_to_its_end() {
    const LINES: usize = 1_100;
    let desk = desk();
    let mut text = "account,status,reference,amount\n".to_owned();
    for number in 1..LINES {
        text.push_str(&format!("A-1,gone,R-{number},\n"));
    }
    text.push_str("A-1,partial-payment,R-0,5.00\n");
    let report = import(&desk, &text).exits(1).json();
    let refused = LINES - 1;
    assert_eq!(report["outcomes"], json!({"applied": 1, "duplicates": 0, "refused": refused}));
    assert_eq!(report["refused_by_code"], json!({"BAD_STATUS": refused}));
    let length = |name: &str| report[name].as_array().unwrap().len();
    assert_eq!((length("first_refused"), length("answers")), (100, 1_000));
    let file = desk.write("file.csv", &text);
    let shown = desk.arrears(&[&IMPORT[..], &[&file]].concat()).exits(1);
    let shown = shown.says(&["1,100 lines", "1 applied before", "and 999 more"]);
    shown.says(&["Not all answers are shown", "--collection-agency NORTHSTAR --answers PATH"]);

    let command = [&IMPORT[..], &[&file, "--answers", "answers.csv"]].concat();
    let shown = desk.arrears(&command).exits(1).says(&["answers to all lines are in answers.csv"]);
    assert!(!shown.stdout.contains("Not all"), "{shown:#?}");
    let answers = std::fs::read_to_string(desk.path("answers.csv")).unwrap();
    let lines: Vec<&str> = answers.lines().collect();
    assert_eq!(lines.len(), 1 + LINES);
    assert_eq!(lines[0], "line,account,delinquency,status,reference,outcome,code,message");
    assert!(
        lines[LINES - 1].starts_with("1100,A-1,,gone,R-1099,refused,BAD_STATUS,"),
        "{lines:#?}"
    );
    assert_eq!(lines[LINES], "1101,A-1,,partial-payment,R-0,duplicate,,");
}

#[test]
fn answers_are_written_whole_or_not_at_all() {
    let desk = desk();
    let file = desk.write(
        "file.csv",
        "account,status,reference,amount\nA-1,full-payment,R-1,\n\"A-2\",closed,\"R,2\",\n",
    );
    let to = |path: &str| {
        desk.arrears(&[&IMPORT[..], &[&file, "--on", "2026-02-20", "--answers", path]].concat())
    };
    to(&file).exits(2).complains(&["`--answers` names the file"]);
    to("nowhere/answers.csv").exits(1).complains(&["`nowhere/answers.csv` cannot be written"]);
    assert_eq!(balance(&desk, "A-1"), "60.00", "nothing is applied whose answer has no place");
    to("answers.csv").exits(1);
    let answers = std::fs::read_to_string(desk.path("answers.csv")).unwrap();
    let expected = [
        "line,account,delinquency,status,reference,outcome,code,message",
        "2,A-1,D-1,full-payment,R-1,applied,,\
         no amount is named: the balance of 60.00 USD is paid",
        "3,A-2,,closed,\"R,2\",refused,BAD_REFERENCE,\"`reference` is `R,2`: \
         `9-NORTHSTAR-R,2` has the character ','; an identifier has letters, digits and \
         `-_.:@+`\"",
    ];
    assert_eq!(answers.lines().collect::<Vec<_>>(), expected);
    desk.write("bad.csv", "account,status\n");
    let bad = [&IMPORT[..], &["bad.csv", "--answers", "answers.csv"]].concat();
    desk.arrears(&bad).exits(1).complains(&["no column `reference`"]);
    assert_eq!(std::fs::read_to_string(desk.path("answers.csv")).unwrap(), answers);
}
