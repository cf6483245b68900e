//! Parsing the sources, and what to leave out when their syntax is broken.

use super::mistake::{Mistake, Span, code};
use super::tree::Reading;
use super::{Source, limits};
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::DeTable;

/// Parses the sources. A source that is too large is reported and read as empty;
/// of one that is broken, what could be parsed is there.
pub(super) fn parse<'a>(reading: &Reading<'a>) -> Vec<Spanned<DeTable<'a>>> {
    let mut bytes = 0;
    let mut trees = Vec::with_capacity(reading.sources.len());
    for (index, source) in reading.sources.iter().enumerate() {
        bytes += source.text.len();
        if bytes > limits::SOURCE_BYTES_MAX {
            let most = limits::SOURCE_BYTES_MAX;
            let span = Span { source: index, offset: 0, length: 0 };
            reading.report(
                Mistake::error(
                    code::TOO_LARGE,
                    span,
                    format!("the setup has more than {most} bytes"),
                )
                .hint("check that each file is a setup"),
            );
            trees.push(DeTable::parse_recoverable("").0);
            continue;
        }
        let (tree, errors) = DeTable::parse_recoverable(&source.text);
        for error in errors {
            let range = error.span().unwrap_or_default();
            let span = Span { source: index, offset: range.start, length: range.len() };
            let mistake = Mistake::error(code::SYNTAX, span, error.message());
            reading.report(mistake.maybe_hint(syntax_hint(error.message())));
        }
        trees.push(tree);
    }
    trees
}

/// What to do about the syntax errors whose text alone does not say it.
fn syntax_hint(message: &str) -> Option<String> {
    let hint = match message {
        "duplicate key" => "it stands here for the second time; keep one, or give it another name",
        _ if message.contains("quoted") => "write texts in quotes",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Leaves out what only follows from a part that could not be read. Where syntax
/// is broken, keeps the first mistake of the line: the parser reads on with a
/// guess.
pub(super) fn drop_follow_ups(mistakes: &mut Vec<Mistake>, sources: &[Source]) {
    let is_gap = |it: &Mistake| [code::SYNTAX, code::TOO_LARGE].contains(&it.code);
    if !mistakes.iter().any(is_gap) {
        return;
    }
    let newlines = |source: &Source| source.text.match_indices('\n').map(|(at, _)| at).collect();
    let newlines: Vec<Vec<usize>> = sources.iter().map(newlines).collect();
    let line_of = |span: Span| {
        let before = newlines[span.source].partition_point(|newline| *newline < span.offset);
        (span.source, before)
    };
    let syntax = mistakes.iter().filter(|it| it.code == code::SYNTAX);
    let broken: BTreeSet<(usize, usize)> = syntax.map(|it| line_of(it.span)).collect();
    let mut shown: BTreeSet<(usize, usize)> = BTreeSet::new();
    mistakes.retain(|it| match it.code {
        code::SYNTAX => shown.insert(line_of(it.span)),
        code::TOO_LARGE => true,
        // A guessed value has no place.
        _ => {
            it.span.length > 0
                && !FOLLOW_UPS.contains(&it.code)
                && !broken.contains(&line_of(it.span))
        }
    });
}

/// What may be wrong only because a part of a source could not be read.
const FOLLOW_UPS: [&str; 18] = [
    // Of the layer above: see `read_further`.
    "unknown-reference",
    code::MISSING_KEY,
    code::MISSING_GROUP,
    code::EMPTY_RULE,
    code::UNKNOWN_SCHEME,
    code::UNKNOWN_MILESTONE,
    code::UNKNOWN_CALENDAR,
    code::UNKNOWN_AGENCY,
    code::UNKNOWN_BILL_TYPE,
    code::NO_CALENDAR,
    code::NO_DURATION,
    code::NO_RESOLUTION_CODE,
    code::NO_DECREMENT_MILESTONE,
    code::EMPTY_SCHEME,
    code::NO_ENTRY_MILESTONE,
    code::NO_TIME_ZONE,
    code::NO_TEMPLATE,
    code::WRONG_BILL_TYPE,
];
