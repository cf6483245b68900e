//! What filters make of values: a table of expressions, and what they write.

use super::records;
use arrears_domain::setup::Escape;

const CASES: &str = include_str!("filters.txt");

fn escape_named(word: &str) -> Escape {
    Escape::ALL.into_iter().find(|escape| escape.as_str() == word).unwrap()
}

/// What the expression writes for the first sample, visibly.
fn outcome(escape: Escape, expression: &str) -> String {
    // The text before it makes a record of an expression that writes blanks.
    match records(&format!("-,{{{{ {expression} }}}}"), escape) {
        Ok(all) => format!(
            "[{}]",
            all[0]
                .strip_prefix("-,")
                .unwrap()
                .escape_debug()
                .to_string()
                .replace("\\\"", "\"")
                .replace("\\'", "'")
        ),
        Err(message) => format!("error {message}"),
    }
}

#[test]
fn filters_write_what_the_table_says() {
    let mut blocks = Vec::new();
    for block in CASES.trim_end().split("\n\n") {
        let line = block.lines().next().unwrap();
        let (escape, expression) = line.split_once(": ").unwrap();
        blocks.push(format!("{line}\n{}", outcome(escape_named(escape), expression)));
    }
    let actual = blocks.join("\n\n") + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/export/template/tests/filters.txt");
        std::fs::write(path, &actual).unwrap();
        return;
    }
    assert_eq!(actual, CASES, "run with UPDATE_EXPECT=1 to accept");
}
