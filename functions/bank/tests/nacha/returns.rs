//! Files that come back: the case of R01 beside a credit that is not ours, and
//! each thing that can be wrong with a file.

use crate::random::Random;
use arrears_bank::nacha::{
    Answer, Change, ReadError, Return, is_representable, read_returns, reason,
};
use std::io::{self, BufReader, Read};

/// Put together by hand, from the rules.
const RETURNS: &str = include_str!("returns.ach");

/// Padding.
const NINES: &str = "99999999999999999999999999999999999999999999999\
                     99999999999999999999999999999999999999999999999";

fn answer(line: u64, original_trace: &str, trace: &str) -> Answer {
    Answer {
        line,
        original_trace: original_trace.to_owned(),
        trace: trace.to_owned(),
        transaction_code: 26,
        is_debit: true,
        amount_minor_units: 0,
        individual_id: "A-1001".to_owned(),
        name: "R. Vance".to_owned(),
        original_rdfi: "12104288".to_owned(),
        sec: "PPD".to_owned(),
        company_id: "1987654321".to_owned(),
    }
}

#[test]
fn returns_and_changes_are_told_apart() {
    let file = read_returns(RETURNS.as_bytes()).unwrap();
    assert_eq!(file.created_on.to_string(), "2026-11-26");
    assert_eq!(
        (file.file_id_modifier.as_str(), file.immediate_origin.as_str()),
        ("A", "121042882")
    );
    let debit = Return {
        answer: Answer {
            amount_minor_units: 12_354,
            ..answer(3, "091400600000001", "121042880000001")
        },
        code: "R01".to_owned(),
        date_of_death: None,
        information: String::new(),
    };
    let death = Return {
        answer: Answer {
            transaction_code: 36,
            amount_minor_units: 7_000,
            individual_id: "A-1003".to_owned(),
            name: "M. Okafor".to_owned(),
            ..answer(5, "091400600000003", "121042880000002")
        },
        code: "R15".to_owned(),
        date_of_death: "2026-11-01".parse().ok(),
        information: "estate to be asked".to_owned(),
    };
    // Nobody here has sent a credit: whoever matches traces reports it.
    let credit = Return {
        answer: Answer {
            transaction_code: 21,
            is_debit: false,
            amount_minor_units: 4_565,
            individual_id: "A-9999".to_owned(),
            name: "B. Somebody Else".to_owned(),
            ..answer(9, "091400600000777", "121042880000003")
        },
        code: "R03".to_owned(),
        ..debit.clone()
    };
    let change = Change {
        answer: Answer {
            individual_id: "A-1002".to_owned(),
            name: "Jorg Gross".to_owned(),
            sec: "COR".to_owned(),
            ..answer(13, "091400600000002", "121042880000004")
        },
        code: "C01".to_owned(),
        corrected_data: "7445678999".to_owned(),
    };
    assert_eq!(file.returns, [debit, death, credit]);
    assert_eq!(file.changes, [change]);
    let codes =
        file.returns.iter().map(|it| (reason(&it.code).is_some(), is_representable(&it.code)));
    assert!(codes.eq([(true, true), (true, false), (true, false)]));
}

#[test]
fn banks_may_leave_out_what_says_nothing() {
    let expected = read_returns(RETURNS.as_bytes()).unwrap();
    let lines = || RETURNS.lines();
    let trimmed: Vec<&str> = lines().map(str::trim_end).collect();
    let unpadded: Vec<&str> = lines().filter(|line| !line.starts_with("99")).collect();
    let files = [
        lines().collect::<Vec<_>>().join("\r\n") + "\r\n",
        unpadded.join("\n"),
        trimmed.join("\r\n"),
        trimmed.join("\n") + "\n\n \n\u{1a}",
        format!("\u{feff}{RETURNS}"),
        RETURNS.replace('\n', "  \n"),
    ];
    for file in files {
        assert_eq!(read_returns(file.as_bytes()).unwrap(), expected);
    }
    // A blank more or less counts, whatever a bank takes for a character.
    let names: [(&str, &[u8], &str); 3] = [
        ("R. Vance", b"R\xfc Vance", "Rü Vance"),
        ("R. Vance", "Rü Vance".as_bytes(), "Rü Vance"),
        ("R. Vance ", "Rü Vance".as_bytes(), "RÃ¼ Vance"),
    ];
    for (name, bytes, expected) in names {
        let (before, after) = RETURNS.split_once(name).unwrap();
        let file = [before.as_bytes(), bytes, after.as_bytes()].concat();
        assert_eq!(read_returns(file.as_slice()).unwrap().returns[0].answer.name, expected);
    }
    // A bank without returns sends a file without batches.
    let none = format!("{}\n9000000000001{:042}\n", lines().next().unwrap(), 0);
    assert!(read_returns(none.as_bytes()).unwrap().returns.is_empty());
}

#[test]
fn other_addenda_are_counted_and_passed_over() {
    let mut lines: Vec<String> = RETURNS.lines().map(str::to_owned).collect();
    lines.insert(3, format!("705{:76}{:015}", "a note that came along", 7));
    lines[7].replace_range(4..10, "000005");
    lines[16].replace_range(13..21, "00000009");
    let file = read_returns(lines.join("\n").as_bytes()).unwrap();
    let traces = file.returns.iter().map(|it| (it.answer.line, it.answer.original_trace.as_str()));
    assert!(traces.eq([(3, "091400600000001"), (6, "091400600000003"), (10, "091400600000777")]));
}

#[test]
fn hashes_have_ten_digits() {
    let head: Vec<&str> = RETURNS.lines().take(2).collect();
    let answer = RETURNS.lines().nth(3).unwrap();
    let entry = put(RETURNS.lines().nth(2).unwrap(), 1, 4, "99999999");
    let answers = format!("{entry}{answer}\n").repeat(202);
    // 202 times 99999999 is 20199999798, and 12354 cents are 24955.08.
    let sums = format!("0199999798{:012}{:012}", 12_354 * 202, 0);
    let file = format!(
        "{}\n{answers}8200000404{sums}\n9{:06}{:06}{:08}{sums}\n",
        head.join("\n"),
        1,
        41,
        404
    );
    assert_eq!(read_returns(file.as_bytes()).unwrap().returns.len(), 202);
}

#[test]
fn deaths_are_dated() {
    let cases = [
        ("R14", "261125", Some("2026-11-25")),
        ("R15", "261126", Some("2026-11-26")),
        ("R15", "261127", Some("1926-11-27")),
        ("R15", "      ", None),
        ("R15", "000000", None),
        ("R16", "261101", None),
        ("R71", "junk  ", None),
    ];
    for (code, date, expected) in cases {
        let file = put(&put(RETURNS, 6, 4, code), 6, 22, date);
        let file = read_returns(file.as_bytes()).unwrap();
        let date = file.returns[1].date_of_death.map(|date| date.to_string());
        assert_eq!(date.as_deref(), expected, "{code}");
    }
}

fn put(file: &str, line: usize, place: usize, text: &str) -> String {
    let mut lines: Vec<String> = file.lines().map(str::to_owned).collect();
    lines[line - 1].replace_range(place - 1..place - 1 + text.len(), text);
    lines.join("\n") + "\n"
}

/// What is put where, and what is said of it then.
const WRONG: [(usize, usize, &str, &str); 36] = [
    (1, 35, "080", "line 1, characters 35 to 40: the format is \"080101\"; expected 094101"),
    (1, 24, "261326", "line 1, characters 24 to 29: the creation date is \"261326\"; expected"),
    (1, 24, "26 1 6", "line 1, characters 24 to 29: the creation date is \"26 1 6\"; expected"),
    (3, 2, "A7", "line 3, characters 2 to 3: the transaction code is \"A7\"; expected digits"),
    (3, 2, "16", "line 3, characters 2 to 3: the transaction code is \"16\"; expected a code"),
    (3, 4, "    ", "line 3, characters 4 to 11: the bank of the receiver is \"0060\"; expected"),
    (3, 39, "-", "line 3, characters 30 to 39: the amount is \"000001235-\"; expected digits"),
    (3, 94, " ", "line 3, characters 80 to 94: the trace is \"12104288000000\"; expected digits"),
    (4, 4, "C01", "line 4, characters 4 to 6: the code is \"C01\"; expected R and two digits"),
    (4, 4, "R1 ", "line 4, characters 4 to 6: the code is \"R1\"; expected R and two digits"),
    (14, 4, "R01", "line 14, characters 4 to 6: the code is \"R01\"; expected C and two digits"),
    (4, 21, " ", "line 4, characters 7 to 21: the original trace is \"09140060000000\"; expected"),
    (6, 22, "261301", "line 6, characters 22 to 27: the date of death is \"261301\"; expected"),
    (4, 2, "05", "line 5 begins with '6'; expected an addenda record (7) of type 99 or 98"),
    (5, 1, "7", "line 6, characters 2 to 3: the type is \"99\"; expected one answer for each"),
    (2, 1, "6", "line 2 begins with '6'; expected a batch header (5) or the file control (9)"),
    (1, 1, "9", "line 1 begins with '9'; expected a file header (1)"),
    (7, 1, "6", "line 8 begins with '5'; expected an addenda record (7) of type 99 or 98"),
    (8, 1, "8", "line 8 begins with '8'; expected a batch header (5) or the file control"),
    (17, 1, "1", "line 17 begins with '1'; expected padding of nines and nothing else"),
    (17, 1, "5", "line 17 begins with '5'; expected padding of nines and nothing else"),
    (3, 1, "7", "line 3 begins with '7'; expected an entry (6) or the batch control (8)"),
    (16, 1, NINES, "line 16 begins with '9'; expected a batch header (5) or the file control"),
    (17, 50, "8", "line 17 begins with '9'; expected padding of nines and nothing else"),
    (7, 10, "5", "line 7: the count of entries and addenda of the batch is 5 in its control, and"),
    (7, 20, "1", "line 7: the entry hash of the batch is 18280121 in its control, and its rec"),
    (7, 32, "5", "line 7: the debits in cents of the batch is 19355 in its control, and its re"),
    (7, 44, "1", "line 7: the credits in cents of the batch is 1 in its control, and its recor"),
    (3, 39, "5", "line 7: the debits in cents of the batch is 19354 in its control, and its re"),
    (3, 3, "1", "line 7: the debits in cents of the batch is 19354 in its control, and its re"),
    (16, 7, "2", "line 16: the count of batches of the file is 2 in its control, and its recor"),
    (16, 21, "9", "line 16: the count of entries and addenda of the file is 9 in its control,"),
    (16, 31, "1", "line 16: the entry hash of the file is 36560241 in its control, and its rec"),
    (16, 43, "5", "line 16: the debits in cents of the file is 19355 in its control, and its re"),
    (16, 55, "6", "line 16: the credits in cents of the file is 4566 in its control, and its re"),
    (16, 43, " ", "line 16, characters 32 to 43: the debits in cents is \"00000001935\"; expect"),
];

#[test]
fn fields_that_are_wrong_are_named_with_their_place() {
    for (line, place, text, start) in WRONG {
        let file = put(RETURNS, line, place, text);
        match read_returns(file.as_bytes()) {
            Err(error) if error.to_string().starts_with(start) => {}
            result => panic!("line {line}, {text}: {result:?}, expected {start}"),
        }
    }
}

#[test]
fn a_file_that_was_cut_or_joined_is_not_taken() {
    let lines: Vec<&str> = RETURNS.lines().collect();
    for kept in 0..16 {
        let error = read_returns(lines[..kept].join("\n").as_bytes()).unwrap_err();
        assert!(matches!(&error, ReadError::Cut { line, .. } if *line == kept as u64), "{error}");
    }
    for missing in 0..16 {
        let rest = [&lines[..missing], &lines[missing + 1..]].concat();
        assert!(read_returns(rest.join("\n").as_bytes()).is_err(), "without line {}", missing + 1);
    }
    for twice in 0..16 {
        let rest = [&lines[..=twice], &lines[twice..]].concat();
        assert!(read_returns(rest.join("\n").as_bytes()).is_err(), "line {} twice", twice + 1);
    }
    let long = [
        RETURNS.replace('\n', ""),
        "9".repeat(95),
        "x".repeat(5_000),
        RETURNS.replacen('\n', &" ".repeat(930), 1),
    ];
    for file in long {
        let error = read_returns(file.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::TooLong { line: 1 }), "{error}");
    }
    let joined = RETURNS.repeat(2);
    let error = read_returns(joined.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("line 21 begins with '1'; expected padding of nines"), "{error}");
}

#[test]
fn any_bytes_are_read_or_refused() {
    let mut random = Random::new(11);
    for _ in 0..20_000 {
        let mut file = RETURNS.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let place = random.below(file.len() as u64) as usize;
            file[place] = random.pick(b"0123456789 \n\r\x00\xff\xc3RCx");
        }
        file.truncate(random.below(3 * file.len() as u64) as usize);
        // Whatever is taken agrees with its controls.
        if let Ok(file) = read_returns(file.as_slice()) {
            let amounts = file.returns.iter().map(|it| it.answer.amount_minor_units);
            assert_eq!(amounts.sum::<i64>(), 12_354 + 7_000 + 4_565);
        }
    }
}

/// Reads a little, and then no more.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let rest = &RETURNS.as_bytes()[..200][self.0..];
        let read = rest.len().min(bytes.len()).min(70);
        bytes[..read].copy_from_slice(&rest[..read]);
        self.0 += read;
        if read == 0 { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(read) }
    }
}

#[test]
fn a_reader_that_fails_is_told_with_its_line() {
    let error = read_returns(BufReader::new(Failing(0))).unwrap_err();
    assert!(error.to_string().starts_with("line 3 cannot be read: "), "{error}");
}
