//! What the parts of a good setup mean, and what differs between two.

use crate::cases::cases;
use arrears_domain::setup::{
    self, Anchor, LIENS_MILESTONE, LIENS_SCHEME, LineItemKind, Milestone, Rule, Setup, Source,
};
use arrears_domain::{DayBasis, Identifier, MilestoneCode, SchemeCode, TransitionEvent};

fn good(name: &str) -> Setup {
    let case = cases("good").into_iter().find(|case| case.name == name).unwrap();
    setup::read(&case.sources).unwrap().setup
}

/// The agency's setup after a change of its text.
fn changed(from: &str, to: &str) -> Setup {
    let case = cases("good").into_iter().find(|case| case.name == "agency").unwrap();
    let change = |source: Source| Source { text: source.text.replace(from, to), ..source };
    let sources: Vec<Source> = case.sources.clone().into_iter().map(change).collect();
    assert_ne!(sources, case.sources, "`{from}` stands nowhere");
    setup::read(&sources).unwrap().setup
}

fn milestone<'a>(setup: &'a Setup, scheme: &str, milestone: &str) -> &'a Milestone {
    let scheme = SchemeCode::parse(scheme).unwrap();
    setup.milestone(&scheme, &MilestoneCode::parse(milestone).unwrap()).unwrap().1
}

fn value<T: ToString>(rule: Option<&Rule<T>>) -> String {
    match rule {
        None => "none".to_owned(),
        Some(Rule::Value(value)) => value.to_string(),
        Some(Rule::Formula(formula)) => format!("= {}", formula.text()),
    }
}

#[test]
fn all_parts_of_the_design_are_read() {
    let setup = good("agency");
    assert_eq!(setup.group.code, "COLL");
    assert_eq!(setup.group.minimum_entry_amount.to_string(), "25.00");
    assert_eq!(
        value(setup.group.entry_scheme.as_ref()),
        "= account.class == 'commercial' ? 'COMM' : 'RES'"
    );
    assert!(setup.features.collections);
    let run = setup.tasks.of("collections-run");
    assert_eq!((run.threads, run.commit_number), (Some(4), Some(200)));
    assert_eq!(setup.tasks.of("export-run").threads, Some(2));
    let city = &setup.calendars["city"];
    assert!(!city.is_business_day("2026-11-26".parse().unwrap()), "a holiday");
    assert!(!city.is_business_day("2026-11-28".parse().unwrap()), "a Saturday");
    assert_eq!(setup.time_zone, "America/New_York", "that of the only calendar");
    let water = &setup.delinquency_groups[0];
    assert_eq!((water.bill_type.as_deref(), water.grace_days), (Some("WATER"), 5));
    assert_eq!(setup.line_item_types["LATE"].kind, LineItemKind::Penalty);
    assert_eq!(setup.correspondence["REMINDER-1"].channel, "letter");
    assert_eq!(setup.correspondence["REMINDER-1-MAIL"].channel, "email");
    assert_eq!(setup.correspondence["REMINDER-1"].fields["salutation"], "Dear {{ contact.name }}");
    assert_eq!(setup.request_types["SHUTOFF"].priority, Some(2));
    assert_eq!(setup.credit_rating(25).unwrap().code, "POOR");
    assert_eq!(setup.collection_agencies["NORTHSTAR"].name, "Northstar Recovery");
}

#[test]
fn the_seven_rules_are_values_or_formulas() {
    let setup = good("agency");
    let remind = milestone(&setup, "RES", "REMIND");
    assert_eq!(remind.title(), "REMIND (1)");
    assert_eq!(value(Some(&remind.duration.days)), "14");
    assert_eq!(remind.duration.basis, DayBasis::Business("city".to_owned()));
    assert_eq!(remind.duration.from, Anchor::MilestoneEntry);
    assert_eq!(value(remind.next_milestone.as_ref()), "FINAL");
    assert_eq!(value(remind.auto_decrement.as_ref()), "= delinquency.balance < 50.00");
    assert_eq!(value(remind.resolve.as_ref()), "= delinquency.balance <= 5.00");
    assert_eq!(value(remind.resolution_code.as_ref()), "PAID");
    let last = milestone(&setup, "RES", "FINAL");
    assert!(last.lien && last.collections);
    assert_eq!(last.duration.basis, DayBasis::Calendar);
    assert_eq!((last.duration.from, last.duration.to_month_end), (Anchor::OldestDebt, true));
    assert_eq!(value(last.decrement_milestone.as_ref()), "REMIND");
    assert_eq!(
        value(last.payment_reversal_milestone.as_ref()),
        "= account.class == 'commercial' ? '' : 'REMIND'"
    );
    let codes: Vec<String> = setup.schemes[&SchemeCode::parse("COMM").unwrap()]
        .milestones
        .iter()
        .map(|it| it.code.to_string())
        .collect();
    assert_eq!(codes, ["REMIND", "DEMAND"], "by display order");
}

#[test]
fn actions_stand_in_the_order_in_which_they_are_performed() {
    let setup = good("agency");
    let actions = &milestone(&setup, "RES", "REMIND").actions;
    let order: Vec<(&str, u32)> =
        actions.iter().map(|it| (it.action_type.as_str(), it.display_order)).collect();
    let expected =
        [("notice", 0), ("one-off-penalty", 10), ("one-off-penalty", 20), ("acme:text-message", 0)];
    assert_eq!(order, expected);
    assert_eq!(actions[0].perform_on, TransitionEvent::EntryOrIncrement, "the default");
    assert_eq!(actions[1].perform_on, TransitionEvent::Decrement);
    assert_eq!(
        actions[0].condition.as_ref().unwrap().text(),
        "account.attributes.paperless != 'yes'"
    );

    let own = good("own-liens");
    let actions = &milestone(&own, "LIENS", "FILED").actions;
    let order: Vec<&str> = actions.iter().map(|it| it.action_type.as_str()).collect();
    assert_eq!(order, ["log", "notice", "acme:post", "alert"]);
}

#[test]
fn a_config_is_json_with_sorted_keys_and_a_place_for_each_value() {
    let case = cases("good").into_iter().find(|case| case.name == "agency").unwrap();
    let setup = setup::read(&case.sources).unwrap().setup;
    let action = &milestone(&setup, "RES", "REMIND").actions[3];
    let json = r#"{"retry":{"on":"2026-02-01","times":3},"text":"Please call us."}"#;
    assert_eq!(action.config.to_string(), json);
    let written = |pointer: &str| {
        let span = action.places.values[pointer];
        &case.sources[span.source].text[span.offset..span.offset + span.length]
    };
    assert_eq!(written("/retry/times"), "3");
    assert_eq!(written("/text"), "\"Please call us.\"");
    assert_eq!(written("/retry"), "{ times = 3, on = 2026-02-01 }");
    let span = action.places.action;
    let text = &case.sources[span.source].text;
    assert_eq!(&text[span.offset..span.offset + span.length], "\"acme:text-message\"");
}

#[test]
fn the_liens_scheme_exists_with_the_group() {
    let setup = good("agency");
    let scheme = &setup.schemes[&SchemeCode::parse(LIENS_SCHEME).unwrap()];
    assert_eq!(value(scheme.entry_milestone.as_ref()), LIENS_MILESTONE);
    let lien = milestone(&setup, LIENS_SCHEME, LIENS_MILESTONE);
    assert_eq!((lien.level, lien.next_milestone.is_none(), lien.actions.len()), (1, true, 0));

    let own = good("own-liens");
    let scheme = &own.schemes[&SchemeCode::parse(LIENS_SCHEME).unwrap()];
    assert_eq!(value(scheme.entry_milestone.as_ref()), "FILED");
    assert_eq!(scheme.milestones.len(), 1);
}

#[test]
fn a_bare_value_means_the_same_as_a_table() {
    let table = changed("duration = 30", "duration = { value = 30, days = \"calendar\" }");
    assert_eq!(setup::diff(&good("agency"), &table), []);
    let table = changed("next_milestone = \"DEMAND\"", "next_milestone = { value = \"DEMAND\" }");
    assert_eq!(setup::diff(&good("agency"), &table), []);
}

#[test]
fn an_empty_next_milestone_is_none() {
    let setup = changed("next_milestone = { value = \"FINAL\" }", "next_milestone = \"\"");
    assert!(milestone(&setup, "RES", "REMIND").next_milestone.is_none());
}

#[test]
fn an_only_calendar_need_not_be_named() {
    let setup = changed("days = \"business\", calendar = \"city\"", "days = \"business\"");
    let basis = &milestone(&setup, "RES", "REMIND").duration.basis;
    assert_eq!(*basis, DayBasis::Business("city".to_owned()));
}

#[test]
fn a_difference_is_told_in_words() {
    let cases = [
        (
            "value = 14, days",
            "value = 10, days",
            vec![
                "scheme RES, milestone REMIND: duration 14 business days of city -> 10 business days of city",
            ],
        ),
        (
            "resolution_code = { value = \"PAID\" }",
            "resolution_code = { formula = \"'PAID'\" }",
            vec!["scheme RES, milestone REMIND: resolution code PAID -> `'PAID'`"],
        ),
        ("manager = \"M. Ortiz\"\n", "", vec!["scheme COMM: manager M. Ortiz -> not set"]),
        (
            "[tasks.collections-run]",
            "[tasks.export-run]",
            vec!["task collections-run: removed", "task export-run: added"],
        ),
        (
            "\"2026-12-25\"]",
            "\"2026-12-24\"]",
            vec![
                "calendar city, holiday 2026-12-24: added",
                "calendar city, holiday 2026-12-25: removed",
            ],
        ),
        (
            "percent = \"1.5\"",
            "percent = \"2\"",
            vec![
                "scheme RES, milestone REMIND, action one-off-penalty on entry: config \
                 {line_item_type \"LATE\", maximum \"50.00\", percent \"1.5\"} -> \
                 {line_item_type \"LATE\", maximum \"50.00\", percent \"2\"}",
            ],
        ),
        (
            "code = \"WATER-RES\"\nbill_type = \"WATER\"\nentry_milestone = \"LATE\"",
            "code = \"WATER-X\"\nbill_type = \"WATER\"\nentry_milestone = \"LATE\"",
            // One line for the whole scheme, not one for each of its milestones.
            vec!["scheme WATER-RES: removed", "scheme WATER-X: added"],
        ),
    ];
    for (from, to, expected) in cases {
        // The group follows its scheme, so that the setup stays whole.
        let after = match to.contains("WATER-X") {
            false => changed(from, to),
            true => {
                let case = cases_with(&[(from, to), ("\"WATER-RES\"", "\"WATER-X\"")]);
                setup::read(&case).unwrap().setup
            }
        };
        let told: Vec<String> =
            setup::diff(&good("agency"), &after).iter().map(ToString::to_string).collect();
        let told: Vec<&str> =
            told.iter().map(String::as_str).filter(|it| !it.contains("entry scheme")).collect();
        assert_eq!(told, expected, "{from} -> {to}");
    }
    assert_eq!(setup::diff(&good("agency"), &good("agency")), []);
}

fn cases_with(changes: &[(&str, &str)]) -> Vec<Source> {
    let case = cases("good").into_iter().find(|case| case.name == "agency").unwrap();
    let change = |source: Source| {
        let text = changes.iter().fold(source.text, |text, (from, to)| text.replace(from, to));
        Source { text, ..source }
    };
    case.sources.into_iter().map(change).collect()
}
