//! Templates that meet the names and codes of a setup.

use super::in_words;
use crate::export::template::setup::{Stage, widest};
use crate::export::template::{SetupFacts, Sources, Templates, ready};
use arrears_domain::setup::{Escape, ReadyTemplate, Source, read};
use arrears_domain::{Identifier, MilestoneCode, SchemeCode};

fn stage(scheme: &str, milestone: &str, level: u32) -> Stage {
    Stage {
        scheme: SchemeCode::parse(scheme).unwrap(),
        milestone: MilestoneCode::parse(milestone).unwrap(),
        level,
    }
}

fn setup(stages: &[Stage]) -> SetupFacts {
    SetupFacts {
        setup: "NORTHSTAR-DAILY".to_owned(),
        agency_name: "Town of \"Little, Rock\"".to_owned(),
        stages: stages.to_vec(),
        ..SetupFacts::made_up()
    }
}

fn outcome(sources: &Sources<'_>, escape: Escape, facts: SetupFacts) -> String {
    match Templates::compile_for(sources, escape, facts) {
        Ok(_) => "right".to_owned(),
        Err(mistakes) => in_words(&mistakes),
    }
}

#[test]
fn codes_of_the_setup_must_fit() {
    let short = stage("RES", "FIRST", 1);
    let cases = [
        (stage("COM", "SECOND", 20), "right"),
        (stage("COMMERCIAL-AND-INDUSTRIAL", "SECOND", 2), "`COMMERCIAL-AND-INDUSTRIAL` has 25"),
        (stage("COM", "SECOND-AND-FINAL-NOTICE", 2), "`SECOND-AND-FINAL-NOTICE` has 23"),
        (stage("COM", "SECOND", 1000), "`1000` has 4 characters and does not fit into 3"),
    ];
    for (other, expected) in cases {
        let sources = ready(ReadyTemplate::FixedWidth);
        let outcome = outcome(&sources, Escape::Line, setup(&[short.clone(), other]));
        assert!(outcome.contains(expected), "{expected}: {outcome}");
    }
}

#[test]
fn a_milestone_that_comes_with_one_action_only_must_fit_too() {
    let record = "x{% if placement.action is eq('RECALL') %}{{ delinquency.milestone | left(5) }}\
                  {% endif %}\n";
    let sources = Sources { header: None, record, trailer: None };
    let stages = [stage("RES", "FIRST", 1), stage("RES", "SECOND", 2)];
    let outcome = outcome(&sources, Escape::Line, setup(&stages));
    let expected = "`SECOND` has 6 characters and does not fit into 5; this happens to a RECALL of \
                    a bill-type record, scheme `RES`, milestone `SECOND`, in USD";
    assert!(outcome.contains(expected), "{outcome}");
}

#[test]
fn names_of_the_setup_must_fit_and_the_agencys_code_may() {
    for (header, expected) in [
        ("{{ setup.code | left(15) }}\n", "right"),
        ("{{ setup.code | left(6) }}\n", "`NORTHSTAR-DAILY` has 15 characters"),
        ("{{ agency.name | left(20) }}\n", "`Town of \"Little, Rock\"` has 22 characters"),
        ("{{ collection_agency.code | left(8) }}\n", "`NORTHSTAR` has 9 characters"),
        ("{{ agency.code | left(4) }}\n", "right"),
    ] {
        let sources = Sources { header: Some(header), record: "x\n", trailer: None };
        let outcome = outcome(&sources, Escape::Line, setup(&[stage("RES", "FIRST", 1)]));
        assert!(outcome.contains(expected), "{expected}: {outcome}");
    }
}

#[test]
fn the_widest_of_many_milestones_are_tried() {
    let mut stages: Vec<Stage> =
        (0..200).map(|number| stage("RES", &format!("M-{number}"), 1)).collect();
    stages.push(stage("COMMERCIAL-AND-INDUSTRIAL", "A", 1));
    stages.push(stage("RES", "B", 1000));
    let facts = setup(&[]);
    let facts = SetupFacts { stages: widest(stages), ..facts };
    assert!(facts.stages.len() <= 48, "{}", facts.stages.len());
    for (record, expected) in [
        ("{{ delinquency.scheme | left(16) }}\n", "`COMMERCIAL-AND-INDUSTRIAL`"),
        ("x{{ delinquency.level | left(3) }}\n", "`1000`"),
        ("{{ delinquency.milestone | left(4) }}\n", "`M-1"),
    ] {
        let sources = Sources { header: None, record, trailer: None };
        let outcome = outcome(&sources, Escape::Line, facts.clone());
        assert!(outcome.contains(expected), "{expected}: {outcome}");
    }
}

#[test]
fn a_sample_file_has_the_setups_names_and_codes() {
    let facts = setup(&[stage("RES", "FIRST", 1), stage("COM", "SECOND", 2)]);
    let sources = ready(ReadyTemplate::Csv);
    let sample = Templates::compile_for(&sources, Escape::Csv, facts).unwrap().sample();
    assert!(sample.contains(",RES,FIRST,1,") && sample.contains(",COM,SECOND,"), "{sample}");
}

#[test]
fn the_facts_are_those_of_the_setup() {
    let text = include_str!("setup.toml");
    let source = Source { name: "setup.toml".to_owned(), text: text.to_owned() };
    let setup = read(&[source]).unwrap().setup;
    let export = &setup.export_setups["FIXED"];
    let facts = SetupFacts::of(&setup, export);
    assert_eq!(facts.setup, "FIXED");
    assert_eq!(facts.agency_name, "Test Water");
    assert_eq!(facts.collection_agency_name, "Northstar Recovery");
    let outcome = outcome(&ready(ReadyTemplate::FixedWidth), Escape::Line, facts);
    assert!(outcome.contains("`COMMERCIAL-AND-INDUSTRIAL` has 25 characters"), "{outcome}");
}
