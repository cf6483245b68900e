//! Events and parked events, a line for each.

use super::history::history;
use arrears_e2e::{House, copy_folder, date, export, open};
use arrears_runs::events::{self, Answer, Applier, Outcome};
use arrears_runs::setups;
use arrears_storage::Store;
use std::fmt::Write;

async fn applier(house: &House, store: &Store) -> Applier {
    let stored = setups::active(store, &house.catalog).await.unwrap();
    Applier::new(store.clone(), &stored)
}

/// Events happen, all of a file in one batch.
pub async fn happen(house: &House, name: &str, lines: &str, outcome: &mut String) {
    let before = history(house).await;
    let copy = tempfile::tempdir().unwrap();
    copy_folder(house.folder.path(), copy.path());
    let applier = applier(house, &house.store).await;
    let read = lines.lines().filter(|line| !line.trim().is_empty());
    let read = read.map(|line| events::read(line, applier.zone()));
    let answers = applier.apply(read.collect()).await.unwrap();
    writeln!(outcome, "events of {name}").unwrap();
    answered(&answers, outcome);
    for line in history(house).await.difference(&before) {
        writeln!(outcome, "  {line}").unwrap();
    }
    as_a_file(house, &open(copy.path()).await, lines, &answers).await;
}

/// A file of the same lines comes to the same.
async fn as_a_file(house: &House, elsewhere: &Store, lines: &str, answers: &[Answer]) {
    let applier = applier(house, elsewhere).await;
    let report = events::apply_lines(&applier, lines.as_bytes(), &|_| {}).await.unwrap();
    let count = |is: fn(&Outcome) -> bool| {
        answers.iter().filter(|answer| is(&answer.outcome)).count() as u64
    };
    let counts = [
        count(|_| true),
        count(|outcome| matches!(outcome, Outcome::Applied(_))),
        count(|outcome| matches!(outcome, Outcome::Duplicate)),
        count(|outcome| matches!(outcome, Outcome::Parked { .. })),
    ];
    assert_eq!([report.events, report.applied, report.duplicates, report.parked], counts);
    assert_eq!(export(elsewhere).await, house.export().await, "a file is a batch");
}

/// Parked events are applied again.
pub async fn redrive(house: &House, id: Option<&str>, on: Option<&str>, outcome: &mut String) {
    let before = history(house).await;
    let applier = applier(house, &house.store).await;
    let mut answers = events::redrive(&applier, id, on.map(date)).await.unwrap();
    // Those that were parked in one millisecond come in any order.
    answers.sort_by(|a, b| a.id.cmp(&b.id));
    let dated = on.map_or_else(String::new, |on| format!(", dated {on}"));
    writeln!(outcome, "redrive of {}{dated}", id.unwrap_or("all")).unwrap();
    answered(&answers, outcome);
    for line in history(house).await.difference(&before) {
        writeln!(outcome, "  {line}").unwrap();
    }
}

fn answered(answers: &[Answer], outcome: &mut String) {
    for answer in answers {
        let id = answer.id.as_deref().unwrap_or("(no id)");
        let text = match &answer.outcome {
            Outcome::Applied(done) => {
                let changes = match done.changes.as_slice() {
                    [] => "no record changes".to_owned(),
                    changes => changes.join(", "),
                };
                let effects = match done.effects.as_slice() {
                    [] => String::new(),
                    effects => format!("; {}", effects.join(", ")),
                };
                format!("applied: {changes}{effects}; balance {}", done.balance)
            }
            Outcome::Duplicate => "duplicate".to_owned(),
            Outcome::Parked { code, message, .. } => format!("parked {code}: {message}"),
        };
        writeln!(outcome, "  {id} {text}").unwrap();
    }
}
