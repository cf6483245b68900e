//! Files of events, and those that cannot be applied.

use crate::support::{Answer, Desk};
use serde_json::{Value, json};

fn event(id: &str, event_type: &str, account: &str, data: Value) -> String {
    let document = json!({
        "specversion": "1.0", "id": id, "source": "/tests", "type": event_type,
        "subject": account, "datacontenttype": "application/json", "data": data,
    });
    format!("{document}\n")
}

fn payment(id: &str, account: &str, amount: &str) -> String {
    event(id, "arrears.payment.posted", account, json!({"amount": amount, "on": "2026-02-07"}))
}

fn letters(desk: &Desk) -> Vec<Value> {
    desk.arrears(&["--json", "events", "dead-letters"]).done().json().as_array().unwrap().clone()
}

#[test]
fn the_good_lines_of_a_file_stay_applied() {
    let desk = Desk::with_delinquencies();
    let lines = [
        payment("E-1", "A-1", "10.00"),
        "\n".to_owned(),
        "no JSON\n".to_owned(),
        payment("E-2", "A-2", "-5.00"),
        payment("E-3", "A-9", "5.00"),
        payment("E-1", "A-1", "10.00"),
        payment("E-4", "A-2", "20.00"),
        event("E-5", "arrears.house.built", "A-2", json!({"on": "2026-02-07"})),
    ];
    desk.write("events.jsonl", &lines.concat());
    let report = desk.arrears(&["--json", "events", "apply", "events.jsonl"]).exits(1).json();
    let counts = ["events", "applied", "duplicates", "parked"].map(|name| report[name].as_u64());
    assert_eq!(counts, [Some(7), Some(2), Some(1), Some(4)]);
    let by_code = json!({
        "AMOUNT_NOT_POSITIVE": 1, "NOT_JSON": 1, "UNKNOWN_ACCOUNT": 1, "UNKNOWN_EVENT_TYPE": 1,
    });
    assert_eq!(report["parked_by_code"], by_code);
    let numbers: Vec<&Value> =
        report["first_parked"].as_array().unwrap().iter().map(|it| &it[0]).collect();
    assert_eq!(numbers, [3, 4, 5, 8], "the numbers of the lines in the file");
    let balance = |account: &str| {
        let shown = desk.arrears(&["--json", "account", "show", account]).done().json();
        shown["account"]["balance"].as_str().unwrap().to_owned()
    };
    assert_eq!((balance("A-1"), balance("A-2")), ("92.50".to_owned(), "62.50".to_owned()));

    let again = desk.arrears(&["events", "apply", "events.jsonl"]).exits(1);
    let again = again.says(&[
        "7 events: 0 applied, 3 applied before, 4 parked.",
        "AMOUNT_NOT_POSITIVE",
        "line 4, E-2 of account A-2\n    AMOUNT_NOT_POSITIVE: the amount is -5.00",
        "line 3, without an id\n    NOT_JSON: ",
        "events dead-letters",
        "events redrive --all",
    ]);
    assert_eq!(again.stderr, "");
    assert_eq!(letters(&desk).len(), 4, "what is parked twice is in the list once");
    assert_eq!(balance("A-1"), "92.50");
}

#[test]
fn events_come_from_stdin_too() {
    let desk = Desk::with_delinquencies();
    desk.write("events.jsonl", &payment("E-1", "A-1", "10.00"));
    let answer = desk.arrears_reading("events.jsonl", &["events", "apply", "-"]).done();
    assert_eq!(
        answer.stdout,
        "1 event: 1 applied, 0 applied before, 0 parked. 1 change of a record.\n"
    );
    desk.arrears_reading("events.jsonl", &["events", "apply", "-"])
        .done()
        .says(&["0 applied, 1 applied before"]);
    desk.arrears(&["events", "apply", "nowhere.jsonl"]).exits(1).complains(&["nowhere.jsonl"]);
}

/// What is refused: the command, and the code.
const REFUSED: &[(&str, &str)] = &[
    ("payment post --amount -5", "AMOUNT_NOT_POSITIVE"),
    ("payment post --amount 0", "AMOUNT_NOT_POSITIVE"),
    ("payment post --amount 0.00", "AMOUNT_NOT_POSITIVE"),
    ("payment post --amount 1.005", "BAD_AMOUNT"),
    ("payment post --amount ten", "BAD_AMOUNT"),
    ("payment post --amount 5.00 --currency EUR", "OTHER_CURRENCY"),
    ("payment post --amount 5.00 --currency dollars", "BAD_DATA"),
    ("payment reverse --payment P-9", "UNKNOWN_PAYMENT"),
    ("payment reverse --amount 5.00", "UNKNOWN_PAYMENT"),
    ("payment reverse --amount -5", "AMOUNT_NOT_POSITIVE"),
    ("delinquency extend --days 0", "EXTENSION_NOT_POSITIVE"),
    ("delinquency extend --days -1", "EXTENSION_NOT_POSITIVE"),
    ("delinquency extend --days 1000000", "EXTENSION_OUT_OF_RANGE"),
    ("delinquency hold --reason x --until 2026-02-09", "HOLD_ENDED"),
    ("delinquency hold --reason x --delinquency D-9", "UNKNOWN_DELINQUENCY"),
    ("delinquency release", "NO_RECORD"),
    ("delinquency recall", "NO_RECORD"),
    ("delinquency release-lien --delinquency A-1-WATER-1", "WRONG_KIND"),
    ("delinquency send-to-collections --items B-9", "NO_SUCH_ITEM"),
    ("delinquency send-to-collections --scheme NOWHERE", "UNKNOWN_SCHEME"),
    ("delinquency add-lien --kind house-lien", "BAD_DATA"),
    ("promise make --amount -1 --until 2026-03-01", "AMOUNT_NOT_POSITIVE"),
    ("promise break", "NO_RECORD"),
    ("arrangement keep", "NO_RECORD"),
    ("dispute settle", "NO_RECORD"),
];

#[test]
fn what_cannot_be_applied_waits_with_its_code() {
    let desk = Desk::with_delinquencies();
    let before = desk.arrears(&["book", "export"]).done().stdout;
    for (number, (line, code)) in REFUSED.iter().enumerate() {
        let id = format!("E-{number}");
        let own = ["--account", "A-1", "--on", "2026-02-10", "--id", &id];
        let command: Vec<&str> = line.split(' ').chain(own).collect();
        let answer = desk.arrears(&command).exits(1);
        let answer = answer.says(&[&format!("refused: {code}: "), "events dead-letters"]);
        assert_eq!(answer.stderr, "", "{line}");
        let document = desk.arrears(&[&["--json"], &command[..]].concat()).exits(1).json();
        assert_eq!((&document["outcome"], &document["code"]), (&json!("parked"), &json!(code)));
        let letter = letters(&desk).into_iter().find(|it| it["event_id"] == id.as_str());
        let letter = letter.unwrap_or_else(|| panic!("{line} is not in the list"));
        assert_eq!(letter["code"], json!(code), "{line}");
    }
    assert_eq!(desk.arrears(&["book", "export"]).done().stdout, before, "nothing has changed");
    let list = desk.arrears(&["events", "dead-letters"]).done();
    list.says(&["events in the dead-letter list.", "events redrive ID", "events discard ID"]);
}

#[test]
fn a_refused_event_that_is_typed_again_is_in_the_list_once() {
    let desk = Desk::with_delinquencies();
    let command = [
        "payment",
        "post",
        "--amount",
        "-5",
        "--account",
        "A-1",
        "--id",
        "E-1",
        "--on",
        "2026-02-10",
    ];
    for _ in 0..2 {
        desk.arrears(&command).exits(1);
    }
    let letters = letters(&desk);
    assert_eq!(letters.len(), 1, "{letters:#?}");
    assert_eq!(letters[0]["attempts"], 2);
}

#[test]
fn an_event_is_applied_once_what_was_wrong_is_mended() {
    let desk = Desk::with_delinquencies();
    let pay = |account: &str, id: &str, on: &str| -> Answer {
        let command = ["payment", "post", "--amount", "5.00", "--account", account];
        desk.arrears(&[&command[..], &["--id", id, "--on", on]].concat())
    };
    pay("A-9", "E-1", "2026-02-07").exits(1).says(&["refused: UNKNOWN_ACCOUNT"]);
    desk.arrears(&["events", "redrive", "E-1"]).exits(1).says(&["0 settled, 1 parked again"]);
    let account = r#"{"type":"account","id":"A-9","currency":"USD","balance":"7.00"}"#;
    let book = desk.write("account.jsonl", account);
    desk.arrears(&["book", "import", &book]).done();
    let answer = desk.arrears(&["events", "redrive", "E-1"]).done();
    answer.says(&["1 settled, 0 parked again", "E-1 of account A-9", "balance 2.00 USD"]);
    desk.arrears(&["events", "redrive", "E-1"])
        .exits(1)
        .complains(&["no event E-1", "dead-letters"]);
    pay("A-9", "E-1", "2026-02-07").done().says(&["nothing to do"]);

    // Said too late: it counts from a later date, if somebody says so.
    let hold = ["delinquency", "hold", "--account", "A-1", "--reason", "x", "--id", "E-2"];
    let late = desk.arrears(&[&hold[..], &["--on", "2026-02-01"]].concat()).exits(1);
    late.says(&["refused: LATE: "]);
    desk.arrears(&["events", "redrive", "--all", "--on", "2026-02-08"])
        .done()
        .says(&["applied: A-1-WATER-1: held"]);
    assert_eq!(letters(&desk), Vec::<Value>::new());
    desk.arrears(&["events", "dead-letters"]).done().says(&["The dead-letter list is empty."]);
    desk.arrears(&["events", "redrive", "--all"]).done().says(&["there is nothing to apply"]);
}

#[test]
fn an_event_may_be_discarded() {
    let desk = Desk::with_delinquencies();
    let command = ["payment", "post", "--amount", "0", "--account", "A-1", "--id", "E-1"];
    desk.arrears(&command).exits(1);
    let id = letters(&desk)[0]["id"].as_str().unwrap().to_owned();
    let answer = desk.arrears(&["events", "discard", &id]).done();
    answer.says(&[&format!("{id} is discarded: E-1 of account A-1; what came in stays as ")]);
    desk.arrears(&["events", "discard", &id]).exits(1).complains(&["no event", "dead-letters"]);
    let document = desk.arrears(&["--json", "events", "discard", "E-1"]).exits(1).json();
    assert_eq!(document["error"]["code"], "unknown-dead-letter");
}

#[test]
fn an_event_that_is_not_understood_is_not_parked() {
    let desk = Desk::with_delinquencies();
    let cases: &[(&str, &str)] = &[
        ("payment post --account A-1 --amount 5.00", "--id"),
        ("payment post --id E-1 --amount 5.00", "--account"),
        ("payment reverse --account A-1 --id E-1", "--payment"),
        ("payment post --account A-1 --id E-1 --amount 5.00 --on 2026-02-30", "a date that exists"),
        ("delinquency hold --account A-1", "--reason"),
        ("delinquency extend --account A-1 --days many", "many"),
        ("delinquency add-lien --account A-1", "--kind"),
        ("delinquency add-lien --account A-1 --kind parcel-lien --attribute parcel", "NAME=VALUE"),
        ("promise make --account A-1 --amount 5.00", "--until"),
        ("events redrive", "--all"),
        ("run delinquency --as-of 2026-03-01 --advance --entry-only", "--entry-only"),
        ("run collections --as-of 2026-03-01 --setup life.toml", "--dry-run"),
        ("run collections --as-of 2026-03-01 --dry-run --diff", "--setup"),
    ];
    for (line, words) in cases {
        let command: Vec<&str> = line.split(' ').collect();
        desk.arrears(&command).exits(2).complains(&[words]);
    }
    assert_eq!(letters(&desk), Vec::<Value>::new());
}

#[test]
fn an_event_that_comes_again_and_is_applied_leaves_the_list() {
    let desk = Desk::with_delinquencies();
    let event = r#"{"specversion":"1.0","id":"E-9","source":"/billing","type":"arrears.payment.posted","subject":"A-77","data":{"amount":"5.00","on":"2026-02-10"}}"#;
    desk.write("late.jsonl", event);
    desk.arrears(&["events", "apply", "late.jsonl"]).exits(1);
    assert_eq!(letters(&desk).len(), 1);
    let account = r#"{"type":"account","id":"A-77","currency":"USD","balance":"20.00"}"#;
    desk.write("account.jsonl", account);
    desk.arrears(&["book", "import", "account.jsonl"]).done();
    desk.arrears(&["events", "apply", "late.jsonl"]).done();
    assert_eq!(letters(&desk).len(), 0, "it was applied when it came again");
}
