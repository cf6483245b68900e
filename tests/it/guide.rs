//! `docs/SETUP.md` and `docs/EXPORTS.md` say what the code does: their examples
//! are read, and their tables have every variable, function and setting.

mod exports;

use arrears_domain::formula::{FUNCTIONS, VARIABLES};
use arrears_domain::setup::{ACTION_TYPES, Source};
use arrears_e2e::catalog;
use arrears_runs::prepare::Prepared;
use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../docs/SETUP.md");
const EXPORTS: &str = include_str!("../../docs/EXPORTS.md");

/// The examples in TOML of a guide.
fn examples(name: &str, guide: &str) -> Vec<Source> {
    let blocks = guide.split("```toml\n").skip(1);
    blocks
        .filter_map(|rest| rest.split_once("```"))
        .enumerate()
        .map(|(index, (text, _))| Source {
            name: format!("{name}, example {}", index + 1),
            text: text.to_owned(),
        })
        .collect()
}

/// The examples of exports go on with the setup of the others.
#[test]
fn the_examples_are_one_setup_without_mistakes() {
    let (setup, exports) = (examples("SETUP.md", GUIDE), examples("EXPORTS.md", EXPORTS));
    assert!(setup.len() > 5 && exports.len() > 1, "the examples are found");
    let examples = [setup, exports].concat();
    match Prepared::read(&examples, &catalog(&[])) {
        Ok((_, warnings)) => assert_eq!(warnings, []),
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}

#[test]
fn every_variable_and_every_function_is_explained() {
    let missing_variables = VARIABLES.iter().map(|variable| {
        let of = variable.of.to_string();
        format!("| `{}` | {} |", variable.path, of.trim_start_matches("a "))
    });
    let missing_functions = FUNCTIONS.iter().map(|function| format!("`{}`", function.signature));
    let missing: Vec<String> =
        missing_variables.chain(missing_functions).filter(|text| !GUIDE.contains(text)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// The names in backticks in the rows of an action type: its own row, and those
/// below it whose first cell is empty.
fn explained(action_type: &str) -> BTreeSet<&'static str> {
    let head = format!("| `{action_type}` |");
    let mut rows = GUIDE.lines().skip_while(|line| !line.starts_with(&head));
    let own = rows.next().into_iter();
    let rows = own.chain(rows.take_while(|line| line.starts_with("| | ")));
    rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_setting_of_the_eight_actions_is_explained() {
    let catalog = catalog(&[]);
    let mut missing = Vec::new();
    for action_type in ACTION_TYPES {
        let plugin = &catalog.get(action_type).expect("it is built in").plugin;
        let schema: serde_json::Value =
            serde_json::from_str(&plugin.descriptor().config_schema).unwrap();
        let explained = explained(action_type);
        let settings = schema["properties"].as_object().unwrap().keys();
        let unknown = settings.filter(|setting| !explained.contains(setting.as_str()));
        missing.extend(unknown.map(|setting| format!("{action_type}: {setting}")));
    }
    assert_eq!(missing, Vec::<String>::new());
}
