//! What collection agencies have, and what came back from them, as text.

use super::event::{done_words, indented, next};
use super::number::{amount, count, counted, grouped};
use super::table::Table;
use crate::session::Prompt;
use arrears_runs::placement::{
    AgencyTotals, ImportReport, LineAnswer, LineOutcome, Listed, PlacementView,
};
use std::collections::BTreeMap;
use std::path::Path;

/// Applied lines with a remark that the text shows; `--answers` has all of them.
const REMARKS_SHOWN: usize = 20;

/// What became of a file, and what to do next; `answers` is the file that has the
/// answers to all lines.
pub fn imported(report: &ImportReport, answers: Option<&Path>, prompt: &Prompt) -> String {
    let outcomes = &report.outcomes;
    let mut text = format!(
        "{} from {}: {} applied, {} applied before, {} refused.\n",
        counted(report.lines, "line", "lines"),
        report.collection_agency,
        count(outcomes.applied),
        count(outcomes.duplicates),
        count(outcomes.refused),
    );
    for (currency, minor_units) in &report.taken_in_minor_units {
        text.push_str(&format!("Taken in: {}.\n", amount(*minor_units, currency)));
    }
    if report.lines > 0 {
        text.push_str(&format!("\n{}", by_status(report).render()));
    }
    let remarks = remarks(report);
    if !remarks.is_empty() {
        let shown = remarks.iter().take(REMARKS_SHOWN).map(String::as_str);
        text.push_str(&format!("\nRemarks\n{}", shown.collect::<String>()));
    }
    if outcomes.refused > 0 {
        text.push_str(&refused(report, prompt));
    }
    let is_cut = remarks.len() > REMARKS_SHOWN
        || report.lines > report.answers.len() as u64
        || outcomes.refused > report.first_refused.len() as u64;
    text.push_str(&where_all_are(report, answers, is_cut, prompt));
    text
}

/// Where the answers to all lines are, or how to get them if some are not shown.
fn where_all_are(
    report: &ImportReport,
    answers: Option<&Path>,
    is_cut: bool,
    prompt: &Prompt,
) -> String {
    match answers {
        Some(path) => format!("\nThe answers to all lines are in {}.\n", path.display()),
        None if is_cut => {
            let again = format!(
                "placement import FILE --collection-agency {} --answers PATH",
                report.collection_agency
            );
            format!(
                "\nNot all answers are shown. To write them to a file, import the file again; what \
                 is\napplied is answered `duplicate` then.\n{}",
                next("All", prompt, &again)
            )
        }
        None => String::new(),
    }
}

fn by_status(report: &ImportReport) -> Table {
    let mut table = Table::new(["Status", "#Applied", "#Before", "#Refused"]);
    for (status, it) in &report.by_status {
        table.row([status.clone(), count(it.applied), count(it.duplicates), count(it.refused)]);
    }
    table
}

/// The applied lines of which there is something to say.
fn remarks(report: &ImportReport) -> Vec<String> {
    let said = report.answers.iter().filter_map(|answer| match &answer.outcome {
        LineOutcome::Applied { done, remarks } if !remarks.is_empty() => {
            let mut words = vec![answer.outcome.message()];
            words.extend(done.as_ref().map(done_words));
            Some(format!("  {}\n{}", named(answer), indented(&words.join("; "))))
        }
        _ => None,
    });
    said.collect()
}

fn refused(report: &ImportReport, prompt: &Prompt) -> String {
    let mut text = "\nRefused\n".to_owned();
    for answer in &report.first_refused {
        if let LineOutcome::Refused { code, .. } = &answer.outcome {
            let words = indented(&format!("{code}: {}", answer.outcome.message()));
            text.push_str(&format!("  {}\n{words}", named(answer)));
        }
    }
    let more = report.outcomes.refused.saturating_sub(report.first_refused.len() as u64);
    if more > 0 {
        text.push_str(&format!("  and {} more\n", count(more)));
    }
    text.push_str(
        "\nLines that are refused have changed nothing; the others stand. Correct them and \
         import\nthe file again: what is applied is not applied twice.\n",
    );
    if report.parked > 0 {
        let waiting = counted(report.parked, "of them waits", "of them wait");
        text.push_str(&format!("{waiting} in the dead-letter list.\n"));
        text.push_str(&next("Look", prompt, "events dead-letters"));
    }
    text
}

/// `line 7, closed of A-1-C1 of account A-1, reference R-7 (moved away)`.
fn named(answer: &LineAnswer) -> String {
    let said = &answer.said;
    let mut text = format!("line {}", answer.line);
    if let Some(status) = &said.status {
        text.push_str(&format!(", {status}"));
    }
    let about = [
        said.delinquency.as_ref().map(|id| format!(" of {id}")),
        said.account.as_ref().map(|id| format!(" of account {id}")),
        said.reference.as_ref().map(|reference| format!(", reference {reference}")),
        said.reason.as_ref().map(|reason| format!(" ({reason})")),
    ];
    text.extend(about.into_iter().flatten());
    text
}

/// What agencies have.
pub fn list(listed: &Listed) -> String {
    if listed.agencies.is_empty() {
        return "No collection agency was ever told of such a delinquency.\n".to_owned();
    }
    let mut table = Table::new(["Agency", "#Has", "#Given back", "#Told is owed"]);
    for (code, totals) in &listed.agencies {
        table.row([code.clone(), count(totals.placed), count(totals.recalled), owed(totals)]);
    }
    let mut text = table.render();
    let mut table = Table::new([
        "Agency",
        "Account",
        "Delinquency",
        "Milestone",
        "#Balance",
        "Told",
        "On",
        "Run",
    ]);
    for it in &listed.placements {
        let entry = &it.entry;
        table.row([
            entry.collection_agency.clone(),
            entry.account.clone(),
            entry.delinquency.clone(),
            format!("{}: {}", entry.scheme, entry.milestone),
            format!("{} {}", grouped(entry.balance.as_str()), entry.currency),
            entry.action.clone(),
            entry.on.clone(),
            run(it),
        ]);
    }
    if !table.is_empty() {
        text.push_str(&format!("\n{}", table.render()));
    }
    text
}

fn owed(totals: &AgencyTotals) -> String {
    let sums = totals.balance_minor_units.iter();
    let sums: Vec<String> = sums.map(|(currency, units)| amount(*units, currency)).collect();
    if sums.is_empty() { "-".to_owned() } else { sums.join(", ") }
}

/// `export-000007`, `export-000008 (under way)`.
fn run(view: &PlacementView) -> String {
    let under_way = if view.under_way { " (under way)" } else { "" };
    format!("{}{under_way}", view.entry.run)
}

/// What each agency was told last of each delinquency of an account.
pub fn last_entries(placements: &[PlacementView]) -> Table {
    // They come by sequence, so that the last one stays.
    let last: BTreeMap<(&str, &str), &PlacementView> = placements
        .iter()
        .map(|it| ((it.entry.delinquency.as_str(), it.entry.collection_agency.as_str()), it))
        .collect();
    let mut table = Table::new(["Record", "Agency", "Has it", "Told", "On", "#Balance", "Run"]);
    for ((delinquency, agency), it) in last {
        table.row([
            delinquency.to_owned(),
            agency.to_owned(),
            (if it.is_placed() { "yes" } else { "no" }).to_owned(),
            it.entry.action.clone(),
            it.entry.on.clone(),
            grouped(it.entry.balance.as_str()),
            run(it),
        ]);
    }
    table
}
