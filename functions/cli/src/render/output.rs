//! The outputs of the source document as tables, and as lines of a story.

use super::table::Table;
use arrears_runs::view::{HistoryView, Outputs};

/// A table for each kind of output; one without rows is empty.
pub fn tables(outputs: &Outputs) -> Vec<(&'static str, Table)> {
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

/// What the actions of a transition did, a line for each effect, then those
/// that were skipped.
pub fn done(transition: &HistoryView, outputs: &Outputs) -> Vec<String> {
    // Between the account and the positions of the action and of the effect.
    let part = format!("/{}/{:06}/", transition.delinquency, transition.sequence);
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
    lines.retain(|(key, _)| key.contains(&part));
    // The key ends in the positions of the action and of the effect.
    lines.sort_by_key(|(key, _)| *key);
    let skipped = transition.actions.iter().filter(|action| action.contains(": skipped: "));
    lines.into_iter().map(|(_, words)| words).chain(skipped.cloned()).collect()
}
