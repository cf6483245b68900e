//! Numbers and tables for people. Whole numbers only.

/// A number in groups of three: `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Micro-dollars: `$37.59`, and in full below ten cents.
pub fn dollars(micro: u64) -> String {
    if micro == 0 {
        return "$0".to_owned();
    }
    if micro < 100_000 {
        return format!("$0.{micro:06}");
    }
    let cents = (micro + 5_000) / 10_000;
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

/// A time: `27 min 4 s`, and `4.2 s` below a minute.
pub fn duration(us: u64) -> String {
    let tenths = (us + 50_000) / 100_000;
    if tenths < 600 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = (us + 500_000) / 1_000_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// A table of Markdown, its columns as wide as they must be. The first column is words,
/// the others are numbers.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|it| width(it).unwrap_or(0).max(3)).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let cell =
                if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
            text += &format!("| {cell} ");
        }
        text += "|\n";
        if index == 0 {
            for (column, width) in widths.iter().enumerate() {
                let dashes = "-".repeat(width - 1);
                text +=
                    &if column == 0 { format!("| {dashes}- ") } else { format!("| {dashes}: ") };
            }
            text += "|\n";
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        let groups = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(groups, ["0", "999", "1,000", "1,234,567"]);
        let amounts = [0, 1, 99_999, 100_000, 37_594_999, 1_234_565_000].map(dollars);
        assert_eq!(amounts, ["$0", "$0.000001", "$0.099999", "$0.10", "$37.59", "$1,234.57"]);
        let times = [0, 4_249_999, 59_960_000, 1_624_400_000, 19_991_000_000].map(duration);
        assert_eq!(times, ["0.0 s", "4.2 s", "1 min 0 s", "27 min 4 s", "5 h 33 min"]);
    }

    #[test]
    fn a_table_is_aligned() {
        let rows = [["", "10"], ["a word", "2,000"]].map(|row| row.map(str::to_owned).to_vec());
        let expected = "\
|        |    10 |
| ------ | ----: |
| a word | 2,000 |
";
        assert_eq!(table(&rows), expected);
    }
}
