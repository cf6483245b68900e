//! The checker is checked: each of these files has something wrong, and it says
//! what.

use crate::checker;
use crate::golden::GOLDEN;

/// What is done to the golden file; lines and characters count from 1.
#[derive(Debug, Clone, Copy)]
enum Edit {
    Put(usize, usize, &'static str),
    Swap(usize, usize),
    Drop(usize),
    Double(usize),
    Append(&'static str),
    CutEnd(usize),
}

use Edit::{Append, CutEnd, Double, Drop, Put, Swap};

const SPOILED: [(Edit, &str); 52] = [
    // Records and blocks.
    (Drop(3), "19 records"),
    (Double(3), "21 records"),
    (Append("9"), "no newline"),
    (CutEnd(1), "no newline"),
    (CutEnd(2), "line 20: 93 characters"),
    (Put(3, 94, "é"), "not printable ASCII"),
    (Put(3, 94, "\t"), "not printable ASCII"),
    (Put(3, 94, "11"), "line 3: 95 characters"),
    (Put(12, 94, "8"), "line 12: batches"),
    (Swap(1, 2), "order of records 51666856"),
    (Swap(2, 3), "order of records 16566856"),
    (Swap(5, 6), "order of records 15668656"),
    (Swap(10, 11), "order of records 15666856698="),
    (Swap(11, 12), "order of records 1566685668=9"),
    (Put(7, 1, "7"), "order of records"),
    // The file header.
    (Put(1, 2, "02"), "line 1: priority"),
    (Put(1, 13, "5"), "line 1: immediate destination"),
    (Put(1, 14, "  "), "line 1: origin"),
    (Put(1, 26, "13"), "line 1: creation date"),
    (Put(1, 30, "24"), "line 1: creation time"),
    (Put(1, 34, "a"), "line 1: modifier"),
    (Put(1, 35, "080"), "line 1: format"),
    (Put(1, 41, " "), "line 1: name of a bank or origin"),
    // The batch header and what the control repeats of it.
    (Put(2, 2, "200"), "line 2: service class"),
    (Put(6, 2, "200"), "line 6: service class of the control"),
    (Put(2, 5, " "), "line 2: company name"),
    (Put(2, 41, "2"), "line 6: company id of the control"),
    (Put(2, 51, "WEB"), "line 2: standard entry class"),
    (Put(2, 54, " "), "line 2: entry description"),
    (Put(2, 72, "1131"), "line 2: effective date"),
    (Put(2, 76, "328"), "line 2: settlement date"),
    (Put(2, 79, "2"), "line 2: originator status"),
    (Put(2, 80, "9"), "line 6: ODFI of the control"),
    (Put(2, 80, "9"), "line 3: ODFI of the trace"),
    (Put(7, 94, "1"), "line 7: batch number ascends"),
    (Put(10, 94, "4"), "line 10: batch number of the control"),
    // Entries.
    (Put(3, 2, "22"), "line 3: transaction code"),
    (Put(3, 2, "28"), "line 3: amount"),
    (Put(5, 2, "27"), "line 5: amount"),
    (Put(3, 12, "3"), "line 3: RDFI"),
    (Put(3, 13, " "), "line 3: account number"),
    (Put(3, 30, " "), "line 3: amount"),
    (Put(3, 55, " "), "line 3: name"),
    (Put(3, 79, "1"), "line 3: addenda indicator"),
    (Swap(3, 4), "line 4: trace ascends"),
    (Put(4, 94, "1"), "line 4: trace ascends"),
    // Sums.
    (Put(6, 10, "4"), "line 6: entries of the batch"),
    (Put(4, 4, "121042882"), "line 6: hash of the batch"),
    (Put(3, 39, "1"), "line 6: debits of the batch"),
    (Put(6, 44, "1"), "line 6: credits of the batch"),
    (Put(11, 13, "3"), "line 11: blocks"),
    (Put(11, 43, "1"), "line 11: debits of the file"),
];

#[test]
fn the_checker_finds_what_is_wrong() {
    for (edit, expected) in SPOILED {
        let file = spoil(GOLDEN, edit);
        assert_ne!(file, GOLDEN, "{edit:?} changes something");
        let problems = checker::check(file.as_bytes()).expect_err(expected);
        let is_found = problems.iter().any(|problem| problem.contains(expected));
        assert!(is_found, "{edit:?}: {problems:?}, expected {expected}");
    }
}

#[test]
fn no_digit_of_a_control_can_change_unseen() {
    for line in [6, 10, 11] {
        for place in 1..=94 {
            for put in ["7", "8", " ", "A"] {
                let file = spoil(GOLDEN, Put(line, place, put));
                let is_seen = file == GOLDEN || checker::check(file.as_bytes()).is_err();
                assert!(is_seen, "line {line}, character {place}: {put:?}");
            }
        }
    }
}

fn spoil(file: &str, edit: Edit) -> String {
    let mut lines: Vec<String> = file.lines().map(str::to_owned).collect();
    match edit {
        Put(line, place, text) => {
            let to = (place - 1 + text.chars().count()).min(94);
            lines[line - 1].replace_range(place - 1..to, text);
        }
        Swap(one, other) => lines.swap(one - 1, other - 1),
        Drop(line) => drop(lines.remove(line - 1)),
        Double(line) => lines.insert(line, lines[line - 1].clone()),
        Append(_) | CutEnd(_) => {}
    }
    let mut file = lines.join("\n") + "\n";
    match edit {
        Append(text) => file.push_str(text),
        CutEnd(1) => drop(file.pop()),
        CutEnd(_) => {
            file.truncate(file.len() - 2);
            file.push('\n');
        }
        _ => {}
    }
    file
}
