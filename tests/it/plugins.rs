//! Hostile plugins in a run: contained, reported, and harmless to neighbours.

use arrears_e2e::{House, catalog};
use std::collections::BTreeMap;

/// The plugin attacks for records whose id begins with the name of an attack,
/// and is honest for all others; `tests/guests/hostile` has the attacks.
const ATTACKS: [(&str, &str); 12] = [
    ("loop", "PLUGIN_FUEL"),
    ("deep", "PLUGIN_STACK"),
    ("hoard", "PLUGIN_MEMORY"),
    ("output", "PLUGIN_FUEL"),
    ("effects", "PLUGIN_FUEL"),
    ("trap", "PLUGIN_TRAP"),
    ("panic", "PLUGIN_TRAP"),
    ("ungranted", "PLUGIN_CONTRACT"),
    ("foreign", "PLUGIN_CONTRACT"),
    ("missing", "PLUGIN_CONTRACT"),
    ("doubled", "PLUGIN_CONTRACT"),
    ("huge", "PLUGIN_CONTRACT"),
];

/// A setup whose third milestone has an action of the hostile plugin.
pub fn setup() -> String {
    let hostile = "\n[[scheme.milestone]]\ncode = \"AGENCY\"\nlevel = 3\n\n\
        [[scheme.milestone.action]]\ntype = \"log\"\nconfig = { message = \"came here\" }\n\n\
        [[scheme.milestone.action]]\ntype = \"test:hostile\"\nconfig = {}\n";
    let house = include_str!("house.toml").replace("commit_number = 2", "commit_number = 100");
    house.replace("\n[[scheme.milestone]]\ncode = \"AGENCY\"\nlevel = 3\n", hostile)
}

fn book(ids: &[String]) -> String {
    let lines = ids.iter().enumerate().map(|(number, id)| {
        format!(
            "{{\"type\":\"account\",\"id\":\"A-{number}\",\"currency\":\"USD\",\"balance\":\"80.00\"}}\n\
             {{\"type\":\"delinquency\",\"id\":\"{id}\",\"account\":\"A-{number}\",\"kind\":\"collections\",\
             \"scheme\":\"RES\",\"milestone\":\"FINAL\",\"entered_on\":\"2026-01-10\",\"balance\":\"80.00\"}}\n"
        )
    });
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_is_an_error_of_its_record_and_of_no_other() {
    let attacks = ATTACKS.iter().map(|(attack, _)| format!("{attack}:1"));
    let honest = (1..=40).map(|number| format!("D-{number}"));
    let ids: Vec<String> = attacks.chain(honest).collect();
    let house = House::with(catalog(&["hostile/hostile"]), &setup(), &book(&ids)).await;

    let run = house.run("2026-02-02").await.unwrap();
    let totals = run.totals.unwrap();
    assert_eq!((totals.processed, totals.errors, totals.omitted), (40, 12, 0));
    let errors: BTreeMap<&str, _> =
        totals.first_errors.iter().map(|error| (error.delinquency.as_str(), error)).collect();
    let codes = errors.values().map(|it| (it.delinquency.trim_end_matches(":1"), it.code.as_str()));
    assert_eq!(codes.collect::<BTreeMap<_, _>>(), BTreeMap::from(ATTACKS));
    let panic = &errors["panic:1"].message;
    assert!(panic.contains("no rate for account A-"), "the text of the panic is lost: {panic}");
    let strikes: u64 = totals.plugins.values().map(|used| used.strikes).sum();
    assert_eq!(strikes, 12, "each attack is a strike");

    // Nothing of an attacked record is written, not even what the honest
    // action before it wanted.
    let book = house.export().await;
    let history: Vec<&str> =
        book.lines().filter(|line| line.contains(r#""type":"transition""#)).collect();
    assert_eq!(history.len(), 40);
    assert!(history.iter().all(|line| line.contains(r#""delinquency":"D-"#)));

    // Those are more strikes than a plugin may have: it is called no more.
    let again = house.run("2026-02-03").await.unwrap().totals.unwrap();
    assert_eq!((again.processed, again.errors), (0, 0));
    assert_eq!(again.omitted_by_reason["PLUGIN_QUARANTINED"], 12);
}
