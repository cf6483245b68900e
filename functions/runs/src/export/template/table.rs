//! Reads back what the templates of a CSV file have written: each record must be
//! one row, with as many cells as its header, whatever stands in its values.

use super::mistake::Part;
use super::trial::Written;

/// What separates cells, the likeliest first.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

const HINT: &str = "write one value to a field, without quotes of your own and without text beside \
                    it: the csv escaping adds the quotes; join values with ~ to make one of them";

/// A part, what is wrong with it, and what to do.
pub(super) type Complaint = (Part, String, &'static str);

/// What is wrong with the rows, if something is.
pub(super) fn check(header: Option<&Written>, records: &[Written]) -> Option<Complaint> {
    // It has no separators but those of the template.
    let plain = records.iter().find(|record| record.is_plain)?;
    let separator = separator(&plain.text);
    let mut rows = Vec::new();
    for (part, written) in of_parts(header, plain, records) {
        match row(&written.text, separator) {
            Ok(cells) => rows.push((part, written, cells)),
            Err(problem) => return Some((part, format!("{}: {problem}", written.what), HINT)),
        }
    }
    let (_, first, wanted) = rows.first()?;
    let (part, other, cells) = rows.iter().find(|(_, _, cells)| cells != wanted)?;
    let message = format!(
        "{} is read as {cells} cell{}, and {} as {wanted}",
        other.what,
        if *cells == 1 { "" } else { "s" },
        first.what,
    );
    let is_heading = header.is_some() && std::ptr::eq(*other, plain);
    let hint = if is_heading { "write a heading for each value of a record" } else { HINT };
    Some((*part, message, hint))
}

/// The row that all others are compared with comes first: the header, or a
/// record of which no value can be taken for two.
fn of_parts<'a>(
    header: Option<&'a Written>,
    plain: &'a Written,
    records: &'a [Written],
) -> impl Iterator<Item = (Part, &'a Written)> {
    let header = header.filter(|header| !header.text.trim().is_empty());
    let records = std::iter::once(plain).chain(records);
    let header = header.into_iter().map(|header| (Part::Header, header));
    header.chain(records.map(|record| (Part::Record, record)))
}

fn separator(text: &str) -> u8 {
    let count = |separator: u8| text.bytes().filter(|byte| *byte == separator).count();
    // The first of several that are as many, so that none at all is a comma.
    SEPARATORS.into_iter().rev().max_by_key(|it| count(*it)).unwrap_or(b',')
}

/// How many cells the row has.
fn row(text: &str, separator: u8) -> Result<usize, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let rows: Result<Vec<csv::StringRecord>, csv::Error> = reader.records().collect();
    let rows = rows.map_err(|error| error.to_string())?;
    let [cells] = rows.as_slice() else { return Err(format!("is read as {} rows", rows.len())) };
    match stray(text, cells, separator) {
        Some(cell) => Err(format!("the field `{}` has stray quotes", super::mistake::shown(cell))),
        None => Ok(cells.len()),
    }
}

/// The first cell that only a lenient reader takes: quotes within it, or text
/// outside of its quotes.
fn stray<'a>(text: &str, cells: &'a csv::StringRecord, separator: u8) -> Option<&'a str> {
    let mut rest = text.trim_start_matches(['\r', '\n']);
    for cell in cells {
        let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
        let bare = || rest.strip_prefix(cell).filter(|_| !cell.contains('"'));
        let after = rest.strip_prefix(quoted.as_str()).or_else(bare);
        let is_end = |after: &&str| {
            after.bytes().next().is_none_or(|it| it == separator || matches!(it, b'\r' | b'\n'))
        };
        let Some(after) = after.filter(is_end) else { return Some(cell) };
        rest = after.get(1..).unwrap_or_default();
    }
    None
}
