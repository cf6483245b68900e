//! Why an account's records stand where they stand, and what comes next.

use super::account::step;
use super::number::grouped;
use super::output::done;
use super::table::named;
use arrears_runs::view::{
    AccountExplanation, AccountView, DelinquencyExplanation, EntryExplanation, Outputs, Upcoming,
};
use arrears_storage::document::StepDocument;

/// Columns of running text.
const WIDTH: usize = 66;

/// Columns of the names before it; the longest are of conditions, which may run
/// over.
const NAMES: usize = 27;

/// The step that only repeats the outcome above it.
const OUTCOME: &str = "outcome";

/// Why an account's records stand where they stand, and what comes next.
pub fn explain(story: &AccountExplanation, view: &AccountView) -> String {
    let name = story.name.as_deref().unwrap_or("no contact");
    let mut text = format!("Account {} ({name}) as of {}\n", story.account, story.as_of);
    if story.delinquencies.is_empty() && story.beginning.is_empty() {
        text.push_str(
            "has no delinquency, collections or lien record: there is nothing to explain.\n",
        );
    }
    for record in &story.delinquencies {
        text.push_str(&explain_record(record, &view.outputs));
    }
    for entry in &story.beginning {
        text.push_str(&explain_entry(entry));
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
    if let Some(ended) = &record.ended {
        return text + &format!("\n  Ended: {ended}\n");
    }
    text.push_str(&format!("\n  Next {} run: {}\n", record.run.as_str(), record.next));
    text.push_str(&steps(&record.explanation));
    text.push_str(&would_do(&record.actions));
    text + &record.upcoming.as_ref().map_or_else(String::new, explain_upcoming)
}

fn explain_upcoming(upcoming: &Upcoming) -> String {
    let when = match upcoming.on {
        Some(date) => format!("A run on {date} or later"),
        None => "A run once the hold is released".to_owned(),
    };
    let mut text = format!("\n  {when}: {}\n", upcoming.next);
    text.push_str(&steps(&upcoming.explanation));
    text + &would_do(&upcoming.actions)
}

fn explain_entry(entry: &EntryExplanation) -> String {
    let mut text =
        format!("\nBill type {}, next delinquency run: {}\n", entry.bill_type, entry.next);
    text.push_str(&steps(&entry.explanation));
    text.push_str(&would_do(&entry.actions));
    if let Some(date) = entry.look_again {
        text.push_str(&item("further items", &format!("count from {date}")));
    }
    text
}

fn would_do(actions: &[String]) -> String {
    if actions.is_empty() { String::new() } else { item("would do", &actions.join(", ")) }
}

/// The steps of an explanation, each with what its formula read.
fn steps(steps: &[StepDocument]) -> String {
    told(steps).map(|step| item(&step.rule, &step_words(step))).collect()
}

/// The steps that say something of their own.
pub fn told(steps: &[StepDocument]) -> impl Iterator<Item = &StepDocument> {
    steps.iter().filter(|step| step.rule != OUTCOME)
}

/// What a step came to, with what its formula read: `holds; read a = 1`.
pub fn step_words(step: &StepDocument) -> String {
    let read: Vec<String> =
        step.inputs.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    if read.is_empty() {
        step.text.clone()
    } else {
        format!("{}; read {}", step.text, read.join(", "))
    }
}

/// A named line, wrapped under itself.
fn item(name: &str, words: &str) -> String {
    named(name, words, NAMES, WIDTH)
}
