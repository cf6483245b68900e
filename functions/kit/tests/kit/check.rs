//! The gate's report: of the built-ins, of hostile guests, and of files that are none.

use std::fs;
use std::path::Path;

use arrears_host::{Host, HostOptions, Limits};
use arrears_kit::case::{Case, folder};
use arrears_kit::check::{BuiltIns, RULES, Report, Rule, Verdict, check};
use arrears_kit::{KitError, admit};

use crate::support::{BUILT_IN, assert_snapshot, built_in, component, host, root};

const NAMES: [&str; 2] = ["arrears-one-off-penalty", "one-off-penalty"];

fn report(path: &Path) -> Report {
    check(host(), path, BuiltIns { names: &NAMES, digests: &[] }, &[]).unwrap()
}

/// A report as a person reads it, without the figures that change with each build.
fn text(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let verdict = match finding.verdict {
            Verdict::Passed => "passed",
            Verdict::Refused => "REFUSED",
            Verdict::Unknown => "unknown",
        };
        let measured = [Rule::Size, Rule::Fuel, Rule::Batches].contains(&finding.rule);
        let message = match finding.verdict {
            Verdict::Passed if measured => without_figures(&finding.message),
            _ => finding.message.clone(),
        };
        text.push_str(&format!("{verdict} {}: {message}\n", finding.rule.name()));
    }
    text
}

fn without_figures(message: &str) -> String {
    let is_figure = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let words = message.split(' ').map(|word| if is_figure(word) { "N" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn verdict(report: &Report, rule: Rule) -> Verdict {
    report.findings.iter().find(|finding| finding.rule == rule).unwrap().verdict
}

#[test]
fn the_built_ins_pass_with_their_own_cases() {
    for name in BUILT_IN {
        let path = built_in(name);
        let digests = [admit(host(), &path).unwrap().digest().to_owned()];
        let built_ins = BuiltIns { names: &NAMES, digests: &digests };
        let cases = folder(&root(&format!("plugins/{name}/cases"))).unwrap();
        let report = check(host(), &path, built_ins, &cases).unwrap();
        assert_eq!(report.refused, 0, "{name}\n{}", text(&report));
        assert!(report.findings.iter().all(|it| it.verdict == Verdict::Passed), "{name}");
    }
}

#[test]
fn every_hostile_guest_comes_to_a_readable_refusal() {
    let guests = component("hostile/hostile.wasm");
    for entry in fs::read_dir(guests.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let report = report(&path);
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(report.refused > 0, "{name} passes");
        let rules: Vec<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, RULES, "{name}");
        assert_snapshot(&format!("hostile/{name}.txt"), &text(&report));
    }
}

#[test]
fn a_vendors_own_cases_are_looked_at_like_the_gates() {
    let case = |keys: &[&str]| {
        let subjects: Vec<String> =
            keys.iter().map(|key| format!("{{\"key\": \"{key}\"}}")).collect();
        let subjects = subjects.join(", ");
        let text = format!("{{\"about\": \"a\", \"config\": {{}}, \"subjects\": [{subjects}]}}");
        Case::parse(Path::new(&format!("{}.json", keys.join("-"))), text).unwrap()
    };
    let mut refused = case(&["trap"]);
    refused.configuration.settings = "{\"attack\": \"refuse\"}".to_owned();
    let cases = [
        case(&["honest", "panic"]),
        case(&["loop"]),
        case(&["ungranted", "missing"]),
        // A config that is refused is none to look at.
        refused,
    ];
    let path = component("hostile/hostile.wasm");
    let report = check(host(), &path, BuiltIns::default(), &cases).unwrap();
    let mut told = String::new();
    for finding in report.findings.iter().filter(|it| it.rule >= Rule::Conformance) {
        if finding.verdict == Verdict::Refused {
            // Where a panic was depends on the guest's source.
            let message = finding.message.split("panicked at ").next().unwrap();
            told.push_str(&format!("{}: {message}\n", finding.rule.name()));
        }
    }
    assert_snapshot("own-cases.txt", &told);
}

#[test]
fn what_is_no_component_is_refused_at_once() {
    let place = tempfile::tempdir().unwrap();
    let whole = fs::read(built_in("alert")).unwrap();
    let files: [(&str, &[u8]); 5] = [
        ("empty", b""),
        ("text", b"#!/bin/sh\n"),
        ("module", b"\0asm\x01\0\0\0"),
        ("hollow", b"\0asm\x0d\0\x01\0"),
        ("half", &whole[..whole.len() / 2]),
    ];
    let mut told = String::new();
    for (name, bytes) in files {
        let path = place.path().join(name);
        fs::write(&path, bytes).unwrap();
        let report = report(&path);
        assert_eq!(report.refused, 1, "{name}");
        let refused = report.findings.iter().find(|it| it.verdict == Verdict::Refused).unwrap();
        // Where a component ends depends on its build.
        let message = refused.message.split(" at byte ").next().unwrap();
        told.push_str(&format!("{name}: {}: {message}\n", refused.rule.name()));
    }
    assert_snapshot("no-component.txt", &told);
}

#[test]
fn a_huge_file_is_not_read() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("huge.wasm");
    fs::File::create(&path).unwrap().set_len(200_000_000).unwrap();
    let report = report(&path);
    assert_eq!((report.bytes, report.digest.as_ref()), (200_000_000, None));
    assert_eq!(verdict(&report, Rule::Size), Verdict::Refused);
    assert!(report.findings[0].message.contains("200000000 bytes"), "{:?}", report.findings[0]);
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let built_ins = BuiltIns::default();
    let missing = check(host(), Path::new("missing.wasm"), built_ins, &[]);
    assert!(matches!(missing, Err(KitError::File { .. })));
}

#[test]
fn a_vendors_name_must_not_be_a_built_ins() {
    // The built-in itself is known by its digest; another file is an imitation.
    let path = built_in("one-off-penalty");
    assert_eq!(verdict(&report(&path), Rule::Name), Verdict::Refused);
    assert_eq!(verdict(&report(&component("hostile/liar.wasm")), Rule::Name), Verdict::Passed);
}

#[test]
fn more_fuel_than_is_declared_is_refused() {
    // Under a host with hardly any fuel for a call, the subjects pay for its start.
    let limits = Limits { fuel_per_call_base: 5_000, ..Limits::default() };
    let tight = Host::new(HostOptions { limits, artifact_cache: None }).unwrap();
    let cases = folder(&root("plugins/notice/cases")).unwrap();
    let report = check(&tight, &built_in("notice"), BuiltIns::default(), &cases).unwrap();
    let fuel = report.findings.iter().find(|finding| finding.rule == Rule::Fuel).unwrap();
    assert_eq!(fuel.verdict, Verdict::Refused);
    assert!(fuel.message.contains("5000 instructions"), "{fuel:?}");
}
