//! The tables of `docs/EXPORTS.md` that are written from the code, so that they
//! cannot go stale. Run with `UPDATE_EXPECT=1` to write them anew.

use super::EXPORTS;
use arrears_domain::placement::{PlacementAction, Unplaced};
use arrears_domain::setup::ReadyTemplate;
use arrears_runs::export::Stage;
use arrears_runs::export::template::{
    FILTERS, Kind, Part, Place, Presence, TESTS, VARIABLES, ready,
};

/// Characters of a line of the ready template of fixed width.
const FIXED_WIDTH: usize = 200;

fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let row = |cells: &[String]| {
        // A bar would end the cell, in a code span too.
        let cells = cells.iter().map(|cell| cell.replace('|', "\\|"));
        let cells: String = cells.map(|cell| format!(" {cell} |").replace("  |", " |")).collect();
        format!("|{cells}\n")
    };
    let head = head.map(str::to_owned);
    let rule = head.clone().map(|_| "---|".to_owned()).concat();
    let rows: String = rows.into_iter().map(|cells| row(&cells)).collect();
    format!("{}|{rule}\n{rows}", row(&head))
}

fn variables() -> String {
    let rows = VARIABLES.iter().map(|variable| {
        let of = match variable.of {
            Kind::Text => "text",
            Kind::Whole => "whole number",
            Kind::Amount => "amount",
            Kind::Date => "date",
            Kind::Balances => "list",
        };
        let empty = match variable.presence {
            Presence::Always => "",
            Presence::Sometimes => "yes",
        };
        let place = match variable.place {
            Place::Everywhere => "all three",
            Place::Record => "`record`",
            Place::Trailer => "`trailer`",
        };
        let meaning = variable.meaning.to_owned();
        [format!("`{}`", variable.path), of.into(), empty.into(), place.into(), meaning]
    });
    table(["Variable", "Is", "May be empty", "In", "Meaning"], rows)
}

fn filters() -> String {
    let rows = FILTERS.iter().map(|it| [format!("`{}`", it.usage), it.meaning.to_owned()]);
    table(["Filter", "Gives"], rows)
}

fn tests() -> String {
    let rows = TESTS.iter().map(|(name, arguments, meaning)| {
        let usage = if *arguments == 0 { format!("`{name}`") } else { format!("`{name}(other)`") };
        [usage, (*meaning).to_owned()]
    });
    table(["Test", "Holds for"], rows)
}

/// The expression between braces, without what it does to blanks around it.
fn expression(field: &str) -> &str {
    let inside = field.trim().strip_prefix("{{").and_then(|it| it.strip_suffix("}}"));
    let inside = inside.unwrap_or_else(|| panic!("`{field}` is no field"));
    inside.trim_matches('-').trim()
}

fn csv_columns() -> String {
    let sources = ready(ReadyTemplate::Csv);
    let names: Vec<&str> = sources.header.unwrap().trim_end().split(',').collect();
    let fields: Vec<&str> = sources.record.trim_end().split(',').collect();
    assert_eq!(names.len(), fields.len());
    let rows = (1..).zip(names.iter().zip(fields)).map(|(number, (name, field))| {
        [number.to_string(), format!("`{name}`"), format!("`{}`", expression(field))]
    });
    table(["Column", "Heading", "Value"], rows)
}

/// The width of the field that the last filter makes: `ascii | left(40)`.
fn width(filters: &str) -> usize {
    // A date has its width from its pattern.
    if filters == "date('%Y%m%d')" {
        return 8;
    }
    let (_, arguments) = filters.rsplit_once('(').unwrap();
    let digits = arguments.trim_end_matches(')').split(',').next().unwrap();
    digits.parse().unwrap_or_else(|_| panic!("`{filters}` makes no field"))
}

/// The fields of a line: where they begin and end, value, filters.
fn fields(part: Part, text: &str) -> Vec<[String; 4]> {
    let mut lines = text.trim_end().lines();
    let letter = lines.next().unwrap();
    let mut rows = vec![[
        format!("`{}`", part.as_str()),
        "1".to_owned(),
        format!("`{letter}`"),
        String::new(),
    ]];
    let mut end = letter.len();
    for field in lines {
        let (value, filters) = expression(field).split_once(" | ").unwrap();
        let start = end + 1;
        end += width(filters);
        let value = if value == "''" { "blanks".to_owned() } else { format!("`{value}`") };
        rows.push([String::new(), format!("{start} to {end}"), value, format!("`{filters}`")]);
    }
    assert_eq!(end, FIXED_WIDTH, "{part}");
    rows
}

fn positions() -> String {
    let sources = ready(ReadyTemplate::FixedWidth);
    let texts = [sources.header, Some(sources.record), sources.trailer];
    let rows =
        Part::ALL.into_iter().zip(texts).flat_map(|(part, text)| fields(part, text.unwrap()));
    table(["Line", "Positions", "Value", "Written with"], rows)
}

/// The guide with another table between the marks of the name.
fn with_table(guide: &str, name: &str, table: &str) -> String {
    let marks =
        [format!("<!-- {name}: written by a test -->\n"), format!("<!-- end of {name} -->")];
    let (before, rest) = guide.split_once(&marks[0]).unwrap_or_else(|| panic!("no {name}"));
    let (_, after) = rest.split_once(&marks[1]).unwrap_or_else(|| panic!("no end of {name}"));
    // Lines around it, since a mark beside a table would be a row of it.
    format!("{before}{}\n{table}\n{}{after}", marks[0], marks[1])
}

#[test]
fn the_tables_are_those_of_the_code() {
    let tables = [
        ("variables", variables()),
        ("filters", filters()),
        ("tests", tests()),
        ("csv", csv_columns()),
        ("fixed-width", positions()),
    ];
    let written = tables
        .iter()
        .fold(EXPORTS.to_owned(), |guide, (name, table)| with_table(&guide, name, table));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/EXPORTS.md");
        std::fs::write(path, &written).unwrap();
        return;
    }
    assert!(written == EXPORTS, "the guide is stale; UPDATE_EXPECT=1 writes its tables");
}

#[test]
fn actions_stages_and_reasons_are_explained() {
    let actions = PlacementAction::ALL.map(PlacementAction::as_str);
    let reasons = Unplaced::ALL.map(Unplaced::as_str);
    let stages = [
        Stage::Reading,
        Stage::Selecting,
        Stage::Uploading,
        Stage::Entering,
        Stage::Publishing,
        Stage::Done,
    ];
    let stages = stages.map(Stage::as_str);
    let words = actions.iter().chain(&reasons).chain(&stages);
    let missing: Vec<&&str> =
        words.filter(|word| !EXPORTS.contains(&format!("| `{word}` |"))).collect();
    assert_eq!(missing, Vec::<&&str>::new());
}
