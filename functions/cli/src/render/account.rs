//! Accounts as text: the page, and the story.

use super::number::grouped;
use super::table::{Table, wrap};
use arrears_runs::view::{
    AccountExplanation, AccountView, DelinquencyExplanation, DelinquencyView, HistoryView, Outputs,
};
use arrears_storage::document::StepDocument;
use serde::Serialize;
use serde_json::Value;

/// Columns of running text.
const WIDTH: usize = 80;

/// Columns of the names before it; the longest are of conditions.
const NAMES: usize = 30;

/// The step that only repeats the outcome above it.
const OUTCOME: &str = "outcome";

/// Everything that is known of an account.
pub fn show(view: &AccountView) -> String {
    let account = &view.account;
    let mut text = format!(
        "Account {}, {}, {}: {} {}\n",
        account.id,
        account.class,
        account.status,
        grouped(account.balance.as_str()),
        account.currency
    );
    if let Some(contact) = &view.contact {
        let rating = view.credit_rating.as_deref().unwrap_or("none");
        text.push_str(&format!(
            "{} ({}), {} credit points, rating {rating}\n",
            contact.name, contact.id, contact.credit_points
        ));
    }
    for (name, value) in &account.attributes {
        text.push_str(&format!("  {name}: {value}\n"));
    }
    let mut add = |name: &str, table: Table| {
        if !table.is_empty() {
            text.push_str(&format!("\n{name}\n{}", table.render()));
        }
    };
    add("Records", records(&view.delinquencies));
    add("History", history(&view.history));
    for (name, table) in outputs(&view.outputs) {
        add(name, table);
    }
    let mut table = Table::new(["Id", "Date", "#Amount", "Marker"]);
    for it in &view.transactions {
        table.row([it.id.as_str(), &it.date, it.amount.as_str(), it.marker.as_str()]);
    }
    add("Transactions", table);
    let mut table = Table::new(["Id", "Scheme"]);
    for it in &view.mandates {
        table.row([it.id.as_str(), &word(&it.scheme)]);
    }
    add("Mandates", table);
    text
}

/// A word of a document, as it is written.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn records(records: &[DelinquencyView]) -> Table {
    let names = ["Id", "Kind", "Scheme", "Milestone", "Entered", "Eligible", "#Balance", "Status"];
    let mut table = Table::new(names);
    for view in records {
        let record = &view.record;
        let status = match serde_json::to_value(&record.hold).unwrap_or_default() {
            Value::Bool(true) => format!("{}, on hold", view.record.status),
            Value::Object(hold) => {
                let reason =
                    hold.get("reason").and_then(Value::as_str).unwrap_or("no reason given");
                format!("{}, on hold: {reason}", view.record.status)
            }
            _ => view.record.status.clone(),
        };
        table.row([
            record.id.clone(),
            record.kind.clone(),
            record.scheme.clone(),
            view.milestone_title.clone(),
            record.entered_on.clone(),
            view.eligible_on.clone().unwrap_or_else(|| "-".to_owned()),
            grouped(record.balance.as_str()),
            status,
        ]);
    }
    table
}

fn history(history: &[HistoryView]) -> Table {
    let mut table = Table::new(["On", "Record", "Move", "By", "Actions"]);
    for it in history {
        table.row([
            it.on.clone(),
            it.delinquency.clone(),
            step(it),
            it.cause.clone(),
            it.actions.join("; "),
        ]);
    }
    table
}

/// `REMIND -> FINAL`.
fn step(it: &HistoryView) -> String {
    let place = |code: &Option<String>, none: &str| code.clone().unwrap_or_else(|| none.to_owned());
    format!("{} -> {}", place(&it.from, "entry"), place(&it.to, "resolved"))
}

fn outputs(outputs: &Outputs) -> Vec<(&'static str, Table)> {
    let mut charges = Table::new(["On", "As", "Type", "#Amount", "Memo"]);
    for it in &outputs.one_off_charge {
        let amount = format!("{} {}", it.amount.as_str(), it.currency);
        charges.row([&it.origin.on, it.applied_as, &it.line_item_type, &amount, &it.memo]);
    }
    let mut deposits = Table::new(["On", "Type", "#Amount", "Due", "Memo"]);
    for it in &outputs.deposit_charge {
        let amount = format!("{} {}", it.amount.as_str(), it.currency);
        let due = it.due_on.as_deref().unwrap_or("-");
        deposits.row([&it.origin.on, &it.line_item_type, &amount, due, &it.memo]);
    }
    let mut letters = Table::new(["On", "Process", "Channel"]);
    for it in &outputs.correspondence_schedule {
        letters.row([&it.origin.on, &it.correspondence, &it.channel]);
    }
    let mut alerts = Table::new(["On", "Severity", "Until", "Message"]);
    for it in &outputs.account_alert {
        let until = it.expires_on.as_deref().unwrap_or("-");
        alerts.row([&it.origin.on, it.severity, until, &it.message]);
    }
    let mut log = Table::new(["On", "Severity", "Message"]);
    for it in &outputs.log {
        log.row([&it.origin.on, it.severity, &it.message]);
    }
    let mut requests = Table::new(["On", "Type", "#Priority", "Summary"]);
    for it in &outputs.service_request {
        let priority = it.priority.to_string();
        requests.row([&it.origin.on, &it.request_type, &priority, &it.summary]);
    }
    let mut credit = Table::new(["On", "#Points", "Reason"]);
    for it in &outputs.credit_history {
        credit.row([it.origin.on.clone(), it.points.to_string(), it.reason.clone()]);
    }
    let mut custom = Table::new(["On", "Kind", "Body"]);
    for it in &outputs.custom {
        custom.row([&it.origin.on, &it.kind, &it.body]);
    }
    vec![
        ("Charges", charges),
        ("Deposits", deposits),
        ("Correspondence", letters),
        ("Alerts", alerts),
        ("Log", log),
        ("Service requests", requests),
        ("Credit history", credit),
        ("Custom effects", custom),
    ]
}

/// Why an account's records stand where they stand.
pub fn explain(story: &AccountExplanation, view: &AccountView) -> String {
    let name = story.name.as_deref().unwrap_or("no contact");
    let mut text = format!("Account {} ({name}) as of {}\n", story.account, story.as_of);
    if story.delinquencies.is_empty() {
        text.push_str(
            "has no delinquency, collections or lien record: there is nothing to explain.\n",
        );
    }
    for record in &story.delinquencies {
        text.push_str(&explain_record(record, &view.outputs));
    }
    text
}

fn explain_record(record: &DelinquencyExplanation, outputs: &Outputs) -> String {
    let mut text = format!(
        "\n{} ({}) stands at {}: {}, owing {}\n",
        record.id,
        record.kind,
        record.scheme,
        record.milestone,
        grouped(&record.balance)
    );
    for it in &record.history {
        text.push_str(&format!("\n  {}  {}  by {}\n", it.on, step(it), it.cause));
        text.push_str(&steps(&it.explanation));
        for line in done(it, outputs) {
            text.push_str(&item("did", &line));
        }
    }
    text.push_str(&format!("\n  Next run: {}\n", record.next));
    text.push_str(&steps(&record.explanation));
    if !record.actions.is_empty() {
        text.push_str(&item("would do", &record.actions.join(", ")));
    }
    text
}

/// The steps of an explanation, each with what its formula read.
fn steps(steps: &[StepDocument]) -> String {
    let mut text = String::new();
    for step in steps.iter().filter(|step| step.rule != OUTCOME) {
        let read: Vec<String> =
            step.inputs.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let read =
            if read.is_empty() { String::new() } else { format!("; read {}", read.join(", ")) };
        text.push_str(&item(&step.rule, &format!("{}{read}", step.text)));
    }
    text
}

/// A named line, wrapped under itself.
fn item(name: &str, words: &str) -> String {
    let mut text = String::new();
    for (index, line) in wrap(words, WIDTH).into_iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        text.push_str(&format!("    {name:<NAMES$} {line}\n"));
    }
    text
}

/// What the actions of a transition did, a line for each effect, then those
/// that were skipped.
fn done(transition: &HistoryView, outputs: &Outputs) -> Vec<String> {
    let prefix = format!("{}/{:06}/", transition.delinquency, transition.sequence);
    let mut lines: Vec<(&str, String)> = Vec::new();
    for it in &outputs.one_off_charge {
        let words = format!(
            "{} {}: {} {}",
            it.applied_as,
            it.line_item_type,
            it.amount.as_str(),
            it.currency
        );
        lines.push((&it.origin.key, words));
    }
    for it in &outputs.deposit_charge {
        let due = it.due_on.as_ref().map_or_else(String::new, |date| format!(", due {date}"));
        let amount = format!("{} {}", it.amount.as_str(), it.currency);
        lines.push((&it.origin.key, format!("deposit {}: {amount}{due}", it.line_item_type)));
    }
    for it in &outputs.correspondence_schedule {
        lines.push((&it.origin.key, format!("{} {}", it.channel, it.correspondence)));
    }
    for it in &outputs.account_alert {
        lines.push((&it.origin.key, format!("alert ({}): {}", it.severity, it.message)));
    }
    for it in &outputs.log {
        lines.push((&it.origin.key, format!("log: {}", it.message)));
    }
    for it in &outputs.service_request {
        let words = format!("service request {}: {}", it.request_type, it.summary);
        lines.push((&it.origin.key, words));
    }
    for it in &outputs.credit_history {
        lines.push((&it.origin.key, format!("credit points +{}: {}", it.points, it.reason)));
    }
    for it in &outputs.custom {
        lines.push((&it.origin.key, format!("{}: {}", it.kind, it.body)));
    }
    lines.retain(|(key, _)| key.starts_with(&prefix));
    // The key ends in the positions of the action and of the effect.
    lines.sort_by_key(|(key, _)| *key);
    let skipped = transition.actions.iter().filter(|action| action.contains(": skipped: "));
    lines.into_iter().map(|(_, words)| words).chain(skipped.cloned()).collect()
}
