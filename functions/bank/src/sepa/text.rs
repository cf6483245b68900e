//! Names and texts in the letters that every bank in the area can process: the
//! basic Latin set of the EPC, `a-z A-Z 0-9 / - ? : ( ) . , ' +` and the space.

use std::borrow::Cow;

/// Whether a character is in the set.
pub(super) fn is_latin(character: char) -> bool {
    character.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(character)
}

/// The text in the set, without spaces at its ends or two in a row, and cut.
///
/// Letters of other scripts are written as they sound; what has no sound, such
/// as an emoji, is left out.
pub(super) fn latin(text: &str, characters_max: usize) -> Cow<'_, str> {
    if text.len() <= characters_max && is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut clean = Cleaner { text: String::new(), characters_max };
    for character in text.chars() {
        if clean.text.len() >= characters_max {
            break;
        }
        clean.push(character);
    }
    // The set has one byte for each character.
    clean.text.truncate(clean.text.trim_end().len());
    Cow::Owned(clean.text)
}

fn is_clean(text: &str) -> bool {
    let is_single = |text: &str| !text.contains("  ") && text.trim_matches(' ').len() == text.len();
    text.chars().all(is_latin) && is_single(text)
}

struct Cleaner {
    text: String,
    characters_max: usize,
}

impl Cleaner {
    fn push(&mut self, character: char) {
        match character {
            _ if is_latin(character) => self.push_latin(character),
            // Joiners, marks of direction and accents on their own have no
            // sound, and do not end a word either.
            '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' => {}
            '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {}
            '€' => self.push_text("EUR"),
            // Dashes and quotation marks as they are typeset.
            '«' | '»' | '\u{2010}'..='\u{2027}' | '\u{2039}' | '\u{203a}' => {
                self.sound(character)
            }
            _ if character.is_ascii() => self.push_text(ascii(character)),
            _ if character.is_alphanumeric() => self.sound(character),
            _ => self.push_latin(' '),
        }
    }

    fn sound(&mut self, character: char) {
        for sound in deunicode::deunicode_char(character).unwrap_or(" ").chars() {
            if is_latin(sound) {
                self.push_latin(sound);
            } else {
                self.push_text(ascii(sound));
            }
        }
    }

    fn push_text(&mut self, text: &str) {
        text.chars().for_each(|character| self.push_latin(character));
    }

    fn push_latin(&mut self, character: char) {
        let is_extra_space = character == ' ' && (self.text.is_empty() || self.text.ends_with(' '));
        if !is_extra_space && self.text.len() < self.characters_max {
            self.text.push(character);
        }
    }
}

/// What stands for an ASCII character that is not in the set, after EPC 217-08.
fn ascii(character: char) -> &'static str {
    match character {
        '&' => "+",
        '_' | '~' => "-",
        '"' | '`' => "'",
        '<' | '[' | '{' => "(",
        '>' | ']' | '}' => ")",
        '@' => "(at)",
        ';' => ",",
        '\\' | '|' => "/",
        '!' | '#' | '$' | '%' | '*' | '=' | '^' => ".",
        _ => " ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_in_the_letters_of_the_banks() {
        let cases = [
            ("Anna Ruiz", "Anna Ruiz"),
            ("  Anna \t\n Ruiz ", "Anna Ruiz"),
            ("Müller & Söhne GmbH", "Muller + Sohne GmbH"),
            ("Mu\u{308}ller", "Muller"),
            ("Straße 5", "Strasse 5"),
            ("Łukasz Żółć", "Lukasz Zolc"),
            ("Αθήνα", "Athena"),
            ("Юлия Щукина", "Iuliia Shchukina"),
            ("王小明", "Wang Xiao Ming"),
            ("<b>\"Bob\"</b> & 'Co'", "(b)'Bob'(/b) + 'Co'"),
            ("]]> --", "))) --"),
            ("a@b.example; x=1 #2", "a(at)b.example, x.1 .2"),
            ("O\u{2019}Neill \u{2013} \u{201c}Z\u{201d}", "O'Neill - 'Z'"),
            ("Bill 5\u{a0}€", "Bill 5 EUR"),
            ("👍🏽 Anna 👩\u{200d}👧", "Anna"),
            ("😀😀", ""),
            ("\u{0}\u{1}\u{1b}[31m", "(31m"),
            ("\u{202e}annA\u{feff}", "annA"),
            ("\u{fffe}\u{ffff}\u{e000}", ""),
            ("", ""),
        ];
        for (text, expected) in cases {
            let clean = latin(text, 70);
            assert_eq!(clean, expected, "{text:?}");
            assert_eq!(latin(&clean, 70), expected, "clean texts stay as they are");
        }
    }

    #[test]
    fn texts_are_cut_between_characters_and_without_a_space_at_the_end() {
        assert_eq!(latin(&"x".repeat(71), 70), "x".repeat(70));
        assert_eq!(latin("abc def", 4), "abc");
        assert_eq!(latin("ßß", 3), "sss");
        assert_eq!(latin("€€", 4), "EURE");
        let all: String = ('\0'..=char::MAX).filter(|it| !it.is_control()).collect();
        for chunk in all.chars().collect::<Vec<_>>().chunks(97) {
            let text: String = chunk.iter().collect();
            let clean = latin(&text, 140);
            assert!(is_clean(&clean) && clean.len() <= 140, "{text}: {clean}");
        }
    }
}
