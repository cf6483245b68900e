//! A strict reader of debit files that shares nothing with the writer: it is
//! written from the rules, and finds all that is wrong at once.

/// What a right file sums up to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub entries: u64,
    pub prenotes: u64,
    pub batches: u64,
    pub debits: u64,
    pub hash: u64,
    pub blocks: u64,
}

/// The sums of a right file, or each problem with the line of it.
pub fn check(file: &[u8]) -> Result<Found, Vec<String>> {
    let mut checker = Checker::default();
    let lines = match lines(file) {
        Ok(lines) => lines,
        Err(problem) => return Err(vec![problem]),
    };
    checker.order(&lines);
    for (index, line) in lines.iter().enumerate() {
        checker.line = index + 1;
        match line.as_bytes()[0] {
            b'1' => checker.file_header(line),
            b'5' => checker.batch_header(line),
            b'6' => checker.entry(line),
            b'8' => checker.batch_control(line),
            b'9' if line.bytes().any(|byte| byte != b'9') => {
                checker.file_control(line, lines.len());
            }
            _ => {}
        }
    }
    if checker.problems.is_empty() { Ok(checker.found) } else { Err(checker.problems) }
}

fn lines(file: &[u8]) -> Result<Vec<&str>, String> {
    if !file.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
        return Err("not printable ASCII".to_owned());
    }
    let text = std::str::from_utf8(file).unwrap();
    let Some(text) = text.strip_suffix('\n') else {
        return Err("no newline at the end".to_owned());
    };
    let lines: Vec<&str> = text.split('\n').collect();
    match lines.iter().position(|line| line.len() != 94) {
        Some(index) => Err(format!("line {}: {} characters", index + 1, lines[index].len())),
        None if !lines.len().is_multiple_of(10) => Err(format!("{} records", lines.len())),
        None => Ok(lines),
    }
}

#[derive(Default)]
struct Checker<'a> {
    line: usize,
    problems: Vec<String>,
    found: Found,
    head: &'a str,
    last_batch: u64,
    last_trace: u64,
    count: u64,
    hash: u64,
    debits: u64,
    all_hashes: u64,
}

impl<'a> Checker<'a> {
    fn is(&mut self, holds: bool, what: &str) {
        if !holds {
            self.problems.push(format!("line {}: {what}", self.line));
        }
    }

    /// Records by their kinds: a header, batches with an entry or more each, a
    /// control, and less than a block of padding.
    fn order(&mut self, lines: &[&str]) {
        let nines = "9".repeat(94);
        let kind = |line: &&str| if *line == nines { '=' } else { line.chars().next().unwrap() };
        let kinds: String = lines.iter().map(kind).collect();
        let rest = kinds.trim_end_matches('=');
        self.is(kinds.len() - rest.len() < 10, "a block of padding");
        let inner = rest.strip_prefix('1').and_then(|rest| rest.strip_suffix('9'));
        let batches = inner.and_then(|inner| inner.strip_suffix('8')).unwrap_or("?");
        let is_batch = |batch: &str| {
            batch
                .strip_prefix('5')
                .is_some_and(|it| !it.is_empty() && it.trim_matches('6').is_empty())
        };
        self.is(batches.split('8').all(is_batch), &format!("order of records {kinds}"));
    }

    fn file_header(&mut self, line: &'a str) {
        self.is(at(line, 2, 3) == "01", "priority");
        self.is(at(line, 4, 4) == " " && is_bank(at(line, 5, 13)), "immediate destination");
        let origin = at(line, 14, 23);
        self.is(origin.trim_start().bytes().all(|it| it.is_ascii_alphanumeric()), "origin");
        self.is(origin.trim_start().len() >= 9, "origin");
        self.is(is_date(at(line, 24, 29)), "creation date");
        let (hour, minute) = (number(at(line, 30, 31)), number(at(line, 32, 33)));
        self.is(hour.is_some_and(|it| it < 24), "creation time");
        self.is(minute.is_some_and(|it| it < 60), "creation time");
        let modifier = at(line, 34, 34).as_bytes()[0];
        self.is(modifier.is_ascii_uppercase() || modifier.is_ascii_digit(), "modifier");
        self.is(at(line, 35, 40) == "094101", "format");
        self.is(is_left(at(line, 41, 63)) && is_left(at(line, 64, 86)), "name of a bank or origin");
    }

    fn batch_header(&mut self, line: &'a str) {
        self.head = line;
        (self.count, self.hash, self.debits, self.last_trace) = (0, 0, 0, 0);
        self.is(at(line, 2, 4) == "225", "service class");
        self.is(is_left(at(line, 5, 20)), "company name");
        self.is(is_left(at(line, 41, 50)), "company id");
        self.is(["PPD", "CCD"].contains(&at(line, 51, 53)), "standard entry class");
        self.is(is_left(at(line, 54, 63)), "entry description");
        self.is(is_date(at(line, 70, 75)), "effective date");
        self.is(at(line, 76, 78) == "   ", "settlement date");
        self.is(at(line, 79, 79) == "1", "originator status");
        self.is(number(at(line, 80, 87)).is_some(), "ODFI");
        let batch = number(at(line, 88, 94)).unwrap_or(0);
        self.is(batch > self.last_batch, "batch number ascends");
        self.last_batch = batch;
    }

    fn entry(&mut self, line: &'a str) {
        let code = at(line, 2, 3);
        let is_prenote = ["28", "38"].contains(&code);
        self.is(is_prenote || ["27", "37"].contains(&code), "transaction code");
        self.is(is_bank(at(line, 4, 12)), "RDFI");
        let account = at(line, 13, 29);
        self.is(is_left(account) && !account.trim_end().contains(' '), "account number");
        let amount = number(at(line, 30, 39));
        self.is(amount.is_some_and(|it| (it == 0) == is_prenote), "amount");
        self.is(is_left(at(line, 55, 76)), "name");
        self.is(at(line, 79, 79) == "0", "addenda indicator");
        self.is(at(line, 80, 87) == at_or(self.head, 80, 87), "ODFI of the trace");
        let trace = number(at(line, 80, 94)).unwrap_or(0);
        self.is(trace > self.last_trace, "trace ascends");
        self.last_trace = trace;
        self.count += 1;
        self.hash += number(at(line, 4, 11)).unwrap_or(0);
        self.debits += amount.unwrap_or(0);
        self.found.prenotes += u64::from(is_prenote);
    }

    fn batch_control(&mut self, line: &'a str) {
        let head = self.head;
        self.is(at(line, 2, 4) == at_or(head, 2, 4), "service class of the control");
        self.is(number(at(line, 5, 10)) == Some(self.count), "entries of the batch");
        let hash = self.hash % 10_000_000_000;
        self.is(number(at(line, 11, 20)) == Some(hash), "hash of the batch");
        self.is(number(at(line, 21, 32)) == Some(self.debits), "debits of the batch");
        self.is(at(line, 33, 44) == "000000000000", "credits of the batch");
        self.is(at(line, 45, 54) == at_or(head, 41, 50), "company id of the control");
        self.is(at(line, 55, 79).trim().is_empty(), "reserve of the batch control");
        self.is(at(line, 80, 87) == at_or(head, 80, 87), "ODFI of the control");
        self.is(at(line, 88, 94) == at_or(head, 88, 94), "batch number of the control");
        self.found.batches += 1;
        self.found.entries += self.count;
        self.found.debits += self.debits;
        self.all_hashes += hash;
    }

    fn file_control(&mut self, line: &'a str, records: usize) {
        self.found.blocks = records as u64 / 10;
        self.found.hash = self.all_hashes % 10_000_000_000;
        self.is(number(at(line, 2, 7)) == Some(self.found.batches), "batches");
        self.is(number(at(line, 8, 13)) == Some(self.found.blocks), "blocks");
        self.is(number(at(line, 14, 21)) == Some(self.found.entries), "entries of the file");
        self.is(number(at(line, 22, 31)) == Some(self.found.hash), "hash of the file");
        self.is(number(at(line, 32, 43)) == Some(self.found.debits), "debits of the file");
        self.is(at(line, 44, 55) == "000000000000", "credits of the file");
        self.is(at(line, 56, 94).trim().is_empty(), "reserve of the file control");
    }
}

/// Characters by their places in the rules, which count from 1.
fn at(line: &str, from: usize, to: usize) -> &str {
    &line[from - 1..to]
}

/// The same of a batch header, if there was one.
fn at_or(line: &str, from: usize, to: usize) -> &str {
    line.get(from - 1..to).unwrap_or("?")
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn is_left(text: &str) -> bool {
    !text.starts_with(' ') && !text.is_empty()
}

fn is_date(text: &str) -> bool {
    chrono::NaiveDate::parse_from_str(&format!("20{text}"), "%Y%m%d").is_ok()
}

fn is_bank(text: &str) -> bool {
    let weighted = text.bytes().zip([3, 7, 1, 3, 7, 1, 3, 7, 1]);
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit.wrapping_sub(48)) * weight).sum();
    number(text).is_some_and(|number| number > 0) && sum.is_multiple_of(10)
}
