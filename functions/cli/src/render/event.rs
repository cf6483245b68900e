//! Events as text: what became of them, and the dead-letter list.

pub mod queue;

use super::number::{count, counted};
use super::run::effect_table;
use super::table::{Table, wrap};
use crate::session::Prompt;
use arrears_domain::Date;
use arrears_runs::events::{Answer, DeadLetter, Done, EventsReport, Outcome};

/// Parked events that the text shows; `--json` has more of them.
const PARKED_SHOWN: usize = 20;
/// Answers that the text of a redrive shows; `--json` has all.
const ANSWERS_SHOWN: usize = 50;
/// Columns of running text.
const WIDTH: usize = 90;

/// What became of an event that was typed, and what to do next.
pub fn typed(answer: &Answer, on: Date, is_new_id: bool, prompt: &Prompt) -> String {
    let mut text = format!("{}\n", outcome(answer));
    let id = answer.id.as_deref().unwrap_or("-");
    match &answer.outcome {
        Outcome::Parked { dead_letter, .. } => {
            text.push_str("Nothing is changed; the event waits in the dead-letter list.\n");
            text.push_str(&next("Look", prompt, "events dead-letters"));
            text.push_str(&next("Try again", prompt, &format!("events redrive {dead_letter}")));
            text.push_str(&next("Drop it", prompt, &format!("events discard {dead_letter}")));
        }
        Outcome::Applied(_) if is_new_id => {
            text.push_str(&format!(
                "Event {id}, dated {on}; with --id {id} it is not done twice.\n"
            ));
        }
        Outcome::Applied(_) | Outcome::Duplicate => {}
    }
    text
}

/// What to type next.
pub(super) fn next(what: &str, prompt: &Prompt, words: &str) -> String {
    format!("  {:<11}{}\n", format!("{what}:"), prompt.line(words))
}

/// One line: `applied: A-1-C1: entry -> WARN; notice; balance 120.00 USD`.
fn outcome(answer: &Answer) -> String {
    match &answer.outcome {
        Outcome::Applied(done) => format!("applied: {}", done_words(done)),
        Outcome::Duplicate => {
            let id = answer.id.as_deref().unwrap_or("-");
            format!("nothing to do: event {id} was applied before")
        }
        Outcome::Parked { code, message, .. } => format!("refused: {code}: {message}"),
    }
}

/// `A-1-C1: entry -> WARN; notice; balance 120.00 USD`.
pub(super) fn done_words(done: &Done) -> String {
    let mut parts = done.changes.clone();
    if parts.is_empty() {
        parts.push("no record changes".to_owned());
    }
    if !done.effects.is_empty() {
        parts.push(done.effects.join(", "));
    }
    parts.push(format!("balance {}", done.balance));
    parts.join("; ")
}

/// What became of a file of events, and what to do next.
pub fn applied(report: &EventsReport, prompt: &Prompt) -> String {
    let mut text = format!(
        "{}: {} applied, {} applied before, {} parked. {}.\n",
        counted(report.events, "event", "events"),
        count(report.applied),
        count(report.duplicates),
        count(report.parked),
        counted(report.changes, "change of a record", "changes of records"),
    );
    let effects = effect_table(&report.effects);
    if !effects.is_empty() {
        text.push_str(&format!("\n{}", effects.render()));
    }
    if report.parked == 0 {
        return text;
    }
    let mut table = Table::new(["Parked because", "#Events"]);
    for (code, events) in &report.parked_by_code {
        table.row([code.clone(), count(*events)]);
    }
    text.push_str(&format!("\n{}\n", table.render()));
    for (line, answer) in report.first_parked.iter().take(PARKED_SHOWN) {
        let who = named(answer.id.as_deref(), answer.account.as_deref());
        text.push_str(&format!("  line {line}, {who}\n"));
        if let Outcome::Parked { code, message, .. } = &answer.outcome {
            text.push_str(&indented(&format!("{code}: {message}")));
        }
    }
    let more = report.parked.saturating_sub(PARKED_SHOWN as u64);
    if more > 0 {
        text.push_str(&format!("  and {} more\n", count(more)));
    }
    text.push_str("\nParked events have changed nothing; the others stand.\n");
    text.push_str(&next("Look", prompt, "events dead-letters"));
    text + &next("Mend, then", prompt, "events redrive --all")
}

/// `E-7 of account A-1`.
fn named(id: Option<&str>, account: Option<&str>) -> String {
    let account = account.map_or_else(String::new, |account| format!(" of account {account}"));
    format!("{}{account}", id.unwrap_or("without an id"))
}

/// Words under what they are about.
pub(super) fn indented(words: &str) -> String {
    wrap(words, WIDTH).into_iter().map(|line| format!("    {line}\n")).collect()
}

/// The dead-letter list.
pub fn letters(letters: &[DeadLetter], prompt: &Prompt) -> String {
    if letters.is_empty() {
        return "The dead-letter list is empty.\n".to_owned();
    }
    let many = counted(letters.len() as u64, "event", "events");
    let mut text = format!("{many} in the dead-letter list.\n");
    for letter in letters {
        let who = named(letter.event_id.as_deref(), letter.account.as_deref());
        let tried = counted(letter.attempts.into(), "time", "times");
        text.push_str(&format!(
            "\n  {}\n    {who}; tried {tried} since {}\n",
            letter.id, letter.parked_at
        ));
        text.push_str(&indented(&format!("{}: {}", letter.code, letter.message)));
    }
    text.push('\n');
    text.push_str(&next("Try again", prompt, "events redrive ID"));
    text + &next("Drop one", prompt, "events discard ID")
}

/// What became of events of the list.
pub fn redriven(answers: &[Answer], prompt: &Prompt) -> String {
    if answers.is_empty() {
        return "The dead-letter list is empty: there is nothing to apply.\n".to_owned();
    }
    let parked =
        answers.iter().filter(|it| matches!(it.outcome, Outcome::Parked { .. })).count() as u64;
    let all = answers.len() as u64;
    let mut text = format!(
        "{}: {} settled, {} parked again.\n",
        counted(all, "event", "events"),
        count(all - parked),
        count(parked),
    );
    for answer in answers.iter().take(ANSWERS_SHOWN) {
        let who = named(answer.id.as_deref(), answer.account.as_deref());
        text.push_str(&format!("  {who}\n{}", indented(&outcome(answer))));
    }
    let more = answers.len().saturating_sub(ANSWERS_SHOWN);
    if more > 0 {
        text.push_str(&format!("  and {} more\n", count(more as u64)));
    }
    if parked > 0 {
        text.push_str(&next("Look", prompt, "events dead-letters"));
    }
    text
}

/// What was taken out of the list.
pub fn discarded(letter: &DeadLetter) -> String {
    let who = named(letter.event_id.as_deref(), letter.account.as_deref());
    let kept = "what came in stays as";
    format!("{} is discarded: {who}; {kept} {}.\n", letter.id, letter.object)
}
