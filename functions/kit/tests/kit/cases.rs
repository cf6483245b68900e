//! Cases through components: the built-ins' own, and what is told of one that differs.

use std::fs;
use std::path::Path;

use arrears_kit::case::{Case, Mode, folder, test};
use arrears_kit::{KitError, admit, bench, run};

use crate::support::{BUILT_IN, assert_snapshot, built_in, component, host, root};

#[test]
fn the_cases_of_every_built_in_pass_over_its_component() {
    for name in BUILT_IN {
        let plugin = admit(host(), &built_in(name)).unwrap();
        let cases = root(&format!("plugins/{name}/cases"));
        let tested = test(&plugin, &cases, Mode::Compare).unwrap();
        for case in &tested.cases {
            assert!(case.passed, "{name}: {case:#?}");
        }
        assert_eq!(tested.passed, fs::read_dir(cases).unwrap().count(), "{name}");
    }
}

/// A folder with one case of the built-in `alert`.
fn with_case(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("story.json"), text).unwrap();
    folder
}

const WRONG: &str = r#"{ "about": "An alert.",
  "config": {"message": "Shut-off pending"},
  "expect": {"decisions": {"D-1": {"apply": [
    {"alert": {"message": "Shut-off pending", "severity": "critical", "expires_on": null}}]}}},
  "subjects": [{}] }
"#;

#[test]
fn a_difference_is_shown_and_can_be_accepted() {
    let plugin = admit(host(), &built_in("alert")).unwrap();
    let folder = with_case(WRONG);
    let tested = test(&plugin, folder.path(), Mode::Compare).unwrap();
    assert_eq!((tested.passed, tested.failed), (0, 1));
    assert_snapshot("difference.txt", &(tested.cases[0].difference.join("\n") + "\n"));

    let tested = test(&plugin, folder.path(), Mode::Accept).unwrap();
    assert_eq!((tested.passed, tested.failed, tested.accepted), (1, 0, 1));
    let accepted = fs::read_to_string(folder.path().join("story.json")).unwrap();
    assert_snapshot("accepted.json", &accepted);
    let tested = test(&plugin, folder.path(), Mode::Compare).unwrap();
    assert_eq!((tested.passed, tested.accepted), (1, 0));
}

#[test]
fn a_defect_is_told_and_never_accepted() {
    let plugin = admit(host(), &component("hostile/hostile.wasm")).unwrap();
    let text =
        r#"{"about": "It traps.", "config": {}, "subjects": [{"key": "trap"}, {"key": "honest"}]}"#;
    let folder = with_case(text);
    let tested = test(&plugin, folder.path(), Mode::Accept).unwrap();
    assert_eq!((tested.failed, tested.accepted), (1, 0));
    let defects = &tested.cases[0].defects;
    assert!(defects[0].starts_with("trap: it trapped: "), "{defects:?}");
    assert_eq!(fs::read_to_string(folder.path().join("story.json")).unwrap(), text);
}

#[test]
fn a_mistake_in_a_case_is_told_with_its_place() {
    let mut told = String::new();
    let texts = [
        "",
        "{\n  \"about\": \"a\",\n  \"config\": {},\n}",
        "{\"about\": \"a\"}",
        "{\"about\": \"a\", \"config\": {}, \"expected\": {}}",
        "{\"about\": \"a\", \"config\": {},\n  \"subjects\": [{}, {\"ballance\": \"1.00 USD\"}]}",
        "{\"about\": \"a\", \"config\": {},\n  \"subjects\": [{\"balance\": \"1.0 USD\"}]}",
        "{\"about\": \"a\", \"config\": {},\n  \"subjects\": [{\"facts\": {\"a/b\": 1}}]}",
        "{\"about\": \"a\", \"config\": {},\n  \"subjects\": [{}, {}]}",
        "{\"about\": \"a\", \"config\": {}, \"expect\": []}",
        "{\"about\": \"a\", \"config\": {}} x",
    ];
    for text in texts {
        let error = Case::parse(Path::new("story.json"), text.to_owned()).unwrap_err();
        told.push_str(&format!("{error}\n"));
    }
    assert_snapshot("mistakes.txt", &told);
}

#[test]
fn a_folder_without_cases_is_no_success() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(folder(empty.path()), Err(KitError::NoCases { .. })));
    assert!(matches!(folder(&empty.path().join("none")), Err(KitError::File { .. })));
}

#[test]
fn a_case_is_run_once_and_measured() {
    let plugin = admit(host(), &built_in("one-off-penalty")).unwrap();
    let cases = folder(&root("plugins/one-off-penalty/cases")).unwrap();
    let case = cases.iter().find(|case| case.subjects.len() > 1).unwrap();
    let ran = run::run(&plugin, case);
    assert_eq!(ran.outcome, case.expect);
    assert!(ran.fuel > 0 && ran.memory_high_water_bytes > 0 && ran.defects.is_empty());

    let measured = bench::bench("penalty", &plugin, &cases, &[1, 10]);
    assert!(measured.len() >= 2 && measured.iter().all(|it| it.defects == 0));
    let fuel = |batch| measured.iter().find(|it| it.batch == batch).unwrap().fuel_per_subject;
    assert!(fuel(10) < fuel(1), "the start of the plugin is shared");
}
