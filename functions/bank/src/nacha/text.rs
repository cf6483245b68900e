//! Texts as a record can hold them: printable ASCII.

use std::borrow::Cow;

/// The text in printable ASCII, without blanks around it: `Jörg Groß` is
/// `Jorg Gross`. What has no counterpart is left out; what cannot be printed, a
/// tabulator or a line break, is a blank.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_printable) {
        return Cow::Borrowed(text.trim_ascii());
    }
    let ascii = deunicode::deunicode_with_tofu(text, "");
    let words = ascii.split(|character: char| !character.is_ascii_graphic());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join(" "))
}

/// Whether a text names somebody or something: signs alone do not.
pub(super) fn says_something(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the text can stand in a record as it is, in so many characters.
pub(super) fn fits(text: &str, width: usize) -> bool {
    text.len() <= width && text.bytes().all(is_printable)
}

fn is_printable(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_graphic()
}

/// The beginning of the text, for an error: whoever gave it knows it by that.
pub(super) fn shown(text: &str) -> String {
    const SHOWN_CHARACTERS_MAX: usize = 40;
    text.chars().take(SHOWN_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ascii() {
        let cases = [
            ("R. Vance", "R. Vance"),
            ("  R. Vance ", "R. Vance"),
            ("Jörg Groß", "Jorg Gross"),
            ("Łukasz Żółć", "Lukasz Zolc"),
            ("Ευγενία", "Eugenia"),
            ("Юрий", "Iurii"),
            ("北京", "Bei Jing"),
            ("O’Neil & Sons", "O'Neil & Sons"),
            ("A\tB\r\nC", "A B C"),
            ("Vance\u{a0}Ltd", "Vance Ltd"),
            ("\u{e000}", ""),
            ("\u{1b}[2J", "[2J"),
        ];
        for (text, expected) in cases {
            assert_eq!(printable(text), expected, "{text:?}");
        }
        assert!(says_something("7") && !says_something("-- &"));
    }
}
