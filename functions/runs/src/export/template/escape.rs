//! What becomes of a value that a template writes: it stays one field, one text
//! or one line.

use arrears_domain::setup::Escape;
use std::fmt::{self, Write};

/// Writes the text as the escape wants it.
pub(super) fn write(out: &mut dyn Write, text: &str, escape: Escape) -> fmt::Result {
    match escape {
        Escape::Csv => csv(out, text, false),
        Escape::Xml => xml(out, text),
        Escape::Line => line(out, text),
        Escape::None => out.write_str(text),
    }
}

/// A field of comma-separated values (RFC 4180). A text that a spreadsheet would
/// take for a formula gets a `'` before it, unless formulas are wanted. What some
/// spreadsheets separate fields by, other than commas, is quoted too.
pub(crate) fn csv(out: &mut dyn Write, text: &str, formulas: bool) -> fmt::Result {
    let disarm = !formulas && is_formula(text);
    let quote = text.bytes().any(|byte| matches!(byte, b',' | b';' | b'\t' | b'"' | b'\r' | b'\n'))
        || text.starts_with(' ')
        || text.ends_with(' ');
    if !disarm && !quote {
        return out.write_str(text);
    }
    if quote {
        out.write_char('"')?;
    }
    if disarm {
        out.write_char('\'')?;
    }
    for (number, piece) in text.split('"').enumerate() {
        if number > 0 {
            out.write_str("\"\"")?;
        }
        out.write_str(piece)?;
    }
    if quote { out.write_char('"') } else { Ok(()) }
}

/// Whether a spreadsheet might compute the text. A number is none, with whatever
/// separators: it has no operator but its sign, and names no function.
fn is_formula(text: &str) -> bool {
    // Spreadsheets take full-width signs for the narrow ones.
    if text.starts_with(['＝', '＋', '－', '＠']) {
        return true;
    }
    let rest = match text.as_bytes() {
        [b'=' | b'@' | b'\t' | b'\r' | b'\n', ..] => return true,
        [b'+' | b'-', rest @ ..] => rest,
        _ => return false,
    };
    let is_number = rest.first().is_some_and(u8::is_ascii_digit)
        && rest.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b' '));
    !is_number
}

/// Text of an XML document, between tags or in quotes. Characters that XML 1.0
/// does not allow become U+FFFD.
pub(crate) fn xml(out: &mut dyn Write, text: &str) -> fmt::Result {
    let mut written = 0;
    for (at, character) in text.char_indices() {
        let instead = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            // A reader would make a line feed of it.
            '\r' => "&#13;",
            '\t' | '\n' => continue,
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            _ => continue,
        };
        out.write_str(&text[written..at])?;
        out.write_str(instead)?;
        written = at + character.len_utf8();
    }
    out.write_str(&text[written..])
}

/// Text that does not leave its line: what could end it becomes a blank.
pub(super) fn line(out: &mut dyn Write, text: &str) -> fmt::Result {
    let mut pieces = text.split(leaves_line);
    out.write_str(pieces.next().unwrap_or_default())?;
    pieces.try_for_each(|piece| {
        out.write_char(' ')?;
        out.write_str(piece)
    })
}

/// Control characters, and the line and paragraph separators of Unicode.
pub(crate) fn leaves_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}
