//! Setups as data: what each bad one is told, and what good ones mean.
//!
//! `bad/NAME.toml` (or all files of `bad/NAME/`) is refused with the text of
//! `bad/NAME.expected`; `good/NAME/` is accepted with the summary and the
//! warnings of `good/NAME.expected`. After a change that is meant, rewrite the
//! expectations with `UPDATE_EXPECT=1 cargo test -p arrears-domain --test setup`
//! and read the difference.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cases;
mod exports;
mod meaning;
mod payments;
mod sizes;

use arrears_domain::setup::{self, Mistake, Source, Span, line_and_column, mistake::code};
use cases::{Case, cases, compare};
use std::collections::BTreeSet;
use std::fmt::Write;

#[test]
fn bad_setups_are_told_every_mistake() {
    let mut failures = Vec::new();
    for case in cases("bad") {
        let told = match setup::read(&case.sources) {
            Ok(checked) => render(&checked.warnings, &case.sources),
            Err(mistakes) => render(&mistakes, &case.sources),
        };
        assert!(!told.is_empty(), "{}: nothing is wrong with it; it belongs to good/", case.name);
        failures.extend(compare(&case, &told));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn good_setups_are_read_whole() {
    let mut failures = Vec::new();
    for case in cases("good") {
        let checked = setup::read(&case.sources).unwrap_or_else(|mistakes| {
            panic!("{} is refused:\n{}", case.name, render(&mistakes, &case.sources))
        });
        let mut text = render(&checked.warnings, &case.sources);
        for scheme in setup::describe(&checked.setup).schemes {
            writeln!(text, "scheme {}", scheme.scheme).unwrap();
            for it in scheme.actions {
                let condition = it.condition.map(|it| format!(" if {it}")).unwrap_or_default();
                writeln!(
                    text,
                    "    {}: {} {}{condition}: {}",
                    it.milestone, it.perform_on, it.action_type, it.config
                )
                .unwrap();
            }
        }
        for it in setup::describe(&checked.setup).exports {
            let name = it.name.map(|name| format!(" ({name})")).unwrap_or_default();
            let (code, agency) = (it.export_setup, it.collection_agency);
            writeln!(text, "export setup {code}{name} for {agency}: {}: {}", it.prefix, it.files)
                .unwrap();
        }
        for it in setup::describe(&checked.setup).payments {
            let name = it.name.map(|name| format!(" ({name})")).unwrap_or_default();
            let (code, selection) = (it.payment_profile, it.selection);
            writeln!(text, "payment profile {code}{name}: {}: {selection}", it.method).unwrap();
            writeln!(text, "    {}", it.collection).unwrap();
            for it in it.actions {
                let condition = it.condition.map(|it| format!(" if {it}")).unwrap_or_default();
                writeln!(text, "    {}{condition}: {}", it.action_type, it.config).unwrap();
            }
        }
        failures.extend(compare(&case, &text));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_kind_of_mistake_is_shown_once() {
    let told: Vec<String> = cases("bad").iter().map(Case::expected).collect();
    let told = told.join("\n");
    let missing: BTreeSet<&str> = code::ALL
        .iter()
        .copied()
        .filter(|code| !told.contains(&format!("[{code}]")) && !sizes::CODES.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
    let distinct: BTreeSet<&&str> = code::ALL.iter().collect();
    assert_eq!(distinct.len(), code::ALL.len(), "two codes have one text");
}

#[test]
fn broken_text_never_panics() {
    // Every case cut off, and every case with a letter taken out; not at every
    // letter, to be quick, and in steps that hit every column.
    const STEP: usize = 7;
    for case in cases("bad").into_iter().chain(cases("good")) {
        let text = &case.sources[0].text;
        for (at, letter) in text.char_indices().filter(|(at, _)| at % STEP == 0) {
            let cut = Source { name: case.name.clone(), text: text[..at].to_owned() };
            let without = format!("{}{}", &text[..at], &text[at + letter.len_utf8()..]);
            let without = Source { name: case.name.clone(), text: without };
            for source in [cut, without] {
                let sources = [source];
                let mistakes = setup::read(&sources).err().unwrap_or_default();
                render(&mistakes, &sources);
            }
        }
    }
}

/// A mistake as a line `name:line:column severity[code] message`, with lines
/// for the hint and for related places below it.
fn render(mistakes: &[Mistake], sources: &[Source]) -> String {
    let place = |span: Span| {
        let source = &sources[span.source];
        let (line, column) = line_and_column(&source.text, span.offset);
        let (end_line, end) = line_and_column(&source.text, span.offset + span.length);
        let to = if end_line == line { format!("-{end}") } else { String::new() };
        format!("{}:{line}:{column}{to}", source.name)
    };
    let mut text = String::new();
    for it in mistakes {
        let (at, severity) = (place(it.span), it.severity);
        writeln!(text, "{at} {severity}[{}] {}", it.code, it.message).unwrap();
        if let Some(hint) = &it.hint {
            writeln!(text, "    hint: {hint}").unwrap();
        }
        for (span, label) in &it.related {
            writeln!(text, "    see {}: {label}", place(*span)).unwrap();
        }
    }
    text
}
