//! Status reports that are none: what is said of them, and where.

use arrears_bank::sepa::{ReadError, read_status};
use std::io::{BufRead, BufReader, Read};

const DEBITS: &str = include_str!("reports/debits.xml");

fn error(xml: &str) -> String {
    read_status(xml.as_bytes()).unwrap_err().to_string()
}

/// The report with the first of a text replaced.
fn with(old: &str, new: &str) -> String {
    assert!(DEBITS.contains(old), "{old}");
    DEBITS.replacen(old, new, 1)
}

fn assert_errors(cases: impl IntoIterator<Item = (String, &'static str)>) {
    for (xml, text) in cases {
        let error = error(&xml);
        assert!(error.starts_with(text), "{error}\nexpected {text}");
    }
}

#[test]
fn what_is_no_xml_is_told_with_its_line() {
    assert_errors([
        (String::new(), "line 1 is no XML: it ends within or before <Document>"),
        ("PK\u{3}\u{4}".to_owned(), "line 1 is no XML: there is text outside"),
        (with("</Document>", ""), "line 66 is no XML: it ends within or before <Document>"),
        (
            with("</GrpHdr>", "</GrpHd>"),
            "line 9 is no XML: ill-formed document: expected `</GrpHdr>`",
        ),
        (
            with("</Document>", "</Document><Document/>"),
            "line 65 is no XML: something follows the end",
        ),
        (with("</Document>", "</Document>x"), "line 66 is no XML: there is text outside"),
        (
            with("<Document", "<!DOCTYPE Document [<!ENTITY a \"b\">]><Document"),
            "line 3 declares a document type",
        ),
        (with("E-30", "&a;"), "line 38 is no XML: `&a;` is unknown"),
        (with("E-30", "&#0;"), "line 38 is no XML: "),
        (with("UTF-8", "ISO-8859-1"), "the file is in ISO-8859-1; SEPA files are in UTF-8"),
        (
            with("<GrpHdr>", &"<a>".repeat(80)),
            "line 5: elements are 64 deep; no report of a bank is like that",
        ),
        (
            with("Three batches", &"x".repeat(70_000)),
            "line 2: a piece is of 64 KiB; no report of a bank is like that",
        ),
        (with("Anna Ruiz", &"x".repeat(70_000)), "line 50: a piece is of 64 KiB"),
    ]);
}

#[test]
fn what_is_another_document_is_told_with_its_line() {
    let id = "<OrgnlMsgId>payment-000001</OrgnlMsgId>";
    assert_errors([
        (
            with("pain.002.001.10", "pain.008.001.08"),
            "line 3 begins Document of the namespace \
             `urn:iso:std:iso:20022:tech:xsd:pain.008.001.08`; expected a status report: Document \
             of one of the namespaces urn:iso:std:iso:20022:tech:xsd:pain.002.001.10, ",
        ),
        (
            with(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"", ""),
            "line 3 begins Document of the namespace ``",
        ),
        ("<html><body/></html>".to_owned(), "line 1 begins html of the namespace ``"),
        (with("<MsgId>STATUS-4711</MsgId>", ""), "the <GrpHdr> that ends on line 9 has no <MsgId>"),
        (
            DEBITS.replace("OrgnlGrpInfAndSts", "Others"),
            "the <Document> that ends on line 66 has no <OrgnlGrpInfAndSts>; every report has it",
        ),
        (with(id, ""), "the <OrgnlGrpInfAndSts> that ends on line 14 has no <OrgnlMsgId>"),
        (
            with("<OrgnlPmtInfId>payment-000001-1</OrgnlPmtInfId>", ""),
            "the <OrgnlPmtInfAndSts> that ends on line 20 has no <OrgnlPmtInfId>",
        ),
        (with(id, &id.repeat(2)), "line 11 has a second <OrgnlMsgId> in one place; expected one"),
    ]);
}

#[test]
fn what_is_no_value_is_told_with_its_line() {
    let amount = "<InstdAmt Ccy=\"EUR\">42.00000</InstdAmt>";
    assert_errors([
        (
            with("E-30", "&#1;"),
            "line 38: <OrgnlEndToEndId> is \"\\u{1}\"; expected a text without control characters",
        ),
        (
            with("E-30", "E-3<x/>0"),
            "line 38: <OrgnlEndToEndId> is \"E-3\"; expected either a text or elements",
        ),
        (with("E-30", " "), "line 38: <OrgnlEndToEndId> is \"\"; expected a text"),
        (with("E-30", &"x".repeat(141)), "line 38: <OrgnlEndToEndId> is \"xxx"),
        (
            with("42.00000", "42.001"),
            "line 44: <InstdAmt> is \"42.001\"; expected an amount with a currency",
        ),
        (with("42.00000", "4,2"), "line 44: <InstdAmt> is \"4,2\"; expected an amount"),
        (
            with(amount, "<InstdAmt>42.00</InstdAmt>"),
            "line 44: <InstdAmt> is \"42.00\"; expected an amount",
        ),
        (
            with(amount, "<InstdAmt Ccy=\"eur\">42.00</InstdAmt>"),
            "line 44: <InstdAmt> is \"42.00\"; expected",
        ),
    ]);
}

#[test]
fn no_spoiled_byte_makes_a_reader_stumble() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..20_000 {
        let mut bytes = DEBITS.as_bytes().to_vec();
        for _ in 0..=(random >> 40) % 3 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let place = (random >> 33) as usize % bytes.len();
            let part = bytes[place..bytes.len().min(place + 9)].to_vec();
            match (random >> 40) % 4 {
                0 => bytes[place] = (random >> 20) as u8,
                1 => bytes[place] = b"<>&;/\"'!?[]="[(random >> 20) as usize % 12],
                2 => drop(bytes.splice(place..place, part)),
                _ => drop(bytes.drain(place..(place + 5).min(bytes.len()))),
            }
        }
        // Read or refused, but never a panic.
        let _ = read_status(bytes.as_slice());
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let mut bytes = DEBITS.as_bytes().to_vec();
    let place = DEBITS.find("E-30").unwrap();
    bytes[place] = 0xff;
    let error = read_status(bytes.as_slice()).unwrap_err();
    assert!(error.to_string().starts_with("line 38 is no XML: "), "{error}");
    let utf16: Vec<u8> = DEBITS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read_status(utf16.as_slice()).is_err());
    let marked = format!("\u{feff}{DEBITS}");
    assert!(read_status(marked.as_bytes()).is_ok(), "a byte order mark is no text");
}

#[test]
fn a_cut_report_is_never_taken() {
    let end = DEBITS.trim_end().len();
    for length in (0..end).filter(|length| DEBITS.is_char_boundary(*length)) {
        assert!(read_status(&DEBITS.as_bytes()[..length]).is_err(), "{length}");
    }
}

/// A report that begins and never ends.
struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.0 += out.len() as u64;
        out.fill(b' ');
        Ok(out.len())
    }
}

#[test]
fn a_report_without_end_is_given_up() {
    let mut reader = BufReader::new(DEBITS.as_bytes()[..200].chain(Endless(0)));
    let error = read_status(&mut reader).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
    assert!(reader.fill_buf().is_ok() && reader.get_ref().get_ref().1.0 < 1 << 20);
}
