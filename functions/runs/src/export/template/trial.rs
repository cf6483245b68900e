//! What a template is tried with before a run, and what must hold then.
//!
//! Account ids, names, classes and attributes are not known when a setup is
//! loaded: that one of them does not fit is left to the run. What the setup says
//! itself must fit, whatever currency and action come.

use super::facts::{Facts, FileFacts, FileTotals, Row};
use super::mistake::{self, Part, TemplateMistake};
use super::sample;
use super::setup::SetupFacts;
use arrears_domain::setup::Escape;
use arrears_domain::{DelinquencyKind, PlacementAction};
use minijinja::Error;
use std::sync::Arc;

/// Currencies with two decimals, with none and with three.
const CURRENCIES: [&str; 3] = ["USD", "JPY", "KWD"];

/// Something to fill a template in with.
pub(super) struct Trial {
    pub facts: Facts,
    /// Which record it is, for people.
    what: String,
    /// Whether it has nothing of unknown width, so that no fault of it can be
    /// one of the data.
    must_fit: bool,
}

/// What a trial has written.
pub(super) struct Written {
    pub what: String,
    pub text: String,
    /// Whether values have one character where their width is not known, and so
    /// no separators.
    pub is_plain: bool,
}

/// The trials of a part.
pub(super) fn trials(part: Part, setup: &SetupFacts) -> Vec<Trial> {
    let file = sample::file(setup);
    // The public agency's code is the store's, and not known here.
    let narrow = Arc::new(FileFacts { agency_code: "1".to_owned(), ..(*file).clone() });
    match part {
        Part::Header => [(narrow, true), (file, false)]
            .into_iter()
            .map(|(file, must_fit)| trial(Facts::Header { file }, part.as_str(), must_fit))
            .collect(),
        Part::Record => {
            let known = known_rows(setup).into_iter().map(|row| (row, true, None));
            let each = each_action_and_kind(setup).into_iter().map(|row| (row, false, None));
            let others = sample::rows(setup).into_iter().map(|row| (row, false, None));
            let hostile = sample::hostile(setup)
                .into_iter()
                .map(|row| (Arc::new(row), false, Some(sample::HOSTILE)));
            known
                .chain(each)
                .chain(others)
                .chain(hostile)
                .map(|(row, must_fit, any_attribute)| {
                    let what = described(&row);
                    let file = Arc::clone(if must_fit { &narrow } else { &file });
                    trial(Facts::Record { row, file, any_attribute }, &what, must_fit)
                })
                .collect()
        }
        Part::Trailer => {
            let of_one = known_rows(setup).into_iter().map(|row| {
                let what = format!("a file with {}", described(&row));
                (sample::totals_of(&[row]), Arc::clone(&narrow), what, true)
            });
            let others = sample::totals(setup).into_iter().map(|totals| {
                (totals, Arc::clone(&file), "a file of several records".to_owned(), false)
            });
            of_one
                .take(CURRENCIES.len())
                .chain(others)
                .map(|(totals, file, what, must_fit): (FileTotals, _, _, _)| {
                    trial(Facts::Trailer { totals, file }, &what, must_fit)
                })
                .collect()
        }
    }
}

fn trial(facts: Facts, what: &str, must_fit: bool) -> Trial {
    Trial { facts, what: what.to_owned(), must_fit }
}

/// Records of which all is known, but for texts of one character: in each
/// currency, then at each milestone, with each action.
fn known_rows(setup: &SetupFacts) -> Vec<Arc<Row>> {
    let currencies = CURRENCIES.iter().map(|currency| (*currency, 0));
    let stages = (0..setup.stages.len()).map(|stage| ("USD", stage));
    let all: Vec<_> = currencies.chain(stages).collect();
    // The actions change last: trailers take one record of each currency.
    PlacementAction::ALL
        .into_iter()
        .flat_map(|action| all.iter().map(move |(currency, stage)| (action, *currency, *stage)))
        .filter_map(|(action, currency, stage)| {
            // The shortest kind: an agency may export no other.
            sample::narrow(setup, action, DelinquencyKind::BillType, currency, stage)
        })
        .map(Arc::new)
        .collect()
}

fn each_action_and_kind(setup: &SetupFacts) -> Vec<Arc<Row>> {
    PlacementAction::ALL
        .into_iter()
        .flat_map(|action| DelinquencyKind::ALL.map(|kind| (action, kind)))
        .filter_map(|(action, kind)| sample::narrow(setup, action, kind, "USD", 0))
        .map(Arc::new)
        .collect()
}

fn described(row: &Row) -> String {
    let article = if row.action == PlacementAction::Update { "an" } else { "a" };
    let (record, currency) = (&row.delinquency, row.account.currency());
    let contact = if row.contact.is_none() { ", without a contact" } else { "" };
    format!(
        "{article} {} of a {} record, scheme `{}`, milestone `{}`, in {}{contact}",
        row.action.as_str(),
        record.kind.as_str(),
        record.scheme,
        record.milestone,
        currency.code(),
    )
}

/// Fills the template in with each trial.
///
/// # Errors
/// What is wrong with the template.
pub(super) fn run(
    part: Part,
    source: &str,
    escape: Escape,
    trials: Vec<Trial>,
    write: impl Fn(Facts, &mut Vec<u8>) -> Result<(), Error>,
) -> Result<Vec<Written>, TemplateMistake> {
    let mut written = Vec::new();
    let (mut of_known, mut of_data) = (None, None);
    for Trial { facts, what, must_fit } in trials {
        let mut out = Vec::new();
        match write(facts, &mut out) {
            Ok(()) => {
                // Templates write text.
                let text = String::from_utf8_lossy(&out).into_owned();
                written.push(Written { what, text, is_plain: must_fit });
            }
            Err(error) if !mistake::is_of_data(&error) => {
                return Err(TemplateMistake::of(part, source, &error));
            }
            Err(error) if must_fit => of_known = of_known.or(Some((error, what))),
            Err(error) => of_data = of_data.or(Some(error)),
        }
    }
    match (of_known, of_data) {
        (Some((error, what)), _) => {
            let mut mistake = TemplateMistake::of(part, source, &error);
            // What none can write needs no example.
            if !written.is_empty() {
                mistake.message = format!("{}; this happens to {what}", mistake.message);
            }
            Err(mistake)
        }
        (None, Some(error)) if written.is_empty() => Err(TemplateMistake::of(part, source, &error)),
        _ => match of_output(part, escape, &written) {
            Some((is_at_end, message, hint)) => {
                let what = (message, Some(hint.to_owned()));
                let start = if is_at_end { source.len() } else { 0 };
                Err(TemplateMistake::new(part, source, start, source.len(), what))
            }
            None => Ok(written),
        },
    }
}

/// What is wrong with trials once they are written, and whether it is the end of
/// the template that is.
fn of_output(
    part: Part,
    escape: Escape,
    written: &[Written],
) -> Option<(bool, String, &'static str)> {
    let is_blank = |it: &&Written| it.text.trim().is_empty();
    if part == Part::Record && written.iter().all(|it| is_blank(&it)) {
        let hint = "write the values of a record, such as {{ account.id }}";
        return Some((false, "the template writes nothing".to_owned(), hint));
    }
    if part == Part::Record
        && let Some(blank) = written.iter().find(is_blank)
    {
        return Some((
            false,
            format!("the template writes nothing for {}: nobody would be told of it", blank.what),
            "write a line for every action, NEW, UPDATE and RECALL, and for every record; \
             parameters of a run choose which records there are",
        ));
    }
    let has_lines = matches!(escape, Escape::Csv | Escape::Line) && part != Part::Trailer;
    let is_open = |it: &Written| !it.text.is_empty() && !it.text.ends_with('\n');
    (has_lines && written.iter().any(is_open)).then(|| {
        let message =
            format!("the {part} does not end its line, so that the next one would go on there");
        (true, message, "end the template with a line break")
    })
}
