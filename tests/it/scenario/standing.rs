//! Where everything stands in the end.

use arrears_domain::{AccountId, Identifier};
use arrears_e2e::House;
use arrears_runs::view::DelinquencyView;
use arrears_runs::{events, setups, view};
use arrears_storage::document::{Line, TransactionLine};
use std::fmt::Write;

/// Where everything stands. What is owed by whom and for what is told where
/// there are events or line items, and so something to tell.
pub async fn standing(house: &House, outcome: &mut String) {
    let stored = setups::active(&house.store, &house.catalog).await.unwrap();
    let book = house.export().await;
    let lines: Vec<Line> = book.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let letters = events::list(&house.store).await.unwrap();
    let is_rich = |line: &Line| matches!(line, Line::Event(_) | Line::Transaction(_));
    let tells_more = !letters.is_empty() || lines.iter().any(is_rich);
    writeln!(outcome, "\nin the end").unwrap();
    for line in &lines {
        let Line::Account(account) = line else { continue };
        let id = AccountId::parse(&account.id).unwrap();
        let page = view::show(&house.store, &stored, &id).await.unwrap().unwrap();
        let owed = page.account.balance.as_str();
        writeln!(outcome, "  {id} owes {owed} {}", page.account.currency).unwrap();
        if let Some(contact) = page.contact.filter(|contact| contact.credit_points > 0) {
            writeln!(outcome, "    {} has {} credit points", contact.id, contact.credit_points)
                .unwrap();
        }
        for delinquency in &page.delinquencies {
            writeln!(outcome, "    {}", place(delinquency)).unwrap();
            if tells_more {
                writeln!(outcome, "      {}", details(delinquency)).unwrap();
            }
        }
        for item in &page.transactions {
            writeln!(outcome, "    {}", line_item(item)).unwrap();
        }
    }
    for letter in &letters {
        let id = letter.event_id.as_deref().unwrap_or("(no id)");
        let times = if letter.attempts == 1 { "once" } else { "again and again" };
        writeln!(outcome, "  dead letter {id}: {}, tried {times}", letter.code).unwrap();
    }
}

fn place(delinquency: &DelinquencyView) -> String {
    let record = &delinquency.record;
    let next = match (&record.resolution_code, &delinquency.eligible_on) {
        (Some(code), _) => format!("resolved with {code}"),
        (None, Some(date)) => format!("eligible {date}"),
        (None, None) => "eligible as a formula says".to_owned(),
    };
    format!(
        "{} {} in {} since {}, {next}, version {}",
        record.id, delinquency.milestone_title, record.scheme, record.entered_on, record.version
    )
}

/// What is owed, for what, and what keeps the record where it is.
fn details(delinquency: &DelinquencyView) -> String {
    let record = &delinquency.record;
    let mut text = format!("owes {}", record.balance.as_str());
    if let Some(since) = &record.oldest_debt_on {
        text += &format!(" since {since}");
    }
    if !record.items.is_empty() {
        text += &format!(" for {}", record.items.join(" "));
    }
    if let Some(origin) = &record.origin {
        text += &format!(", from {origin}");
    }
    if record.extension_days > 0 {
        text += &format!(", extended by {}", record.extension_days);
    }
    let hold = serde_json::to_value(&record.hold).unwrap();
    if hold != serde_json::Value::Bool(false) {
        text += &format!(", held {hold}");
    }
    text
}

fn line_item(item: &TransactionLine) -> String {
    let mut text = format!("{} {} {}", item.id, item.amount.as_str(), item.marker.as_str());
    if let Some(bill_type) = &item.bill_type {
        text += &format!(", {bill_type}");
    }
    if let Some(due) = &item.due_date {
        text += &format!(", due {due}");
    }
    for spent in &item.spent {
        text += &format!(", {} on {}", spent.amount.as_str(), spent.item);
    }
    for lowered in &item.lowered {
        text += &format!(", {} off {}", lowered.amount.as_str(), lowered.delinquency);
    }
    if let Some(reversed) = &item.reverses {
        text += &format!(", reverses {reversed}");
    }
    text
}
