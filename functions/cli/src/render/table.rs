//! Aligned tables.

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table: rows of cells under a header, indented by two spaces.
#[derive(Debug)]
pub struct Table {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
    /// Columns that rows should not pass.
    width_max: usize,
}

/// The least that is left for a last column that is wrapped: a date or a code in
/// one piece. Rows may pass their width for it.
const LAST_WIDTH_MIN: usize = 12;

impl Table {
    /// An empty table. Columns whose name begins with `#` hold numbers and are
    /// aligned on the right; the mark is not shown. A header of empty names is
    /// left out.
    pub fn new<const N: usize>(names: [&str; N]) -> Self {
        let side = |name: &&str| {
            if name.starts_with('#') { Side::Right } else { Side::Left }
        };
        let header = names.iter().map(|name| name.trim_start_matches('#').to_owned()).collect();
        Self { sides: names.iter().map(side).collect(), rows: vec![header], width_max: usize::MAX }
    }

    /// Breaks the last column at spaces where rows would pass the width.
    pub fn within(mut self, width: usize) -> Self {
        self.width_max = width;
        self
    }

    /// Adds a row. Missing cells are empty.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        row.resize(self.sides.len(), String::new());
        self.rows.push(row);
    }

    /// Whether there is nothing under the header.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// The lines of the table.
    pub fn render(&self) -> String {
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        let before: usize = widths.iter().rev().skip(1).map(|width| width + 2).sum();
        if let Some(last) = widths.last_mut() {
            let room = self.width_max.saturating_sub(before + 2).max(LAST_WIDTH_MIN);
            *last = room.min(*last);
        }
        let has_header = self.rows[0].iter().any(|name| !name.is_empty());
        let mut text = String::new();
        for row in self.rows.iter().skip(usize::from(!has_header)) {
            let Some((last, first)) = row.split_last() else { continue };
            let parts = match widths.last() {
                Some(width) if last.chars().count() > *width => wrap(last, *width),
                _ => vec![last.clone()],
            };
            for (index, part) in parts.into_iter().enumerate() {
                let cells = first.iter().map(|cell| if index == 0 { cell.as_str() } else { "" });
                text.push_str(&self.line(cells.chain([part.as_str()]), &widths));
            }
        }
        text
    }

    fn line<'a>(&self, cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, side), width) in cells.zip(&self.sides).zip(widths) {
            let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, after) = match side {
                Side::Left => ("", fill.as_str()),
                Side::Right => (fill.as_str(), ""),
            };
            line.push_str("  ");
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    }
}

/// Breaks a text into lines of at most `width` characters, at spaces.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let length = lines[last].chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}

/// A name and words, which are wrapped under themselves: `names` columns for the
/// name, `width` for the words.
pub fn named(name: &str, words: &str, names: usize, width: usize) -> String {
    let mut text = String::new();
    for (index, line) in wrap(words, width).into_iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        text.push_str(&format!("    {name:<names$} {line}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(["Milestone", "#Records"]);
        table.row(["RES: FINAL (2)", "1,204"]);
        table.row(["Größe", "7"]);
        let expected = "  Milestone       Records\n\
                        \x20 RES: FINAL (2)    1,204\n\
                        \x20 Größe                 7\n";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn a_table_without_names_has_no_header() {
        let mut table = Table::new(["", ""]);
        table.row(["a", "b"]);
        assert_eq!(table.render(), "  a  b\n");
    }

    #[test]
    fn the_last_column_is_wrapped_if_it_is_too_wide() {
        let mut table = Table::new(["On", "Message"]).within(30);
        table.row(["1", "the last column is wrapped"]);
        table.row(["2", "short"]);
        let expected = "  On  Message\n  1   the last column is\n      wrapped\n  2   short\n";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn text_is_broken_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
    }
}
