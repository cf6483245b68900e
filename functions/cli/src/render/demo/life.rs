//! What the demo shows of payments, of the replay and of the changed setup.

use super::super::number::{count, counted, duration_ms};
use super::super::table::Table;
use crate::command::demo::Life;

/// How many ways of faring differently are shown.
const WAYS_SHOWN: usize = 5;

/// The payments that came in between the runs.
pub(super) fn payments(life: &Life) -> String {
    let paid = &life.payments;
    let mut table = Table::new(["", "#"]);
    table.row(["payments posted".to_owned(), count(paid.applied)]);
    table.row(["records that they changed".to_owned(), count(paid.changes)]);
    for (kind, number) in &paid.effects {
        table.row([format!("{kind} of it"), count(*number)]);
    }
    if paid.parked > 0 {
        table.row(["kept in the dead-letter list".to_owned(), count(paid.parked)]);
    }
    format!("Payments between the runs (payments.jsonl)\n{}", table.render())
}

/// What the collection agency was told.
pub(super) fn exports(life: &Life) -> String {
    let mut table = Table::new(["Run", "As of", "#New", "#Update", "#Recall", "File"]);
    for manifest in &life.exports {
        let totals = &manifest.totals;
        table.row([
            manifest.run_key.clone(),
            manifest.as_of.to_string(),
            count(totals.new),
            count(totals.update),
            count(totals.recall),
            manifest.files.first().map_or_else(String::new, |file| file.key.clone()),
        ]);
    }
    let agency = life.exports.first().map_or("", |manifest| &manifest.collection_agency);
    format!("What the collection agency {agency} was told\n{}", table.render())
}

/// The last run again.
pub(super) fn replay(life: &Life) -> String {
    let replay = &life.replay;
    let same = if replay.differing == 0 {
        "every one comes out bit for bit".to_owned()
    } else {
        format!("{} come out otherwise", count(replay.differing))
    };
    format!(
        "{} replayed from its journal: {} decided again in {} (the run took {}); {same}.\n",
        replay.run_key,
        counted(replay.records, "record", "records"),
        duration_ms(replay.duration_ms),
        duration_ms(replay.run_duration_ms),
    )
}

/// The book under the changed setup.
pub(super) fn what_if(life: &Life) -> String {
    let what_if = &life.what_if;
    let mut table = Table::new(["Now", "With the changed setup", "#Records"]);
    for (now, then, number) in what_if.ways.iter().take(WAYS_SHOWN) {
        table.row([now.clone(), then.clone(), count(*number)]);
    }
    format!(
        "What if reminders took 5 business days instead of 10 (changed.toml)?\n\
         Before the first run, {} of {} would have fared differently:\n{}",
        count(what_if.differing),
        counted(what_if.records, "record", "records"),
        table.render()
    )
}
