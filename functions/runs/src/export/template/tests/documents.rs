//! XML files that would not be well-formed.

use super::in_words;
use crate::export::template::{Sources, Templates};
use arrears_domain::setup::Escape;

/// The record between `<all>` and `</all>`, and what is wrong with it.
const RECORDS: &[(&str, &str)] = &[
    ("<a b=\"{{ contact.name }}\">{{ account.class }}</a>", "right"),
    ("<a b='{{ contact.name }}'/><c>{{ contact.attributes.phone }}</c>&#169;&amp;", "right"),
    ("plain {{ contact.name }}", "right"),
    ("<a>{{ contact.name }}</b>", "record: 1: a NEW of a bill-type record"),
    ("<a>{{ contact.name }}", "record: 1: a NEW of a bill-type record"),
    ("<a>{{ contact.name }}</a></a>", "not well-formed"),
    ("<a b={{ contact.name }}/>", "not well-formed"),
    ("<a b='1' b='2'/>", "not well-formed"),
    ("<a b='<'/>", "a < in its value"),
    ("<a>R&D</a>", "not well-formed"),
    ("<a b='R&D'/>", "not well-formed"),
    ("<a>&copy;</a>", "not well-formed"),
    ("<a>{{ contact.name | csv }}</a>", "not well-formed"),
    ("<?xml version='1.0'?><a/>", "the declaration is not the beginning"),
    ("<a>x{% if contact.id %}</a>{% endif %}", ", without a contact: this is not well-formed"),
];

fn outcome(header: Option<&str>, record: &str, trailer: Option<&str>) -> String {
    match Templates::compile(&Sources { header, record, trailer }, Escape::Xml) {
        Ok(_) => "right".to_owned(),
        Err(mistakes) => format!("{}: {}", mistakes[0].part, in_words(&mistakes)),
    }
}

#[test]
fn documents_are_well_formed() {
    let declared = "<?xml version=\"1.0\"?>\n<all>\n";
    let mut cases: Vec<(Option<&str>, &str, Option<&str>, &str)> = RECORDS
        .iter()
        .map(|(record, expected)| (Some(declared), *record, Some("</all>\n"), *expected))
        .collect();
    cases.extend([
        (None, "<a/>", None, "record: 1: a NEW of a bill-type record"),
        (None, "<a/>", None, "several root elements"),
        (Some("<all>"), "<a/>", None, "not closed at the end"),
        (Some("<all>"), "<a/>", Some("</al>"), "trailer: 1: a file with"),
        (Some("<all>"), "<a/>", Some("</all><more/>"), "several root elements"),
        (Some("<all>"), "<a/>", Some("</all>END"), "outside of the root element"),
        (Some("HEAD<all>"), "<a/>", Some("</all>"), "header: 1: header"),
        (Some("<all>"), "<a/>", Some("{% if totals.records is gt(1) %}</all>{% endif %}"), "not"),
    ]);
    let mut wrong = Vec::new();
    for (header, record, trailer, expected) in cases {
        let outcome = outcome(header, record, trailer);
        if !outcome.contains(expected) {
            wrong.push(format!("{record} {trailer:?}: {expected}\n{outcome}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
