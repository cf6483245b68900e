//! A changed setup, asked about the live book, as text: how many fare
//! differently and in which way, then each of them.

use super::number::{count, counted, grouped};
use super::run::charged;
use super::story::{step_words, told};
use super::table::{Table, named};
use arrears_domain::EffectKind;
use arrears_runs::record::Totals;
use arrears_runs::run::{Fare, FareOutcome, WhatIf};

/// Records that the text shows; `--json` has all.
const FARES_SHOWN: usize = 50;
/// Columns of `now`, `then` and `why`.
const NAMES: usize = 5;
/// Columns of running text.
const WIDTH: usize = 86;

/// How the book would fare under another setup.
pub fn what_if(what_if: &WhatIf) -> String {
    let mut text = format!(
        "What if, as of {}: setup {} now, the new one then. Nothing was written.\n",
        what_if.as_of, what_if.setup_version,
    );
    let asked = if what_if.all_open_records {
        "asked: all that are open, since the new setup changes when they are due"
    } else {
        "asked: those that are due"
    };
    text.push_str(&format!("{} {asked}.\n", counted(what_if.records, "record", "records")));
    text.push_str(&format!(
        "{} the same, {} differently.\n",
        counted(what_if.same, "fares", "fare"),
        count(what_if.differing)
    ));
    if what_if.differing == 0 {
        return text;
    }
    text.push_str(&format!("\n{}", ways(what_if).render()));
    text.push_str(&format!("\n{}", totals(&what_if.now, &what_if.then).render()));
    let shown = what_if.fares.len().min(FARES_SHOWN);
    let of = if what_if.differing > shown as u64 {
        format!(" ({shown} of {}; --json has all)", count(what_if.differing))
    } else {
        String::new()
    };
    text.push_str(&format!("\nWho fares differently{of}\n"));
    what_if.fares[..shown].iter().for_each(|it| text.push_str(&fare(it)));
    text
}

/// How many fare differently in which way.
fn ways(what_if: &WhatIf) -> Table {
    let mut table = Table::new(["Now", "With the new setup", "#Records"]);
    for (now, then, records) in &what_if.ways {
        let then = if now == then { "the same, with other effects" } else { then };
        table.row([now.as_str(), then, &count(*records)]);
    }
    table
}

/// What a run would come to, now and then.
fn totals(now: &Totals, then: &Totals) -> Table {
    let mut table = Table::new(["The run as a whole", "#Now", "#Then"]);
    let mut add = |name: &str, of: &dyn Fn(&Totals) -> u64| {
        table.row([name.to_owned(), count(of(now)), count(of(then))]);
    };
    add("processed", &|totals| totals.processed);
    add("errors", &|totals| totals.errors);
    add("omitted", &|totals| totals.omitted);
    for kind in EffectKind::ALL {
        let of = |totals: &Totals| totals.effects.get(kind.as_str()).copied().unwrap_or(0);
        if of(now) + of(then) > 0 {
            add(kind.as_str(), &of);
        }
    }
    let charged = |totals: &Totals| match charged(&totals.charged_minor_units) {
        none if none.is_empty() => "nothing".to_owned(),
        amounts => amounts,
    };
    table.row(["charged".to_owned(), charged(now), charged(then)]);
    table
}

fn fare(fare: &Fare) -> String {
    let place = fare.stands_at.as_deref().unwrap_or("not begun");
    let mut text = format!(
        "\n  {} {} at {place}, owing {}\n",
        fare.account,
        fare.subject,
        grouped(&fare.balance)
    );
    text.push_str(&item("now", &words(&fare.now)));
    text.push_str(&item("then", &words(&fare.then)));
    let mut why: Vec<String> =
        told(&fare.why).map(|step| format!("{}: {}", step.rule, step_words(step))).collect();
    if why.is_empty() {
        why.push("the rules say the same; the actions are others".to_owned());
    }
    for (index, reason) in why.iter().enumerate() {
        text.push_str(&item(if index == 0 { "why" } else { "" }, reason));
    }
    text
}

/// `REMIND -> FINAL; notice FINAL-1, one-off-penalty LATE 5.00 USD`.
fn words(outcome: &FareOutcome) -> String {
    match outcome.effects.as_slice() {
        [] => outcome.outcome.clone(),
        effects => format!("{}; {}", outcome.outcome, effects.join(", ")),
    }
}

/// A named line, wrapped under itself.
fn item(name: &str, words: &str) -> String {
    named(name, words, NAMES, WIDTH)
}
