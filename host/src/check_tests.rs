//! Each rule for an effect, as one line of a table.

use super::*;
use crate::contract::{
    Alert, Charge, CreditPoints, DelinquencyKind, Deposit, EFFECT_KINDS, LogEntry, Notice,
    ServiceRequest, Severity,
};

fn descriptor() -> Descriptor {
    Descriptor {
        id: "acme".to_owned(),
        version: "1.0.0".to_owned(),
        summary: String::new(),
        actions: vec!["acme:all".to_owned()],
        config_schema: "{}".to_owned(),
        facts_needed: Vec::new(),
        effects_used: EFFECT_KINDS.to_vec(),
        max_batch: 10,
        fuel_per_item: 1_000,
    }
}

fn usd(minor_units: i64) -> Money {
    Money { minor_units, currency: "USD".to_owned() }
}

fn subject() -> Subject {
    Subject {
        key: "1".to_owned(),
        account: "A".to_owned(),
        contact: String::new(),
        kind: DelinquencyKind::BillType,
        balance: usd(10_000),
        days_past_due: 30,
        entered_on: "2026-11-21".to_owned(),
        facts: Vec::new(),
    }
}

fn charge(minor_units: i64, currency: &str, memo: &str) -> Effect {
    Effect::OneOffCharge(Charge {
        line_item_type: "FEE".to_owned(),
        amount: Money { minor_units, currency: currency.to_owned() },
        memo: memo.to_owned(),
    })
}

fn deposit(due_on: &str) -> Effect {
    Effect::DepositCharge(Deposit {
        line_item_type: "DEP".to_owned(),
        amount: usd(1),
        due_on: Some(due_on.to_owned()),
        memo: String::new(),
    })
}

fn custom(kind: &str, body: &str) -> Effect {
    Effect::Custom(Custom { kind: kind.to_owned(), schema_version: 1, body: body.to_owned() })
}

fn notice(correspondence: &str, fields: &[(&str, &str)]) -> Effect {
    Effect::Notice(Notice {
        correspondence: correspondence.to_owned(),
        channel: "letter".to_owned(),
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    })
}

fn points(points: u32) -> Effect {
    Effect::CreditPoints(CreditPoints { points, reason: String::new() })
}

fn request(priority: u8) -> Effect {
    Effect::ServiceRequest(ServiceRequest {
        request_type: "SHUTOFF".to_owned(),
        summary: "shut off".to_owned(),
        priority,
        fields: Vec::new(),
    })
}

fn alert(message: &str, expires_on: Option<&str>) -> Effect {
    Effect::Alert(Alert {
        severity: Severity::Info,
        message: message.to_owned(),
        expires_on: expires_on.map(str::to_owned),
    })
}

fn check(grant: &Grant, effects: &[Effect]) -> Result<(), Failure> {
    let checker = Checker { limits: &Limits::default(), grant, descriptor: &descriptor() };
    checker.effects(&subject(), effects)
}

#[test]
fn what_the_contract_allows_passes() {
    let effects = [
        notice("FIRST", &[("name", "Ada"), ("line", "a\nb\tc")]),
        charge(1, "USD", "fee"),
        charge(100_000_000, "USD", ""),
        Effect::OneOffPenalty(Charge {
            line_item_type: "PEN".to_owned(),
            amount: usd(150),
            memo: "1.5 %".to_owned(),
        }),
        deposit("2028-02-29"),
        alert("pay", Some("2026-12-31")),
        alert("pay", None),
        Effect::LogEntry(LogEntry { severity: Severity::Warning, message: "noted".to_owned() }),
        points(10_000),
        request(1),
        request(5),
        custom("acme/reminder", r#"{"text": "hello"}"#),
    ];
    assert_eq!(check(&Grant::of(&descriptor()), &effects), Ok(()));
}

#[test]
fn what_it_forbids_is_told() {
    let long = "x".repeat(8 * 1024 + 1);
    let name = "x".repeat(129);
    let body = format!("\"{}\"", "x".repeat(64 * 1024));
    let deep = "[".repeat(200_000);
    let many: Vec<(String, &str)> = (0..65).map(|index| (index.to_string(), "")).collect();
    let many: Vec<(&str, &str)> =
        many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let cases = [
        (charge(0, "USD", ""), "0 minor units"),
        (charge(-5, "USD", ""), "-5 minor units"),
        (charge(100_000_001, "USD", ""), "not in 1 to 100000000"),
        (charge(i64::MAX, "USD", ""), "not in 1 to"),
        (charge(i64::MIN, "USD", ""), "not in 1 to"),
        (charge(5, "EUR", ""), "the account in USD"),
        (charge(5, "usd", ""), "the account in USD"),
        (charge(5, "USD", &long), "memo has 8193 bytes"),
        (charge(5, "USD", "a\u{1b}[31m"), "memo has a control character"),
        (deposit("2026-02-29"), "due-on `2026-02-29` is no date"),
        (deposit("tomorrow"), "is no date"),
        (alert("", Some("2026-13-01")), "expires-on"),
        (alert("\0", None), "control character"),
        (points(0), "0 points"),
        (points(10_001), "not in 1 to 10000"),
        (request(0), "priority 0"),
        (request(6), "priority 6"),
        (notice("", &[]), "correspondence has 0 bytes"),
        (notice(&name, &[]), "correspondence has 129 bytes"),
        (notice("A\nB", &[]), "control character"),
        (notice("A", &[("a", "1"), ("a", "2")]), "`a` is there twice"),
        (notice("A", &[("", "1")]), "the name of a field has 0 bytes"),
        (notice("A", &many), "65 fields"),
        (custom("reminder", "{}"), "does not start with `acme/`"),
        (custom("acme/", "{}"), "does not start with `acme/`"),
        (custom("acme-2/reminder", "{}"), "does not start with `acme/`"),
        (custom("acme/reminder", "{"), "not JSON"),
        (custom("acme/reminder", ""), "not JSON"),
        (custom("acme/reminder", &body), "the body has 65538 bytes"),
        (custom("acme/reminder", &deep[..60_000]), "not JSON"),
    ];
    for (effect, expected) in cases {
        let failure = check(&Grant::of(&descriptor()), std::slice::from_ref(&effect)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Contract);
        assert!(failure.message.contains(expected), "{effect:?}: {failure}");
        assert!(failure.message.contains(effect.kind().name()), "{failure}");
    }
}

#[test]
fn a_grant_is_narrower_than_the_limits() {
    let mut grant = Grant::of(&descriptor());
    grant.amount_minor_units_max = 500;
    grant.effects_per_case_max = 1;
    grant.effects.remove(&EffectKind::Alert);
    assert_eq!(check(&grant, &[charge(500, "USD", "")]), Ok(()));
    for (effects, expected) in [
        (vec![charge(501, "USD", "")], "not in 1 to 500"),
        (vec![points(1), points(1)], "2 effects"),
        (vec![alert("a", None)], "has not granted"),
    ] {
        let failure = check(&grant, &effects).unwrap_err();
        assert!(failure.message.contains(expected), "{failure}");
    }
}

#[test]
fn an_effect_that_is_not_declared_is_refused_even_if_granted() {
    let mut declared = descriptor();
    declared.effects_used = vec![EffectKind::Notice];
    let checker = Checker {
        limits: &Limits::default(),
        grant: &Grant::of(&descriptor()),
        descriptor: &declared,
    };
    let failure = checker.effects(&subject(), &[points(1)]).unwrap_err();
    assert!(failure.message.contains("effects-used"), "{failure}");
}

#[test]
fn dates_are_those_of_the_calendar() {
    for date in ["2026-01-31", "2024-02-29", "2000-02-29", "9999-12-31"] {
        assert!(is_date(date), "{date}");
    }
    for date in [
        "",
        "2026-1-31",
        "2026-04-31",
        "1900-02-29",
        "2026-00-10",
        "2026-10-00",
        "0000-01-01",
        "2026/01/01",
        "+026-01-01",
        "2026-01-01T",
        "２026-01-1",
    ] {
        assert!(!is_date(date), "{date}");
    }
}
