//! The tables of the guides are those of the command, so that they cannot go stale. Run
//! with `UPDATE_EXPECT=1` to write them anew.

use crate::simulate::SIZES;
use crate::simulate::month;
use crate::simulate::report;
use crate::simulate::tests::figures;

const COST: &str = include_str!("../../../docs/COST.md");
const SCALE: &str = include_str!("../../../docs/SCALE.md");

/// The guide with another table between the marks of the name.
fn with_table(guide: &str, name: &str, table: &str) -> String {
    let marks =
        [format!("<!-- {name}: written by a test -->\n"), format!("<!-- end of {name} -->")];
    let (before, rest) = guide.split_once(&marks[0]).unwrap_or_else(|| panic!("no {name}"));
    let (_, after) = rest.split_once(&marks[1]).unwrap_or_else(|| panic!("no end of {name}"));
    // Lines around it, since a mark beside a table would be a row of it.
    format!("{before}{}\n{table}\n{}{after}", marks[0], marks[1])
}

fn check(name: &str, guide: &str, tables: &[(&str, String)]) {
    let written = tables
        .iter()
        .fold(guide.to_owned(), |guide, (mark, table)| with_table(&guide, mark, table));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, &written).unwrap();
        return;
    }
    assert!(written == guide, "docs/{name} is stale; UPDATE_EXPECT=1 writes its tables");
}

#[test]
fn the_tables_of_the_cost_guide_are_those_of_the_command() {
    let figures = figures();
    let [small, middle, large] = SIZES.map(|records| report::bill(&figures, records).unwrap());
    let tables = [
        ("bill of 10 thousand", small),
        ("bill of a million", middle),
        ("bill of 10 million", large),
        ("dearer records", report::dearer(&figures, &SIZES).unwrap()),
        ("kept", month::kept(&figures, &SIZES)),
        ("standing", month::standing()),
    ];
    check("COST.md", COST, &tables);
}

#[test]
fn the_tables_of_the_scale_guide_are_those_of_the_command() {
    let figures = figures();
    let [small, middle, large] = SIZES.map(|records| report::times(&figures, records).unwrap());
    let tables = [
        ("figures", report::sources(&figures)),
        ("10 thousand", small),
        ("a million", middle),
        ("10 million", large),
        ("what if", report::what_if(&figures, SIZES[2]).unwrap()),
    ];
    check("SCALE.md", SCALE, &tables);
}
