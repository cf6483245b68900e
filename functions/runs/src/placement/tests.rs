//! What lines come to, over an account in memory.

use super::line::{Columns, HeaderMistake, event_id};
use super::plan::{Planned, plan};
use crate::rows::Rows;
use arrears_domain::{
    Account, AccountStatus, Currency, Date, Delinquency, DelinquencyKind, DelinquencyStatus,
    Identifier, Money, PlacementAction, PlacementEntry,
};
use arrears_storage::AccountPage;
use arrears_storage::document::{EventLine, TransactionLine};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const HEADER: &str = "account,delinquency,status,amount,currency,date,reference,reason\n";

fn id<T: Identifier>(text: &str) -> T {
    T::parse(text).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn record(name: &str, balance: &str) -> Delinquency {
    Delinquency {
        id: id(name),
        account: id("A-1"),
        kind: DelinquencyKind::Collections,
        bill_type: None,
        origin: None,
        items: BTreeSet::new(),
        scheme: id("PLACED"),
        milestone: id("AGENCY"),
        status: DelinquencyStatus::Open,
        entered_on: date("2026-01-05"),
        oldest_debt_on: None,
        balance: usd(balance),
        extension_days: 0,
        hold: None,
        attributes: BTreeMap::new(),
        sequence: 1,
        version: 1,
    }
}

fn entry(record: &str, agency: &str, sequence: u32, action: PlacementAction) -> PlacementEntry {
    PlacementEntry {
        account: id("A-1"),
        delinquency: id(record),
        collection_agency: agency.to_owned(),
        sequence,
        action,
        scheme: id("PLACED"),
        milestone: id("AGENCY"),
        balance: usd("60.00"),
        on: date("2026-02-02"),
        run: id("export-000001"),
        told: "facts".to_owned(),
    }
}

fn event(reference: &str, event: &str, data: serde_json::Value) -> EventLine {
    let line = json!({
        "id": event_id("NORTHSTAR", reference).unwrap().as_str(), "account": "A-1", "event": event,
        "source": "/tests", "on": "2026-02-20", "data": data, "digest": "0", "setup_version": 1,
    });
    serde_json::from_value(line).unwrap()
}

fn item(name: &str, bill_type: &str) -> TransactionLine {
    let line = json!({
        "id": name, "account": "A-1", "bill_type": bill_type, "date": "2026-01-01",
        "amount": "30.00", "marker": "unallocated",
    });
    serde_json::from_value(line).unwrap()
}

/// An account with records of every kind: `C-1` to `C-3` are about water, sewer
/// and both, `C-4` is over, `C-5` went on to another agency, `D-6` is a bill
/// type's own, `C-7` owes nothing, and `D-1` was never placed.
fn page() -> AccountPage {
    use PlacementAction::{New, Recall, Update};
    let bill_type = |name, of: &str, balance| Delinquency {
        kind: DelinquencyKind::BillType,
        bill_type: Some(of.to_owned()),
        ..record(name, balance)
    };
    let about = |name, items: &[&str]| Delinquency {
        items: items.iter().copied().map(id).collect(),
        origin: Some(id("D-1")),
        ..record(name, "60.00")
    };
    let over =
        DelinquencyStatus::Resolved { code: "PAID-IN-FULL".to_owned(), on: date("2026-02-10") };
    AccountPage {
        account: Account {
            id: id("A-1"),
            contact: None,
            class: "residential".to_owned(),
            status: AccountStatus::Open,
            balance: usd("300.00"),
            attributes: BTreeMap::new(),
        },
        contact: None,
        delinquencies: vec![
            about("C-1", &[]),
            about("C-2", &["S-1"]),
            about("C-3", &["S-1", "W-1"]),
            Delinquency { status: over, ..record("C-4", "0.00") },
            record("C-5", "60.00"),
            record("C-7", "0.00"),
            bill_type("D-1", "WATER", "60.00"),
            bill_type("D-6", "GAS", "20.00"),
        ],
        transitions: Vec::new(),
        transactions: vec![item("S-1", "SEWER"), item("W-1", "WATER")],
        mandates: Vec::new(),
        events: vec![
            event("PAID", "arrears.payment.posted", json!({"amount": "25.00"})),
            event(
                "GONE",
                "arrears.delinquency.recalled",
                json!({"delinquency": "C-4", "code": "AGENCY-CLOSED"}),
            ),
            event(
                "SEEN",
                "arrears.placement.acknowledged",
                json!({"delinquency": "C-1", "collection_agency": "NORTHSTAR"}),
            ),
        ],
        placements: vec![
            entry("C-1", "NORTHSTAR", 1, New),
            entry("C-1", "NORTHSTAR", 2, Update),
            entry("C-2", "NORTHSTAR", 1, New),
            entry("C-3", "NORTHSTAR", 1, New),
            entry("C-4", "NORTHSTAR", 1, New),
            entry("C-5", "NORTHSTAR", 1, New),
            entry("C-5", "NORTHSTAR", 2, Recall),
            entry("C-5", "SOUTHERN", 1, New),
            entry("C-7", "NORTHSTAR", 1, New),
            entry("D-6", "NORTHSTAR", 1, New),
        ],
        postings: Vec::new(),
    }
}

/// What the one line comes to, in words.
fn answer(agency: &str, line: &[u8], page: &AccountPage) -> String {
    let file = [HEADER.as_bytes(), line].concat();
    let (header, mut rows) = Rows::open(file.as_slice(), 200).unwrap();
    let row = rows.next_row().unwrap().unwrap();
    let (_, line) = Columns::read(&header).unwrap().line(agency, &row);
    let planned = line.and_then(|line| plan(agency, &line, page));
    match planned {
        Ok(Planned::Duplicate) => "duplicate".to_owned(),
        Ok(Planned::Over { delinquency, remark }) => format!("{delinquency} {remark}"),
        Ok(Planned::Happens(it)) => {
            let name = it.event_type.trim_start_matches("arrears.");
            let data = it.data.values().map(|value| value.as_str().unwrap());
            let data: Vec<&str> = data.collect();
            let mut text = format!("{}: {name} {}", it.delinquency, data.join(" "));
            text.extend(it.paid.map(|paid| format!("; paid {paid}")));
            text.extend(it.remarks.iter().map(|remark| format!("; {remark}")));
            text
        }
        Err(refused) => format!("{}: {refused}", refused.code()),
    }
}

#[test]
fn each_line_comes_to_an_event_or_says_why_not() {
    let page = page();
    #[rustfmt::skip]
    let cases: &[(&str, &str)] = &[
        // What the words mean, in capitals or not.
        ("A-1,C-1,acknowledged,,,,R-1,", "C-1: placement.acknowledged C-1 NORTHSTAR R-1"),
        ("A-1,C-4,Acknowledged,,,,R-1,", "C-4: placement.acknowledged C-4 NORTHSTAR R-1"),
        ("A-1,C-1,recalled,,,,R-1,", "C-1: delinquency.recalled C-1 RECALLED"),
        ("A-1,C-1,CLOSED,,,,R-1,moved", "C-1: delinquency.recalled C-1 AGENCY-CLOSED"),
        ("A-1,C-1,rejected,,,,R-1,", "C-1: delinquency.recalled C-1 AGENCY-REJECTED"),
        ("A-1,D-6,closed,0.00,,,R-1,", "D-6: delinquency.resolved D-6 AGENCY-CLOSED"),
        ("A-1,C-1,closed,12.50,,,R-1,", "C-1: delinquency.recalled C-1 AGENCY-CLOSED; the amount 12.50 is not posted: the line says closed"),
        // Money pays the debts that the agency has.
        ("A-1,C-1,partial-payment,25.00,USD,2026-03-01,R-1,", "C-1: payment.posted 25.00 USD WATER; paid 25.00"),
        ("A-1,C-2,partial-payment,25,usd,,R-1,", "C-2: payment.posted 25.00 USD SEWER; paid 25.00"),
        ("A-1,C-3,partial-payment,25.00,,,R-1,", "C-3: payment.posted 25.00 USD; paid 25.00"),
        ("A-1,D-6,partial-payment,90.00,,,R-1,", "D-6: payment.posted 90.00 USD GAS; paid 90.00"),
        ("A-1,C-1,full-payment,60.00,,,R-1,", "C-1: payment.posted 60.00 USD WATER; paid 60.00"),
        ("A-1,C-1,full-payment,59.99,,,R-1,", "C-1: payment.posted 59.99 USD WATER; paid 59.99; no full payment: 59.99 is less than the 60.00 that C-1 owed"),
        ("A-1,C-1,full-payment,,,,R-1,", "C-1: payment.posted 60.00 USD WATER; paid 60.00; no amount is named: the balance of 60.00 USD is paid"),
        ("A-1,C-7,full-payment,,,,R-1,", "NOTHING_OWED: delinquency C-7 owes nothing; write what was paid in `amount`"),
        // What is over, or given back, still takes money, and cannot end again.
        ("A-1,C-4,partial-payment,5.00,,,R-1,", "C-4: payment.posted 5.00 USD; paid 5.00"),
        ("A-1,C-5,partial-payment,5.00,,,R-1,", "C-5: payment.posted 5.00 USD; paid 5.00"),
        ("A-1,C-4,closed,,,,R-1,", "C-4 was over already: PAID-IN-FULL on 2026-02-10"),
        ("A-1,C-5,recalled,,,,R-1,", "C-5 was over already for NORTHSTAR, by the RECALL of 2026-02-02"),
        // What came before.
        ("A-1,C-1,partial-payment,25,,,PAID,", "duplicate"),
        ("A-1,,full-payment,,,2026-02-20,PAID,", "duplicate"),
        ("A-1,C-4,closed,,,,GONE,", "duplicate"),
        ("A-1,,acknowledged,,,,SEEN,", "duplicate"),
        ("A-1,C-1,partial-payment,26,,,PAID,", "REFERENCE_REUSED: event 9-NORTHSTAR-PAID of account A-1 was arrears.payment.posted on 2026-02-20, which says something else; a reference is for one line only"),
        ("A-1,C-1,partial-payment,25,,2026-02-21,PAID,", "REFERENCE_REUSED: event 9-NORTHSTAR-PAID of account A-1 was arrears.payment.posted on 2026-02-20, which says something else; a reference is for one line only"),
        ("A-1,C-4,rejected,,,,GONE,", "REFERENCE_REUSED: event 9-NORTHSTAR-GONE of account A-1 was arrears.delinquency.recalled on 2026-02-20, which says something else; a reference is for one line only"),
        ("A-1,C-2,acknowledged,,,,SEEN,", "REFERENCE_REUSED: event 9-NORTHSTAR-SEEN of account A-1 was arrears.placement.acknowledged on 2026-02-20, which says something else; a reference is for one line only"),
        // Which record.
        ("A-1,D-1,closed,,,,R-1,", "NOT_PLACED: delinquency D-1 was never placed with NORTHSTAR"),
        ("A-1,C-9,closed,,,,R-1,", "UNKNOWN_DELINQUENCY: account A-1 has no delinquency C-9; `arrears account show A-1` lists them"),
        ("A-1,,closed,,,,R-1,", "AMBIGUOUS: account A-1 has several records placed with NORTHSTAR: C-1, C-2, C-3, C-4, C-7, D-6; write one of them in `delinquency`"),
        // What cannot be.
        ("A-1,C-1,partial-payment,,,,R-1,", "MISSING_VALUE: `amount` is empty; write what was paid"),
        (",C-1,closed,,,,R-1,", "MISSING_VALUE: `account` is empty"),
        ("A-1,C-1,,,,,R-1,", "MISSING_VALUE: `status` is empty"),
        ("A-1,C-1,closed,,,, ,", "MISSING_VALUE: `reference` is empty"),
        ("A-1,C-1,paid,,,,R-1,", "BAD_STATUS: `status` is `paid`: known: `acknowledged`, `partial-payment`, `full-payment`, `recalled`, `closed`, `rejected`"),
        ("A-1,C-1,partial payment,,,,R-1,", "BAD_STATUS: `status` is `partial payment`: did you mean `partial-payment`?"),
        ("A-1,C-1,closed,,,2026-02-30,R-1,", "BAD_DATE: `date` is `2026-02-30`: write a date that exists, as YYYY-MM-DD"),
        ("A-1,C-1,closed,,,,R#1,", "BAD_REFERENCE: `reference` is `R#1`: `9-NORTHSTAR-R#1` has the character '#'; an identifier has letters, digits and `-_.:@+`"),
        ("A 1,C-1,closed,,,,R-1,", "BAD_ACCOUNT: `account` is `A 1`: `A 1` has the character ' '; an identifier has letters, digits and `-_.:@+`"),
        ("A-1,C 1,closed,,,,R-1,", "BAD_DELINQUENCY: `delinquency` is `C 1`: `C 1` has the character ' '; an identifier has letters, digits and `-_.:@+`"),
        ("A-1,C-1,full-payment,1e3,,,R-1,", "BAD_AMOUNT: `1e3` is no amount; write digits with a decimal point, such as 152.30"),
        ("A-1,C-1,full-payment,-5.00,,,R-1,", "AMOUNT_NOT_POSITIVE: the amount is -5.00; write one that is greater than zero"),
        ("A-1,C-1,full-payment,5.00,CAD,,R-1,", "OTHER_CURRENCY: the amount is in CAD; the account is in USD: convert it"),
        ("A-1,C-1,closed", "BAD_ROW: the row has 3 cells; the header has 8"),
    ];
    for (line, expected) in cases {
        assert_eq!(answer("NORTHSTAR", line.as_bytes(), &page), *expected, "{line}");
    }
    let unread = answer("NORTHSTAR", b"A-1,C-1,closed,,,,\xff,", &page);
    assert_eq!(unread, "BAD_ROW: the row is not UTF-8");
    let long = format!("A-1,C-1,closed,,,,R-1,{}", "x".repeat(200));
    let long = answer("NORTHSTAR", long.as_bytes(), &page);
    assert_eq!(long, "BAD_ROW: the row is longer than 200 bytes");
}

#[test]
fn lines_of_two_agencies_are_never_one_event() {
    let lines = [
        ("NORTH", "EAST-5"),
        ("NORTH-EAST", "5"),
        ("5-NORTH", "EAST-5"),
        ("NORTH", "5-EAST-5"),
        ("N", "ORTH-EAST-5"),
        ("1", "N-EAST-5"),
        ("Größe", "EAST-5"),
    ];
    let ids: BTreeSet<String> =
        lines.iter().map(|(agency, it)| event_id(agency, it).unwrap().to_string()).collect();
    assert_eq!(ids.len(), lines.len(), "{ids:?}");
    assert!(ids.contains("5-NORTH-EAST-5") && ids.contains("10-NORTH-EAST-5"), "{ids:?}");
}

#[test]
fn a_line_that_names_no_record_means_the_only_one() {
    let line = b"A-1,,recalled,,,,R-1,".as_slice();
    // One that the agency has, before one that it had.
    assert_eq!(answer("SOUTHERN", line, &page()), "C-5: delinquency.recalled C-5 RECALLED");
    let mut page = page();
    page.placements.retain(|entry| entry.delinquency.as_str() == "C-5");
    assert_eq!(
        answer("NORTHSTAR", line, &page),
        "C-5 was over already for NORTHSTAR, by the RECALL of 2026-02-02"
    );
    page.placements.push(entry("C-1", "NORTHSTAR", 1, PlacementAction::New));
    assert_eq!(answer("NORTHSTAR", line, &page), "C-1: delinquency.recalled C-1 RECALLED");
    let nowhere = "NOT_PLACED: no delinquency of account A-1 was ever placed with EASTERN";
    assert_eq!(answer("EASTERN", line, &page), nowhere);
}

#[test]
fn columns_stand_in_any_order_and_must_be_known() {
    let read = |text: &str| Columns::read(&text.split(',').collect()).map(|_| ());
    assert_eq!(read("Reference, status ,ACCOUNT"), Ok(()));
    let known = "known: `account`, `delinquency`, `status`, `amount`, `currency`, `date`, `reference`, `reason`";
    let unknown = |column: &str, hint: &str| {
        let (column, hint) = (column.to_owned(), hint.to_owned());
        HeaderMistake::Unknown { column, hint }
    };
    let cases = [
        ("account,status", HeaderMistake::Missing { column: "reference" }),
        ("account,status,Status", HeaderMistake::Twice { column: "status".to_owned() }),
        ("account,status,reference,paid", unknown("paid", known)),
        ("acount,status,reference", unknown("acount", "did you mean `account`?")),
    ];
    for (text, mistake) in cases {
        assert_eq!(read(text), Err(mistake), "{text}");
    }
}
