//! An account's page as text.

use super::number::grouped;
use super::table::Table;
use super::{output, placement};
use arrears_runs::view::{AccountView, DelinquencyView, HistoryView, HoldView};
use arrears_storage::document::{EventLine, MandateLine, PostingLine, TransactionLine};
use serde_json::Value;

/// The kinds of record, each with the name of its table.
const KINDS: [(&str, &[&str]); 3] = [
    ("Delinquencies", &["bill-type"]),
    ("Collections", &["collections"]),
    ("Liens", &["address-lien", "parcel-lien"]),
];

/// Columns of the page.
const WIDTH: usize = 100;

/// Line items of a record that its row names; the rest is counted.
const ITEMS_SHOWN: usize = 4;

/// Everything that is known of an account.
pub fn show(view: &AccountView) -> String {
    let mut text = head(view);
    let mut add = |name: &str, table: Table| {
        if !table.is_empty() {
            text.push_str(&format!("\n{name}\n{}", table.within(WIDTH).render()));
        }
    };
    for (name, kinds) in KINDS {
        add(name, records(&view.delinquencies, kinds));
    }
    add("Holds", holds(&view.holds));
    add("With collection agencies", placement::last_entries(&view.placements));
    add("Line items", line_items(view));
    add("History", history(&view.history));
    for (name, table) in output::tables(&view.outputs) {
        add(name, table);
    }
    add("Events", events(&view.events));
    add("Mandates", mandates(&view.mandates));
    add("Ledger", postings(&view.postings));
    text
}

fn mandates(mandates: &[MandateLine]) -> Table {
    let mut table = Table::new(["Id", "Scheme", "Next", "Last collected", "Stopped"]);
    for it in mandates {
        let next = it.sequence.map_or("-", |sequence| sequence.as_str());
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.row([
            it.id.clone(),
            it.scheme.as_str().to_owned(),
            next.to_owned(),
            or_dash(&it.last_collected_on),
            or_dash(&it.stopped),
        ]);
    }
    table
}

fn postings(postings: &[PostingLine]) -> Table {
    let mut table = Table::new(["Payment", "On", "Journal", "Ledger account", "Line", "#Amount"]);
    for posting in postings {
        for line in &posting.lines {
            table.row([
                posting.payment.clone(),
                posting.on.clone(),
                line.journal.as_str().to_owned(),
                line.ledger_account.clone(),
                line.kind.as_str().to_owned(),
                format!("{} {}", line.amount.as_str(), posting.currency),
            ]);
        }
    }
    table
}

fn head(view: &AccountView) -> String {
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
    text
}

fn records(records: &[DelinquencyView], kinds: &[&str]) -> Table {
    let names = ["Id", "About", "Scheme", "Milestone", "Entered", "Eligible", "#Balance", "Status"];
    let mut table = Table::new(names);
    for view in records.iter().filter(|view| kinds.contains(&view.record.kind.as_str())) {
        let record = &view.record;
        table.row([
            record.id.clone(),
            about(view),
            record.scheme.clone(),
            view.milestone_title.clone(),
            record.entered_on.clone(),
            view.eligible_on.clone().unwrap_or_else(|| "-".to_owned()),
            grouped(record.balance.as_str()),
            status(view),
        ]);
    }
    table
}

/// What a record is about: its bill type, or the record that led to it, and the
/// line items.
fn about(view: &DelinquencyView) -> String {
    let record = &view.record;
    let mut parts = Vec::new();
    parts.extend(record.bill_type.clone());
    if record.kind.ends_with("-lien") {
        parts.push(record.kind.trim_end_matches("-lien").to_owned());
    }
    parts.extend(record.origin.as_ref().map(|origin| format!("from {origin}")));
    if !record.items.is_empty() {
        let shown = &record.items[..record.items.len().min(ITEMS_SHOWN)];
        let more = match record.items.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        parts.push(format!("{}{more}", shown.join(" ")));
    }
    if parts.is_empty() { "all that is owed".to_owned() } else { parts.join(", ") }
}

fn status(view: &DelinquencyView) -> String {
    let record = &view.record;
    let mut text = match (&record.resolution_code, &record.resolved_on) {
        (Some(code), Some(on)) => format!("{} {on}: {code}", record.status),
        _ => record.status.clone(),
    };
    if word_of_hold(view) {
        text.push_str(", on hold");
    }
    if record.extension_days > 0 {
        text.push_str(&format!(", extended by {}", record.extension_days));
    }
    text
}

fn word_of_hold(view: &DelinquencyView) -> bool {
    !matches!(serde_json::to_value(&view.record.hold), Ok(Value::Bool(false)))
}

fn holds(holds: &[HoldView]) -> Table {
    let mut table = Table::new(["Record", "For", "Until", "#Outstanding", "Reason"]);
    for it in holds {
        let outstanding = it.outstanding.as_ref().map_or("-", |amount| amount.as_str());
        let until = it.until.as_deref().unwrap_or("released");
        let reason = if it.reason.is_empty() { "no reason given" } else { &it.reason };
        table.row([&it.delinquency, it.kind, until, outstanding, reason]);
    }
    table
}

fn line_items(view: &AccountView) -> Table {
    let mut table = Table::new([
        "Id",
        "Bill type",
        "Posted",
        "Due",
        "#Amount",
        "#Unpaid",
        "Marker",
        "Spent on",
    ]);
    for it in &view.transactions {
        table.row([
            it.id.as_str(),
            it.bill_type.as_deref().unwrap_or("-"),
            &it.date,
            it.due_date.as_deref().unwrap_or("-"),
            &grouped(it.amount.as_str()),
            &view.unpaid.get(&it.id).map_or_else(|| "-".to_owned(), |it| grouped(it.as_str())),
            it.marker.as_str(),
            &spent(it),
        ]);
    }
    table
}

/// `T-1 20.00, T-2 5.00`; of a reversal, what it takes back.
fn spent(item: &TransactionLine) -> String {
    if let Some(reversed) = &item.reverses {
        return format!("reverses {reversed}");
    }
    let spent = item.spent.iter().map(|it| format!("{} {}", it.item, it.amount.as_str()));
    spent.collect::<Vec<_>>().join(", ")
}

fn history(history: &[HistoryView]) -> Table {
    let mut table = Table::new(["On", "Record", "What", "#Balance", "By", "Actions"]);
    for it in history {
        let balance = it.balance.as_ref().map_or(String::new(), |it| grouped(it.as_str()));
        table.row([
            it.on.clone(),
            it.delinquency.clone(),
            step(it),
            balance,
            it.cause.clone(),
            actions(it),
        ]);
    }
    table
}

/// The types of the actions: `notice, one-off-penalty (skipped)`. What they did
/// is in tables of its own.
fn actions(transition: &HistoryView) -> String {
    let name = |action: &String| {
        let name = action.split(": ").next().unwrap_or_default();
        let skipped = if action.contains(": skipped: ") { " (skipped)" } else { "" };
        format!("{name}{skipped}")
    };
    transition.actions.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// `REMIND -> FINAL`, `FINAL -> resolved (PAID-IN-FULL)`, `held`.
pub fn step(transition: &HistoryView) -> String {
    let HistoryView { from, to, event, resolution_code, extension_days, .. } = transition;
    match (from, to) {
        (Some(from), Some(to)) if from == to && event == "extended" => {
            format!("{event} by {extension_days} days")
        }
        (Some(from), Some(to)) if from == to => event.clone(),
        (Some(from), Some(to)) => format!("{from} -> {to}"),
        (None, Some(to)) => format!("{event} -> {to}"),
        (from, None) => {
            let from = from.as_deref().unwrap_or("entry");
            let code = resolution_code.as_deref();
            let code = code.map_or_else(String::new, |code| format!(" ({code})"));
            format!("{from} -> resolved{code}")
        }
    }
}

fn events(events: &[EventLine]) -> Table {
    let mut table = Table::new(["On", "Event", "Id", "Says"]);
    for it in events {
        let name = it.event.strip_prefix("arrears.").unwrap_or(&it.event);
        let said = it.data.iter().filter(|(name, _)| *name != "on");
        let says: Vec<String> = said.filter_map(|(name, value)| says(name, value)).collect();
        table.row([it.on.as_str(), name, &it.id, &says.join(", ")]);
    }
    table
}

/// `amount 50.00`; what says nothing is left out.
fn says(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("{name} {text}")),
        Value::Bool(false) | Value::Null => None,
        Value::Array(values) if values.is_empty() => None,
        Value::Object(fields) if fields.is_empty() => None,
        other => Some(format!("{name} {other}")),
    }
}
