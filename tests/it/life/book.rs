//! A random book: accounts with items, and records at any place of their schemes.

use super::random::{Random, text};
use arrears_e2e::date;
use chrono::Days;
use serde_json::{Value, json};

pub const BILL_TYPES: [&str; 2] = ["WATER", "GAS"];
const MILESTONES: [&str; 3] = ["ONE", "TWO", "THREE"];

/// The book, as lines.
pub fn book(random: &mut Random) -> String {
    let mut lines = vec![json!({"type": "contact", "id": "C-1", "name": "R. Vance"})];
    for number in 1..=1 + random.below(3) {
        lines.extend(account(random, &format!("A-{number}")));
    }
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn account(random: &mut Random, id: &str) -> Vec<Value> {
    let (mut owed_cents, mut lines) = (0, Vec::new());
    for bill_type in BILL_TYPES {
        let items: Vec<Value> =
            (0..random.below(4)).map(|at| item(random, id, bill_type, at)).collect();
        let cents: usize = items.iter().map(cents_of).sum();
        owed_cents += cents;
        if random.chance(60) {
            let own = cents.max(usize::from(items.is_empty()) * (1 + random.below(9_000)));
            if items.is_empty() {
                owed_cents += own;
            }
            let names = random.chance(70);
            lines.extend(records(random, id, bill_type, own, if names { &items } else { &[] }));
        }
        lines.extend(items);
    }
    if random.chance(20) {
        owed_cents += random.below(2_000);
    }
    let mut account = json!({
        "type": "account", "id": id, "currency": "USD", "balance": text(owed_cents),
        "class": random.pick(&["residential", "senior"]),
    });
    if random.chance(80) {
        account["contact"] = json!("C-1");
    }
    lines.insert(0, account);
    lines
}

fn item(random: &mut Random, account: &str, bill_type: &str, at: usize) -> Value {
    let due = date("2026-01-20") + Days::new(random.below(40) as u64);
    json!({
        "type": "transaction", "id": format!("{bill_type}-{at}"), "account": account,
        "bill_type": bill_type, "date": "2026-01-02", "due_date": due.to_string(),
        "amount": random.amount(9_000), "marker": "unallocated",
    })
}

fn cents_of(item: &Value) -> usize {
    item["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The record of a bill type, and perhaps one that followed from it.
fn records(
    random: &mut Random,
    account: &str,
    bill_type: &str,
    owed_cents: usize,
    items: &[Value],
) -> Vec<Value> {
    let entered = date("2026-02-01") - Days::new(random.below(20) as u64);
    let oldest = items.iter().filter_map(|item| item["due_date"].as_str()).min();
    let mut record = json!({
        "type": "delinquency", "id": format!("{account}-{bill_type}"), "account": account,
        "kind": "bill-type", "bill_type": bill_type, "scheme": bill_type,
        "milestone": random.pick(&MILESTONES), "entered_on": entered.to_string(),
        "balance": text(owed_cents), "hold": random.chance(10),
    });
    if let Some(oldest) = oldest {
        record["oldest_debt_on"] = json!(oldest);
        record["items"] = items.iter().map(|item| item["id"].clone()).collect();
    }
    let mut further = record.clone();
    let mut records = vec![record];
    if random.chance(30) {
        further["id"] = json!(format!("{account}-{bill_type}-X"));
        further["origin"] = records[0]["id"].clone();
        let kind = random.pick(&["collections", "address-lien", "parcel-lien"]);
        further["kind"] = json!(kind);
        further["scheme"] = json!(if kind == "collections" { "COLL" } else { "LIENS" });
        further.as_object_mut().unwrap().remove("bill_type");
        records.push(further);
    }
    records
}
