//! Templates: nothing that a clerk writes is a panic, and what is accepted is
//! filled with exactly the facts.

use arrears_action_sdk::template::Template;
use arrears_action_sdk::{DelinquencyKind, Money, Subject, facts};
use proptest::prelude::*;

fn subject(facts: &[(&str, &str)]) -> Subject {
    Subject {
        key: "D-1".to_owned(),
        account: "A-1001".to_owned(),
        contact: "C-1".to_owned(),
        kind: DelinquencyKind::Collections,
        balance: Money { minor_units: 15_230, currency: "USD".to_owned() },
        days_past_due: 45,
        entered_on: "2026-10-01".to_owned(),
        facts: facts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

#[test]
fn every_listed_fact_is_known_and_found() {
    for name in facts::NAMES {
        let template = Template::parse(&format!("<{{{{{name}}}}}>"), "/message").expect("known");
        let filled = template.fill(&subject(&[(name, "value")]), "the message");
        assert_eq!(filled.as_deref(), Ok("<value>"), "{name}");
    }
}

#[test]
fn the_list_of_facts_is_sorted() {
    assert!(facts::NAMES.is_sorted());
}

#[test]
fn a_default_may_hold_blanks_and_bars() {
    let template = Template::parse(r#"{{contact.name|else " a | b "}}"#, "/message").expect("good");
    assert_eq!(template.fill(&subject(&[]), "it").as_deref(), Ok(" a | b "));
}

#[test]
fn an_empty_default_leaves_the_place_empty() {
    let template = Template::parse(r#"[{{contact.name | else ""}}]"#, "/message").expect("good");
    assert_eq!(template.fill(&subject(&[]), "it").as_deref(), Ok("[]"));
}

#[test]
fn what_is_no_template_is_refused_with_its_place() {
    let refused = [
        ("{{", "bad-template"),
        ("{{contact.name", "bad-template"),
        ("{{contact.name | else}}", "bad-template"),
        ("{{contact.name | else \"}}", "bad-template"),
        ("{{contact.name | else \"a\"b\"}}", "bad-template"),
        ("{{}}", "unknown-fact"),
        ("{{contact}}", "unknown-fact"),
        ("{{Contact.Name}}", "unknown-fact"),
        ("{{{contact.name}}}", "unknown-fact"),
    ];
    for (text, code) in refused {
        let fault = Template::parse(text, "/fields/name").expect_err(text);
        assert_eq!(fault.code, code, "{text}");
        assert!(fault.message.starts_with("/fields/name: "), "{}", fault.message);
    }
}

/// The host takes no such text, whose plugin would have a strike for what a customer is called.
#[test]
fn a_control_character_is_a_fault_of_the_data() {
    let template = Template::parse("Dear {{contact.name}}", "/message").expect("a template");
    let fault = template.fill(&subject(&[("contact.name", "R\u{1b}[2J")]), "it").expect_err("it");
    assert_eq!(fault.code, "control-character");
    assert!(template.fill(&subject(&[("contact.name", "R\tV\n")]), "it").is_ok());
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "([{}|\" a]|else|contact\\.name|é){0,12}") {
        if let Ok(template) = Template::parse(&text, "/message") {
            let filled = template.fill(&subject(&[("contact.name", "value")]), "it");
            prop_assert!(filled.is_ok(), "{filled:?}");
        }
    }

    #[test]
    fn a_text_without_braces_stays_as_it_is(text in "[^{\\p{Cc}]{0,32}[\n\r\t]?[^{\\p{Cc}]{0,32}") {
        let template = Template::parse(&text, "/message").expect("no facts");
        prop_assert_eq!(template.fill(&subject(&[]), "it"), Ok(text));
    }
}
