//! What is wrong with templates: a table of texts and the mistakes in them.

use super::{in_words, records};
use crate::export::template::{OUTPUT_BYTES_MAX, Part, Sources, TEXT_BYTES_MAX, Templates};
use arrears_domain::setup::Escape;

const CASES: &str = include_str!("mistakes.txt");

#[test]
fn mistakes_are_told_as_the_table_says() {
    let mut blocks = Vec::new();
    for block in CASES.trim_end().split("\n\n") {
        let line = block.lines().next().unwrap();
        let (part, text) = line.split_once(": ").unwrap();
        let text = text.replace("\\n", "\n");
        let sources = match part {
            "header" => Sources { header: Some(&text), record: "x\n", trailer: None },
            "record" => Sources { header: None, record: &text, trailer: None },
            _ => Sources { header: None, record: "x\n", trailer: Some(&text) },
        };
        let outcome = match Templates::compile(&sources, Escape::Line) {
            Ok(_) => "right".to_owned(),
            Err(mistakes) => {
                let places = mistakes.iter().map(|m| &text[m.offset..m.offset + m.length]);
                let places: Vec<String> = places.map(|place| format!("  at {place:?}")).collect();
                format!("{}\n{}", in_words(&mistakes), places.join("\n"))
            }
        };
        blocks.push(format!("{line}\n{outcome}"));
    }
    let actual = blocks.join("\n\n") + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/export/template/tests/mistakes.txt");
        std::fs::write(path, &actual).unwrap();
        return;
    }
    assert_eq!(actual, CASES, "run with UPDATE_EXPECT=1 to accept");
}

#[test]
fn all_mistakes_of_all_parts_are_told() {
    let sources = Sources {
        header: Some("{{ nobody }}\n"),
        record: "{{ account.idd }}{{ contact.nam }}\n",
        trailer: Some("{{ 'a' | upperr }}"),
    };
    let mistakes = Templates::compile(&sources, Escape::Csv).unwrap_err();
    let parts: Vec<Part> = mistakes.iter().map(|mistake| mistake.part).collect();
    assert_eq!(parts, [Part::Header, Part::Record, Part::Record, Part::Trailer]);
}

#[test]
fn templates_are_kept_within_limits() {
    let steps = "{% for a in [1,2,3,4,5,6,7,8,9,0] %}".repeat(5) + &"{% endfor %}".repeat(5);
    let doubled = "{% set x = 'ab' %}".to_owned() + &"{% set x = x ~ x %}".repeat(40) + "{{ x }}";
    let wide = "{{ '' | left(4000) }}".repeat(OUTPUT_BYTES_MAX / 4000 + 1);
    let deep = "(".repeat(70) + "1" + &")".repeat(70);
    for (text, expected) in [
        (steps + "x", "too many steps"),
        (doubled, "texts are joined into one"),
        (wide, "bytes are written at once"),
        (format!("{{{{ {} }}}}", "not ".repeat(70) + "1"), "stand in each other"),
        ("x".repeat(TEXT_BYTES_MAX), "write at most"),
    ] {
        let error = records(&text, Escape::None).unwrap_err();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    assert!(records(&format!("{{{{ {deep} }}}}"), Escape::None).is_ok());
}
