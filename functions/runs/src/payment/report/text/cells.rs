//! Texts of others in a report of lines: they keep to their line, their column and
//! their direction.

use crate::payment::report::seen;
use std::fmt;

/// The width of the report, in columns.
pub(super) const COLUMNS: usize = 110;

/// What stands for the rest of a name that is cut.
const ELLIPSIS: char = '…';

/// Takes what follows a name that is read from the right back to the left: the
/// left-to-right mark.
const BACK_TO_LEFT: char = '\u{200e}';

/// A text that fills its columns, and is cut if it is longer.
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) columns: usize,
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = cut(&clean(self.text), self.columns);
        let filler = self.columns.saturating_sub(columns_of(&text));
        write!(f, "{text}{:filler$}", "")
    }
}

/// The text in one line. What follows a name that is read from the right is not taken
/// along.
pub(super) fn clean(text: &str) -> String {
    let mut clean = seen(text).trim().to_owned();
    if clean.chars().any(reads_from_right) {
        clean.push(BACK_TO_LEFT);
    }
    clean
}

/// The text in lines of the report's width, each after a margin.
pub(super) fn wrapped(text: &str, margin: usize) -> String {
    let (mut lines, mut column) = (String::new(), 0);
    for word in clean(text).split_whitespace() {
        let width = columns_of(word);
        if column == 0 || column + 1 + width > COLUMNS {
            if column > 0 {
                lines.push('\n');
            }
            lines.extend(std::iter::repeat_n(' ', margin));
            column = margin;
        } else {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += width;
    }
    lines.push('\n');
    lines
}

fn cut(text: &str, columns: usize) -> String {
    if columns_of(text) <= columns {
        return text.to_owned();
    }
    let (mut kept, mut room) = (String::new(), columns.saturating_sub(1));
    for character in text.chars() {
        let Some(rest) = room.checked_sub(columns_of_one(character)) else { break };
        room = rest;
        kept.push(character);
    }
    // Half of a joined picture would join the ellipsis.
    let mut kept = kept.trim_end_matches([' ', '\u{200d}']).to_owned();
    if columns > 0 {
        kept.push(ELLIPSIS);
    }
    if kept.chars().any(reads_from_right) {
        kept.push(BACK_TO_LEFT);
    }
    kept
}

/// How many columns the text takes where each character takes one, a wide one two.
fn columns_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(columns_of_one).sum() }
}

/// What terminals agree on for the scripts and pictures that names are written in.
fn columns_of_one(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}'
        | '\u{64b}'..='\u{65f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Hebrew, Arabic and what is written like them.
fn reads_from_right(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}
