//! History, a line for each entry and each effect.

use arrears_e2e::House;
use serde_json::Value;
use std::collections::BTreeSet;

/// The history of all accounts, in order.
pub async fn history(house: &House) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for line in house.export().await.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["type"] != "transition" {
            continue;
        }
        let name = format!("{} #{}", text(&line["delinquency"]), line["sequence"]);
        // The bracket sorts the entry before its actions.
        lines.insert(format!("{name} ({}): {}", text(&line["on"]), what(&line)));
        for action in line["actions"].as_array().into_iter().flatten() {
            let place = format!("{name} {}.{}", action["position"], text(&action["action_type"]));
            if let Some(reason) = action["skipped"].as_str() {
                lines.insert(format!("{place}: skipped: {reason}"));
            }
            for effect in action["effects"].as_array().into_iter().flatten() {
                lines.insert(format!("{place}: {effect}"));
            }
        }
    }
    lines
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// `REMIND -> FINAL`, and whatever else the entry says.
fn what(line: &Value) -> String {
    let (from, to, event) = (text(&line["from"]), text(&line["to"]), text(&line["event"]));
    let mut what = if from == to { from.to_owned() } else { format!("{from} -> {to}") };
    if event != "entry" {
        what += &format!(", {event}");
    }
    if let Some(code) = line["resolution_code"].as_str() {
        what += &format!(" with {code}");
    }
    if let Some(balance) = line["balance"].as_str() {
        what += &format!(", owes {balance}");
    }
    if let Some(since) = line["oldest_debt_on"].as_str() {
        what += &format!(" since {since}");
    }
    if event == "held" {
        what += &format!(" {}", line["hold"]);
    }
    if event == "balance-changed" && line["hold"].is_object() {
        what += &format!(", still held {}", line["hold"]);
    }
    if event == "extended" {
        what += &format!(" by {} days in all", line["extension_days"]);
    }
    what
}
