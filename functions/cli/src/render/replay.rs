//! A replayed run as text.

use super::number::{count, counted, duration_ms};
use super::table::wrap;
use arrears_runs::run::{Difference, Replay};

/// Differences that the text shows; `--json` has more of them.
const DIFFERENCES_SHOWN: usize = 10;
/// Columns of running text.
const WIDTH: usize = 90;

/// One line if all is the same; else what differs.
pub fn replay(replay: &Replay) -> String {
    let times = format!(
        "in {} (the run took {})",
        duration_ms(replay.duration_ms),
        duration_ms(replay.run_duration_ms)
    );
    let records = counted(replay.records, "record", "records");
    let mut text = if replay.differing == 0 {
        format!("Replayed {}: {records}, all decided again bit for bit, {times}.\n", replay.run_key)
    } else {
        format!(
            "Replayed {}: {records}, of which {} otherwise than the run says, {times}.\n",
            replay.run_key,
            counted(replay.differing, "comes out", "come out"),
        )
    };
    if replay.not_decided > 0 {
        text.push_str(&format!(
            "{} not decided: changed by an earlier attempt, or gone.\n",
            counted(replay.not_decided, "further line was", "further lines were")
        ));
    }
    if replay.differing == 0 {
        return text;
    }
    for difference in replay.differences.iter().take(DIFFERENCES_SHOWN) {
        text.push_str(&shown(difference));
    }
    let more = replay.differing.saturating_sub(DIFFERENCES_SHOWN as u64);
    if more > 0 {
        text.push_str(&format!("\n  and {} more; --json has them\n", count(more)));
    }
    text.push_str("\nThe journal was changed, or the program decides otherwise than it did.\n");
    text
}

fn shown(difference: &Difference) -> String {
    let Difference { journal, line, account, subject, recorded, replayed } = difference;
    let mut text = format!("\n  {account} {subject}: {journal}, line {line}\n");
    let (recorded, replayed) = around_difference(recorded, replayed);
    for (name, words) in [("recorded", recorded), ("replayed", replayed)] {
        text.push_str(&format!("    {name}\n"));
        for line in wrap(&words, WIDTH) {
            text.push_str(&format!("      {line}\n"));
        }
    }
    text
}

/// Characters before and after the first difference: a line has thousands.
const BEFORE: usize = 60;
const AFTER: usize = 120;

/// Both texts around the place where they first differ.
fn around_difference(a: &str, b: &str) -> (String, String) {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| {
        let start = same.saturating_sub(BEFORE);
        let part: String = text.chars().skip(start).take(BEFORE + AFTER).collect();
        let before = if start > 0 { "..." } else { "" };
        let after = if text.chars().count() > start + BEFORE + AFTER { "..." } else { "" };
        format!("{before}{part}{after}")
    };
    (part(a), part(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_where_it_is() {
        let long = |end: &str| format!("{}{end}", "x".repeat(500));
        let (a, b) = around_difference(&long("1.00\"}"), &long("2.00\"}"));
        assert_eq!(a, format!("...{}1.00\"}}", "x".repeat(60)));
        assert_eq!(b, format!("...{}2.00\"}}", "x".repeat(60)));
        let cut = around_difference("short", &long("")).1;
        assert!(cut.starts_with('x') && cut.ends_with("..."), "{cut}");
    }
}
