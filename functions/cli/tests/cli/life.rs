//! What staff and payments do to accounts, command by command.

use crate::support::Desk;
use serde_json::{Value, json};

/// A command in one line; words in quotes stay together.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        1 => vec![part.to_owned()],
        _ => part.split_whitespace().map(str::to_owned).collect(),
    });
    words.collect()
}

fn type_in(desk: &Desk, line: &str) -> crate::support::Answer {
    let words = words(line);
    desk.arrears(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Each command of a life, its exit code, and what it says.
const LIFE: &[(&str, i32, &str)] = &[
    (
        "delinquency hold --account A-1 --reason 'Meter in doubt' --until 2026-02-20 --on 2026-02-07 --id E-1",
        0,
        "applied: A-1-WATER-1: held; balance 102.50 USD\n",
    ),
    (
        "delinquency hold --account A-1 --reason 'Meter in doubt' --until 2026-02-20 --on 2026-02-07 --id E-1",
        0,
        "nothing to do: event E-1 was applied before\n",
    ),
    (
        "delinquency hold --account A-1 --reason 'Something else' --on 2026-02-07 --id E-1",
        1,
        "refused: ID_REUSED: ",
    ),
    (
        "delinquency release --account A-1 --on 2026-02-08 --id E-2",
        0,
        "applied: A-1-WATER-1: released; balance 102.50 USD\n",
    ),
    (
        "dispute open --account A-1 --reason 'Leak next door' --on 2026-02-08 --id E-3",
        0,
        "applied: A-1-WATER-1: held; ",
    ),
    ("promise keep --account A-1 --on 2026-02-08 --id E-4", 1, "refused: NO_RECORD: "),
    (
        "dispute settle --account A-1 --on 2026-02-08 --id E-5",
        0,
        "applied: A-1-WATER-1: released; ",
    ),
    (
        "arrangement make --account A-1 --amount 100.00 --until 2026-06-30 --on 2026-02-08 --id E-6",
        0,
        "applied: A-1-WATER-1: held; ",
    ),
    (
        "arrangement break --account A-1 --on 2026-02-08 --id E-7",
        0,
        "applied: A-1-WATER-1: released; ",
    ),
    (
        "delinquency extend --account A-1 --days 5 --on 2026-02-08 --id E-8",
        0,
        "applied: A-1-WATER-1: extended; ",
    ),
    (
        "delinquency send-to-collections --account A-1 --items B-1 --on 2026-02-09 --id E-9",
        0,
        "applied: A-1-C1: entry -> PLACED; log-entry; balance 102.50 USD\n",
    ),
    (
        "delinquency send-to-collections --account A-1 --items B-1 --on 2026-02-09 --id E-10",
        1,
        "refused: ALREADY_PLACED: ",
    ),
    (
        "delinquency add-lien --account A-1 --kind parcel-lien --attribute parcel=12-3 --on 2026-02-09 --id E-11",
        0,
        "applied: A-1-P1: entry -> LIEN; ",
    ),
    (
        "promise make --account A-1 --delinquency A-1-WATER-1 --amount 30.00 --until 2026-02-20 --on 2026-02-10 --id E-12",
        0,
        "applied: A-1-WATER-1: held; ",
    ),
    (
        "payment post --account A-1 --id E-13 --payment P-1 --amount 30.00 --on 2026-02-11",
        0,
        "applied: A-1-C1: balance-changed; A-1-P1: balance-changed; A-1-WATER-1: balance-changed; \
         balance 72.50 USD\n",
    ),
    (
        "payment post --account A-1 --id E-14 --payment P-2 --amount 25.00 --bill-type WATER --on 2026-02-12",
        0,
        "A-1-WATER-1: FINAL -> REMIND",
    ),
    (
        "payment reverse --account A-1 --id E-15 --amount 25.00 --currency USD --on 2026-02-13",
        0,
        "applied: ",
    ),
    (
        "payment reverse --account A-1 --id E-16 --payment P-2 --on 2026-02-13",
        1,
        "refused: ALREADY_REVERSED: ",
    ),
    (
        "delinquency recall --account A-1 --on 2026-02-14 --id E-17",
        0,
        "applied: A-1-C1: PLACED -> resolved (RECALLED); alert; ",
    ),
    (
        "delinquency release-lien --account A-1 --code SOLD --on 2026-02-14 --id E-18",
        0,
        "applied: A-1-P1: LIEN -> resolved (SOLD); ",
    ),
    (
        "delinquency resolve --account A-2 --code MOVED --on 2026-02-14 --id E-19",
        0,
        "applied: A-2-WATER-1: FINAL -> resolved (MOVED); balance 82.50 USD\n",
    ),
    (
        "delinquency write-off --account A-1 --on 2026-02-15 --id E-20",
        0,
        "A-1-WATER-1: REMIND -> resolved (WRITTEN-OFF)",
    ),
];

fn lived() -> Desk {
    let desk = Desk::with_delinquencies();
    for (line, code, said) in LIFE {
        let answer = type_in(&desk, line).exits(*code);
        assert!(answer.stdout.contains(said), "{line}: {answer:#?}");
        assert_eq!(answer.stderr, "", "{line}");
        if *code == 1 {
            answer.says(&["events dead-letters", "events redrive E-", "events discard E-"]);
        }
    }
    desk
}

#[test]
fn every_command_does_its_part_in_a_life() {
    let desk = lived();
    let shown = desk.arrears(&["--json", "account", "show", "A-1"]).done().json();
    assert_eq!(shown["account"]["balance"], "2.50", "the penalty is in no record: {shown:#}");
    let records = shown["delinquencies"].as_array().unwrap();
    let ends: Vec<&Value> = records.iter().map(|it| &it["resolution_code"]).collect();
    assert_eq!(ends, ["RECALLED", "SOLD", "WRITTEN-OFF"]);
    assert_eq!(records[0]["items"], json!(["B-1"]));
    assert_eq!(records[1]["origin"], "A-1-WATER-1");
    assert_eq!(records[1]["attributes"], json!({"parcel": "12-3"}));
    let events: Vec<&Value> =
        shown["events"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(events.len(), 16, "refused and repeated events are not there: {events:?}");
    let history: Vec<&str> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["event"].as_str().unwrap())
        .collect();
    for event in ["held", "released", "extended", "balance-changed", "decrement"] {
        assert!(history.contains(&event), "{event}: {history:?}");
    }
    let page = desk.arrears(&["account", "show", "A-1"]).done();
    assert!(page.stdout.lines().all(|line| line.chars().count() <= 110), "{}", page.stdout);
    page.says(&[
        "Delinquencies\n",
        "Collections\n",
        "Liens\n",
        "parcel, from A-1-WATER-1",
        "2026-02-14:\n",
        "REMIND -> resolved (WRITTEN-OFF)",
        "extended by 5 days",
        "reverses P-2",
        "payment.posted",
        "amount 30.00, payment P-1",
    ]);
}

#[test]
fn a_hold_is_shown_with_what_is_outstanding() {
    let desk = Desk::with_delinquencies();
    type_in(&desk, "promise make --account A-2 --amount 50.00 --until 2026-03-01 --on 2026-02-07")
        .done();
    type_in(&desk, "payment post --account A-2 --id E-1 --amount 20.00 --on 2026-02-08").done();
    let shown = desk.arrears(&["--json", "account", "show", "A-2"]).done().json();
    let held = json!({
        "delinquency": "A-2-WATER-1", "kind": "promise", "reason": "promise",
        "until": "2026-03-01", "outstanding": "30.00",
    });
    assert_eq!(shown["holds"], json!([held]));
    assert_eq!(shown["unpaid"], json!({"B-3": "60.00"}));
    desk.arrears(&["account", "show", "A-2"]).done().says(&["Holds\n", "open, on hold", "30.00"]);
}

#[test]
fn an_explanation_says_when_and_what() {
    let desk = Desk::with_delinquencies();
    let story = |account: &str, as_of: &str| {
        desk.arrears(&["account", "explain", account, "--as-of", as_of]).done()
    };
    story("A-1", "2026-01-30").says(&["Next delinquency run: stays: NOT_YET_ELIGIBLE"]);
    type_in(&desk, "payment post --account A-1 --id E-1 --amount 60.00 --on 2026-02-07").done();
    // Decremented on 7 February: eligible ten days later.
    story("A-1", "2026-02-10").says(&[
        "FINAL -> REMIND  by event:E-1",
        "auto_decrement              holds; read delinquency.balance = 40.00",
        "Next delinquency run: stays: NOT_YET_ELIGIBLE",
        "A run on 2026-02-17 or later: advances to FINAL",
        "would do                    one-off-penalty",
    ]);
    type_in(
        &desk,
        "delinquency hold --account A-1 --reason Illness --until 2026-02-25 --on 2026-02-10",
    )
    .done();
    story("A-1", "2026-02-20")
        .says(&["ON_HOLD", "A run on 2026-02-26 or later: advances to FINAL"]);
    type_in(&desk, "delinquency hold --account A-1 --reason Illness --on 2026-02-11").done();
    story("A-1", "2026-02-20").says(&["A run once the hold is released: advances to FINAL"]);
    let told = desk.arrears(&["--json", "account", "explain", "A-1"]).done().json();
    assert_eq!(told["as_of"], "2026-02-06", "the last run of the kind");
    assert_eq!(told["delinquencies"][0]["run"], "delinquency");
}

#[test]
fn an_account_without_a_record_says_what_may_begin() {
    let desk = Desk::with_setup(crate::support::LIFE_SETUP);
    let book = desk.write("life.jsonl", crate::support::LIFE_BOOK);
    desk.arrears(&["book", "import", &book]).done();
    desk.arrears(&["account", "explain", "A-2"]).exits(2).complains(&["--as-of"]);
    let story =
        |as_of: &str| desk.arrears(&["account", "explain", "A-2", "--as-of", as_of]).done().stdout;
    let early = story("2026-01-12");
    assert!(
        early.contains("NOTHING_PAST_DUE") && early.contains("count from 2026-01-16"),
        "{early}"
    );
    let due = story("2026-01-16");
    assert!(due.contains("Bill type WATER, next delinquency run: begins at REMIND"), "{due}");
}

#[test]
fn who_was_sent_is_not_eligible_any_more() {
    let desk = Desk::with_delinquencies();
    let eligible = |what: &str| -> Vec<String> {
        let list = desk.arrears(&["--json", "eligible", what]).done().json();
        let list = list.as_array().unwrap().iter();
        list.map(|it| it["delinquency"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(eligible("collections"), ["A-1-WATER-1", "A-2-WATER-1"]);
    assert_eq!(eligible("lien"), ["A-1-WATER-1", "A-2-WATER-1"]);
    type_in(&desk, "delinquency send-to-collections --account A-1 --on 2026-02-09").done();
    type_in(&desk, "delinquency add-lien --kind address-lien --account A-2 --on 2026-02-09").done();
    assert_eq!(eligible("collections"), ["A-2-WATER-1"]);
    assert_eq!(eligible("lien"), ["A-1-WATER-1"]);
    type_in(&desk, "delinquency recall --account A-1 --on 2026-02-10").done();
    assert_eq!(
        eligible("collections"),
        ["A-1-WATER-1", "A-2-WATER-1"],
        "recalled, it may be sent again"
    );
    // A record that nobody knows the origin of is about all that is owed.
    let record = r#"{"type":"delinquency","id":"C-9","account":"A-2","kind":"collections","scheme":"AGENCY","milestone":"PLACED","entered_on":"2026-02-01","balance":"80.00"}"#;
    let book = desk.write("more.jsonl", record);
    desk.arrears(&["book", "import", &book]).done();
    assert_eq!(eligible("collections"), ["A-1-WATER-1"]);
}

#[test]
fn a_new_id_is_told_and_can_be_said_again() {
    let desk = Desk::with_delinquencies();
    let extend = "delinquency extend --account A-1 --days 3 --on 2026-02-07";
    let first = type_in(&desk, extend).done().stdout;
    let id = first.split("--id ").nth(1).unwrap().split(' ').next().unwrap();
    type_in(&desk, &format!("{extend} --id {id}")).done().says(&["was applied before"]);
    let second = desk.arrears(
        &words(&format!("--json {extend}")).iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let second = second.done().json();
    assert_ne!(second["id"], id, "said without an id, it is another event");
    assert_eq!(second["outcome"], "applied");
    assert_eq!(second["changes"], json!(["A-1-WATER-1: extended"]));
}

#[test]
fn an_event_without_a_date_is_of_today() {
    let desk = Desk::with_delinquencies();
    type_in(&desk, "delinquency extend --account A-1 --days 3 --id E-1").done();
    let shown = desk.arrears(&["--json", "account", "show", "A-1"]).done().json();
    let on = shown["events"][0]["on"].as_str().unwrap();
    assert!(on > "2026-02-07" && on.len() == 10, "{on}");
}

#[test]
fn a_delinquency_run_does_what_it_is_asked_to() {
    let desk = Desk::with_delinquencies();
    let run = |options: &[&str]| {
        let command = [&["--json", "run", "delinquency", "--as-of"], options].concat();
        desk.arrears(&command).done().json()
    };
    let dry = run(&["2026-02-17", "--dry-run", "--decrement-and-resolve"]);
    assert_eq!((&dry["kind"], &dry["dry_run"]), (&json!("delinquency"), &json!(true)));
    let entry = run(&["2026-02-17", "--entry-only"]);
    assert_eq!(entry["run_key"], "delinquency-000003");
    assert_eq!(entry["processed"], 0);
    let all = run(&["2026-02-18", "--advance", "--decrement-and-resolve", "--threads", "1"]);
    assert_eq!(all["run_key"], "delinquency-000004");
    for command in ["show", "log"] {
        let text = desk.arrears(&["runs", command, "delinquency-000004"]).done().stdout;
        assert!(text.contains("delinquency-000004"), "{text}");
    }
    let report = desk.arrears(&["runs", "show", "delinquency-000004"]).done();
    report.says(&["runs log delinquency-000004"]);
    desk.arrears(&["runs", "list"]).done().says(&[
        "Kind",
        "delinquency, entry only",
        "delinquency, settles",
    ]);
}
