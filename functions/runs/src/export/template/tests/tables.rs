//! CSV files that would be read otherwise than they were meant.

use super::in_words;
use crate::export::template::{Sources, Templates};
use arrears_domain::setup::Escape;

/// Header, record, and what is wrong: the part and a piece of the message.
const CASES: &[(Option<&str>, &str, &str)] = &[
    (None, "{{ contact.name }},{{ account.class }}", "right"),
    (Some("a,b"), "{{ contact.name }},{{ account.class }}", "right"),
    (Some("\"a, b\",c"), "{{ contact.name }},\"NEW\"", "right"),
    (Some("a;b"), "{{ contact.name }};{{ account.attributes.phone }}", "right"),
    (Some("a\tb"), "{{ contact.name }}\t{{ account.class }}", "right"),
    (None, "{{ contact.name ~ ' ' ~ account.class }}", "right"),
    (None, "{{ run.as_of | date('%b %d, %Y') }},{{ account.id }}", "right"),
    (None, "{{ delinquency.balance | amount(thousands=',') }},x", "right"),
    (None, "\"{{ contact.name }}\",x", "record: 1: an UPDATE of a collections record"),
    (None, "\"{{ account.class }}\"", "without quotes of your own"),
    (None, "\"{{ account.attributes.phone }}\",x", "without quotes of your own"),
    (None, "{{ contact.name }} {{ account.class }},x", "stray quotes"),
    (None, "x,{{ contact.name }} {{ account.class }}", "stray quotes"),
    (None, "Class {{ account.class }},x", "is read as 2 rows"),
    (None, "x, {{ account.class }}", "is read as 2 rows"),
    (None, "{{ account.class | csv(formulas=true) }}y,x", "stray quotes"),
    (None, "x,{{ account.id }}\n{{ contact.name }}", "is read as 2 rows"),
    (None, "x,{{ 'y,' if placement.action is eq('NEW') else ',' }},z", "right"),
    (None, "x{% if placement.action is eq('NEW') %},y{% endif %}", "is read as 1 cell, and a NEW"),
    (None, "{% if contact.id is empty %}x,y{% else %}x{% endif %}", "is read as 2 cells, and"),
    (Some("a,b,c"), "{{ contact.name }},{{ account.class }}", "write a heading for each value"),
    (Some("a,\"b\"c"), "{{ contact.name }},{{ account.class }}", "header: 1: header: the field"),
    (Some("a,{{ agency.name }},\"{{ agency.name }}\""), "x,y,z", "right"),
];

#[test]
fn rows_are_read_as_they_were_meant() {
    let mut wrong = Vec::new();
    for (header, record, expected) in CASES {
        let header = header.map(|text| format!("{text}\n"));
        let record = format!("{record}\n");
        let sources = Sources { header: header.as_deref(), record: &record, trailer: None };
        let outcome = match Templates::compile(&sources, Escape::Csv) {
            Ok(_) => "right".to_owned(),
            Err(mistakes) => format!("{}: {}", mistakes[0].part, in_words(&mistakes)),
        };
        if !outcome.contains(expected) {
            wrong.push(format!("{record}{expected}\n{outcome}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
